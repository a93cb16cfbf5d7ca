"""Which chunks an index holds, and of which documents: the truth that both search indexes follow.

A document is "adding" or "deleting" while its chunks are on the way in or out, and "done" in between; only
chunks of "done" documents are ever shown. What a killed process left behind is found by its state.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from playground.chunking.chunk import Chunk
from playground.documents import Document, Page
from playground.index.embedding_cache import text_hash

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (id TEXT PRIMARY KEY, name TEXT, state TEXT);
CREATE TABLE IF NOT EXISTS chunks (
    key INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT REFERENCES documents (id),
    start INTEGER, "end" INTEGER, text TEXT, tokens INTEGER, pages TEXT, heading TEXT, hash BLOB);
CREATE INDEX IF NOT EXISTS chunks_of_document ON chunks (document_id);
CREATE INDEX IF NOT EXISTS chunks_of_hash ON chunks (hash);
"""


@dataclass(frozen=True)
class Entry:
    """A chunk under its key, with the text that is searched and that text's hash."""

    key: int
    chunk: Chunk
    searchable: str
    hash: bytes


class Catalogue:
    """One SQLite file a fingerprint; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA secure_delete=ON")
        self._database.executescript(_SCHEMA)
        self._hidden: int | None = (
            None  # counted when it is asked for, twice a question; forgotten by changes
        )

    def begin(self, document: Document, chunks: Sequence[Chunk], searchable: Sequence[str]) -> list[Entry]:
        """Write the chunks of a document that is being added, under keys that are never used twice."""
        entries = []
        with self._lock, self._database:
            self._hidden = None
            self._database.execute(
                "INSERT INTO documents VALUES (?, ?, 'adding')", (document.id, document.name)
            )
            for chunk, text in zip(chunks, searchable, strict=True):
                pages = [astuple(page) for page in chunk.pages]
                key = self._database.execute(
                    'INSERT INTO chunks (document_id, start, "end", text, tokens, pages, heading, hash)'
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        document.id,
                        chunk.start,
                        chunk.end,
                        chunk.text,
                        chunk.tokens,
                        json.dumps(pages),
                        json.dumps(chunk.heading),
                        text_hash(text),
                    ),
                ).lastrowid
                assert key is not None, "an insert gives a row id"
                entries.append(Entry(key, chunk, text, text_hash(text)))
        return entries

    def mark(self, document_ids: Iterable[str], state: str) -> None:
        with self._lock, self._database:
            self._hidden = None
            self._database.executemany(
                "UPDATE documents SET state = ? WHERE id = ?", [(state, each) for each in document_ids]
            )

    def unfinished(self) -> list[str]:
        """Documents that are neither wholly in nor wholly out."""
        return [row[0] for row in self._rows("SELECT id FROM documents WHERE state != 'done'")]

    def ids(self) -> set[str]:
        """All documents, those on the way in or out too."""
        return {row[0] for row in self._rows("SELECT id FROM documents")}

    def hidden(self) -> int:
        """How many chunks are on the way in or out."""
        with self._lock:
            if self._hidden is None:
                unfinished = "SELECT id FROM documents WHERE state != 'done'"
                count = f"SELECT count(*) FROM chunks WHERE document_id IN ({unfinished})"
                self._hidden = int(self._rows(count)[0][0])
            return self._hidden

    def with_state(self, keys: Sequence[int], state: str) -> set[int]:
        """Those of `keys` that belong to a document in this state."""
        found: set[int] = set()
        for begin in range(0, len(keys), 1000):
            some = keys[begin : begin + 1000]
            rows = self._rows(
                "SELECT key FROM chunks JOIN documents ON documents.id = document_id"
                f" WHERE state = ? AND key IN ({','.join('?' * len(some))})",
                state,
                *some,
            )
            found.update(row[0] for row in rows)
        return found

    def keys(self, document_ids: Iterable[str]) -> list[int]:
        return [
            row[0]
            for each in document_ids
            for row in self._rows("SELECT key FROM chunks WHERE document_id = ?", each)
        ]

    def remove(self, document_ids: Sequence[str]) -> set[bytes]:
        """Forget documents; returns the hashes of texts that no chunk here has any more."""
        hashes = {
            row[0]
            for each in document_ids
            for row in self._rows("SELECT hash FROM chunks WHERE document_id = ?", each)
        }
        with self._lock:
            self._hidden = None
            with self._database:
                rows = [(each,) for each in document_ids]
                self._database.executemany("DELETE FROM chunks WHERE document_id = ?", rows)
                self._database.executemany("DELETE FROM documents WHERE id = ?", rows)
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return {each for each in hashes if not self.has_hash(each)}

    def has_hash(self, wanted: bytes) -> bool:
        return bool(self._rows("SELECT 1 FROM chunks WHERE hash = ? LIMIT 1", wanted))

    def chunk_counts(self) -> dict[str, int]:
        """Number of chunks by the id of each document that is wholly in."""
        return dict(
            self._rows(
                "SELECT documents.id, count(key) FROM documents"
                " LEFT JOIN chunks ON document_id = documents.id WHERE state = 'done' GROUP BY documents.id"
            )
        )

    def places(self) -> list[tuple[int, str, int, int]]:
        """(key, document id, start, end) of all chunks of documents that are wholly in, by their keys."""
        return self._rows(
            'SELECT key, document_id, start, "end" FROM chunks JOIN documents ON documents.id = document_id'
            " WHERE state = 'done' ORDER BY key"
        )

    def count(self) -> int:
        """All chunks, those on the way in or out too."""
        return int(self._rows("SELECT count(*) FROM chunks")[0][0])

    def chunks(self, keys: Sequence[int]) -> dict[int, tuple[Chunk, str]]:
        """Chunk and document name by key, of documents that are wholly in."""
        found = self._rows(
            'SELECT key, document_id, start, "end", text, tokens, pages, heading, name FROM chunks'
            " JOIN documents ON documents.id = document_id"
            f" WHERE state = 'done' AND key IN ({','.join('?' * len(keys))})",
            *keys,
        )
        return {row[0]: (_chunk(*row[1:8]), row[8]) for row in found}

    def chunks_of(self, document_id: str) -> list[Chunk]:
        """A document's chunks in the order of the text."""
        found = self._rows(
            'SELECT document_id, start, "end", text, tokens, pages, heading FROM chunks'
            " WHERE document_id = ? ORDER BY start, key",
            document_id,
        )
        return [_chunk(*row) for row in found]

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()


def _chunk(document_id: str, start: int, end: int, text: str, tokens: int, pages: str, heading: str) -> Chunk:
    touched = tuple(Page(*page) for page in json.loads(pages))
    return Chunk(document_id, start, end, text, tokens, touched, tuple(json.loads(heading)))
