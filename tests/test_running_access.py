"""An evaluation in which it counts who asks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from playground.evaluation.records import Run
from playground.evaluation.results import Contender
from playground.pipeline import Trace
from playground.questions.lookup import LabelledQuestion
from playground.workspace import Workspace
from tests.homes import SMALL, bring_up_to_date, put
from tests.insects import CLOSED, GOLD, RAG, evaluate, insects


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    yield from insects(home, monkeypatch)


def as_asked_by(reader: str, contender: Contender = RAG) -> Contender:
    return replace(contender, config=contender.config.with_values({"retrieval.reader": reader}))


def restrict(workspace: Workspace, *readers: str) -> None:
    workspace.set_readers(workspace.library.names()["bees.md"], readers)


def cached(run: Run) -> list[bool]:
    return [record.cached for record in run.records[0] if record]


def test_a_contender_is_asked_by_its_reader(workspace: Workspace) -> None:
    restrict(workspace, "anna")
    run = evaluate(workspace, as_asked_by("anna"), as_asked_by("ben"), RAG)
    assert [[record.outcome for record in column if record][:2] for column in run.records] == [
        ["right", "right"],
        ["silent", "silent"],
        ["right", "right"],
    ]
    assert [[record.withheld for record in column if record] for column in run.records] == [
        [False, False, False],
        [True, True, False],
        [False, False, False],
    ]
    hidden = workspace.runs.trace(run.id, 1, 0)
    assert hidden is not None
    assert hidden.hits == ()


def test_gold_passages_are_those_that_the_reader_may_see(workspace: Workspace) -> None:
    restrict(workspace, "anna")
    run = evaluate(workspace, as_asked_by("anna", GOLD), as_asked_by("ben", GOLD))
    traces = [workspace.runs.trace(run.id, contender, 0) for contender in (0, 1)]
    assert [len(trace.hits) for trace in traces if trace] == [1, 0]


@pytest.mark.parametrize("contender", [RAG, GOLD])
def test_other_readers_make_what_was_answered_before_worthless(
    workspace: Workspace, contender: Contender
) -> None:
    ben = as_asked_by("ben", contender)
    assert cached(evaluate(workspace, ben)) == [False] * 3
    assert cached(evaluate(workspace, ben)) == [True] * 3
    restrict(workspace, "anna")
    run = evaluate(workspace, ben)
    assert cached(run) == [False] * 3
    assert all(trace and trace.hits == () for trace in [workspace.runs.trace(run.id, 0, at) for at in (0, 1)])
    restrict(workspace, "anna", "ben")
    assert all(cached(evaluate(workspace, ben)))


def test_readers_make_no_difference_where_nobody_in_particular_asks(workspace: Workspace) -> None:
    evaluate(workspace, RAG, CLOSED)
    restrict(workspace, "anna")
    run = evaluate(workspace, RAG, CLOSED)
    assert all(record and record.cached for column in run.records for record in column)


def test_an_answer_is_no_cache_where_the_readers_changed_while_it_was_asked(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else what was answered in an open moment would be said again after it."""
    restrict(workspace, "anna")
    bring_up_to_date(workspace)
    really = workspace.run

    def run(question: str, *arguments: Any, **named: Any) -> Trace:
        restrict(workspace)
        trace = really(question, *arguments, **named)
        restrict(workspace, "anna")
        return trace

    ben = as_asked_by("ben")
    with monkeypatch.context() as patched:
        patched.setattr(workspace, "run", run)
        first = evaluate(workspace, ben)
    assert [record.cause for record in first.records[0] if record][:2] == ["told_hidden", "told_hidden"]
    second = evaluate(workspace, ben)
    assert cached(second) == [False] * 3
    assert [record.outcome for record in second.records[0] if record][:2] == ["silent", "silent"]


def test_evidence_that_the_reader_may_not_see_is_not_found_by_looking_deeper_either(
    workspace: Workspace,
) -> None:
    put(
        workspace,
        "wasps.md",
        "\n\n".join(f"The wasp number {number} makes no honey." for number in range(40)),
    )
    few = {"retrieval.top_k": 1, "retrieval.reader": "ben", "retrieval.mode": "keyword"}
    restrict(workspace, "anna")
    unlabelled = (LabelledQuestion("bee", "Who makes honey?", ("The bee",)),)
    run = evaluate(workspace, Contender("Few", SMALL.with_values(few)), questions=unlabelled)
    bee = run.records[0][0]
    assert bee is not None
    assert (bee.cause, bee.rank) == ("not_retrieved", None)
