"""The index of one fingerprint: dense and keyword search over the same chunks.

Adding is a generator of steps that can be left at any time, by its caller or by a killed process: the next
call goes on where it stopped. This module does not know what a question is.
"""

import hashlib
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
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

SORTED_TOGETHER = 512  # chunks that are sorted by length before they are embedded, so that little is padded
EMBEDDED_TOGETHER = 64  # chunks between two steps of the progress
COMMIT_SECONDS = 10.0  # what a killed process may have to look up again (not embed: the cache has it)


def fingerprint(chunking: ChunkingConfig, encoder_id: str) -> str:
    """16 hex digits for the settings and weights that decide what an index holds."""
    settings = json.dumps([asdict(chunking), encoder_id], sort_keys=True)
    return hashlib.sha256(settings.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class IndexProgress:
    """How far indexing is: `done` of `total` chunks, of which `embedded` were new; the rest came from the
    cache. `seconds` since the first chunk."""

    done: int
    total: int
    embedded: int
    seconds: float

    @property
    def chunks_per_second(self) -> float:
        return self.done / self.seconds if self.seconds else 0.0

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
        (folder / "about.json").write_text(json.dumps(about, indent=1), encoding="utf-8")
        self._chroma = chroma_folder, collection
        self._catalogue = Catalogue(folder / "chunks.sqlite")
        self._opening = threading.Lock()
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
        return self._dense.search(vector, limit)

    def keyword_search(self, text: str, limit: int) -> list[tuple[int, float]]:
        """(key, BM25), best first."""
        return self._keyword.search(text, limit)

    def chunks(self, keys: Sequence[int]) -> dict[int, tuple[Chunk, str]]:
        """Chunk and document name by key; a key of a document that is on its way in or out is left out."""
        return self._catalogue.chunks(keys)

    def chunks_of(self, document_id: str) -> list[Chunk]:
        return self._catalogue.chunks_of(document_id)

    def uses_text(self, wanted: bytes) -> bool:
        """Whether some chunk has the text with this hash."""
        return self._catalogue.has_hash(wanted)

    def add(
        self, documents: Sequence[Document], encoder: Encoder, cache: EmbeddingCache
    ) -> Iterator[IndexProgress]:
        """Index documents that are not in yet. The last step has `done == total`.

        Leaving the generator early keeps every document that was finished.
        """
        self.remove(self._catalogue.unfinished())
        entries = [entry for document in documents for entry in self._begin(document, encoder)]
        open_chunks: dict[str, int] = {document.id: 0 for document in documents}
        for entry in entries:
            open_chunks[entry.chunk.document_id] += 1
        finished = [document for document, count in open_chunks.items() if count == 0]
        done = embedded = 0
        started = committed = time.monotonic()
        yield IndexProgress(0, len(entries), 0, 0.0)
        try:
            for batch in _batches(entries):
                embedded += self._write(batch, encoder, cache)
                done += len(batch)
                for entry in batch:
                    open_chunks[entry.chunk.document_id] -= 1
                    if open_chunks[entry.chunk.document_id] == 0:
                        finished.append(entry.chunk.document_id)
                if time.monotonic() - committed > COMMIT_SECONDS:
                    self._finish(finished)
                    committed = time.monotonic()
                if done < len(entries):
                    yield IndexProgress(done, len(entries), embedded, time.monotonic() - started)
        finally:
            self._finish(finished)
        yield IndexProgress(len(entries), len(entries), embedded, time.monotonic() - started)

    def remove(self, document_ids: Sequence[str]) -> set[bytes]:
        """Take documents out of both indexes; they are not found from the first moment on.

        Returns the hashes of texts that are gone with them.
        """
        if not document_ids:
            return set()
        self._catalogue.mark(document_ids, "deleting")
        keys = self._catalogue.keys(document_ids)
        self._dense.delete(keys)
        self._keyword.delete(keys)
        self._keyword.commit()
        return self._catalogue.remove(document_ids)

    def drop(self) -> None:
        """Delete the whole index from disk."""
        self._dense.drop()
        self._catalogue.close()
        shutil.rmtree(self.folder)

    def _begin(self, document: Document, encoder: Encoder) -> list[Entry]:
        chunks = split_document(document, self.chunking, encoder)
        texts = [searchable_text(document, chunk, self.chunking.prefix) for chunk in chunks]
        return self._catalogue.begin(document, chunks, texts)

    def _write(self, batch: Sequence[Entry], encoder: Encoder, cache: EmbeddingCache) -> int:
        """Put a batch into both indexes; returns how many texts had to be embedded."""
        import numpy as np

        vectors = cache.get(encoder.id, [entry.hash for entry in batch])
        new = {entry.hash: entry.searchable for entry in batch if entry.hash not in vectors}
        if new:
            fresh = encoder.encode(list(new.values()))
            cache.put(encoder.id, list(new), fresh)
            vectors.update(zip(new, fresh, strict=True))
        keys = [entry.key for entry in batch]
        owners = [entry.chunk.document_id for entry in batch]
        self._dense.add(keys, np.stack([vectors[entry.hash] for entry in batch]), owners)
        self._keyword.add(keys, [entry.searchable for entry in batch], owners)
        return len(new)

    def _finish(self, document_ids: list[str]) -> None:
        if document_ids:
            self._keyword.commit()
            self._catalogue.mark(document_ids, "done")
            document_ids.clear()


def _batches(entries: Sequence[Entry]) -> Iterator[Sequence[Entry]]:
    for begin in range(0, len(entries), SORTED_TOGETHER):
        near = sorted(entries[begin : begin + SORTED_TOGETHER], key=lambda entry: -len(entry.searchable))
        for first in range(0, len(near), EMBEDDED_TOGETHER):
            yield near[first : first + EMBEDDED_TOGETHER]


def forget_texts(hashes: Iterable[bytes], cache: EmbeddingCache, used: Callable[[bytes], bool]) -> int:
    """Delete cached vectors of texts that no index has any more."""
    return cache.forget([each for each in hashes if not used(each)])
