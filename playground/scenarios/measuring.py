"""What was measured on a scenario, kept beside it as run.json, and whether measuring again says the same.

A stored run holds figures and the answers of its trials. This module does not know who reads it.
"""

import json
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from playground.adapters.examples import read_examples
from playground.adapters.registry import AdapterLibrary
from playground.config import PipelineConfig
from playground.decision.conclusion import conclude
from playground.decision.evidence import Evidence
from playground.decision.matrix import Matrix, matrix_of
from playground.decision.trial_results import Freshness, Withdrawal
from playground.decision.trials import (
    Retraining,
    freshness_steps,
    removal_steps,
    restriction_steps,
)
from playground.decision.verdict import Approach
from playground.errors import InputError
from playground.presets import four_approaches
from playground.questions.labels import LabelledQuestion
from playground.questions.lookup import load_questions
from playground.scenarios.gallery import Scenario
from playground.scenarios.preparing import TRAINING, prepare_steps
from playground.steps import Step
from playground.workspace import Workspace

if TYPE_CHECKING:
    from pydantic import TypeAdapter

FILE = "run.json"


@dataclass(frozen=True)
class Figures:
    """One approach: `right` of `of` answers, between `low` and `high` (95 %, Wilson); `milliseconds` of a
    usual answer where it was timed; `silent` of `unanswerable` questions left unanswered."""

    right: int
    of: int
    low: float
    high: float
    milliseconds: float | None
    silent: int
    unanswerable: int

    @property
    def share(self) -> float:
        return self.right / self.of


@dataclass(frozen=True)
class Difference:
    """One approach against another, in shares, with its 95 % interval and the verdict on it."""

    approach: Approach
    against: Approach
    mean: float
    low: float
    high: float
    verdict: str


@dataclass(frozen=True)
class StoredRun:
    """`measured` is what the evidence alone says, None where it leaves everything open. `date` is the day of
    the run, `seconds` what training took."""

    scenario: str
    date: str
    questions: int
    approaches: Mapping[Approach, Figures]
    differences: tuple[Difference, ...]
    measured: Approach | None
    examples: int
    seconds: float
    freshness: Freshness | None = None
    removal: Withdrawal | None = None
    restriction: Withdrawal | None = None
    documents: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


def stored_run(scenario: Scenario) -> StoredRun | None:
    """What `make scenarios` kept; None where it was not measured yet."""
    try:
        return _adapter().validate_json((scenario.folder / FILE).read_bytes())
    except (FileNotFoundError, ValueError):
        return None


def keep(scenario: Scenario, run: StoredRun) -> Path:
    """Write it beside the scenario."""
    path = scenario.folder / FILE
    text = json.dumps(json.loads(_adapter().dump_json(run)), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def measure_steps(scenario: Scenario) -> Generator[Step, None, StoredRun]:
    """Make the scenario ready in a data home of its own, measure, and try what it proposes."""
    with TemporaryDirectory(prefix="playground-scenario-") as folder:
        workspace = Workspace(Path(folder))
        try:
            prepared = yield from prepare_steps(workspace, scenario)
            matrix = matrix_of(workspace.runs.run(prepared.run))
            if matrix is None:
                raise InputError(f"{scenario.key}: its first preset does not look anything up")
            trials = yield from _trials(workspace, scenario, prepared.config, prepared.adapter)
            card = AdapterLibrary(workspace.home).get(prepared.adapter).card
            return _stored(scenario, matrix, trials, card.examples + card.held_out, card.seconds)
        finally:
            workspace.drop()


def deviations(kept: StoredRun, now: StoredRun) -> list[str]:
    """What is not within the intervals of the stored run, a line each; and what may never be."""
    found = []
    for approach, then in kept.approaches.items():
        share = now.approaches[approach].share
        if not then.low <= share <= then.high:
            found.append(
                f"{kept.scenario}, {approach}: {share:.0%} right, stored {then.low:.0%} to {then.high:.0%}"
            )
    for what, trial in (("deleted", now.removal), ("hidden", now.restriction)):
        if trial and trial.left:
            found.append(f"{kept.scenario}: {trial.left} passages of {trial.document} found, though {what}")
    if kept.freshness and now.freshness and kept.freshness.after.said and not now.freshness.after.said:
        found.append(f"{kept.scenario}: the new fact is no longer said")
    return found


@dataclass(frozen=True)
class _Trials:
    freshness: Freshness | None = None
    removal: Withdrawal | None = None
    restriction: Withdrawal | None = None


def _trials(
    workspace: Workspace, scenario: Scenario, config: PipelineConfig, adapter: str
) -> Generator[Step, None, _Trials]:
    questions = {each.id: each for each in load_questions(scenario.questions)}
    closed = four_approaches(config, adapter)[2]
    wanted = scenario.trials
    freshness = removal = restriction = None
    if wanted.change:
        change, retraining = wanted.change, Retraining(read_examples(scenario.examples).examples, TRAINING)
        freshness = yield from freshness_steps(
            workspace, config, questions[change.question], change.old, change.new, closed, retraining
        )
    asked = list(questions.values())
    if wanted.removal:
        document = _document(questions[wanted.removal])
        removal = yield from removal_steps(workspace, config, document, asked, closed)
    if wanted.restricted:
        document = _document(questions[wanted.restricted])
        restriction = yield from restriction_steps(workspace, config, document, asked, closed)
    return _Trials(freshness, removal, restriction)


def _document(question: LabelledQuestion) -> str:
    return question.relevant[0].document


def _stored(scenario: Scenario, matrix: Matrix, trials: _Trials, examples: int, seconds: float) -> StoredRun:
    evidence = Evidence(matrix, trials.freshness, trials.removal, trials.restriction)
    figures = {}
    for approach, cell in matrix.cells.items():
        assert cell.right is not None, "every question of a scenario has an expected answer"
        time = cell.latency["total"][0] if "total" in cell.latency else None
        silent = matrix.silent[approach]
        share = cell.right
        figures[approach] = Figures(
            share.count, share.of, share.low, share.high, time, silent.count, silent.of
        )
    differences = [
        Difference(each.approach, each.against, found.mean, found.low, found.high, each.comparison.verdict)
        for each in matrix.effects
        if (found := each.comparison.difference)
    ]
    return StoredRun(
        scenario.key,
        datetime.now(UTC).date().isoformat(),
        matrix.questions,
        figures,
        tuple(differences),
        conclude(scenario.answers, evidence).measured,
        examples,
        seconds,
        trials.freshness,
        trials.removal,
        trials.restriction,
        matrix.run.documents,
        matrix.run.versions,
    )


@lru_cache
def _adapter() -> "TypeAdapter[StoredRun]":
    from pydantic import TypeAdapter

    return TypeAdapter(StoredRun)
