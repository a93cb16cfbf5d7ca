"""The charts of the Evaluate page, in the theme's colours.

`playground.reports.plots` makes them; here they get their colours and are drawn.
"""

from collections.abc import Mapping, Sequence

import streamlit as st

from playground.evaluation.statistics import Comparison
from playground.evaluation.summary import ColumnSummary
from playground.reports import plots
from playground.reports.pareto_plot import pareto_figure
from playground.reports.plots import LETTERS as LETTERS
from playground.reports.plots import lettered as lettered
from playground.ui.charts import draw
from playground.ui.charts import look as look


def tones(count: int) -> list[str]:
    """A colour for each contender, the same in all charts of the page."""
    return plots.tones(count, look())


def cause_colours() -> dict[str, str]:
    """A colour for each cause; those that belong to one stage have one hue."""
    return plots.cause_colours(look())


def pareto_chart(summaries: Sequence[ColumnSummary], height: int, key: str) -> bool:
    """Share of right answers over p95 of the total time; the dotted line joins what nobody beats on both.
    False where nothing was timed or judged, and nothing is drawn."""
    figure = pareto_figure(summaries, look(), height)
    if figure is not None:
        draw(figure, key)
    return figure is not None


def difference_chart(comparisons: Sequence[Comparison], height: int, key: str) -> None:
    """One bar a comparison: the paired difference with its interval, what follows from it in words above."""
    draw(plots.difference_figure(comparisons, look(), height), key)


def failure_chart(
    names: Sequence[str],
    right: Sequence[int],
    causes: Sequence[Mapping[str, int]],
    height: int,
    key: str,
) -> None:
    """One stacked bar a contender: right answers first, then why the others failed; the legend below it."""
    figure = plots.failure_figure(names, right, causes, look(), height)
    figure.update_layout(
        showlegend=False
    )  # it would not wrap: in a narrow card it becomes a list that scrolls
    draw(figure, key)
    kinds = "".join(
        f'<span><i class="sw" style="--c:{bar.marker.color}"></i>{bar.name}</span>' for bar in figure.data
    )
    st.html(f'<div class="pg legend">{kinds}</div>')
