"""What a person said and tried on the way to a decision, kept in the data home. SQLite.

Every change is on disk before the call returns; deleted text is overwritten there. A trial quotes documents,
so it goes when one of them does. This module does not know what follows from anything.
"""

import json
import sqlite3
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from playground.decision.assumptions import Assumptions
from playground.decision.criteria import CRITERIA
from playground.decision.trial_results import Behaviour, Freshness, Withdrawal
from playground.errors import ConfigError, PlaygroundError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

_SCHEMA = """
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, body TEXT);
CREATE TABLE IF NOT EXISTS trials (kind TEXT PRIMARY KEY, body TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS trial_documents (kind TEXT, document TEXT, PRIMARY KEY (kind, document));
"""
KINDS: dict[str, type] = {
    "freshness": Freshness,
    "removal": Withdrawal,
    "restriction": Withdrawal,
    "behaviour": Behaviour,
}
Result = TypeVar("Result")


@dataclass(frozen=True)
class Kept(Generic[Result]):
    """A trial as it is kept; `at` is an ISO time in UTC."""

    result: Result
    at: str


class DecisionStore:
    """The decision of the data home `home`; safe to use from several threads.

    `revision` grows whenever something is kept. Raises PlaygroundError where the file cannot be used, here
    and from every call.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "decision.sqlite"
        self._lock = threading.RLock()
        self.revision = 0
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, check_same_thread=False, timeout=30)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
                self._database.execute(f"PRAGMA {pragma}")
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    def answers(self) -> dict[str, str]:
        """What was answered of the questionnaire, by criterion; answers that there are no more are left
        out."""
        kept = json.loads(self._said("answers") or "{}")
        options = {each.key: {option.value for option in each.options} for each in CRITERIA}
        return {key: value for key, value in kept.items() if value in options.get(key, ())}

    def keep_answers(self, answers: Mapping[str, str]) -> None:
        self._say("answers", json.dumps(dict(answers)))

    def assumptions(self) -> Assumptions | None:
        """The person's prices and volumes; None where none were kept, or they cannot be read."""
        body = self._said("assumptions")
        try:
            return Assumptions.from_json(body) if body else None
        except ConfigError:
            return None

    def keep_assumptions(self, assumptions: Assumptions) -> None:
        self._say("assumptions", assumptions.to_json())

    def question(self) -> str:
        """What is to be decided, in the person's words; "" where nothing was written."""
        return self._said("question")

    def keep_question(self, text: str) -> None:
        self._say("question", text)

    def keep_trial(self, kind: str, result: Any, documents: Collection[str]) -> None:
        """Keep the newest result of a kind of trial, instead of the one before. `documents` are the ids of
        all that it quotes."""
        body = _adapter(KINDS[kind]).dump_json(result).decode()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._lock:
            try:
                with self._database:
                    self._forget(kind)
                    self._database.execute(
                        "INSERT INTO trials (kind, body, at) VALUES (?, ?, ?)", (kind, body, now)
                    )
                    self._database.executemany(
                        "INSERT INTO trial_documents VALUES (?, ?)", [(kind, each) for each in set(documents)]
                    )
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def trial(self, kind: str) -> Kept[Any] | None:
        """The newest result of a kind; None where there is none, or another version of the app wrote it."""
        rows = self._rows("SELECT body, at FROM trials WHERE kind = ?", kind)
        if not rows:
            return None
        body, at = rows[0]
        try:
            return Kept(_adapter(KINDS[kind]).validate_json(body), at)
        except ValueError:
            return None

    def forget_documents(self, document_ids: Collection[str]) -> None:
        """Delete the trials that quote one of these documents."""
        for document in document_ids:
            for (kind,) in self._rows("SELECT kind FROM trial_documents WHERE document = ?", document):
                with self._lock, self._database:
                    self._forget(kind)
        with self._lock:
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _forget(self, kind: str) -> None:
        self.revision += 1
        for table in ("trials", "trial_documents"):
            self._database.execute(f"DELETE FROM {table} WHERE kind = ?", (kind,))

    def _said(self, name: str) -> str:
        rows = self._rows("SELECT body FROM said WHERE name = ?", name)
        return str(rows[0][0]) if rows else ""

    def _say(self, name: str, body: str) -> None:
        with self._lock:
            try:
                with self._database:
                    self.revision += 1
                    self._database.execute("INSERT OR REPLACE INTO said VALUES (?, ?)", (name, body))
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            try:
                return self._database.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> PlaygroundError:
        return PlaygroundError(
            f"{self._path} cannot be used ({error}); mend it, or delete it to begin the decision anew"
        )


@lru_cache
def _adapter(kind: type) -> "TypeAdapter[Any]":
    from pydantic import TypeAdapter

    return TypeAdapter(kind)
