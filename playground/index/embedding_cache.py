"""Vectors of texts that were embedded before, by (encoder, text): re-indexing embeds only what is new.

Deleted documents leave no vectors behind: see `forget`. SQLite overwrites what is deleted.
"""

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


def text_hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:16]


class EmbeddingCache:
    """One SQLite file, shared by all fingerprints of a home; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._database = sqlite3.connect(path, check_same_thread=False, timeout=30)
        with self._lock:
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=NORMAL")
            self._database.execute("PRAGMA secure_delete=ON")
            self._database.execute(
                "CREATE TABLE IF NOT EXISTS vectors"
                " (encoder TEXT NOT NULL, hash BLOB NOT NULL, vector BLOB NOT NULL,"
                " PRIMARY KEY (hash, encoder)) WITHOUT ROWID"
            )

    def get(self, encoder: str, hashes: Sequence[bytes]) -> "dict[bytes, np.ndarray]":
        """The vectors that are known, float32 of shape (dimension,)."""
        import numpy as np

        known = {}
        with self._lock:
            for wanted in hashes:
                row = self._database.execute(
                    "SELECT vector FROM vectors WHERE encoder = ? AND hash = ?", (encoder, wanted)
                ).fetchone()
                if row:
                    known[wanted] = np.frombuffer(row[0], dtype=np.float32)
        return known

    def put(
        self, encoder: str, hashes: Sequence[bytes], vectors: "Sequence[np.ndarray] | np.ndarray"
    ) -> None:
        rows = [(encoder, key, vector.tobytes()) for key, vector in zip(hashes, vectors, strict=True)]
        with self._lock, self._database:
            self._database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def forget(self, hashes: Iterable[bytes]) -> int:
        """Delete the vectors of these texts, for every encoder; returns how many there were."""
        with self._lock:
            with self._database:
                gone = self._database.executemany(
                    "DELETE FROM vectors WHERE hash = ?", [(key,) for key in hashes]
                ).rowcount
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return max(gone, 0)

    def copy_to(self, other: "EmbeddingCache") -> None:
        """Let another cache know all that this one does, and nothing else."""
        with self._lock, other._lock:
            self._database.backup(other._database)

    def count(self) -> int:
        with self._lock:
            return int(self._database.execute("SELECT count(*) FROM vectors").fetchone()[0])

    def close(self) -> None:
        with self._lock:
            self._database.close()
