"""The question sets of a data home, and what people said of answers. SQLite.

Deleted text is overwritten on disk. Every change is on disk before the call returns. This module does not
know whether a label fits any document.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playground.adapters.examples import Example, normalised, to_jsonl
from playground.errors import InputError, PlaygroundError
from playground.questions.labels import Gold, LabelledQuestion

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sets (name TEXT PRIMARY KEY, changed_at TEXT);
CREATE TABLE IF NOT EXISTS questions (
    set_name TEXT, id TEXT, position INTEGER, answerable INTEGER, body TEXT, PRIMARY KEY (set_name, id));
CREATE TABLE IF NOT EXISTS ratings (
    question TEXT, answer TEXT, config TEXT, good INTEGER, correction TEXT, at TEXT,
    PRIMARY KEY (question, answer, config));
"""
_ONE = "SELECT position, body FROM questions WHERE set_name = ? AND id = ?"


@dataclass(frozen=True)
class QuestionSet:
    """A line in the list of sets: how many questions it has, and how many of them can be answered."""

    name: str
    questions: int
    answerable: int
    changed_at: datetime


@dataclass(frozen=True)
class Rating:
    """What a person said of an answer, which `config` (in its compact form) gave. `good` is None where they
    only corrected it, `correction` is empty where they only rated it."""

    question: str
    answer: str
    config: str
    good: bool | None = None
    correction: str = ""
    at: datetime | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing was said."""
        return self.good is None and not self.correction.strip()


class QuestionStore:
    """The questions of the data home `home`; safe to use from several threads.

    Raises PlaygroundError where the file cannot be used, here and from every call.
    """

    def __init__(self, home: Path) -> None:
        self._path = home / "questions.sqlite"
        self._lock = threading.RLock()
        try:
            home.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._path, check_same_thread=False, timeout=30)
            self._database.execute("PRAGMA journal_mode=WAL")
            self._database.execute("PRAGMA synchronous=FULL")
            self._database.execute("PRAGMA secure_delete=ON")
            self._database.executescript(_SCHEMA)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    # Sets

    def sets(self) -> list[QuestionSet]:
        """All sets, the one that was changed last first."""
        found = self._rows(
            "SELECT name, count(id), coalesce(sum(answerable), 0), changed_at FROM sets"
            " LEFT JOIN questions ON set_name = name GROUP BY name ORDER BY changed_at DESC, name"
        )
        return [
            QuestionSet(name, count, answerable, datetime.fromisoformat(at))
            for name, count, answerable, at in found
        ]

    def questions(self, name: str) -> list[LabelledQuestion]:
        """The questions of a set in their order; none where there is no such set."""
        rows = self._rows("SELECT body FROM questions WHERE set_name = ? ORDER BY position", name)
        return [_from_body(body) for (body,) in rows]

    def put(self, name: str, questions: Sequence[LabelledQuestion]) -> None:
        """Make these the questions of a set, which need not be there yet. Raises InputError for a set without
        a name, and where two questions have the same id."""
        if len({question.id for question in questions}) < len(questions):
            raise InputError(f"two questions of the set {name} have the same id")
        name = _named(name)
        with self._writing(name):
            self._database.execute("DELETE FROM questions WHERE set_name = ?", (name,))
            for position, question in enumerate(questions):
                self._write(name, position, question)

    def add(self, name: str, question: LabelledQuestion) -> LabelledQuestion:
        """Add a question at the end, and give it as it is kept: without an id, or with one that is taken, it
        is called q1, q2 and so on."""
        name = _named(name)
        with self._writing(name):
            kept = self._with_free_id(name, question)
            last = self._rows("SELECT coalesce(max(position), -1) FROM questions WHERE set_name = ?", name)
            self._write(name, last[0][0] + 1, kept)
        return kept

    def label(self, name: str, question: LabelledQuestion) -> LabelledQuestion:
        """Add a question; where the set has it in the same words, add its answers and evidence to that one,
        and let it be answerable or not as is said now. Gives the question as it is kept."""
        name, wanted = _named(name), normalised(question.question)
        with self._lock:
            for known in self.questions(name):
                if normalised(known.question) == wanted:
                    joined = _joined(known, question)
                    self.update(name, joined)
                    return joined
            return self.add(name, question)

    def update(self, name: str, question: LabelledQuestion) -> None:
        """Replace the question of the same id. Raises InputError where the set has none."""
        with self._writing(name):
            found = self._rows(_ONE, name, question.id)
            if not found:
                raise InputError(f"the set {name} has no question {question.id}: it was deleted meanwhile")
            self._write(name, found[0][0], question)

    def replace_labels(self, name: str, changes: Mapping[str, Mapping[Gold, Sequence[Gold]]]) -> None:
        """By question id and label, the labels that come in its place, none to remove it. What is no longer
        there is passed over."""
        with self._writing(name):
            for id, new in changes.items():
                for position, body in self._rows(_ONE, name, id):
                    question = _from_body(body)
                    relevant = (each for label in question.relevant for each in new.get(label, (label,)))
                    self._write(name, position, replace(question, relevant=tuple(dict.fromkeys(relevant))))

    def delete(self, name: str, ids: Sequence[str]) -> None:
        """Delete questions of a set."""
        with self._writing(name):
            self._database.executemany(
                "DELETE FROM questions WHERE set_name = ? AND id = ?", [(name, id) for id in ids]
            )
        self._empty_journal()

    def delete_set(self, name: str) -> None:
        """Delete a set with its questions."""
        with self._writing():
            self._database.execute("DELETE FROM questions WHERE set_name = ?", (name,))
            self._database.execute("DELETE FROM sets WHERE name = ?", (name,))
        self._empty_journal()

    def rename_set(self, old: str, new: str) -> None:
        """Raises InputError where the name is empty or taken."""
        new = _named(new)
        with self._writing():
            if self._rows("SELECT 1 FROM sets WHERE name = ?", new) and new != old:
                raise InputError(f"there is a set {new} already; choose another name")
            self._database.execute("UPDATE sets SET name = ? WHERE name = ?", (new, old))
            self._database.execute("UPDATE questions SET set_name = ? WHERE set_name = ?", (new, old))

    # Ratings

    def rate(self, rating: Rating) -> None:
        """Keep what was said of an answer; it replaces what was said of the same answer before. An empty
        rating takes that back."""
        at = (rating.at or datetime.now(UTC)).isoformat()
        if rating.empty:
            self.delete_rating(rating)
            return
        with self._writing():
            self._database.execute(
                "INSERT OR REPLACE INTO ratings VALUES (?, ?, ?, ?, ?, ?)",
                (rating.question, rating.answer, rating.config, rating.good, rating.correction.strip(), at),
            )

    def rating(self, question: str, answer: str, config: str) -> Rating:
        """What was said of this answer; an empty rating where nothing was."""
        found = self._rows(
            "SELECT * FROM ratings WHERE question = ? AND answer = ? AND config = ?", question, answer, config
        )
        return _rating(found[0]) if found else Rating(question, answer, config)

    def ratings(self) -> list[Rating]:
        """All of them, the newest first."""
        return [_rating(row) for row in self._rows("SELECT * FROM ratings ORDER BY at DESC")]

    def delete_rating(self, rating: Rating) -> None:
        with self._writing():
            self._database.execute(
                "DELETE FROM ratings WHERE question = ? AND answer = ? AND config = ?",
                (rating.question, rating.answer, rating.config),
            )
        self._empty_journal()

    def corrections(self) -> list[Example]:
        """Corrected answers as training examples, the newest first, and only the newest for a question."""
        examples: dict[str, Example] = {}
        for rating in self.ratings():
            if rating.correction:
                examples.setdefault(normalised(rating.question), Example(rating.question, rating.correction))
        return list(examples.values())

    def corrections_as_jsonl(self) -> str:
        """The same as a file of examples."""
        return to_jsonl(self.corrections())

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def _write(self, name: str, position: int, question: LabelledQuestion) -> None:
        self._database.execute(
            "INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?, ?)",
            (name, question.id, position, question.answerable, json.dumps(asdict(question))),
        )

    def _with_free_id(self, name: str, question: LabelledQuestion) -> LabelledQuestion:
        taken = {id for (id,) in self._rows("SELECT id FROM questions WHERE set_name = ?", name)}
        if question.id and question.id not in taken:
            return question
        numbers = [int(id[1:]) for id in taken if id[:1] == "q" and id[1:].isdecimal()]
        return replace(question, id=f"q{max(numbers, default=0) + 1}")

    @contextmanager
    def _writing(self, changed: str = "") -> Iterator[None]:
        """A transaction; the set `changed`, where one is named, is there afterwards."""
        try:
            with self._lock, self._database:
                if changed:
                    now = datetime.now(UTC).isoformat()
                    self._database.execute("INSERT OR REPLACE INTO sets VALUES (?, ?)", (changed, now))
                yield
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _empty_journal(self) -> None:
        """SQLite's journal still has what was deleted."""
        self._rows("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rows(self, statement: str, *values: object) -> list[Any]:
        try:
            with self._lock:
                return self._database.execute(statement, values).fetchall()
        except sqlite3.Error as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> PlaygroundError:
        return PlaygroundError(
            f"the questions in {self._path} cannot be read or saved ({error}); mend the file or the disk, or "
            "choose another folder with PLAYGROUND_HOME"
        )


def _named(name: str) -> str:
    if not name.strip():
        raise InputError("a question set needs a name")
    return name.strip()


def _joined(known: LabelledQuestion, more: LabelledQuestion) -> LabelledQuestion:
    return replace(
        known,
        answers=tuple(dict.fromkeys([*known.answers, *more.answers])),
        answerable=more.answerable,
        relevant=tuple(dict.fromkeys([*known.relevant, *more.relevant])),
    )


def _from_body(body: str) -> LabelledQuestion:
    values = json.loads(body)
    relevant = tuple(Gold(**label) for label in values["relevant"])
    return LabelledQuestion(**{**values, "answers": tuple(values["answers"]), "relevant": relevant})


def _rating(row: Sequence[Any]) -> Rating:
    question, answer, config, good, correction, at = row
    return Rating(
        question, answer, config, None if good is None else bool(good), correction, datetime.fromisoformat(at)
    )
