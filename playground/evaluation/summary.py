"""A run in figures: one summary a contender, the rows of the matrix, and what the baseline is compared with.

Questions that an adapter was trained with say nothing about it: they are left out of every column's figures,
so that all columns answer for the same questions. This module does not know how a figure is drawn.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from playground.evaluation.answer_metrics import abstention_precision_recall
from playground.evaluation.attribution import gap_in_words
from playground.evaluation.figures import AT_DEPTH, OF_ANSWERS
from playground.evaluation.metrics import mean, percentile
from playground.evaluation.records import Price, Record, Run
from playground.evaluation.statistics import Comparison, compare
from playground.pipeline import STAGES
from playground.questions.lookup import LabelledQuestion

RIGHT = "right"
"""The figure of right answers: 1 for a right one or a right abstention, else 0."""

Filter = Literal["All", "Failures", "Different", "Unanswerable"]


@dataclass(frozen=True)
class Share:
    """`count` of `of`, with the 95 % interval that Wilson (1927) gives the share."""

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float:
        return self.count / self.of


@dataclass(frozen=True)
class ColumnSummary:
    """One contender. `figures` are means over the questions that they can be measured by; `latency` is
    (p50, p95) in milliseconds by stage, "total" included, over `timed` answers of this run. `cost` is None
    where a model's price is not known. `causes` counts why answers failed."""

    name: str
    right: Share | None
    figures: Mapping[str, float | None]
    latency: Mapping[str, tuple[float, float]]
    timed: int
    prompt_tokens: int
    completion_tokens: int
    cost: float | None
    causes: Mapping[str, int]
    outcomes: Mapping[str, int]

    @property
    def p95(self) -> float | None:
        """Milliseconds within which 95 of 100 answers come; None where none was timed."""
        return self.latency["total"][1] if "total" in self.latency else None


@dataclass(frozen=True)
class Row:
    """A question with its records, in the order of the contenders; None where it was not asked."""

    number: int
    question: LabelledQuestion
    records: tuple[Record | None, ...]

    @property
    def failed(self) -> bool:
        """Whether some contender's answer is not right."""
        return any(record is not None and record.correct == 0 for record in self.records)

    @property
    def different(self) -> bool:
        """Whether some contenders are right and others not."""
        return len({record.correct for record in self.records if record is not None}) > 1

    @property
    def seen(self) -> bool:
        """Whether some contender's adapter was trained with the question."""
        return any(record is not None and record.seen for record in self.records)


def rows(run: Run) -> list[Row]:
    """Every question, in the order of the set."""
    return [
        Row(number, question, tuple(column[number] for column in run.records))
        for number, question in enumerate(run.plan.questions)
    ]


def filtered(all_rows: Sequence[Row], wanted: Filter, cause: str = "") -> list[Row]:
    """The rows that a filter shows; with `cause` only those where it lost some answer."""
    tests = {
        "All": lambda row: True,
        "Failures": lambda row: row.failed,
        "Different": lambda row: row.different,
        "Unanswerable": lambda row: not row.question.answerable,
    }
    return [row for row in all_rows if tests[wanted](row) and (not cause or _lost_by(row, cause))]


def summarise(run: Run, count_seen: bool = False) -> list[ColumnSummary]:
    """One summary a contender. Questions that an adapter learned count only with `count_seen`."""
    counted = [row for row in rows(run) if count_seen or not row.seen]
    return [_column(run, counted, number) for number in range(len(run.plan.contenders))]


def figure_names(run: Run, depth: int) -> dict[str, str]:
    """Name of each figure that somebody in the run was measured by -> what it is. Those of retrieval are
    at this depth."""
    known = {name for column in run.records for record in column if record for name in record.figures}
    described = {f"{name}@{depth}": words for name, words in AT_DEPTH.items()} | OF_ANSWERS
    return {name: words for name, words in described.items() if name in known}


def differences(run: Run, figure: str = RIGHT, count_seen: bool = False) -> list[Comparison]:
    """Every contender against the baseline, paired by question, corrected for how many are compared."""
    values = {
        contender.name: values_of(run, number, figure, count_seen)
        for number, contender in enumerate(run.plan.contenders)
    }
    baseline = run.plan.contenders[run.plan.baseline].name
    others = {name: column for name, column in values.items() if name != baseline}
    return compare((baseline, values[baseline]), others, binary=figure == RIGHT)


