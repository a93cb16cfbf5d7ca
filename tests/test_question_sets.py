from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.questions.files import to_jsonl
from playground.questions.lookup import Gold, LabelledQuestion, resolve_set
from playground.questions.sets import (
    Import,
    anchor_set,
    available_sets,
    documents_of,
    import_questions,
    make_own,
    set_questions,
)
from playground.questions.store import QuestionStore
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace
from tests.homes import put

TEXT = "The fee is 30 euros. It rose in May."
FEE = LabelledQuestion(
    "fee", "What is the fee?", ("30",), True, (Gold("fees.md", quote="The fee is 30 euros."),)
)


@pytest.fixture
def workspace(home: Path) -> Iterator[Workspace]:
    workspace = Workspace(home)
    put(workspace, "fees.md", TEXT)
    yield workspace
    workspace.close()


@pytest.fixture
def store(home: Path) -> Iterator[QuestionStore]:
    store = QuestionStore(home)
    yield store
    store.close()


def add_sample(workspace: Workspace) -> str:
    """Texts under the names of the sample's documents; gives the name of its set."""
    scenario = scenarios()["handbook"]
    for name in scenario.file_names:
        put(workspace, name, f"This is {name}.")
    return scenario.title


def test_a_file_becomes_a_set_with_its_labels_found(workspace: Workspace, store: QuestionStore) -> None:
    content = to_jsonl([FEE, LabelledQuestion("who", "Who?", answerable=False)]).encode()
    line = import_questions("upload/fees.jsonl", content, workspace, store)
    assert line.set_name == "fees"
    assert line.line == "“fees”: 2 questions, 1 not answerable, 1 of 1 labels found in the library"
    anchored = Gold("fees.md", 0, 20, "The fee is 30 euros.", found=True)
    assert store.questions("fees")[0].relevant == (anchored,)


def test_a_second_file_of_the_same_name_replaces_nothing(workspace: Workspace, store: QuestionStore) -> None:
    import_questions("fees.csv", b"question\nWho?\n", workspace, store)
    second = import_questions("fees.csv", b"question\nWhy?\n", workspace, store)
    again = import_questions("fees.csv", b"question\nWho?\n", workspace, store)
    assert second.set_name == "fees 2"
    assert again == Import("fees.csv", "fees", "nothing new: these are the questions of “fees”")
    assert [each.name for each in store.sets()] == ["fees 2", "fees"]


def test_a_bad_file_is_a_line_that_says_why(workspace: Workspace, store: QuestionStore) -> None:
    line = import_questions("bad.jsonl", b'{"question": "a"}\n{', workspace, store)
    assert line.set_name == ""
    assert line.line.startswith("line 2: this is not JSON")
    assert store.sets() == []


def test_a_label_that_is_found_later_is_known_as_found_from_then_on(
    workspace: Workspace, store: QuestionStore
) -> None:
    store.put("mine", [LabelledQuestion("a", "Rules?", relevant=(Gold("rules.md", quote="Be kind."),))])
    anchor_set("mine", workspace, store)
    assert not store.questions("mine")[0].relevant[0].found
    put(workspace, "rules.md", "Rules. Be kind.")
    anchor_set("mine", workspace, store)
    assert store.questions("mine")[0].relevant == (Gold("rules.md", 7, 15, "Be kind.", found=True),)


def test_gold_survives_a_changed_document_and_is_listed_when_it_is_gone(
    workspace: Workspace, store: QuestionStore
) -> None:
    import_questions("fees.jsonl", to_jsonl([FEE]).encode(), workspace, store)
    put(workspace, "fees.md", f"A new beginning. {TEXT}")
    (moved,) = anchor_set("fees", workspace, store)
    assert (moved.relevant[0].start, moved.relevant[0].end) == (17, 37)
    put(workspace, "fees.md", "The fee is 40 euros.")
    questions = anchor_set("fees", workspace, store)
    resolution = resolve_set(questions, documents_of(questions, workspace))
    assert [(each.question_id, each.kind) for each in resolution.repairs] == [("fee", "gone")]
    assert resolution.gold == {}


def test_a_samples_set_is_there_without_importing_it(workspace: Workspace, store: QuestionStore) -> None:
    assert available_sets(workspace, store) == []
    name = add_sample(workspace)
    (sample,) = available_sets(workspace, store)
    assert (sample.name, sample.sample) == (name, True)
    assert sample.questions == len(set_questions(name, workspace, store))
    assert 0 < sample.answerable < sample.questions
    assert anchor_set(name, workspace, store)
    assert store.sets() == []


def test_a_changed_sample_is_a_copy_that_stands_in_its_place(
    workspace: Workspace, store: QuestionStore
) -> None:
    name = add_sample(workspace)
    first = set_questions(name, workspace, store)[0]
    make_own(name, workspace, store)
    make_own(name, workspace, store)
    store.delete(name, [first.id])
    (own,) = available_sets(workspace, store)
    assert (own.name, own.sample) == (name, False)
    assert first not in set_questions(name, workspace, store)
    store.delete_set(name)
    assert set_questions(name, workspace, store)[0] == first
