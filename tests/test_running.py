from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from playground.adapters.seen import write_learned_inputs
from playground.config import PipelineConfig
from playground.errors import ServerError
from playground.evaluation import identity, running
from playground.evaluation.records import Plan
from playground.evaluation.results import Contender
from playground.evaluation.running import TIMED, RunProgress, begin, run_steps
from playground.pipeline import Trace
from playground.questions.lookup import Gold, LabelledQuestion
from playground.workspace import Workspace
from tests.homes import SMALL, bring_up_to_date, put
from tests.insects import CLOSED, GOLD, OTHER, QUESTIONS, RAG, evaluate, insects


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    yield from insects(home, monkeypatch)


def count_questions(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every question that is really asked from now on."""
    asked: list[str] = []
    really = workspace.run

    def run(question: str, *arguments: Any, **named: Any) -> Trace:
        asked.append(question)
        return really(question, *arguments, **named)

    monkeypatch.setattr(workspace, "run", run)
    return asked


def fail_with(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *errors: Exception | None) -> None:
    """The next questions fail with these; None lets one through."""
    really, left = workspace.run, list(errors)

    def run(*arguments: Any, **named: Any) -> Trace:
        error = left.pop(0) if left else None
        if error:
            raise error
        return really(*arguments, **named)

    monkeypatch.setattr(workspace, "run", run)


def test_every_contender_is_asked_every_question_and_judged(workspace: Workspace) -> None:
    run = evaluate(workspace, RAG, OTHER)
    assert (run.state, run.done) == ("done", 6)
    assert [record.outcome for record in run.records[0] if record] == ["right", "right", "silent"]
    bee = run.records[0][0]
    assert bee is not None
    assert bee.answer == "The bee makes honey from nectar."
    assert (bee.found, bee.figures["recall@1"], bee.figures["answer_f1"]) == (True, 1.0, 2 / 6)
    assert bee.figures["similarity"] > 0


def test_what_is_missing_in_an_index_is_indexed_first(workspace: Workspace) -> None:
    id = begin(workspace, Plan("Insects", QUESTIONS, (RAG,)), "Insects")
    steps = list(run_steps(workspace, id))
    assert any("indexing" in step.what for step in steps)
    assert workspace.status(SMALL).complete


def test_progress_counts_cells_and_says_how_long_it_will_take(workspace: Workspace) -> None:
    bring_up_to_date(workspace)
    id = begin(workspace, Plan("Insects", QUESTIONS, (RAG, OTHER)), "Insects")
    steps = [step for step in run_steps(workspace, id) if step.what in ("RAG", "Keyword")]
    assert [(step.done, step.total) for step in steps] == [(number, 6) for number in range(1, 7)]
    assert steps[0].seconds_left is not None
    assert steps[-1] == RunProgress(id, "Keyword", 6, 6, 0, 0.0)


def test_a_run_that_was_left_goes_on_where_it_stopped(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up_to_date(workspace)
    id = begin(workspace, Plan("Insects", QUESTIONS, (RAG,)), "Insects")
    steps = run_steps(workspace, id)
    next(steps)
    next(steps)
    steps.close()
    assert (workspace.runs.run(id).state, workspace.runs.run(id).done) == ("cancelled", 2)
    asked = count_questions(workspace, monkeypatch)
    list(run_steps(workspace, id))
    assert asked == ["How far away is the moon?"]
    assert workspace.runs.run(id).state == "done"


def test_a_run_that_was_left_at_the_last_cell_of_a_column_gets_its_similarities(workspace: Workspace) -> None:
    bring_up_to_date(workspace)
    id = begin(workspace, Plan("Insects", QUESTIONS, (RAG,)), "Insects")
    steps = run_steps(workspace, id)
    while next(steps).done < len(QUESTIONS):
        pass
    steps.close()
    bee = workspace.runs.run(id).records[0][0]
    assert bee is not None
    assert "similarity" not in bee.figures
    list(run_steps(workspace, id))
    bee = workspace.runs.run(id).records[0][0]
    assert bee is not None
    assert bee.figures["similarity"] > 0


def test_the_same_is_not_asked_again_but_timed_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = evaluate(workspace, RAG)
    asked = count_questions(workspace, monkeypatch)
    again = evaluate(workspace, RAG)
    pairs = list(zip(first.records[0], again.records[0], strict=True))
    assert all(one and other and one.answer == other.answer and other.cached for one, other in pairs)
    assert sorted(asked) == sorted(question.question for question in QUESTIONS)  # all, as there are few
    assert all(record and record.latency for record in again.records[0])


def test_of_many_cached_answers_only_some_are_timed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = tuple(replace(QUESTIONS[0], id=f"q{n}", question=f"Who makes honey {n}?") for n in range(30))
    evaluate(workspace, RAG, questions=many)
    asked = count_questions(workspace, monkeypatch)
    again = evaluate(workspace, RAG, questions=many)
    assert len(asked) == TIMED
    assert sum(bool(record and record.latency) for record in again.records[0]) == TIMED


def test_a_changed_document_makes_what_was_answered_before_worthless(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(workspace, RAG)
    put(workspace, "wasps.md", "The wasp makes no honey.")
    assert not any(record and record.cached for record in evaluate(workspace, RAG).records[0])


def test_a_fresh_run_asks_everything(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    evaluate(workspace, RAG)
    id = begin(workspace, Plan("Insects", QUESTIONS, (RAG,)), "Insects")
    list(run_steps(workspace, id, fresh=True))
    assert not any(record and record.cached for record in workspace.runs.run(id).records[0])


def test_a_failed_cell_says_why_and_the_run_goes_on(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up_to_date(workspace)
    fail_with(workspace, monkeypatch, ServerError("the server is busy"), ValueError("odd"))
    first, second, third = evaluate(workspace, RAG).records[0]
    assert first is not None
    assert (first.outcome, first.reason) == ("failed", "the server is busy")
    assert second is not None
    assert second.reason == "ValueError: odd; the log has the details"
    assert third is not None
    assert third.outcome == "silent"


def test_a_contender_that_fails_again_and_again_is_not_asked_any_more(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_up_to_date(workspace)
    fail_with(workspace, monkeypatch, *[ServerError("nobody is there")] * 3)
    four = (*QUESTIONS, replace(QUESTIONS[0], id="again", question="Honey?"))
    last = evaluate(workspace, RAG, questions=four).records[0][3]
    assert last is not None
    assert last.reason == "not asked after 3 failures in a row: nobody is there"


def test_closed_book_looks_nothing_up_and_gold_passages_are_given(workspace: Workspace) -> None:
    run = evaluate(workspace, CLOSED, GOLD)
    closed, gold = run.records[0][0], run.records[1][0]
    assert closed is not None
    assert gold is not None
    assert (closed.outcome, closed.cause, closed.found) == ("wrong", "not_looked_up", None)
    assert (gold.outcome, gold.found) == ("right", True)
    assert not any("@" in name for name in gold.figures)
    trace = workspace.runs.trace(run.id, 1, 0)
    assert trace is not None
    assert [hit.chunk.start for hit in trace.hits] == [0]


def test_a_question_whose_label_is_gone_is_not_scored(workspace: Workspace) -> None:
    gone = LabelledQuestion("gone", "Who?", relevant=(Gold("bees.md", 0, 5, "Zebra", found=True),))
    run = evaluate(workspace, RAG, questions=(*QUESTIONS, gone))
    assert run.unscored == ("gone",)
    assert (run.records[0][3], run.state) == (None, "done")


def test_a_question_that_the_adapter_learned_is_marked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_learned_inputs(tmp_path, ["who makes  HONEY"])
    library = SimpleNamespace(find=lambda adapter: tmp_path)
    monkeypatch.setattr(running, "AdapterLibrary", lambda home: library)
    monkeypatch.setattr(identity, "adapter_version", lambda config, home: 1)
    tuned = Contender("Tuned", PipelineConfig().with_values({**dict(SMALL.items()), "adapter": "queues"}))
    monkeypatch.setattr("playground.workspace.adapter_version", lambda config, home: 1)
    run = evaluate(workspace, tuned)
    assert [record.seen for record in run.records[0] if record] == [True, False, False]


def test_a_format_check_decides_what_is_right(workspace: Workspace) -> None:
    from playground.evaluation.formats import FormatCheck

    run = evaluate(workspace, RAG, check=FormatCheck("labels", "bee\nant"))
    bee = run.records[0][0]
    assert bee is not None
    assert (bee.outcome, bee.cause, bee.figures["format_valid"]) == ("wrong", "wrong_format", 0.0)


def test_deleting_a_document_takes_its_words_out_of_the_run(workspace: Workspace) -> None:
    run = evaluate(workspace, RAG)
    (document,) = workspace.library.ids()
    workspace.delete([document])
    bee = workspace.runs.run(run.id).records[0][0]
    assert bee is not None
    assert "honey" not in bee.answer
    assert workspace.runs.trace(run.id, 0, 0) is None