def values_of(run: Run, contender: int, figure: str = RIGHT, count_seen: bool = False) -> list[float | None]:
    """A contender's value for every question, in the order of the set; None where it has none, or an adapter
    learned the question."""
    return [
        None if row.seen and not count_seen else _value(row.records[contender], figure) for row in rows(run)
    ]


def best_and_worst(run: Run, contender: int, count: int = 3) -> tuple[list[Row], list[Row]]:
    """Questions on which a contender is ahead of the other columns' mean, and behind it: `count` each, those
    that differ most first, none in both."""
    gaps = []
    for row in rows(run):
        own = _quality(row.records[contender])
        others = mean(_quality(record) for at, record in enumerate(row.records) if at != contender)
        if own is not None:
            gaps.append((own - (others or 0.0), row))
    ranked = sorted(gaps, key=lambda pair: -pair[0])
    best = [row for gap, row in ranked if gap > 0][:count]
    worst = [row for gap, row in reversed(ranked) if gap < 0][:count]
    return best, worst


def bounds_in_words(run: Run, count_seen: bool = False) -> str:
    """Whether the gap is in retrieval or in the model, where closed book and gold passages were measured; ""
    where they were not."""
    summaries = summarise(run, count_seen)
    shares = [summary.right.share if summary.right else None for summary in summaries]
    kinds = [
        "gold" if contender.gold_passages else "plain" if contender.config.grounded else "closed"
        for contender in run.plan.contenders
    ]
    gold = next((share for share, kind in zip(shares, kinds, strict=True) if kind == "gold"), None)
    closed = next((share for share, kind in zip(shares, kinds, strict=True) if kind == "closed"), None)
    measured = [
        share for share, kind in zip(shares, kinds, strict=True) if kind == "plain" and share is not None
    ]
    if gold is None or not measured:
        return ""
    return gap_in_words(closed, max(measured), gold)


def _column(run: Run, counted: Sequence[Row], number: int) -> ColumnSummary:
    records = [record for row in counted if (record := row.records[number]) is not None]
    names = {name for record in records for name in record.figures}
    figures: dict[str, float | None] = {
        name: mean(record.figures.get(name) for record in records) for name in sorted(names)
    }
    answered = [
        (record.abstained, record.to_answer(row.question))
        for row in counted
        if (record := row.records[number]) is not None and record.outcome != "failed"
    ]
    figures["abstention_precision"], figures["abstention_recall"] = abstention_precision_recall(answered)
    prompt, completion = (
        sum(getattr(record, name) for record in records) for name in ("prompt_tokens", "completion_tokens")
    )
    engine = run.plan.contenders[number].config.engine
    price = run.plan.prices.get(engine.model) if engine.name == "endpoint" else Price()
    return ColumnSummary(
        run.plan.contenders[number].name,
        _share(records),
        figures,
        _latency(records),
        sum(bool(record.latency) for record in records),
        prompt,
        completion,
        price.of(prompt, completion) if price else None,
        Counter(record.cause for record in records if record.cause),
        Counter(record.outcome for record in records),
    )


def _share(records: Sequence[Record]) -> Share | None:
    from scipy.stats import binomtest

    judged = [record.correct for record in records if record.correct is not None]
    if not judged:
        return None
    count = int(sum(judged))
    interval = binomtest(count, len(judged)).proportion_ci(method="wilson")
    return Share(count, len(judged), float(interval.low), float(interval.high))


def _latency(records: Sequence[Record]) -> dict[str, tuple[float, float]]:
    timed = [record.latency for record in records if record.latency]
    found = {}
    for stage in (*STAGES, "total"):
        values = [latency.get(stage, 0.0) for latency in timed]
        if any(stage in latency for latency in timed):
            found[stage] = (percentile(values, 50) or 0.0, percentile(values, 95) or 0.0)
    return found


def _value(record: Record | None, figure: str) -> float | None:
    if record is None:
        return None
    return record.correct if figure == RIGHT else record.figures.get(figure)


def _quality(record: Record | None) -> float | None:
    """Right or wrong first, then how near the words come."""
    if record is None or record.correct is None:
        return None
    return record.correct + 0.5 * record.figures.get("answer_f1", 0.0) + 0.25 * bool(record.found)


def _lost_by(row: Row, cause: str) -> bool:
    return any(record is not None and record.cause == cause for record in row.records)
