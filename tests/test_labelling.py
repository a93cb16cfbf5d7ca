"""What a person chooses and types, as a labelled question; the dialog is in test_compare_page."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.documents import Document
from playground.errors import InputError
from playground.questions.lookup import Gold
from playground.questions.store import QuestionStore
from playground.ui import resources
from playground.ui.evidence_picker import checked_spans
from playground.ui.labelling import labels_of, request_of, save_label
from tests.homes import put

RULES = Document("d", "rules.md", "Rules. Be kind 🎉. Be brave.")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[QuestionStore]:
    store = QuestionStore(tmp_path)
    yield store
    store.close()


def test_stretches_of_a_passage_are_places_in_its_document() -> None:
    request = request_of("k", "Rules?", RULES, (7, 28), [(18, 27), (0, 3)])
    assert (request.text, request.begin) == ("Be kind 🎉. Be brave.", 7)
    assert request.chosen == ((11, 20),)
    assert labels_of(request, [(0, 10)]) == [Gold("rules.md", 7, 17, "Be kind 🎉.", found=True)]


def test_another_passage_is_another_picker() -> None:
    first, second = (request_of("k", "", RULES, (begin, 28)) for begin in (0, 7))
    assert first.picker_key != second.picker_key


@pytest.mark.parametrize(
    ("said", "spans"),
    [
        ([[7, 17], [0, 6]], [(0, 6), (7, 17)]),
        ([[0, 6], [3, 17]], [(0, 6), (7, 17)]),
        ([[6, 99]], [(7, 27)]),
        ([[5, 5], [9, 2], [-1, 4], ["0", 3], [1], None, [True, 3]], []),
        ("all", []),
        (None, []),
    ],
)
def test_what_a_browser_says_is_checked(said: Any, spans: list[tuple[int, int]]) -> None:
    assert checked_spans(said, RULES.text) == spans


def test_a_question_is_kept_with_its_answer(store: QuestionStore) -> None:
    kept = save_label(store, "mine", " Rules? ", ["Be kind"], [Gold("rules.md", 7, 17, "Be kind 🎉.", True)])
    assert store.questions("mine") == [kept]
    assert (kept.id, kept.question, kept.answers) == ("q1", "Rules?", ("Be kind",))


def test_an_unanswerable_question_needs_nothing_else(store: QuestionStore) -> None:
    assert not save_label(store, "mine", "Why?", [], [], answerable=False).answerable


def test_a_question_of_which_nothing_is_said_is_refused(store: QuestionStore) -> None:
    with pytest.raises(InputError, match="choose the sentence that answers"):
        save_label(store, "mine", "Why?", [], [])
    with pytest.raises(InputError, match="there is no question"):
        save_label(store, "mine", " ", ["x"], [])
    with pytest.raises(InputError, match="a question set needs a name"):
        save_label(store, "", "Why?", ["x"], [])
    assert store.sets() == []


def view(document_id: str) -> None:
    from playground.ui.documents.view import document_view

    document_view(document_id, (7, 17), question="Which rules?")


def test_evidence_is_labelled_in_a_documents_view() -> None:
    id = put(resources.workspace(), RULES.name, RULES.text).document_id
    page = AppTest.from_function(view, args=(id,), default_timeout=60).run()
    page.button(key="view_label_here").click().run()
    assert not page.exception
    assert page.text_input(key="view_label_question").value == "Which rules?"
    page.session_state["view_label_picker_0"] = {"spans": [[18, 27]]}
    page.button(key="view_label_save").click().run()
    assert not page.exception
    (kept,) = resources.questions().questions("My questions")
    assert kept.relevant == (Gold("rules.md", 18, 27, "Be brave.", found=True),)
    assert page.button(key="view_label_here").label == "Label evidence here"
    assert "has 1 question now" in page.toast[0].value
