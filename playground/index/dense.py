"""Nearest vectors by cosine similarity, in Chroma: embedded, or a server where PLAYGROUND_CHROMA_URL is set.

It stores keys and vectors, no text: whoever reads its files learns nothing of the documents' words.
"""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from playground import settings
from playground.errors import PlaygroundError

if TYPE_CHECKING:
    import numpy as np

_CLIENT_LOCK = threading.Lock()
_CLIENTS: dict[str, Any] = {}


def chroma_client(folder: Path) -> Any:
    """One client a place, shared by all threads. Raises PlaygroundError where a server does not answer."""
    url = settings.chroma_url()
    place = url or str(folder)
    with _CLIENT_LOCK:
        if place not in _CLIENTS:
            _CLIENTS[place] = _connect(url) if url else _open(folder)
        return _CLIENTS[place]


def _open(folder: Path) -> Any:
    import chromadb

    folder.mkdir(parents=True, exist_ok=True)
    return chromadb.PersistentClient(str(folder), chromadb.Settings(anonymized_telemetry=False))


def _connect(url: str) -> Any:
    import chromadb

    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise PlaygroundError(f"PLAYGROUND_CHROMA_URL={url} is not an address like http://localhost:8000")
    secure = parts.scheme == "https"
    try:
        return chromadb.HttpClient(
            parts.hostname,
            parts.port or (443 if secure else 8000),
            ssl=secure,
            settings=chromadb.Settings(anonymized_telemetry=False),
        )
    except ValueError as error:
        raise PlaygroundError(
            f"no Chroma server answers at PLAYGROUND_CHROMA_URL={url}; start it, or unset the variable"
        ) from error


@contextmanager
def _errors_in_words() -> Iterator[None]:
    from chromadb.errors import ChromaError
    from httpx import HTTPError

    try:
        yield
    except HTTPError as error:
        url = settings.chroma_url()
        raise PlaygroundError(
            f"the Chroma server at PLAYGROUND_CHROMA_URL={url} does not answer any more; start it, or unset "
            "the variable"
        ) from error
    except ChromaError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise PlaygroundError(
            f"Chroma fails: {reason}; where its data is damaged, delete the data home and add the documents "
            "anew"
        ) from error


class DenseIndex:
    """The vectors of one fingerprint. Keys are those of the catalogue."""

    def __init__(self, folder: Path, name: str) -> None:
        self._client = chroma_client(folder)
        self._name = name
        with _errors_in_words():
            self._collection = self._client.get_or_create_collection(
                name,
                embedding_function=None,
                # 200 candidates found half a percent more of the nearest 100; recall@5 stayed the same.
                configuration={"hnsw": {"space": "cosine", "ef_search": 100}},
            )

    def add(self, keys: Sequence[int], vectors: "np.ndarray", document_ids: Sequence[str]) -> None:
        """`vectors` has shape (len(keys), dimension). A key that is there already is overwritten."""
        with _errors_in_words():
            self._collection.upsert(
                ids=[str(key) for key in keys],
                embeddings=vectors,
                metadatas=[{"document": document_id} for document_id in document_ids],
            )

    def search(self, vector: "np.ndarray", limit: int) -> list[tuple[int, float]]:
        """(key, cosine similarity), best first."""
        with _errors_in_words():
            found = self._collection.query(query_embeddings=[vector], n_results=limit, include=["distances"])
        return [
            (int(key), 1.0 - distance)
            for key, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        ]

    def vectors(self, keys: Sequence[int]) -> "dict[int, np.ndarray]":
        """What was added, float32 of shape (dimension,); keys that are not there are left out."""
        import numpy as np

        known: dict[int, np.ndarray] = {}
        for begin in range(0, len(keys), 1000):
            with _errors_in_words():
                found = self._collection.get(
                    ids=[str(key) for key in keys[begin : begin + 1000]], include=["embeddings"]
                )
            rows = np.asarray(found["embeddings"], np.float32)
            known.update(zip(map(int, found["ids"]), rows, strict=True))
        return known

    def delete(self, keys: Sequence[int]) -> None:
        """Keys that are not there are passed over."""
        for begin in range(0, len(keys), 1000):
            with _errors_in_words():
                self._collection.delete(ids=[str(key) for key in keys[begin : begin + 1000]])

    def count(self) -> int:
        with _errors_in_words():
            return int(self._collection.count())

    def count_of(self, document_ids: Sequence[str]) -> int:
        """How many vectors these documents have, asked of Chroma itself."""
        where = {"document": {"$in": list(document_ids)}}
        with _errors_in_words():
            return len(self._collection.get(where=where, include=[])["ids"]) if document_ids else 0

    def drop(self) -> None:
        self._client.delete_collection(self._name)
