"""What a search over the settings has found: the trials, what each value of a knob is worth, what was chosen,
and what the other half of the questions says about it.

Everything is computed from two runs, that on the half that chose and that on the half that reports. This
module does not know how a run is made, nor how a search is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.config import PipelineConfig
from playground.evaluation.metrics import mean
from playground.evaluation.records import Run
from playground.evaluation.statistics import Comparison, Pair, compare_pairs, in_words
from playground.evaluation.summary import RIGHT, ColumnSummary, summarise, values_of
from playground.search.pareto import Point, pareto_front
from playground.search.plan import Knobs, Target, idle_knobs


@dataclass(frozen=True)
class Trial:
    """A configuration that was asked all questions of a run. `quality` is the mean of the target's figure
    there, `p95` in milliseconds; None where it could not be measured. `position` is its place in the run,
    `failed` how many questions it could not be asked."""

    name: str
    config: PipelineConfig
    quality: float | None
    p95: float | None
    position: int
    failed: int = 0


@dataclass(frozen=True)
class Effect:
    """What a value of a knob is worth: the mean quality and the mean p95 of the `trials` that have it,
    whatever their other knobs. Where only some combinations were tried, chance decided which others those
    are, and is part of the mean."""

    knob: str
    value: Any
    quality: float
    p95: float | None
    trials: int


@dataclass(frozen=True)
class SearchResult:
    """`trials` are of the first half, and so are `chosen` and the `front`; `reported` are those that were
    asked the second half too, with what they did there. `comparison` is chosen against base on the second
    half, None where they are the same or were not both asked everything. `second` is how many questions the
    second half has, `tried` how many of the trials are combinations of the grid."""

    target: Target
    trials: tuple[Trial, ...]
    front: tuple[Trial, ...]
    effects: tuple[Effect, ...]
    base: Trial | None
    chosen: Trial | None
    reported: tuple[Trial, ...] = ()
    comparison: Comparison | None = None
    second: int = 0
    tried: int = 0

    @property
    def unchanged(self) -> bool:
        """Whether the settings that were there before are the best."""
        return self.chosen is not None and self.chosen == self.base

    @property
    def held_out(self) -> Trial | None:
        """What the chosen configuration did on the second half."""
        name = self.chosen.name if self.chosen else ""
        return next((trial for trial in self.reported if trial.name == name), None)

    @property
    def choice(self) -> str:
        """What was chosen, or why nothing was; one or two sentences."""
        if self.chosen is None:
            return self._why_not()
        found = f"{self._quality(self.chosen)}{_time(self.chosen)} on the half that chose"
        if self.unchanged:
            others = len(self.trials) - 1
            return f"Your own settings are the best: {found}. {others:,} others were tried.{self._failed()}"
        return f"{self.chosen.name}: {found}.{self._failed()}"

    @property
    def report(self) -> str:
        """What the half that had no part in the choice says; one sentence, "" without a choice."""
        if self.chosen is None:
            return ""
        held_out = self.held_out
        if held_out is None:
            return "The half that had no part in the choice was not asked to its end, so nothing is sure."
        words = f"On {self.second:,} question{'s' * (self.second != 1)} that had no part in the choice"
        words = f"{words}: {self._quality(held_out)}"
        if self.comparison is None:
            return f"{words}."
        gain, colon, verdict = in_words(self.comparison).partition(":")
        return f"{words}, {gain}{f' against your settings{colon}{verdict}' if colon else ''}."

    def _why_not(self) -> str:
        if not self.trials:
            return "No combination was asked all questions before the search was stopped."
        if all(trial.quality is None for trial in self.trials):
            return "None of these questions says anything about this figure: choose another one."
        fastest = min((trial.p95 for trial in self.trials if trial.p95 is not None), default=None)
        takes = f"; the fastest takes {fastest:,.0f} ms" if fastest is not None else ""
        return (
            f"None of the {len(self.trials):,} that were tried answers within {self.target.limit:,.0f} ms at "
            f"p95{takes}."
        )

    def _failed(self) -> str:
        """Where a server is down nothing is right, and everything is equally good."""
        failed = self.chosen.failed if self.chosen else 0
        return f" {failed:,} of the questions could not be asked at all." if failed else ""

    def _quality(self, trial: Trial) -> str:
        return quality_in_words(trial.quality, self.target.figure)


def trials(run: Run, target: Target) -> list[Trial]:
    """What a run says of every contender that was asked everything, in the order of the run."""
    summaries = summarise(run)
    return [
        Trial(
            contender.name,
            contender.config,
            quality(summary, target.figure),
            summary.p95,
            position,
            summary.outcomes.get("failed", 0),
        )
        for position, (contender, summary) in enumerate(zip(run.plan.contenders, summaries, strict=True))
        if asked_everything(run, position)
    ]


def asked_everything(run: Run, contender: int) -> bool:
    """Whether a contender was asked all questions that can be scored."""
    return all(
        record is not None or question.id in run.unscored
        for record, question in zip(run.records[contender], run.plan.questions, strict=True)
    )


def choose(found: Sequence[Trial], target: Target) -> Trial | None:
    """The best within the limit; of equals the faster one, then the first. None where none is within it."""
    within = [
        trial
        for trial in found
        if trial.quality is not None
        and (target.limit is None or (trial.p95 is not None and trial.p95 <= target.limit))
    ]
    fast = {trial.position: -(float("inf") if trial.p95 is None else trial.p95) for trial in within}
    return max(within, key=lambda trial: (trial.quality or 0.0, fast[trial.position]), default=None)


def front(found: Sequence[Trial]) -> list[Trial]:
    """The trials that no other beats on both quality and p95, the fastest first."""
    measured = [trial for trial in found if trial.quality is not None and trial.p95 is not None]
    points = [Point(trial.p95 or 0.0, trial.quality or 0.0) for trial in measured]
    return [measured[at] for at in pareto_front(points)]


def effects(found: Sequence[Trial], knobs: Knobs) -> list[Effect]:
    """For each knob every value that was tried, in the order of `knobs`; a knob with one value has no effect
    to show. Trials in which a knob does nothing (the fusion of a keyword search) say nothing about it, and
    one that is not on the grid is no part of any mean."""
    counted = [trial for trial in found if trial.quality is not None and _on_grid(trial.config, knobs)]
    result: list[Effect] = []
    for knob, values in knobs.items():
        groups = {
            value: [
                trial
                for trial in counted
                if knob not in idle_knobs(trial.config) and dict(trial.config.items())[knob] == value
            ]
            for value in values
        }
        tried = {value: group for value, group in groups.items() if group}
        if len(tried) > 1:
            result += [
                Effect(
                    knob,
                    value,
                    mean(trial.quality for trial in group) or 0.0,
                    mean(trial.p95 for trial in group),
                    len(group),
                )
                for value, group in tried.items()
            ]
    return result


def search_result(run: Run, report: Run | None, target: Target, knobs: Knobs, chosen: str) -> SearchResult:
    """Read both runs. The first contender of each is what the person had before; `chosen` is the name that
    the search noted, or "" where it has not come so far."""
    found = trials(run, target)
    base = next((trial for trial in found if trial.position == 0), None)
    best = next((trial for trial in found if trial.name == chosen), None) if chosen else choose(found, target)
    reported = trials(report, target) if report else []
    names = {trial.name: trial.position for trial in reported}
    comparison = None
    if report and base and best and best != base and {base.name, best.name} <= names.keys():
        comparison = _compared(report, names[base.name], names[best.name], target.figure)
    second = len(report.plan.questions) - len(report.unscored) if report else 0
    return SearchResult(
        target,
        tuple(found),
        tuple(front(found)),
        tuple(effects(found, knobs)),
        base,
        best,
        tuple(reported),
        comparison,
        second,
        sum(_on_grid(trial.config, knobs) for trial in found),
    )


def quality(summary: ColumnSummary, figure: str) -> float | None:
    """The figure that a search looks at."""
    if figure == RIGHT:
        return summary.right.share if summary.right else None
    return summary.figures.get(figure)


def quality_in_words(value: float | None, figure: str) -> str:
    """ "74 % right", "0.74 recall@5"."""
    if value is None:
        return "not measured"
    return f"{value * 100:.0f} % right" if figure == RIGHT else f"{value:.2f} {figure.replace('_', ' ')}"


def _compared(report: Run, base: int, best: int, figure: str) -> Comparison:
    """One comparison, settled before the second half was asked: there is nothing to correct for."""
    names = [contender.name for contender in report.plan.contenders]
    values = [values_of(report, position, figure) for position in (best, base)]
    (comparison,) = compare_pairs([Pair(names[best], names[base], *values)], binary=figure == RIGHT)
    return comparison


def _on_grid(config: PipelineConfig, knobs: Knobs) -> bool:
    values: Mapping[str, Any] = dict(config.items())
    idle = idle_knobs(config)
    return all(values[knob] in several or knob in idle for knob, several in knobs.items())


def _time(trial: Trial) -> str:
    return f", p95 {trial.p95:,.0f} ms," if trial.p95 is not None else ""
