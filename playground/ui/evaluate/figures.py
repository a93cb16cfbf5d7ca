"""All figures of a run, a row each: retrieval at a depth, answers, format, tokens, cost, and times."""

from collections.abc import Sequence

import streamlit as st

from playground.evaluation.figures import DEPTHS
from playground.evaluation.records import Run
from playground.evaluation.summary import ColumnSummary, best_and_worst
from playground.reports.figure_table import Line, lines
from playground.ui.components import escape
from playground.ui.evaluate.charts import LETTERS
from playground.ui.evaluate.state import once


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


def figures_table(run: Run, summaries: Sequence[ColumnSummary], depth: int) -> None:
    """Contenders side by side; the best of a row is bold."""
    head = "".join(
        f"<th>{letter}&ensp;{escape(each.name)}</th>"
        for letter, each in zip(LETTERS, summaries, strict=False)
    )
    body = "".join(map(_drawn, lines(run, summaries, [depth])))
    st.html(
        f'<div class="pg"><table class="figures"><tr><th>Figure</th>{head}<th></th></tr>{body}</table></div>'
    )


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
        best, worst = once(best_and_worst, number)
        with place:
            items = [("▲", row) for row in best] + [("▼", row) for row in worst]
            lines = "".join(f"<div>{sign} {escape(row.question.question)}</div>" for sign, row in items)
            none = '<div class="muted">as good as the others everywhere</div>'
            st.html(f'<div class="pg"><b>{LETTERS[number]} {escape(contender.name)}</b>{lines or none}</div>')
