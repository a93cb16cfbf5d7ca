"""Evaluations on disk: runs, their records, and the traces behind them. SQLite, in the data home.

A trace that was kept is the cache of later runs: the same contender, question and index content give the same
answer. When documents are deleted, what was quoted from them goes too; the figures stay.
"""

import json
import secrets
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from playground.errors import ConfigError, InputError
from playground.evaluation.records import Kind, Plan, Record, Run, State, plan_from_dict, plan_to_dict
from playground.pipeline import Trace

_SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY, name TEXT, created TEXT, state TEXT, seconds REAL, questions INTEGER, plan TEXT,
    about TEXT);
CREATE TABLE IF NOT EXISTS cells (
    id INTEGER PRIMARY KEY, run TEXT, contender INTEGER, question INTEGER, key TEXT, record TEXT, trace BLOB,
    UNIQUE (run, contender, question));
CREATE INDEX IF NOT EXISTS cells_by_key ON cells (key);
CREATE TABLE IF NOT EXISTS mentions (document TEXT, cell INTEGER, PRIMARY KEY (document, cell)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS searches (id TEXT PRIMARY KEY, created TEXT, name TEXT, about TEXT);
"""
DELETED = "The document that this answer was made from has been deleted."


@dataclass(frozen=True)
class RunEntry:
    """A line in the list of kept runs. `created` is an ISO time in UTC; `done` of `cells` have a record."""

    id: str
    name: str
    created: str
    state: State
    seconds: float
    question_set: str
    contenders: tuple[str, ...]
    questions: int
    done: int
    kind: Kind

    @property
    def cells(self) -> int:
        return self.questions * len(self.contenders)


@dataclass(frozen=True)
class KeptSearch:
    """A search over the settings: `about` holds plain values, among them the ids of its runs under "run" and
    "report"."""

    id: str
    created: str
    name: str
    about: Mapping[str, Any]


class RunStore:
    """The evaluations of the data home `home`; safe to use from several threads. `revision` grows with every
    change that is made through this object."""

    def __init__(self, home: Path) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self.revision = 0
        self._database = sqlite3.connect(home / "evaluations.sqlite", check_same_thread=False, timeout=30)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        self._database.execute("PRAGMA secure_delete=ON")
        self._database.executescript(_SCHEMA)

    def begin(self, name: str, plan: Plan, documents: Mapping[str, str], versions: Mapping[str, str]) -> str:
        """Keep a plan that is about to be run, and give its id."""
        id = secrets.token_hex(4)
        about = {"documents": dict(documents), "versions": dict(versions), "unscored": []}
        with self._writing():
            self._database.execute(
                "INSERT INTO runs VALUES (?, ?, ?, 'running', 0, ?, ?, ?)",
                (
                    id,
                    name,
                    _now(),
                    len(plan.questions),
                    json.dumps(plan_to_dict(plan), ensure_ascii=False),
                    json.dumps(about, ensure_ascii=False),
                ),
            )
        return id

    def note_unscored(self, run: str, questions: Sequence[str]) -> None:
        """Ids of questions that are not asked, because their labels have to be mended first."""
        with self._writing():
            about = json.loads(self._one("SELECT about FROM runs WHERE id = ?", run))
            about["unscored"] = list(questions)
            self._database.execute("UPDATE runs SET about = ? WHERE id = ?", (json.dumps(about), run))

    def end(self, run: str, state: State, seconds: float) -> None:
        """Note how a run stands, and that it has worked for `seconds` more."""
        with self._writing():
            self._database.execute(
                "UPDATE runs SET state = ?, seconds = seconds + ? WHERE id = ?", (state, seconds, run)
            )

    def keep(
        self, run: str, contender: int, question: int, key: str, record: Record, trace: Trace | None
    ) -> None:
        """Keep one cell; it is on disk when this returns."""
        packed = zlib.compress(_traces().dump_json(trace), 1) if trace else None
        with self._writing():
            cell = self._database.execute(
                "INSERT OR REPLACE INTO cells (run, contender, question, key, record, trace)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (run, contender, question, key, record.to_json(), packed),
            ).lastrowid
            self._database.executemany(
                "INSERT OR IGNORE INTO mentions VALUES (?, ?)",
                [(document, cell) for document in _documents(trace)],
            )

    def update(self, run: str, contender: int, records: Mapping[int, Record]) -> None:
        """Write records anew, by question; their traces stay."""
        with self._writing():
            self._database.executemany(
                "UPDATE cells SET record = ? WHERE run = ? AND contender = ? AND question = ?",
                [(record.to_json(), run, contender, question) for question, record in records.items()],
            )

    def known_trace(self, key: str) -> Trace | None:
        """What was answered under this key before, whichever run it was; marked as cached."""
        packed = self._one(
            "SELECT trace FROM cells WHERE key = ? AND trace IS NOT NULL ORDER BY id DESC LIMIT 1", key
        )
        return replace(_unpacked(packed), cached=True) if packed else None

    def trace(self, run: str, contender: int, question: int) -> Trace | None:
        """The whole trace of a cell; None where it failed, or its documents were deleted."""
        packed = self._one(
            "SELECT trace FROM cells WHERE run = ? AND contender = ? AND question = ?",
            run,
            contender,
            question,
        )
        return _unpacked(packed) if packed else None

    def entries(self) -> list[RunEntry]:
        """All runs, the newest first. One whose settings this version does not know any more is left out."""
        rows = self._rows(
            "SELECT id, name, created, state, seconds, questions, plan,"
            " (SELECT count(*) FROM cells WHERE run = runs.id) FROM runs ORDER BY created DESC, rowid DESC"
        )
        entries = []
        for id, name, created, state, seconds, questions, plan, done in rows:
            values = json.loads(plan)
            names = tuple(each["name"] for each in values["contenders"])
            set_name = values["question_set"]
            entries.append(
                RunEntry(id, name, created, state, seconds, set_name, names, questions, done, values["kind"])
            )
        return entries

    def run(self, id: str) -> Run:
        """A run with all its records. Raises InputError where there is none, or it cannot be read."""
        found = self._rows("SELECT name, created, state, seconds, plan, about FROM runs WHERE id = ?", id)
        if not found:
            raise InputError(f"there is no evaluation {id}; it may have been deleted meanwhile")
        name, created, state, seconds, plan_text, about_text = found[0]
        try:
            plan, about = plan_from_dict(json.loads(plan_text)), json.loads(about_text)
        except (ConfigError, KeyError, TypeError) as error:
            raise InputError(f"the evaluation {name} cannot be shown by this version: {error}") from error
        records: list[list[Record | None]] = [[None] * len(plan.questions) for _ in plan.contenders]
        for contender, question, record in self._rows(
            "SELECT contender, question, record FROM cells WHERE run = ?", id
        ):
            records[contender][question] = Record.from_json(record)
        return Run(
            id,
            name,
            plan,
            state,
            created,
            seconds,
            about["documents"],
            about["versions"],
            tuple(about["unscored"]),
            tuple(map(tuple, records)),
        )

    def rename(self, id: str, name: str) -> None:
        with self._writing():
            self._database.execute("UPDATE runs SET name = ? WHERE id = ?", (name, id))

    def delete(self, id: str) -> None:
        """A run with its answers; what later runs took from it they have themselves."""
        with self._writing():
            self._database.execute(
                "DELETE FROM mentions WHERE cell IN (SELECT id FROM cells WHERE run = ?)", (id,)
            )
            self._database.execute("DELETE FROM cells WHERE run = ?", (id,))
            self._database.execute("DELETE FROM runs WHERE id = ?", (id,))
        self._clear_journal()

    def keep_search(self, id: str, name: str, about: Mapping[str, Any]) -> None:
        """Keep a search, or write anew how it stands; when it was begun stays."""
        with self._writing():
            self._database.execute(
                "INSERT INTO searches VALUES (?, ?, ?, ?)"
                " ON CONFLICT (id) DO UPDATE SET name = excluded.name, about = excluded.about",
                (id, _now(), name, json.dumps(about, ensure_ascii=False)),
            )

    def searches(self) -> list[KeptSearch]:
        """All searches, the newest first."""
        rows = self._rows("SELECT id, created, name, about FROM searches ORDER BY created DESC, rowid DESC")
        return [KeptSearch(id, created, name, json.loads(about)) for id, created, name, about in rows]

    def delete_search(self, id: str) -> None:
        """A search with its runs."""
        about = json.loads(self._one("SELECT about FROM searches WHERE id = ?", id) or "{}")
        for run in (about.get("run"), about.get("report")):
            if run:
                self.delete(run)
        with self._writing():
            self._database.execute("DELETE FROM searches WHERE id = ?", (id,))

    def forget_documents(self, documents: Iterable[str]) -> int:
        """Take out what runs hold of these documents: traces and answers go, figures stay. Returns how many
        cells there were."""
        with self._lock:
            cells = {
                cell
                for document in documents
                for (cell,) in self._rows("SELECT cell FROM mentions WHERE document = ?", document)
            }
            with self._writing():
                for cell in cells:
                    text = self._one("SELECT record FROM cells WHERE id = ?", cell)
                    record = replace(Record.from_json(text), answer=DELETED).to_json()
                    self._database.execute(
                        "UPDATE cells SET record = ?, trace = NULL, key = '' WHERE id = ?", (record, cell)
                    )
                    self._database.execute("DELETE FROM mentions WHERE cell = ?", (cell,))
            if cells:
                self._clear_journal()
        return len(cells)

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction."""
        with self._lock, self._database:
            yield
        self.revision += 1

    def _clear_journal(self) -> None:
        """SQLite's journal still has what was deleted."""
        with self._lock, suppress(sqlite3.OperationalError):  # a reader keeps it: the next deletion clears it
            self._database.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, statement: str, *values: object) -> list[Any]:
        with self._lock:
            return self._database.execute(statement, values).fetchall()

    def _one(self, statement: str, *values: object) -> Any:
        found = self._rows(statement, *values)
        return found[0][0] if found else None


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


@cache
def _traces() -> Any:
    """Built when it is first needed: pydantic reads the types of all that a trace holds."""
    from pydantic import TypeAdapter

    return TypeAdapter(Trace)


def _unpacked(packed: bytes) -> Trace:
    trace: Trace = _traces().validate_json(zlib.decompress(packed))
    return trace


def _documents(trace: Trace | None) -> set[str]:
    return {hit.chunk.document_id for hit in trace.hits} if trace else set()
