"""The verdict of a presentation: what an evaluation says of the columns, and what one question does not."""

from pathlib import Path

import pytest

from playground.config import DEFAULT, PipelineConfig
from playground.engines.engine import Answer
from playground.evaluation.records import Plan, State
from playground.evaluation.results import Contender
from playground.evaluation.summary import Share
from playground.pipeline import Trace
from playground.ui.decide.presented_verdict import (
    Evidence,
    about,
    find_evidence,
    headline,
    interval_in_words,
    one_answer_in_words,
    standing_in_words,
)
from playground.workspace import Workspace
from tests.evaluations import questions, record
from tests.homes import put
from tests.pages import drawn, open_page

PROMPT = DEFAULT.with_values({"engine.retrieval": False})
TUNED = DEFAULT.with_values({"adapter": "queues"})
COLUMNS = {"A": ("Prompt only", PROMPT), "B": ("RAG", DEFAULT)}


def keep_run(workspace: Workspace, state: State = "done", **columns: str) -> None:
    """An evaluation of prompt only and RAG, or whatever `config_of` says; a column is its signs."""
    signs = list(columns.values())
    contenders = tuple(Contender(name, config_of(name)) for name in columns)
    plan = Plan("Mine", questions(len(signs[0])), contenders)
    run = workspace.runs.begin("a run", plan, workspace.library.hashes(), {})
    for at, column in enumerate(signs):
        for number, sign in enumerate(column):
            workspace.runs.keep(run, at, number, "", record(sign), None)
    workspace.runs.end(run, state, 1.0)


def config_of(name: str) -> PipelineConfig:
    return {
        "prompt": PROMPT,
        "rag": DEFAULT,
        "tuned": TUNED,
        "fewer": DEFAULT.with_values({"retrieval.top_k": 2}),
    }[name]


@pytest.fixture
def workspace(home: Path) -> Workspace:
    return Workspace(home)


def found(workspace: Workspace, columns: dict[str, tuple[str, PipelineConfig]] = COLUMNS) -> Evidence:
    evidence = find_evidence(workspace, columns)
    assert evidence is not None
    return evidence


def test_the_better_approach_is_named_with_its_share(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 16 + "✓" * 4, rag="✓" * 18 + "✗" * 2)
    evidence = found(workspace)
    assert headline(evidence) == "RAG is ahead: 18 of 20 answers right"
    assert [standing_in_words(each, evidence) for each in evidence.standings] == [
        "behind B by more than chance",
        "the most right answers",
    ]


def test_what_chance_may_have_done_is_too_close_to_call(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗✗" + "✓" * 18, rag="✓" * 19 + "✗")
    evidence = found(workspace)
    assert headline(evidence) == "Too close to call: nothing is clearly ahead"
    assert standing_in_words(evidence.standings[0], evidence) == "too close to B to call"


def test_two_that_are_ahead_are_named_both(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 20, rag="✓" * 18 + "✗✗", tuned="✓" * 17 + "✗✗✗")
    evidence = found(workspace, COLUMNS | {"C": ("RAG + fine-tuned", TUNED)})
    assert headline(evidence) == "RAG and RAG + fine-tuned are ahead, and too close to call between them"


def test_below_ten_questions_there_is_no_verdict(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 9, rag="✓" * 9)
    assert headline(found(workspace)) == "9 questions are too few for a verdict"


def test_where_nothing_is_right_nobody_is_ahead(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✗" * 12)
    assert headline(found(workspace)) == "Nothing gets a single question right"


def test_one_column_has_its_share_and_nothing_to_be_compared_with(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✓" * 9 + "✗✗✗")
    evidence = found(workspace, {"A": ("RAG", DEFAULT)})
    assert headline(evidence) == "RAG: 9 of 12 answers right"
    assert standing_in_words(evidence.standings[0], evidence) == ""


def test_the_newest_finished_run_that_knows_all_columns_counts(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✓" * 12)
    keep_run(workspace, rag="✗" * 12)
    keep_run(workspace, state="cancelled", prompt="✓" * 12, rag="✗" * 12)
    assert headline(found(workspace)) == "RAG is ahead: 12 of 12 answers right"


def test_other_settings_of_the_same_approach_are_said(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, fewer="✓" * 12)
    evidence = found(workspace)
    assert not evidence.same_settings
    assert "The same approaches were measured with other settings." in about(evidence)


def test_another_engine_is_no_evidence(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✓" * 12)
    local = {"engine.name": "local_model", "engine.model": "tiny/model"}
    columns = {letter: (name, config.with_values(local)) for letter, (name, config) in COLUMNS.items()}
    assert find_evidence(workspace, columns) is None


def test_documents_that_came_later_are_said(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✓" * 12)
    assert found(workspace).same_documents
    put(workspace, "new.md", "Something new.")
    assert "The documents have changed since." in about(found(workspace))


def test_questions_without_a_verdict_are_counted_out(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12 + "??", rag="✓" * 12 + "??")
    assert "2 of them do not count" in about(found(workspace))[1]


def test_an_interval_is_said_in_hundredths() -> None:
    assert interval_in_words(Share(8, 40, 0.105, 0.348)) == "10 to 35 of 100, with 95 % certainty"


def test_one_answer_says_what_it_quotes() -> None:
    trace = Trace("?", DEFAULT, (), Answer("No."))
    assert one_answer_in_words(trace) == "quotes nothing"
    assert one_answer_in_words(Trace("?", DEFAULT, (), Answer("", abstained=True))) == "gives no answer"
    assert one_answer_in_words(Trace("?", DEFAULT, (), Answer("N", stopped=True))) == "was stopped"


def test_without_an_evaluation_the_page_says_that_one_question_decides_nothing(home: Path) -> None:
    page = open_page(present="1", step="5", q="Why?", a="no-retrieval")
    assert "One question decides nothing" in drawn(page)
    assert "gives no answer" in drawn(page)
    assert "20 are enough to see a large difference; below 10 there is no verdict" in drawn(page)


def test_with_an_evaluation_the_page_says_the_verdict(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 8 + "✓" * 4, rag="✓" * 12)
    workspace.close()
    page = open_page(present="1", step="5", q="Why?", a="engine.retrieval:false")
    assert "Prompt only: 4 of 12 answers right" in drawn(page)
    assert "Measured on 12 questions of “Mine”" in drawn(page)


def test_once_the_task_was_described_the_verdict_is_that_of_decide(workspace: Workspace) -> None:
    keep_run(workspace, prompt="✗" * 12, rag="✓" * 12)
    workspace.decision.keep_answers({"failure": "information", "change": "daily", "prompting": "yes"})
    workspace.close()
    page = open_page(present="1", step="5", q="Why?", a="engine.retrieval:false", b="balanced")
    assert "<h1>Start with RAG</h1>" in drawn(page)
    assert "Supported by your evidence." in drawn(page)
