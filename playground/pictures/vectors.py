"""The vectors of a library's pictures, by model and content: each picture is looked at once by each model.

Vectors of documents that are gone are dropped by `keep_only`, and SQLite overwrites what is deleted. Nothing
stays open between two calls. This module does not know any model.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playground.pictures.listing import Picture

if TYPE_CHECKING:
    import numpy as np

_SCHEMA = """
CREATE TABLE IF NOT EXISTS pictures (document_id TEXT PRIMARY KEY, bytes INTEGER, content BLOB);
CREATE TABLE IF NOT EXISTS vectors (model TEXT, content BLOB, vector BLOB, PRIMARY KEY (content, model))
    WITHOUT ROWID;
"""


class PictureVectors:
    """One SQLite file in a data home, made by the first vector; safe to use from several threads."""

    def __init__(self, home: Path) -> None:
        self._path = home / "pictures.sqlite"

    def missing(self, model: str, pictures: Sequence[Picture]) -> list[Picture]:
        """Those that this model has not looked at yet."""
        with self._open() as database:
            known = set(
                database.execute(
                    "SELECT document_id, bytes FROM pictures JOIN vectors USING (content) WHERE model = ?",
                    (model,),
                )
            )
        return [picture for picture in pictures if (picture.document_id, picture.bytes) not in known]

    def has(self, model: str, content: bytes) -> bool:
        """Whether this model has looked at a picture with this content, under whatever name."""
        with self._open() as database:
            where = "model = ? AND content = ?"
            return bool(database.execute(f"SELECT 1 FROM vectors WHERE {where}", (model, content)).fetchone())

    def put(self, model: str, picture: Picture, content: bytes, vector: "np.ndarray | None" = None) -> None:
        """Keep that a picture has this content (a hash of it), and its vector, float32 of shape (dimension,).
        Without a vector the one that is known for that content counts; where there is none, the picture could
        not be looked at, and is never found."""
        with self._open() as database, database:
            database.execute(
                "INSERT OR REPLACE INTO pictures VALUES (?, ?, ?)",
                (picture.document_id, picture.bytes, content),
            )
            database.execute(
                f"INSERT OR {'IGNORE' if vector is None else 'REPLACE'} INTO vectors VALUES (?, ?, ?)",
                (model, content, b"" if vector is None else vector.tobytes()),
            )
            _drop_unused(database)

    def get(self, model: str, pictures: Sequence[Picture]) -> "tuple[list[Picture], np.ndarray]":
        """Those of the pictures that have a vector, and their vectors, of shape (their number, dimension)."""
        import numpy as np

        with self._open() as database:
            rows = database.execute(
                "SELECT document_id, bytes, vector FROM pictures JOIN vectors USING (content)"
                " WHERE model = ? AND length(vector) > 0",
                (model,),
            ).fetchall()
        known = {(document_id, size): vector for document_id, size, vector in rows}
        found = [each for each in pictures if (each.document_id, each.bytes) in known]
        vectors = [np.frombuffer(known[each.document_id, each.bytes], dtype=np.float32) for each in found]
        return found, np.stack(vectors) if vectors else np.zeros((0, 0), dtype=np.float32)

    def keep_only(self, document_ids: Collection[str]) -> int:
        """Drop the vectors of all other documents, of every model; returns how many there were."""
        if not self._path.exists():
            return 0
        with self._open() as database:
            with database:
                for (each,) in database.execute("SELECT document_id FROM pictures").fetchall():
                    if each not in document_ids:
                        database.execute("DELETE FROM pictures WHERE document_id = ?", (each,))
                gone = _drop_unused(database)
            if gone:
                database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def count(self) -> int:
        """Vectors of all models."""
        with self._open() as database:
            return int(database.execute("SELECT count(*) FROM vectors").fetchone()[0])

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(self._path, timeout=30)) as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA secure_delete=ON")
            database.executescript(_SCHEMA)
            yield database


def _drop_unused(database: sqlite3.Connection) -> int:
    return database.execute(
        "DELETE FROM vectors WHERE content NOT IN (SELECT content FROM pictures)"
    ).rowcount
