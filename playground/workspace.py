"""A data home with everything in it: library, indexes, embedding cache, and the parts that are loaded.

The app has one, and so has every folder that a command was pointed at. Pages and commands call this module;
it does not know who called.
"""

import json
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout

from playground import pipeline
from playground.adapters.registry import AdapterLibrary
from playground.config import (
    DEFAULT,
    ChunkingConfig,
    EncoderConfig,
    PipelineConfig,
    RerankingConfig,
    RetrievalConfig,
)
from playground.decision.store import DecisionStore
from playground.documents import Document
from playground.embedding import encoder_id, load_encoder
from playground.engines.loading import adapter_version, load_engine, load_query_encoder
from playground.errors import IndexMissing, PlaygroundError
from playground.evaluation.run_store import RunStore
from playground.home_indexes import HomeIndexes
from playground.index import Index, IndexProgress, fingerprint
from playground.index.embedding_cache import EmbeddingCache
from playground.index.index import IndexCounts, forget_texts
from playground.indexing_speed import IndexingSpeed
from playground.library import Added, Library
from playground.pictures.vectors import PictureVectors
from playground.pipeline import Parts, Trace
from playground.reranking import Reranker, load_reranker
from playground.retrieval import Hit

REMEMBERED_TRACES = 200


@dataclass(frozen=True)
class IndexStatus:
    """What an index lacks. `missing` documents have to be indexed, which takes about `seconds`."""

    fingerprint: str
    documents: int
    missing: tuple[str, ...]
    chunks: int
    seconds: float

    @property
    def complete(self) -> bool:
        return not self.missing

    @property
    def empty(self) -> bool:
        return len(self.missing) == self.documents


@dataclass(frozen=True)
class Deletion:
    """What is left of deleted documents: chunks by index, counted in each part, and cached vectors."""

    documents: int
    left: dict[str, IndexCounts]
    forgotten_vectors: int


