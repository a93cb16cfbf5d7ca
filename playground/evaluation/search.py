"""Search over the settings: try many configurations on one half of the questions, report on the other half.

What is chosen because it did best on some questions looks better there than it is; on questions that had no
part in the choice it does not. Trials are contenders of an ordinary run, so what was tried is kept, and
chunks and embeddings are shared. This module does not know how a run is made nor how a search is drawn.
"""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from playground.config import PipelineConfig
from playground.errors import ConfigError
from playground.evaluation.metrics import mean, percentile
from playground.evaluation.pareto import Point, pareto_front
from playground.evaluation.questions import LabelledQuestion
from playground.evaluation.records import Run
from playground.evaluation.results import Contender
from playground.evaluation.summary import RIGHT, ColumnSummary, summarise
from playground.workspace import Workspace

SENSIBLE: dict[str, tuple[Any, ...]] = {
    "chunking.strategy": ("fixed", "structural"),
    "chunking.size": (100, 200, 400),
    "retrieval.mode": ("dense", "keyword", "hybrid"),
    "retrieval.top_k": (3, 5, 10),
    "reranking.method": ("none", "late_interaction"),
}
"""Knobs and values that are worth trying on most documents."""

FEWEST = 20
"""Questions: from fewer a half says next to nothing."""

_GUESSES = {
    "extractive": 0.15,
    "local_model": 8.0,
    "endpoint": 2.0,
}  # seconds a question, before any is timed
_RERANKING = 0.6


@dataclass(frozen=True)
class Target:
    """The best of `figure` among the configurations whose p95 is at most `limit` milliseconds, where there
    is a limit."""

    figure: str = RIGHT
    limit: float | None = None


@dataclass(frozen=True)
class Trial:
    """A configuration that was tried. `quality` is the mean of the target's figure on the first half of the
    questions, `p95` in milliseconds; None where it could not be measured."""

    name: str
    config: PipelineConfig
    quality: float | None
    p95: float | None
    position: int


@dataclass(frozen=True)
class Effect:
    """What a value of a knob is worth: the mean quality and p95 of the `trials` that have it, whatever
    their other knobs."""

    knob: str
    value: Any
    quality: float
    p95: float | None
    trials: int


@dataclass(frozen=True)
class Estimate:
    """How long a search will take, in seconds: what has to be indexed, and what has to be asked."""

    indexing: float
    asking: float

    @property
    def seconds(self) -> float:
        return self.indexing + self.asking


@dataclass(frozen=True)
class SearchPlan:
    """`first` chooses, `second` reports. `contenders` are the trials, those of one index side by side, so that
    it is built once; `grid` is how many there would have been without a budget."""

    first: tuple[LabelledQuestion, ...]
    second: tuple[LabelledQuestion, ...]
    contenders: tuple[Contender, ...]
    grid: int
    estimate: Estimate
    knobs: tuple[str, ...] = field(default=())


def grid(base: PipelineConfig, values: Mapping[str, Sequence[Any]]) -> list[PipelineConfig]:
    """Every combination of the values on top of `base`, each once; those that cannot work are left out, and
    those that differ only in knobs which then do nothing count as one."""
    found: dict[PipelineConfig, None] = {}
    for combination in product(*values.values()):
        try:
            found[_without_idle(base.with_values(dict(zip(values, combination, strict=True))))] = None
        except ConfigError:
            continue
    return list(found)


def plan_search(
    workspace: Workspace,
    questions: Sequence[LabelledQuestion],
    base: PipelineConfig,
    values: Mapping[str, Sequence[Any]],
    budget: float,
    seconds_a_question: Mapping[str, float],
    seed: int = 0,
) -> SearchPlan:
    """What would be tried within `budget` seconds: the whole grid, or as many of its combinations, drawn at
    random, as fit in. At least two are tried. `seconds_a_question` is by `cost_key`, where it is known."""
    first, second = halves(questions, seed)
    everything = grid(base, values)
    drawn = random.Random(seed).sample(everything, len(everything))
    chosen: list[PipelineConfig] = []
    for config in drawn:
        longer = _estimate(workspace, [*chosen, config], len(first), len(second), seconds_a_question)
        if len(chosen) >= 2 and longer.seconds > budget:
            continue
        chosen.append(config)
    chosen.sort(key=lambda config: (str(config.chunking), config.encoder.name, str(config)))
    contenders = tuple(Contender(trial_name(config, values), config) for config in chosen)
    estimate = _estimate(workspace, chosen, len(first), len(second), seconds_a_question)
    return SearchPlan(first, second, contenders, len(everything), estimate, tuple(values))


def halves(
    questions: Sequence[LabelledQuestion], seed: int = 0
) -> tuple[tuple[LabelledQuestion, ...], tuple[LabelledQuestion, ...]]:
    """Two halves drawn at random, with as many unanswerable questions in each; the first is the larger one.
    Each half has the order of the set."""
    order = {question.id: place for place, question in enumerate(questions)}
    sides: tuple[list[LabelledQuestion], list[LabelledQuestion]] = ([], [])
    drawn = random.Random(seed)
    for answerable in (True, False):
        group = [question for question in questions if question.answerable is answerable]
        drawn.shuffle(group)
        for question in group:
            sides[len(sides[0]) > len(sides[1])].append(question)
    first, second = (tuple(sorted(side, key=lambda each: order[each.id])) for side in sides)
    return first, second


