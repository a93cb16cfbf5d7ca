"""How long it takes to ask configurations questions: what has to be indexed, and what has to be asked.

Seconds a question are those of earlier runs, or guesses. This module does not know what is asked, nor why.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from playground.config import ChunkingConfig, EncoderConfig, PipelineConfig
from playground.evaluation.metrics import percentile
from playground.evaluation.records import Run
from playground.workspace import Workspace

REPORTED = 5
"""So many configurations at most are asked the second half too."""

_GUESSES = {"extractive": 0.15, "local_model": 8.0, "endpoint": 2.0}
_RERANKING = 0.6
_WORK = 0.02
"""Seconds a question: before any is timed, with a reranker on top; what judging an answer takes besides."""


@dataclass(frozen=True)
class Estimate:
    """How long something will take, in seconds: to index what is missing, to ask the questions that choose,
    and to ask those that report."""

    indexing: float = 0.0
    asking: float = 0.0
    reporting: float = 0.0

    @property
    def seconds(self) -> float:
        return self.indexing + self.asking + self.reporting


def time_needed(
    workspace: Workspace, configs: Iterable[PipelineConfig], questions: int, known: Mapping[str, float]
) -> Estimate:
    """To ask every configuration so many questions; `known` are seconds a question, by `cost_key`."""
    bill = Bill(workspace, questions, 0, known)
    for config in configs:
        bill.add(config)
    return bill.estimate


def cost_key(config: PipelineConfig) -> str:
    """Configurations with the same key take about the same time a question."""
    reranking = config.reranking
    reranker = f"{reranking.method} {reranking.model} {reranking.candidates}" if config.retrieves else "none"
    return f"{config.engine.name} {config.engine.model} {reranker}"


def known_costs(runs: Iterable[Run]) -> dict[str, float]:
    """Seconds a question by `cost_key`, the median of what was timed; of several runs the first one
    counts."""
    costs: dict[str, float] = {}
    for run in runs:
        for contender, column in zip(run.plan.contenders, run.records, strict=True):
            timed = [record.latency["total"] for record in column if record and record.latency]
            if timed and not contender.gold_passages:
                costs.setdefault(cost_key(contender.config), (percentile(timed, 50) or 0.0) / 1000)
    return costs


class Bill:
    """What the configurations so far will take. `first` questions are asked of all, `second` of `REPORTED` of
    them, for which the slowest stands. An index that several share is built once."""

    def __init__(self, workspace: Workspace, first: int, second: int, known: Mapping[str, float]) -> None:
        self._workspace = workspace
        self._first, self._second = first, second
        self._known = known
        self._missing: dict[tuple[ChunkingConfig, EncoderConfig], float] = {}
        self._paid: set[tuple[ChunkingConfig, EncoderConfig]] = set()
        self._count, self._slowest = 0, 0.0
        self.estimate = Estimate()

    def with_another(self, config: PipelineConfig) -> Estimate:
        """What it would be with this configuration too."""
        each = max(self._slowest, self._question(config))
        return Estimate(
            self.estimate.indexing + self._indexing(config),
            self.estimate.asking + self._question(config) * self._first,
            each * min(self._count + 1, REPORTED) * self._second,
        )

    def add(self, config: PipelineConfig) -> None:
        """Put a configuration on the bill."""
        self.estimate = self.with_another(config)
        self._slowest = max(self._slowest, self._question(config))
        self._paid.add((config.chunking, config.encoder))
        self._count += 1

    def _indexing(self, config: PipelineConfig) -> float:
        key = config.chunking, config.encoder
        if not config.retrieves or key in self._paid:
            return 0.0
        if key not in self._missing:
            self._missing[key] = self._workspace.status(config).seconds
        return self._missing[key]

    def _question(self, config: PipelineConfig) -> float:
        reranked = config.retrieves and config.reranking.method != "none"
        guess = _GUESSES[config.engine.name] + _RERANKING * reranked
        return self._known.get(cost_key(config), guess) + _WORK