class Workspace:
    """Open a data home. Raises PlaygroundError where another process has it open.

    `revision` grows whenever documents, their readers or indexes change: what was answered before may then
    be wrong.
    """

    def __init__(self, home: Path, wait: float = 0.0) -> None:
        self.home = home
        self._file_lock = FileLock(home / "in-use.lock", thread_local=False)
        self._indexes = HomeIndexes(home)
        self._speed = IndexingSpeed(home)
        self._lock = threading.RLock()
        self._indexing = threading.Lock()
        self._traces: OrderedDict[tuple, Trace] = OrderedDict()
        self._warm: set[PipelineConfig] = set()
        self.revision = 0
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._file_lock.acquire(timeout=wait)
            self.library = Library(home / "library")
            self.cache = EmbeddingCache(home / "embeddings.sqlite")
            self.runs = RunStore(home)
            self.decision = DecisionStore(home)
            self._finish_deletions()
            AdapterLibrary(home).tidy()
        except Timeout:
            raise PlaygroundError(
                f"another playground has {home} open; end it, or choose another folder with PLAYGROUND_HOME"
            ) from None
        except PlaygroundError:
            self._file_lock.release()
            raise
        except (OSError, sqlite3.DatabaseError) as error:
            self._file_lock.release()
            raise PlaygroundError(
                f"the data home {home} cannot be used ({error}); mend it, or choose another folder with "
                "PLAYGROUND_HOME"
            ) from error

    # Documents

    def add(self, document: Document, content: bytes, readers: Collection[str] = ()) -> Added:
        """Keep a document; an older version of the same name is gone from every index at once. `readers` are
        the people who alone may see it, where that is not settled for this name."""
        added = self.library.add(document, content, readers)
        if added.replaced_id:
            self._take_out([added.replaced_id])
        self._changed()
        return added

    def known_content(self, name: str, content: bytes, readers: Collection[str] = ()) -> Added | None:
        """What `add` would say where these bytes are here already; None where they have to be read."""
        before = self.library.readers()
        known = self.library.known_content(name, content, readers)
        if known and known.replaced_id:
            self._take_out([known.replaced_id])
        if known and (known.replaced_id or self.library.readers() != before):
            self._changed()
        return known

    def set_readers(self, document_id: str, readers: Iterable[str]) -> None:
        """Let only these people see a document from now on; everybody where there are none. Raises KeyError
        for a document that is not, or no longer, here."""
        self.library.set_readers(document_id, readers)
        self._changed()

    def documents(self, names: Collection[str] | None = None) -> dict[str, Document]:
        """The documents of the library by name, or those of them that are named; a text that came under two
        names stands under both."""
        known = self.library.names()
        wanted = [name for name in known if names is None or name in names]
        by_id = {document.id: document for document in self._documents({known[name] for name in wanted})}
        return {name: by_id[known[name]] for name in wanted if known[name] in by_id}

    def delete(self, document_ids: Sequence[str]) -> Deletion:
        """Delete documents from the library, all indexes and the embedding cache, and count what is left."""
        self.library.delete(document_ids)
        forgotten = self._take_out(document_ids)
        self._changed()
        left = {index.folder.name: index.counts_of(document_ids) for index in self._indexes}
        return Deletion(len(document_ids), left, forgotten)

    def drop_names(self, names: Iterable[str]) -> None:
        """Forget what came under these names; a text that came under another name too stays."""
        gone = [each for each in map(self.library.drop_name, names) if each]
        if gone:
            self._take_out(gone)
            self._changed()

    # Indexes

    def status(self, config: PipelineConfig) -> IndexStatus:
        """What the index of this configuration lacks; reads the catalogue only, loads no model. An index that
        is not there is not made: whoever looks at a hundred settings leaves nothing behind."""
        name = fingerprint(config.chunking, encoder_id(config.encoder))
        counts = self.index(config).chunk_counts() if self._indexes.begun(name) else {}
        entries = self.library.entries()
        missing = [entry for entry in entries if entry.id not in counts]
        characters = sum(entry.characters for entry in missing)
        return IndexStatus(
            name,
            len(entries),
            tuple(entry.id for entry in missing),
            sum(counts[entry.id] for entry in entries if entry.id in counts),
            self._speed.seconds(characters),
        )

    def index(self, config: PipelineConfig) -> Index:
        """The index of this configuration's fingerprint; created empty where there is none."""
        return self._indexes.get(config.chunking, encoder_id(config.encoder))

    def index_steps(self, config: PipelineConfig) -> Generator[IndexProgress, None, None]:
        """Bring the index up to date, step by step. A killed process finds it in `interrupted`."""
        wanted = json.dumps(asdict(config.chunking)), config.encoder.name
        self.library.want_index(*wanted)
        self._indexing.acquire()  # an evaluation indexes too: who comes second finds the work done
        try:
            self._indexes.drop_outdated()
            encoder = load_encoder(config.encoder)
            status = self.status(config)
            documents, missing = self._documents(status.missing), set(status.missing)
            characters = sum(entry.characters for entry in self.library.entries() if entry.id in missing)
            # Closed before `_changed`: what a cancelled indexing has finished is kept by its last deeds.
            with closing(self.index(config).add(documents, encoder, self.cache, self.library.has)) as steps:
                for progress in steps:
                    yield progress
            if progress.embedded == progress.total > 50:
                self._speed.note(characters, progress.seconds)
        finally:
            self._indexing.release()
            self._changed()
            self.library.unwant_index(*wanted)

    def indexing_seconds(self) -> float | None:
        """About how long indexing all documents takes; None before an indexing here was timed."""
        characters = sum(entry.characters for entry in self.library.entries())
        return self._speed.seconds(characters) if characters and self._speed.measured else None

    def interrupted(self) -> list[PipelineConfig]:
        """Configurations whose indexing was begun and neither finished nor cancelled."""
        return [
            PipelineConfig(ChunkingConfig(**json.loads(chunking)), EncoderConfig(encoder))
            for chunking, encoder in self.library.wanted_indexes()
        ]

    # Questions

    def run(
        self,
        question: str,
        config: PipelineConfig,
        depth: int = 0,
        fresh: bool = False,
        on_text: Callable[[str], None] | None = None,
        given: Sequence[Hit] | None = None,
    ) -> Trace:
        """Answer a question. The same question with the same settings and documents comes from memory,
        marked as cached, unless `fresh`. Where passages are `given`, nothing is searched. Whoever asks, it is
        from what `config.retrieval.reader` may see at this moment. Raises IndexMissing where nothing is
        indexed with these settings."""
        passages = None if given is None else tuple(given)
        key = (question, config, depth, self.revision, adapter_version(config, self.home), passages)
        with self._lock:
            known = self._traces.get(key)
        if known and not fresh:
            return replace(known, cached=True)
        # Passages that are given need no search: what such a run has loaded is not enough for another.
        parts = self.parts(config) if given is None else self._without_search(config)
        warm_retrieval = RetrievalConfig(mode=config.retrieval.mode if given is None else "none")
        warm_key = replace(config, retrieval=warm_retrieval, prompt=DEFAULT.prompt)
        trace = pipeline.run(question, config, parts, depth, on_text, passages)
        trace = replace(trace, cold=warm_key not in self._warm)
        with self._lock:
            self._warm.add(warm_key)
            self._traces[key] = trace
            while len(self._traces) > REMEMBERED_TRACES:
                self._traces.popitem(last=False)
        return trace

    def parts(self, config: PipelineConfig) -> Parts:
        """Load what a configuration needs."""
        if not config.retrieves:
            return self._without_search(config)
        if self.library.ids() and self.status(config).empty:
            chunking = config.chunking
            raise IndexMissing(
                f"no document is indexed with {chunking.strategy} chunks of {chunking.size} tokens, overlap "
                f"{chunking.overlap}; index them first"
            )
        index = self.index(config)
        encoder = load_query_encoder(config, self.home)
        return Parts(
            load_engine(config, self.home),
            index,
            lambda question: encoder.encode([question], query=True)[0],
            _reranker(replace(config.reranking, candidates=1), config.encoder),
            self.library.readable_by(config.retrieval.reader),
        )

    def _without_search(self, config: PipelineConfig) -> Parts:
        readable = self.library.readable_by(config.retrieval.reader)
        return Parts(load_engine(config, self.home), readable=readable)

    def drop(self) -> None:
        """Delete all indexes, wherever they are kept, and close: for a home that is thrown away."""
        self._indexes.drop()
        self.close()

    def close(self) -> None:
        """Let another process open the home."""
        self._indexes.close()
        self.cache.close()
        self.runs.close()
        self.decision.close()
        self.library.close()
        self._file_lock.release()

    def _finish_deletions(self) -> None:
        """Take out what the library lost while a process was killed before the indexes heard of it."""
        kept = self.library.ids()
        gone = {each for index in self._indexes for each in index.document_ids()} - kept
        if gone:
            self._take_out(list(gone))

    def _documents(self, document_ids: Iterable[str]) -> Iterator[Document]:
        """Those that are still here when it is their turn."""
        for each in document_ids:
            with suppress(KeyError):
                yield self.library.document(each)

    def _take_out(self, document_ids: Sequence[str]) -> int:
        self.runs.forget_documents(document_ids)
        self.decision.forget_documents(document_ids)
        PictureVectors(self.home).keep_only(self.library.ids())
        hashes: set[bytes] = set()
        for index in self._indexes:
            hashes |= index.remove(document_ids)
        return forget_texts(hashes, self.cache, self._indexes.uses_text)

    def _changed(self) -> None:
        with self._lock:
            self.revision += 1
            self._traces.clear()


@lru_cache(maxsize=4)
def _reranker(config: RerankingConfig, encoder: EncoderConfig) -> Reranker | None:
    return load_reranker(config, load_encoder(encoder))