def trials(run: Run, target: Target) -> list[Trial]:
    """What the run on the first half says of every contender that was asked everything."""
    summaries = summarise(run)
    return [
        Trial(contender.name, contender.config, quality(summary, target.figure), summary.p95, position)
        for position, (contender, summary) in enumerate(zip(run.plan.contenders, summaries, strict=True))
        if all(
            record is not None or question.id in run.unscored
            for record, question in zip(run.records[position], run.plan.questions, strict=True)
        )
    ]


def choose(found: Sequence[Trial], target: Target) -> Trial | None:
    """The best within the limit, of equals the faster one; None where none is within it."""
    within = [
        trial
        for trial in found
        if trial.quality is not None
        and (target.limit is None or (trial.p95 is not None and trial.p95 <= target.limit))
    ]
    return max(within, key=lambda trial: (trial.quality or 0.0, -(trial.p95 or 0.0)), default=None)


def front(found: Sequence[Trial]) -> list[Trial]:
    """The trials that no other beats on both quality and p95, the fastest first."""
    measured = [trial for trial in found if trial.quality is not None and trial.p95 is not None]
    points = [Point(trial.p95 or 0.0, trial.quality or 0.0) for trial in measured]
    return [measured[at] for at in pareto_front(points)]


def effects(found: Sequence[Trial], knobs: Sequence[str]) -> list[Effect]:
    """For each knob, every value that was tried; a knob with one value has no effect to show. Knobs that do
    nothing in a trial (the candidates of a reranker that is off) stand at their default there."""
    result = []
    for knob in knobs:
        groups: dict[Any, list[Trial]] = {}
        for trial in found:
            if trial.quality is not None:
                groups.setdefault(dict(trial.config.items())[knob], []).append(trial)
        if len(groups) < 2:
            continue
        for value, group in sorted(groups.items(), key=lambda pair: str(pair[0])):
            average = mean(trial.quality for trial in group) or 0.0
            result.append(Effect(knob, value, average, mean(trial.p95 for trial in group), len(group)))
    return result


def quality(summary: ColumnSummary, figure: str) -> float | None:
    """The figure that a search looks at."""
    if figure == RIGHT:
        return summary.right.share if summary.right else None
    return summary.figures.get(figure)


def trial_name(config: PipelineConfig, knobs: Mapping[str, Sequence[Any]]) -> str:
    """The values that tell this trial from the others, in the order of the knobs."""
    values = dict(config.items())
    told = {
        "chunking.overlap": "overlap {}",
        "retrieval.top_k": "top {}",
        "retrieval.dense_weight": "dense weight {}",
        "reranking.candidates": "candidates {}",
    }
    parts = []
    for knob, several in knobs.items():
        value = values[knob]
        if len(several) < 2 or (knob == "reranking.method" and value == "none"):
            continue
        parts.append(told.get(knob, "{}").format(str(value).replace("_", " ")))
    return " · ".join(parts) or "as it is"


def cost_key(config: PipelineConfig) -> str:
    """Configurations with the same key take about the same time a question."""
    reranking = config.reranking
    reranker = f"{reranking.method} {reranking.model} {reranking.candidates}" if config.retrieves else "none"
    return f"{config.engine.name} {config.engine.model} {reranker}"


def known_costs(runs: Iterable[Run]) -> dict[str, float]:
    """Seconds a question by `cost_key`, the median of what was timed; of several runs the first one counts."""
    costs: dict[str, float] = {}
    for run in runs:
        for contender, column in zip(run.plan.contenders, run.records, strict=True):
            timed = [record.latency["total"] for record in column if record and record.latency]
            if timed and not contender.gold_passages:
                costs.setdefault(cost_key(contender.config), (percentile(timed, 50) or 0.0) / 1000)
    return costs


def _guess(config: PipelineConfig) -> float:
    reranked = config.retrieves and config.reranking.method != "none"
    return _GUESSES[config.engine.name] + _RERANKING * reranked


def _estimate(
    workspace: Workspace,
    configs: Sequence[PipelineConfig],
    first: int,
    second: int,
    seconds_a_question: Mapping[str, float],
) -> Estimate:
    """The second half is asked of up to five: the base, the chosen one, and others of the front."""
    indexes = {(config.chunking, config.encoder): config for config in configs if config.retrieves}
    indexing = sum(workspace.status(config).seconds for config in indexes.values())
    each = [seconds_a_question.get(cost_key(config), _guess(config)) for config in configs]
    reported = max(each, default=0.0) * min(len(configs), 5) * second
    return Estimate(indexing, sum(each) * first + reported)


def _without_idle(config: PipelineConfig) -> PipelineConfig:
    """Knobs that do nothing at their default."""
    default = PipelineConfig()
    idle: dict[str, Any] = {}
    if config.retrieval.mode != "hybrid":
        idle |= {"retrieval.fusion": default.retrieval.fusion}
    if config.retrieval.mode != "hybrid" or config.retrieval.fusion != "weighted":
        idle |= {"retrieval.dense_weight": default.retrieval.dense_weight}
    if config.reranking.method == "none":
        idle |= {"reranking.candidates": default.reranking.candidates}
    return config.with_values(idle)
