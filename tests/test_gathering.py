from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.decision.costs import Assumptions
from playground.decision.gathering import gather, usage_of
from playground.evaluation.records import Record
from playground.evaluation.results import Contender
from playground.indexing_speed import IndexingSpeed
from playground.workspace import Workspace
from tests import evaluations
from tests.decisions import CONTENDERS, freshness, matrix, update, withdrawal
from tests.encoder_adapters import card
from tests.homes import put


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


def keep(workspace: Workspace, *columns: str) -> str:
    """A finished run in the store, with an answer a second and ten tokens each way."""
    plan = evaluations.plan(len(columns[0]), *CONTENDERS[: len(columns)])
    run = workspace.runs.begin("Mine", plan, {}, {})
    for contender, signs in enumerate(columns):
        for question, sign in enumerate(signs):
            record = evaluations.record(
                sign, latency={"total": 1000.0}, prompt_tokens=10, completion_tokens=5
            )
            workspace.runs.keep(run, contender, question, f"{contender}{question}", record, None)
    workspace.runs.end(run, "done", 1.0)
    return run


def test_nothing_is_known_of_an_empty_home(workspace: Workspace) -> None:
    found = gather(workspace)
    assert found.evidence.empty
    assert found.usage.rag.seconds is None


def test_the_newest_run_with_the_approaches_and_all_trials_are_evidence(workspace: Workspace) -> None:
    run = keep(workspace, "✗✗", "✓✓", "✗✗", "✓✓")
    workspace.decision.keep_trial("removal", withdrawal(), [])
    evidence = gather(workspace).evidence
    assert evidence.matrix is not None
    assert evidence.matrix.run.id == run
    assert evidence.removal == withdrawal()
    assert evidence.cheapest.startswith("At 10,000 questions and 4 updates a month")


def test_seconds_and_tokens_an_answer_are_those_of_the_run(workspace: Workspace) -> None:
    keep(workspace, "✗✗", "✓✓")
    usage = gather(workspace).usage
    assert usage.rag.seconds is not None and usage.rag.prompt_tokens is not None
    assert (usage.rag.seconds.value, usage.rag.seconds.source) == (1.0, "this run")
    assert (usage.rag.prompt_tokens.value, usage.rag.completion_tokens.value) == (10.0, 5.0)  # type: ignore[union-attr]
    assert usage.fine_tuning.seconds is None


def test_an_answer_that_was_not_timed_has_no_seconds() -> None:
    records = [evaluations.record("✓"), evaluations.record("✓")]
    found = usage_of(_matrix(records), None, None)
    assert found.rag.seconds is None


def test_a_training_in_the_trial_counts_before_the_one_on_the_card() -> None:
    of_the_card = usage_of(None, None, card(seconds=60.0, examples=80, held_out=20))
    tried = usage_of(None, freshness(seconds=4.0, update=update(seconds=90.0, changed=3)), card(seconds=60.0))
    assert of_the_card.training_seconds is not None and of_the_card.training_examples is not None
    assert (of_the_card.training_seconds.value, of_the_card.training_examples.value) == (60.0, 100)
    assert tried.training_seconds is not None and tried.index_seconds is not None
    assert (tried.training_seconds.value, tried.index_seconds.value) == (90.0, 4.0)
    assert tried.update_examples is not None
    assert (tried.update_examples.value, tried.update_examples.source) == (3, "measured in the trial")


def _matrix(records: list[Record]):  # type: ignore[no-untyped-def]
    return matrix("✗✗", records)  # type: ignore[arg-type]


def test_a_model_on_a_server_is_paid_by_the_token_until_the_person_says_otherwise(
    workspace: Workspace,
) -> None:
    served = {"engine.name": "endpoint", "engine.model": "m", "engine.address": "http://localhost:1/v1"}
    contenders = [Contender(each.name, each.config.with_values(served)) for each in CONTENDERS[:2]]
    run = workspace.runs.begin("Mine", evaluations.plan(1, *contenders), {}, {})
    for contender in range(2):
        workspace.runs.keep(run, contender, 0, str(contender), evaluations.record("✓"), None)
    assert gather(workspace).assumptions.paid_by == "tokens"
    workspace.decision.keep_assumptions(Assumptions(paid_by="machine"))
    assert gather(workspace).assumptions.paid_by == "machine"


def test_a_run_on_documents_that_are_gone_says_nothing_about_these(workspace: Workspace) -> None:
    plan = evaluations.plan(1, *CONTENDERS[:2])
    run = workspace.runs.begin("Other sample", plan, {"a.md": "hash of a text that is gone"}, {})
    for contender in range(2):
        workspace.runs.keep(run, contender, 0, str(contender), evaluations.record("✓"), None)
    assert gather(workspace).evidence.matrix is None


def test_indexing_everything_is_known_from_an_indexing_here(workspace: Workspace) -> None:
    put(workspace, "fees.md", "x" * 600)
    assert gather(workspace).usage.index_all_seconds is None
    IndexingSpeed(workspace.home).note(characters=1000, seconds=5)
    found = gather(workspace).usage.index_all_seconds
    assert found is not None
    assert (found.value, found.source) == (3.0, "at the speed of an indexing here")
