from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from playground.decision.proposals import document_thought_of, documents_with_questions, proposals
from playground.questions.labels import Gold, LabelledQuestion
from playground.questions.lookup import load_questions
from playground.scenarios.gallery import Change, Trials, scenarios
from playground.workspace import Workspace
from tests.homes import put


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "home")
    put(opened, "fees.md", "The fee is 9 euros. It was raised by Anna.")
    put(opened, "times.md", "It closes at 21:09.")
    yield opened
    opened.close()


def asked(id: str, answer: str, *quotes: tuple[str, str]) -> LabelledQuestion:
    labels = tuple(Gold(document, quote=quote) for document, quote in quotes)
    return LabelledQuestion(id, f"What about {id}?", (answer,), bool(labels), labels)


FEE = asked("fee", "9 euros", ("fees.md", "The fee is 9 euros."))
WHO = asked("who", "Anna", ("fees.md", "It was raised by Anna."))
TIME = asked("time", "21:09", ("times.md", "It closes at 21:09."))
BOTH = asked("both", "9 euros", ("fees.md", "The fee is 9 euros."), ("times.md", "It closes at 21:09."))
NOT_SAID = asked("other", "dear", ("fees.md", "The fee is 9 euros."))


def test_facts_with_a_figure_come_first_and_the_figure_is_changed(workspace: Workspace) -> None:
    found = proposals([WHO, FEE, TIME], workspace)
    assert [(each.question.id, each.old, each.new) for each in found] == [
        ("fee", "9 euros", "10 euros"), ("time", "21:09", "21:10"), ("who", "Anna", "Anna")
    ]  # fmt: skip


def test_an_answer_that_does_not_stand_in_the_evidence_cannot_be_changed_there(workspace: Workspace) -> None:
    assert proposals([NOT_SAID], workspace) == []


def test_the_fact_is_marked_in_its_evidence(workspace: Workspace) -> None:
    assert proposals([FEE], workspace)[0].marked() == "The fee is <mark>9 euros</mark>."


def test_evidence_is_escaped(workspace: Workspace) -> None:
    put(workspace, "fees.md", "<b>The fee</b> is 9 euros.")
    question = asked("fee", "9 euros", ("fees.md", "<b>The fee</b> is 9 euros."))
    assert "&lt;b&gt;The fee&lt;/b&gt;" in proposals([question], workspace)[0].marked()


def test_documents_are_counted_by_the_questions_that_are_about_them_alone(workspace: Workspace) -> None:
    found = documents_with_questions([FEE, WHO, TIME, BOTH, asked("nothing", "x")], workspace)
    assert found == {"fees.md": 2, "times.md": 1}


def test_what_a_scenario_thought_of_comes_first_whatever_other_sets_call_their_questions(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted, other = Change("who", "Anna", "Ben"), Change("who", "Carla", "Dora")
    samples = {
        str(number): replace(scenarios()["handbook"], trials=Trials(change))
        for number, change in enumerate((wanted, other))
    }
    monkeypatch.setattr("playground.decision.proposals.scenarios", lambda: samples)
    assert [each.new for each in proposals([FEE, WHO], workspace)] == ["Ben", "10 euros"]


def test_the_document_that_a_scenario_would_take_away_is_known_by_its_own_questions() -> None:
    handbook, exams = (load_questions(scenarios()[key].questions) for key in ("handbook", "course_exams"))
    assert document_thought_of("removal", handbook) == "service-and-returns-manual.pdf"
    assert document_thought_of("restricted", handbook) == "price-list-2026.xlsx"
    assert document_thought_of("removal", exams) in scenarios()["course_exams"].file_names
    assert document_thought_of("removal", [FEE, WHO]) == ""
