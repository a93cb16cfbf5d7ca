"""What the library's database holds besides documents: the questions that were asked, and unfinished indexes.

It opens the database, and does not know what a document is. Deleted text is overwritten on disk.
"""

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS questions (question TEXT PRIMARY KEY, asked_at TEXT);
CREATE TABLE IF NOT EXISTS wanted_indexes (chunking TEXT, encoder TEXT, PRIMARY KEY (chunking, encoder));
"""


class LibraryNotes:
    """The notes in one SQLite file; safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, timeout=30)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA secure_delete=ON")
        self._database.executescript(_SCHEMA)

    def note_question(self, question: str) -> None:
        """Remember a question that was asked, as the newest."""
        now = datetime.now(UTC).isoformat()
        with self._lock, self._database:
            self._database.execute("INSERT OR REPLACE INTO questions VALUES (?, ?)", (question, now))

    def questions(self, limit: int = 50) -> list[str]:
        """Questions that were asked, newest first."""
        return [
            row[0]
            for row in self._rows("SELECT question FROM questions ORDER BY asked_at DESC LIMIT ?", limit)
        ]

    def forget_questions(self) -> None:
        with self._lock:
            with self._database:
                self._database.execute("DELETE FROM questions")
            self._empty_journal()

    def want_index(self, chunking: str, encoder: str) -> None:
        """Note that an index is being built, so that a killed app goes on with it."""
        with self._lock, self._database:
            self._database.execute("INSERT OR REPLACE INTO wanted_indexes VALUES (?, ?)", (chunking, encoder))

    def unwant_index(self, chunking: str, encoder: str) -> None:
        with self._lock, self._database:
            self._database.execute(
                "DELETE FROM wanted_indexes WHERE chunking = ? AND encoder = ?", (chunking, encoder)
            )

    def wanted_indexes(self) -> list[tuple[str, str]]:
        """(chunking as JSON, encoder name) of indexes that were begun and not finished."""
        return self._rows("SELECT chunking, encoder FROM wanted_indexes")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _empty_journal(self) -> None:
        """SQLite's journal still has what was deleted."""
        self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()
