"""Plotly figures with the theme's colours; Streamlit's own chart theme would override them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

import streamlit as st

from playground.adapters.card import CurvePoint
from playground.pipeline import STAGES
from playground.reports import plots
from playground.reports.plots import Look
from playground.ui.components import dark, grid, ink, muted, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

ANSWER_STAGES = ("prompt", "first_token", "generation")
SHOWN = {
    "embed": ("embed_query",),
    "dense": ("dense",),
    "keyword": ("keyword",),
    "fuse": ("fuse",),
    "rerank": ("rerank",),
    "load": ("load",),
    "answer": ANSWER_STAGES,
}
"""Bars and columns of the latency card, by the stages that they add up."""

CURVE_HEIGHT = 380  # pixels, at least

_LIGHT = ("#A9C4F5", "#3F7BE0", "#16967F", "#D98A1F", "#7A5BD0", "#D9727F", "#B8C0CE")
_DARK = ("#4A659C", "#6FA0F5", "#3DBFA6", "#EBAA4C", "#A48BF0", "#E58A97", "#5B6682")


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


def look() -> Look:
    """The colours of the theme that is shown."""
    background = "#0F1320" if dark() else "#FFFFFF"
    return Look(ink(), muted(), grid(), background, tuple(palette()), dark())


def frame(figure: "go.Figure", height: int) -> None:
    """Everything that all charts share."""
    plots.frame(figure, look(), height)


def draw(figure: "go.Figure", key: str, height: int | Literal["content", "stretch"] = "content") -> None:
    st.plotly_chart(figure, key=key, theme=None, height=height, config={"displayModeBar": False})


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


def learning_curve(
    curve: Sequence[CurvePoint],
    steps: int,
    best: CurvePoint | None,
    best_words: str,
    rounds: Sequence[int],
    key: str,
) -> None:
    """Training loss (thin) and held-out loss (thick) by step, each named at its last point.

    `best` is the point with the lowest held-out loss, labelled with `best_words` and its value. `rounds` are
    the steps at which a round over the examples ends. Fills the card that it is in.
    """
    import plotly.graph_objects as go

    figure = go.Figure()
    lines = (
        ("training", [(point.step, point.training_loss) for point in curve], palette()[0], 2, 5),
        ("held out", [(point.step, point.held_out_loss) for point in curve], palette()[2], 3, 7),
    )
    drawn = []
    for name, points, colour, width, dot in lines:
        known = [(step, loss) for step, loss in points if loss is not None]
        if not known:
            continue
        figure.add_scatter(
            x=[step for step, _ in known],
            y=[loss for _, loss in known],
            name=name,
            mode="lines+markers" if name == "held out" or len(known) == 1 else "lines",
            line={"color": colour, "width": width},
            marker={"size": dot},
            hovertemplate=f"step %{{x}}: %{{y:.3f}}<extra>{name}</extra>",
        )
        drawn.append((name, known, colour))
    frame(figure, CURVE_HEIGHT)
    low, high = _loss_range([loss for _, known, _ in drawn for _, loss in known])
    end = max([steps, *(known[-1][0] for _, known, _ in drawn)])
    _name_lines(figure, drawn, end, high - low)
    _mark_rounds(figure, rounds, high)
    if best is not None and best.held_out_loss is not None:
        _mark_best(figure, best.step, best.held_out_loss, best_words, end)
    last = max((known[-1][0] for _, known, _ in drawn), default=0)
    figure.update_xaxes(range=[0, max(end * 1.01, last + end * 0.13)], title_text="step", nticks=10)
    figure.update_xaxes(title_font={"size": 13, "color": muted()})
    figure.update_yaxes(range=[low, high], ticklabelstandoff=6)
    figure.update_layout(height=None)
    draw(figure, key, "stretch")


def _loss_range(losses: Sequence[float]) -> tuple[float, float]:
    """A little below the lowest loss, and room above the highest for the names of the rounds."""
    low, high = min(losses, default=0.0), max(losses, default=1.0)
    spread = max(high - low, 0.05 * abs(high), 1e-3)
    return max(0.0, low - 0.12 * spread) if low >= 0 else low - 0.12 * spread, high + 0.2 * spread


def _name_lines(
    figure: "go.Figure", drawn: Sequence[tuple[str, list[tuple[int, float]], str]], end: int, spread: float
) -> None:
    """Each line's name behind its last point; two that end side by side are moved apart."""
    ends = [known[-1][1] for _, known, _ in drawn]
    last = max((known[-1][0] for _, known, _ in drawn), default=0)
    close = len(ends) == 2 and abs(ends[0] - ends[1]) < 0.07 * spread
    upper = max(ends, default=0.0)
    for number, (name, known, colour) in enumerate(drawn):
        above = known[-1][1] == upper and (ends[0] != ends[-1] or number == 0)
        figure.add_annotation(
            x=last + 0.012 * end,
            y=known[-1][1],
            yshift=(10 if above else -10) if close else 0,
            text=f"<b>{name}</b>",
            xanchor="left",
            showarrow=False,
            font={"color": colour},
        )


def _mark_rounds(figure: "go.Figure", rounds: Sequence[int], high: float) -> None:
    before = 0
    for number, step in enumerate(rounds, start=1):
        figure.add_vline(x=step, line={"width": 1, "dash": "dot", "color": palette()[5]})
        figure.add_annotation(
            x=(before + step) / 2,
            y=high,
            yanchor="top",
            text=f"round {number}",
            showarrow=False,
            font={"color": muted()},
        )
        before = step


def _mark_best(figure: "go.Figure", step: int, loss: float, words: str, end: int) -> None:
    figure.add_annotation(
        x=step,
        y=loss,
        ax=0,
        ay=-44,
        xanchor="left" if step < 0.08 * end else "center",
        arrowhead=0,
        arrowwidth=2,
        arrowcolor=palette()[2],
        text=f"<b>{words} {loss:.3g}</b>",
    )
