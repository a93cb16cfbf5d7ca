"""The index of one fingerprint: dense and keyword search over the same chunks.

Adding is a generator of steps that can be left at any time, by its caller or by a killed process: the next
call goes on where it stopped. Documents may be removed meanwhile, from other threads. This module does not
know what a question is.
"""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from playground.chunking import Chunk, searchable_text, split_document
from playground.config import ChunkingConfig
from playground.documents import Document
from playground.embedding import Encoder
from playground.index.catalogue import Catalogue, Entry
from playground.index.dense import DenseIndex
from playground.index.embedding_cache import EmbeddingCache
from playground.index.keyword import KeywordIndex

if TYPE_CHECKING:
    import numpy as np

FORMAT = 4  # raise it when chunks or schemas change: indexes of older versions are then not used any more
SORTED_TOGETHER = 512  # chunks that are sorted by length before they are embedded, so that little is padded
EMBEDDED_TOGETHER = 64  # chunks between two steps of the progress
MOST_PASSED_OVER = (
    1000  # hidden chunks that a search looks behind; more would make it slow while much is added
)
COMMIT_SECONDS = 10.0  # what a killed process may have to look up again (not embed: the cache has it)


def fingerprint(chunking: ChunkingConfig, encoder_id: str) -> str:
    """16 hex digits for the settings, weights and code that decide what an index holds."""
    settings = json.dumps([FORMAT, asdict(chunking), encoder_id], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class IndexProgress:
    """How far indexing is: `done` of `total` chunks, of which `embedded` were new; the rest came from the
    cache. `total` grows as long as documents are being split. `seconds` since the first chunk."""

    done: int
    total: int
    embedded: int
    seconds: float

    @property
    def chunks_per_second(self) -> float:
        """The speed of embedding: what came from the cache would promise more than the rest can keep."""
        return (self.embedded or self.done) / self.seconds if self.seconds else 0.0

    @property
    def seconds_left(self) -> float:
        return (self.total - self.done) / self.chunks_per_second if self.done else 0.0


@dataclass(frozen=True)
class IndexCounts:
    """How many chunks each part holds; the three agree whenever nothing is on the way."""

    catalogue: int
    dense: int
    keyword: int


class Index:
    """Open (or create) the index that belongs to a fingerprint, in its own folder. The two search indexes are
    opened when they are first needed: the state of an index is known without them."""

    def __init__(
        self, folder: Path, chunking: ChunkingConfig, encoder_id: str, chroma_folder: Path, collection: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.chunking = chunking
        self.encoder_id = encoder_id
        about = {"chunking": asdict(chunking), "encoder": encoder_id}
        write_at_once(folder / "about.json", json.dumps(about, indent=1))
        self._chroma = chroma_folder, collection
        self._catalogue = Catalogue(folder / "chunks.sqlite")
        self._opening = threading.Lock()
        self._writing = threading.RLock()  # held while the three parts are changed together
        self._open_dense: DenseIndex | None = None
        self._open_keyword: KeywordIndex | None = None

    @property
    def _dense(self) -> DenseIndex:
        with self._opening:
            if self._open_dense is None:
                self._open_dense = DenseIndex(*self._chroma)
            return self._open_dense

    @property
    def _keyword(self) -> KeywordIndex:
        with self._opening:
            if self._open_keyword is None:
                self._open_keyword = KeywordIndex(self.folder / "keyword")
            return self._open_keyword

    def chunk_counts(self) -> dict[str, int]:
        """Number of chunks by document id, of documents that can be found."""
        return self._catalogue.chunk_counts()

    def counts(self) -> IndexCounts:
        """What is in each part; counting the chunks of both search indexes is the proof of a deletion."""
        return IndexCounts(self._catalogue.count(), self._dense.count(), self._keyword.count())

    def counts_of(self, document_ids: Sequence[str]) -> IndexCounts:
        """What is left of documents in each part, each asked by itself."""
        return IndexCounts(
            len(self._catalogue.keys(document_ids)),
            self._dense.count_of(document_ids),
            self._keyword.count_of(document_ids),
        )

    def dense_search(self, vector: "np.ndarray", limit: int) -> list[tuple[int, float]]:
        """(key, cosine similarity), best first."""
        hidden = min(self._catalogue.hidden(), MOST_PASSED_OVER)
        return self._shown(self._dense.search(vector, limit + hidden), hidden, limit)

    def keyword_search(self, text: str, limit: int) -> list[tuple[int, float]]:
        """(key, BM25), best first."""
        hidden = min(self._catalogue.hidden(), MOST_PASSED_OVER)
        return self._shown(self._keyword.search(text, limit + hidden), hidden, limit)

    def chunks(self, keys: Sequence[int]) -> dict[int, tuple[Chunk, str]]:
        """Chunk and document name by key; a key of a document that is on its way in or out is left out."""
        return self._catalogue.chunks(keys)

    def chunks_of(self, document_id: str) -> list[Chunk]:
        return self._catalogue.chunks_of(document_id)

    def places(self) -> list[tuple[int, str, int, int]]:
        """(key, document id, start, end) of every chunk that can be found, by their keys."""
        return self._catalogue.places()

    def vectors(self, keys: Sequence[int]) -> "dict[int, np.ndarray]":
        """The chunks' vectors, float32 of shape (dimension,); keys that are not, or no longer, here are left
        out."""
        return self._dense.vectors(keys)

    def uses_text(self, wanted: bytes) -> bool:
        """Whether some chunk has the text with this hash."""
        return self._catalogue.has_hash(wanted)

    def add(
        self,
        documents: Iterable[Document],
        encoder: Encoder,
        cache: EmbeddingCache,
        wanted: Callable[[str], bool] = lambda document_id: True,
    ) -> Generator[IndexProgress, None, None]:
        """Index documents that are not in yet. `total` grows until all are split; the last step has
        `done == total`. A document that is no longer `wanted` by then is passed over.

        Leaving the generator early keeps every document that was finished.
        """
        self.remove(self._catalogue.unfinished())
        entries: list[Entry] = []
        open_chunks: dict[str, int] = {}
        for document in documents:
            begun = self._begin(document, encoder, wanted)
            entries += begun
            open_chunks[document.id] = len(begun)
            yield IndexProgress(0, len(entries), 0, 0.0)
        finished = [document for document, count in open_chunks.items() if count == 0]
        written: list[int] = []
        embedded = 0
        started = committed = time.monotonic()
        try:
            for batch in _batches(entries):
                written += [entry.key for entry in batch]
                embedded += self._write(batch, encoder, cache)
                for entry in batch:
                    open_chunks[entry.chunk.document_id] -= 1
                    if open_chunks[entry.chunk.document_id] == 0:
                        finished.append(entry.chunk.document_id)
                if time.monotonic() - committed > COMMIT_SECONDS:
                    self._finish(finished)
                    committed = time.monotonic()
                if len(written) < len(entries):
                    yield IndexProgress(len(written), len(entries), embedded, time.monotonic() - started)
        finally:
            self._finish(finished)
            self._take_back(written)
        yield IndexProgress(len(entries), len(entries), embedded, time.monotonic() - started)

    def remove(self, document_ids: Sequence[str]) -> set[bytes]:
        """Take documents out of both indexes; they are not found from the first moment on.

        Returns the hashes of texts that are gone with them.
        """
        here = list(self._catalogue.ids().intersection(document_ids))
        if not here:
            return set()
        with self._writing:
            self._catalogue.mark(here, "deleting")
            keys = self._catalogue.keys(here)
            self._dense.delete(keys)
            self._keyword.delete(keys)
            self._keyword.commit()
            return self._catalogue.remove(here)

    def document_ids(self) -> set[str]:
        """All documents of which something is here, those on the way in or out too."""
        return self._catalogue.ids()

    def drop(self) -> None:
        """Delete the whole index from disk."""
        self._dense.drop()
        self._catalogue.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        """Close the catalogue; the search indexes hold nothing open between two calls."""
        self._catalogue.close()

    def _shown(self, found: list[tuple[int, float]], hidden: int, limit: int) -> list[tuple[int, float]]:
        """The best of what was found, as if the `hidden` chunks, on their way in or out, were not there."""
        if not hidden:
            return found
        done = self._catalogue.with_state([key for key, _ in found], "done")
        return [(key, score) for key, score in found if key in done][:limit]

    def _begin(self, document: Document, encoder: Encoder, wanted: Callable[[str], bool]) -> list[Entry]:
        chunks = split_document(document, self.chunking, encoder)
        texts = [searchable_text(document, chunk, self.chunking.prefix) for chunk in chunks]
        with self._writing:  # a removal comes wholly before, and is seen here, or wholly after
            return self._catalogue.begin(document, chunks, texts) if wanted(document.id) else []

    def _write(self, batch: Sequence[Entry], encoder: Encoder, cache: EmbeddingCache) -> int:
        """Put a batch into both indexes; returns how many texts had to be embedded.

        What is removed while it is embedded leaves nothing behind, in the cache neither.
        """
        import numpy as np

        vectors = cache.get(encoder.id, [entry.hash for entry in batch])
        new = {entry.hash: entry.searchable for entry in batch if entry.hash not in vectors}
        if new:
            vectors.update(zip(new, encoder.encode(list(new.values())), strict=True))
        with self._writing:
            adding = self._catalogue.with_state([entry.key for entry in batch], "adding")
            batch = [entry for entry in batch if entry.key in adding]
            if not batch:
                return len(new)
            fresh = list({entry.hash for entry in batch} & new.keys())
            cache.put(encoder.id, fresh, [vectors[each] for each in fresh])
            keys = [entry.key for entry in batch]
            owners = [entry.chunk.document_id for entry in batch]
            self._dense.add(keys, np.stack([vectors[entry.hash] for entry in batch]), owners)
            self._keyword.add(keys, [entry.searchable for entry in batch], owners)
        return len(new)

    def _finish(self, document_ids: list[str]) -> None:
        with self._writing:
            if document_ids:
                self._keyword.commit()
                self._catalogue.mark(document_ids, "done")
                document_ids.clear()

    def _take_back(self, keys: list[int]) -> None:
        """Take the chunks of documents that were not finished out of both indexes. The catalogue keeps them:
        it knows by them which cached vectors belong to a document."""
        with self._writing:
            adding = list(self._catalogue.with_state(keys, "adding"))
            if adding:
                self._dense.delete(adding)
                self._keyword.delete(adding)
                self._keyword.commit()


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for begin in range(0, len(entries), SORTED_TOGETHER):
        near = sorted(entries[begin : begin + SORTED_TOGETHER], key=lambda entry: -len(entry.searchable))
        for first in range(0, len(near), EMBEDDED_TOGETHER):
            yield near[first : first + EMBEDDED_TOGETHER]


def write_at_once(path: Path, text: str) -> None:
    """Replace a file's text; a process that is killed meanwhile leaves the old one, never half of it."""
    path.with_suffix(".new").write_text(text, encoding="utf-8")
    path.with_suffix(".new").replace(path)


def forget_texts(hashes: Iterable[bytes], cache: EmbeddingCache, used: Callable[[bytes], bool]) -> int:
    """Delete cached vectors of texts that no index has any more."""
    return cache.forget([each for each in hashes if not used(each)])
