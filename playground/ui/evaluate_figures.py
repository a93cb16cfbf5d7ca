"""All figures of a run, a row each: retrieval at a depth, answers, format, tokens, cost, and times."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from playground.evaluation.figures import AT_DEPTH, DEPTHS, OF_ANSWERS
from playground.evaluation.records import Run
from playground.evaluation.summary import ColumnSummary, best_and_worst, figure_names
from playground.ui.components import escape
from playground.ui.evaluate_charts import LETTERS

NAMES = {
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
_WHAT = (
    AT_DEPTH
    | OF_ANSWERS
    | {
        "abstention_precision": "abstentions on questions that have no answer",
        "abstention_recall": "questions without an answer that were left unanswered",
    }
)


def figure_title(name: str) -> str:
    """ "Recall at 5" for "recall@5"."""
    plain, _, depth = name.partition("@")
    return f"{NAMES.get(plain, plain)}{f' at {depth}' if depth else ''}"


def depth_control() -> int:
    """At how many hits the retrieval figures are read."""
    chosen = st.segmented_control(
        "Retrieval at",
        DEPTHS,
        default=5,
        required=True,
        key="figures_depth",
        format_func=lambda depth: f"@{depth}",
        label_visibility="collapsed",
        width="content",
        persist_state="session",
    )
    return int(chosen or 5)


@dataclass(frozen=True)
class Line:
    """A row of the table: a value for each contender, and how a value is written. The best one is bold."""

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


def figures_table(run: Run, summaries: Sequence[ColumnSummary], depth: int) -> None:
    """Contenders side by side; the best of a row is bold."""
    names = [*figure_names(run, depth), "abstention_precision", "abstention_recall"]
    right = Line(
        "Answers right", "✓ and ○", [each.right.share if each.right else None for each in summaries], _percent
    )
    figures = [
        Line(
            figure_title(name),
            _WHAT[name.partition("@")[0]],
            [each.figures.get(name) for each in summaries],
            _three,
        )
        for name in names
    ]
    lines = [
        line for line in [right, *figures, *_costs(summaries)] if any(v is not None for v in line.values)
    ]
    head = "".join(
        f"<th>{letter}&ensp;{escape(each.name)}</th>"
        for letter, each in zip(LETTERS, summaries, strict=False)
    )
    body = "".join(map(_drawn, lines))
    st.html(
        f'<div class="pg"><table class="figures"><tr><th>Figure</th>{head}<th></th></tr>{body}</table></div>'
    )


def _costs(summaries: Sequence[ColumnSummary]) -> list[Line]:
    """Tokens, money, and p50 and p95 of the total and of every stage that somebody had."""
    lines = []
    if any(each.prompt_tokens or each.completion_tokens for each in summaries):
        lines = [
            Line("Prompt tokens", "in all", [each.prompt_tokens for each in summaries], _whole, False),
            Line(
                "Completion tokens", "in all", [each.completion_tokens for each in summaries], _whole, False
            ),
        ]
    if any(each.cost for each in summaries):
        what = "of this run, by the prices that were given"
        lines.append(Line("Cost", what, [each.cost for each in summaries], _money, False))
    stages = dict.fromkeys(["total", *(stage for each in summaries for stage in each.latency)])
    for stage in stages:
        for place, name in enumerate(("p50", "p95")):
            values = [each.latency[stage][place] if stage in each.latency else None for each in summaries]
            title = f"{stage.replace('_', ' ')} {name}"
            lines.append(Line(title, "milliseconds", values, _milliseconds, False))
    return lines


def _drawn(line: Line) -> str:
    cells = []
    for value in line.values:
        if value is None:
            cells.append('<td class="note">–</td>')
        else:
            words = escape(line.words(value))
            cells.append(f"<td><b>{words}</b></td>" if value == line.best else f"<td>{words}</td>")
    return f'<tr><td>{escape(line.title)}</td>{"".join(cells)}<td class="note">{escape(line.what)}</td></tr>'


def best_and_worst_lists(run: Run) -> None:
    """For each contender the questions on which it is ahead of the others, and behind them."""
    for place, (number, contender) in zip(
        st.columns(min(len(run.plan.contenders), 4), gap="small") * 2,
        enumerate(run.plan.contenders),
        strict=False,
    ):
        best, worst = best_and_worst(run, number)
        with place:
            items = [("▲", row) for row in best] + [("▼", row) for row in worst]
            lines = "".join(f"<div>{sign} {escape(row.question.question)}</div>" for sign, row in items)
            none = '<div class="muted">as good as the others everywhere</div>'
            st.html(f'<div class="pg"><b>{LETTERS[number]} {escape(contender.name)}</b>{lines or none}</div>')


def _percent(value: float) -> str:
    return f"{value:.0%}"


def _three(value: float) -> str:
    return f"{value:.3f}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _money(value: float) -> str:
    return f"{value:,.4f}"


def _milliseconds(value: float) -> str:
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"
