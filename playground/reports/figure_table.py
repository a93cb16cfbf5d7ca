"""All figures of a run as a table: a line each, a value for each contender, and how a value is written.

This module does not know how a table is drawn.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from playground.evaluation.figures import AT_DEPTH, OF_ANSWERS
from playground.evaluation.records import Run
from playground.evaluation.summary import ColumnSummary, figure_names

TITLES = {
    "recall": "Recall",
    "evidence_recall": "Evidence recall",
    "token_recall": "Evidence recall, in tokens",
    "precision": "Evidence precision, in tokens",
    "iou": "Intersection over union, in tokens",
    "mrr": "MRR",
    "ndcg": "nDCG",
    "exact_match": "Exact match",
    "answer_f1": "Token F1",
    "rouge_l": "ROUGE-L",
    "similarity": "Similarity by the encoder",
    "citation_precision": "Citation precision",
    "citation_recall": "Citation recall",
    "format_valid": "Format valid",
    "abstention_precision": "Abstention precision",
    "abstention_recall": "Abstention recall",
}
ABSTENTION = {
    "abstention_precision": "abstentions on questions that have no answer",
    "abstention_recall": "questions without an answer that were left unanswered",
}
_WHAT = AT_DEPTH | OF_ANSWERS | ABSTENTION


@dataclass(frozen=True)
class Line:
    """A row of the table: what is measured, and a value for each contender, None where it has none."""

    title: str
    what: str
    values: Sequence[float | None]
    words: Callable[[float], str]
    higher_is_better: bool = True

    @property
    def best(self) -> float | None:
        """None where there is nothing to choose between."""
        present = {value for value in self.values if value is not None}
        if len(present) < 2:
            return None
        return max(present) if self.higher_is_better else min(present)


def figure_title(name: str) -> str:
    """ "Recall at 5" for "recall@5"."""
    plain, _, depth = name.partition("@")
    return f"{TITLES.get(plain, plain)}{f' at {depth}' if depth else ''}"


def lines(run: Run, summaries: Sequence[ColumnSummary], depths: Sequence[int]) -> list[Line]:
    """Right answers, the figures (those of retrieval at these depths), tokens, cost, and times; without the
    lines in which nobody has a value."""
    names = dict.fromkeys(name for depth in depths for name in figure_names(run, depth) if "@" in name)
    names |= dict.fromkeys(name for name in figure_names(run, 0) if "@" not in name) | ABSTENTION
    right = [each.right.share if each.right else None for each in summaries]
    figures = [
        Line(
            figure_title(name),
            _WHAT[name.partition("@")[0]],
            [each.figures.get(name) for each in summaries],
            _three,
        )
        for name in names
    ]
    found = [Line("Answers right", "✓ and ○", right, _percent), *figures, *_costs(summaries)]
    return [line for line in found if any(value is not None for value in line.values)]


def _costs(summaries: Sequence[ColumnSummary]) -> list[Line]:
    """Tokens, money, and p50 and p95 of the total and of every stage that somebody had."""
    found = []
    if any(each.prompt_tokens or each.completion_tokens for each in summaries):
        prompts = [each.prompt_tokens for each in summaries]
        completions = [each.completion_tokens for each in summaries]
        found = [
            Line("Prompt tokens", "in all", prompts, _whole, False),
            Line("Completion tokens", "in all", completions, _whole, False),
        ]
    if any(each.cost for each in summaries):
        what = "of this run, by the prices that were given"
        found.append(Line("Cost", what, [each.cost for each in summaries], _money, False))
    for stage in dict.fromkeys(["total", *(stage for each in summaries for stage in each.latency)]):
        for place, name in enumerate(("p50", "p95")):
            values = [each.latency[stage][place] if stage in each.latency else None for each in summaries]
            title = f"{stage.replace('_', ' ')} {name}"
            found.append(Line(title, "milliseconds", values, milliseconds, False))
    return found


def milliseconds(value: float) -> str:
    """With a tenth where that says something."""
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _money(value: float) -> str:
    return f"{value:,.4f}"
