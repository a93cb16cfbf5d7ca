import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.decision.costs import Assumptions
from playground.decision.store import DecisionStore
from playground.errors import PlaygroundError
from tests.decisions import freshness, update, withdrawal


@pytest.fixture
def store(tmp_path: Path) -> Iterator[DecisionStore]:
    opened = DecisionStore(tmp_path)
    yield opened
    opened.close()


def test_nothing_was_said_yet(store: DecisionStore) -> None:
    assert (store.answers(), store.question(), store.assumptions()) == ({}, "", None)
    assert store.trial("removal") is None


def test_what_was_said_is_there_when_the_home_is_opened_again(store: DecisionStore, tmp_path: Path) -> None:
    store.keep_answers({"change": "daily"})
    store.keep_question("Shall we tune?")
    store.keep_assumptions(Assumptions(calls=7))
    again = DecisionStore(tmp_path)
    assert (again.answers(), again.question(), again.assumptions()) == (
        {"change": "daily"}, "Shall we tune?", Assumptions(calls=7)
    )  # fmt: skip
    again.close()


def test_an_answer_that_there_is_no_more_is_left_out(store: DecisionStore) -> None:
    store.keep_answers({"change": "hourly", "weather": "fine", "style": "critical"})
    assert store.answers() == {"style": "critical"}


def test_assumptions_that_cannot_be_read_are_as_if_none_were_kept(store: DecisionStore) -> None:
    store._say("assumptions", '{"calls": -3}')
    assert store.assumptions() is None


def test_the_newest_trial_of_a_kind_is_kept_whole(store: DecisionStore) -> None:
    store.keep_trial("freshness", freshness(), ["a"])
    newest = freshness(seconds=9.0, update=update())
    store.keep_trial("freshness", newest, ["a"])
    kept = store.trial("freshness")
    assert kept is not None
    assert kept.result == newest


def test_a_trial_goes_with_a_document_that_it_quotes(store: DecisionStore, tmp_path: Path) -> None:
    store.keep_trial("removal", withdrawal(), ["a", "b"])
    store.keep_trial("restriction", withdrawal(), ["c"])
    store.forget_documents(["b"])
    assert store.trial("removal") is None
    assert store.trial("restriction") is not None


def test_what_is_deleted_is_overwritten_on_disk(store: DecisionStore, tmp_path: Path) -> None:
    store.keep_trial("freshness", freshness(question="Who is Quirinius?"), ["a"])
    store.forget_documents(["a"])
    content = b"".join(path.read_bytes() for path in tmp_path.glob("decision.sqlite*"))
    assert b"Quirinius" not in content


def test_a_trial_of_another_version_is_as_if_it_was_never_made(store: DecisionStore) -> None:
    store.keep_trial("removal", withdrawal(), [])
    store._database.execute("UPDATE trials SET body = '{\"other\": 1}'")
    assert store.trial("removal") is None


def test_revision_grows_with_every_change(store: DecisionStore) -> None:
    seen = [store.revision]
    store.keep_answers({})
    seen.append(store.revision)
    store.keep_trial("removal", withdrawal(), ["a"])
    seen.append(store.revision)
    store.forget_documents(["a"])
    seen.append(store.revision)
    assert seen == sorted(set(seen))


def test_a_file_that_is_no_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "decision.sqlite").write_text("no database" * 100)
    with pytest.raises(PlaygroundError, match=r"decision\.sqlite cannot be used .* delete it to begin"):
        DecisionStore(tmp_path)


def test_a_call_that_fails_says_which_file(store: DecisionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    store._database.close()
    store._database = sqlite3.connect(":memory:", check_same_thread=False)
    with pytest.raises(PlaygroundError, match=r"decision\.sqlite cannot be used"):
        store.answers()


def test_a_home_of_an_earlier_version_keeps_trials_too(tmp_path: Path) -> None:
    """Its table has a column more."""
    database = sqlite3.connect(tmp_path / "decision.sqlite")
    database.execute("CREATE TABLE trials (kind TEXT PRIMARY KEY, body TEXT, about TEXT, at TEXT)")
    database.commit()
    database.close()
    opened = DecisionStore(tmp_path)
    opened.keep_trial("removal", withdrawal(), [])
    kept = opened.trial("removal")
    opened.close()
    assert kept is not None
    assert kept.result == withdrawal()
