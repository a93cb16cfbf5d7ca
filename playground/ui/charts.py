"""Plotly figures with the theme's colours; Streamlit's own chart theme would override them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from playground.pipeline import STAGES
from playground.ui.components import dark, grid, ink, muted

if TYPE_CHECKING:
    import plotly.graph_objects as go

ANSWER_STAGES = ("prompt", "first_token", "generation")
SHOWN = {
    "embed": ("embed_query",),
    "dense": ("dense",),
    "keyword": ("keyword",),
    "fuse": ("fuse",),
    "rerank": ("rerank",),
    "answer": ANSWER_STAGES,
}
"""Bars and columns of the latency card, by the stages that they add up."""

_LIGHT = ("#A9C4F5", "#3F7BE0", "#16967F", "#D98A1F", "#7A5BD0", "#B8C0CE")
_DARK = ("#4A659C", "#6FA0F5", "#3DBFA6", "#EBAA4C", "#A48BF0", "#5B6682")


def stage_colours() -> dict[str, str]:
    """A colour for each shown stage, the same in the bars and in the table's head."""
    return dict(zip(SHOWN, _DARK if dark() else _LIGHT, strict=True))


def shown_stages(timings: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds by shown stage; a stage that did not run is left out."""
    assert set(STAGES) == {stage for group in SHOWN.values() for stage in group}
    return {
        name: sum(timings.get(stage, 0.0) for stage in stages)
        for name, stages in SHOWN.items()
        if any(stage in timings for stage in stages)
    }


def frame(figure: "go.Figure", height: int) -> None:
    """Everything that all charts share."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Source Sans, sans-serif", "size": 14, "color": ink()},
        showlegend=False,
    )
    axis = {"gridcolor": grid(), "zeroline": False, "automargin": True}
    small = {"size": 13, "color": muted()}
    figure.update_xaxes(**axis, tickfont=small)
    figure.update_yaxes(**axis, tickfont=small)


def draw(figure: "go.Figure", key: str) -> None:
    st.plotly_chart(figure, key=key, theme=None, config={"displayModeBar": False})


def latency_chart(
    names: Sequence[str], timings: Sequence[Mapping[str, float]], p95: Sequence[float | None], key: str
) -> None:
    """One stacked bar a column on a common scale, the total at its end; a tick marks p95 where measured."""
    import plotly.graph_objects as go

    figure = go.Figure()
    shown = [shown_stages(each) for each in timings]
    for stage, colour in stage_colours().items():
        figure.add_bar(
            y=list(names),
            x=[each.get(stage, 0.0) for each in shown],
            name=stage,
            orientation="h",
            marker={"color": colour, "line": {"width": 1, "color": "rgba(255,255,255,.5)"}},
            hovertemplate=f"%{{y}} · {stage}: %{{x:,.1f}} ms<extra></extra>",
        )
    totals = [each["total"] for each in timings]  # not the sum: medians of stages don't add up to it
    ends = [max(total, high or 0.0) for total, high in zip(totals, p95, strict=True)]
    for name, total, high, end in zip(names, totals, p95, ends, strict=True):
        text = f"<b>{total:,.0f} ms</b>" + (f"  p95 {high:,.0f}" if high is not None else "")
        figure.add_annotation(
            y=name, x=end, text=text, showarrow=False, xanchor="left", xshift=8, font={"size": 14}
        )
    measured = [(name, high) for name, high in zip(names, p95, strict=True) if high is not None]
    if measured:
        figure.add_scatter(
            y=[name for name, _ in measured],
            x=[high for _, high in measured],
            mode="markers",
            marker={"symbol": "line-ns", "size": 16, "line": {"width": 2, "color": ink()}},
            hovertemplate="%{y} · p95: %{x:,.1f} ms<extra></extra>",
        )
    frame(figure, 38 * len(names) + 34)
    figure.update_layout(barmode="stack", bargap=0.32)
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 14, "color": ink()})
    room = 1.3 if measured else 1.17  # for the totals behind the bars
    figure.update_xaxes(range=[0, max([*ends, 1.0]) * room], ticksuffix=" ms", nticks=7)
    draw(figure, key)
