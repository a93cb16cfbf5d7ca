"""The trials of a search as points: quality against waiting time, with the front and what was chosen."""

from collections.abc import Sequence
from math import log10
from typing import TYPE_CHECKING

from playground.evaluation.summary import RIGHT
from playground.reports.figure_table import figure_title
from playground.reports.plots import Look, frame, small
from playground.search.plan import YOURS
from playground.search.results import SearchResult, Trial, quality_in_words
from playground.ui.charts import draw
from playground.ui.components import escape
from playground.ui.evaluate.charts import look

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 260  # pixels, at least


def trials_chart(result: SearchResult, key: str) -> bool:
    """As high as the card has room. False where no trial was both timed and judged, and nothing is drawn."""
    figure = trials_figure(result, look(), HEIGHT)
    if figure is not None:
        figure.update_layout(height=None)
        draw(figure, key, "stretch")
    return figure is not None


def trials_figure(result: SearchResult, look: Look, height: int) -> "go.Figure | None":
    """The same without drawing it; None where there is nothing to draw."""
    import plotly.graph_objects as go

    measured = [trial for trial in result.trials if trial.quality is not None and trial.p95 is not None]
    if not measured:
        return None
    figure = go.Figure()
    others = [trial for trial in measured if trial not in result.front]
    _points(figure, others, result, {"size": 10, "color": look.palette[5], "opacity": 0.6})
    line = {"color": look.muted, "dash": "dot", "width": 2}
    figure.add_scatter(
        x=[trial.p95 for trial in result.front],
        y=[trial.quality for trial in result.front],
        mode="lines",
        line=line,
        hoverinfo="skip",
    )
    _points(figure, result.front, result, {"size": 12, "color": look.palette[0]})
    frame(figure, look, height)
    _axes(figure, measured, result, look)
    if result.target.limit is not None:
        line = {"color": look.wrong, "width": 1.5, "dash": "dash"}
        words = {"text": "limit", "font": small(look)}
        figure.add_vline(
            x=result.target.limit, line=line, annotation=words, annotation_position="bottom right"
        )
    times = [trial.p95 or 0.0 for trial in measured]
    middle = (max(times) * min(times)) ** 0.5
    for trial, symbol, shift in ((result.base, "diamond-open", -20), (result.chosen, "circle-open", 22)):
        if trial in measured and (symbol == "circle-open" or trial != result.chosen):
            _ring(figure, trial, symbol, shift, middle, look)
    return figure


def _points(
    figure: "go.Figure", found: Sequence[Trial], result: SearchResult, marker: dict[str, object]
) -> None:
    figure.add_scatter(
        x=[trial.p95 for trial in found],
        y=[trial.quality for trial in found],
        mode="markers",
        marker=marker,
        hovertext=[
            f"<b>{escape(trial.name)}</b><br>{quality_in_words(trial.quality, result.target.figure)}, "
            f"p95 {trial.p95:,.0f} ms"
            for trial in found
        ],
        hoverinfo="text",
    )


def _ring(figure: "go.Figure", trial: Trial, symbol: str, shift: int, middle: float, look: Look) -> None:
    """Around a point, with what it is above it or below."""
    figure.add_scatter(
        x=[trial.p95],
        y=[trial.quality],
        mode="markers",
        marker={"symbol": symbol, "size": 21, "color": look.ink, "line": {"width": 2.5}},
        hoverinfo="skip",
    )
    left = (trial.p95 or 0.0) <= middle
    figure.add_annotation(
        x=log10(trial.p95 or 1.0) if figure.layout.xaxis.type == "log" else trial.p95,
        y=trial.quality,
        text="your settings" if trial.name == YOURS else "<b>chosen</b>",
        showarrow=False,
        yshift=shift,
        xanchor="left" if left else "right",
        xshift=-8 if left else 8,
        font={"size": 14, "color": look.ink},
    )


def _axes(figure: "go.Figure", measured: Sequence[Trial], result: SearchResult, look: Look) -> None:
    """Time is logarithmic where one waits eight times as long as another."""
    times = [trial.p95 or 0.0 for trial in measured]
    low, high = min(times), max(times)
    if low > 0 and high / low > 8:
        figure.update_xaxes(type="log", range=[log10(low) - 0.15, log10(high) + 0.2], dtick="D2")
    else:
        room = max(high - low, 0.25 * high, 1.0)
        figure.update_xaxes(range=[max(0.0, low - 0.15 * room), high + 0.2 * room], nticks=8)
    title = "95 of 100 answers come within"
    figure.update_xaxes(
        title_text=title, title_font=small(look), title_standoff=10, ticksuffix=" ms", tickformat=","
    )
    values = [trial.quality or 0.0 for trial in measured]
    room = max(max(values) - min(values), 0.1)
    figure.update_yaxes(
        range=[max(-0.02, min(values) - 0.25 * room), min(1.06, max(values) + 0.25 * room)],
        title_text="answers right" if result.target.figure == RIGHT else figure_title(result.target.figure),
        title_font=small(look),
        title_standoff=14,
        tickformat=".0%" if result.target.figure == RIGHT else ".2f",
        nticks=6,
    )
