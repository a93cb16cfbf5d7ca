"""Quality against waiting time as a Plotly figure, every point with its name beside it.

It draws what `playground.evaluation.summary` found, and computes nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import log10
from typing import TYPE_CHECKING

from playground.evaluation.summary import ColumnSummary, Share
from playground.reports.plot_labels import GAP, Mark, places
from playground.reports.plots import Look, frame, letter, small, tones
from playground.search.pareto import Point, pareto_front

if TYPE_CHECKING:
    import plotly.graph_objects as go

MOST_NAMES = 10
"""Points that are all named; of more only those that nobody beats are."""

_NARROW = 470.0  # pixels: names that fit in the narrowest chart fit in every other
_BELOW = 62.0  # pixels that the time axis takes


@dataclass(frozen=True)
class _Measured:
    """A contender that was timed and judged; `number` is its place among all."""

    number: int
    name: str
    p95: float
    right: Share


def pareto_figure(summaries: Sequence[ColumnSummary], look: Look, height: int) -> "go.Figure | None":
    """Share of right answers over p95 of the total time; the dotted line joins what nobody beats on both.
    None where nothing was timed or judged."""
    import plotly.graph_objects as go

    points = [
        _Measured(number, f"{letter(number)} {each.name}", each.p95, each.right)
        for number, each in enumerate(summaries)
        if each.p95 is not None and each.right is not None
    ]
    if not points:
        return None
    figure = go.Figure()
    front = pareto_front([Point(each.p95, each.right.share) for each in points])
    figure.add_scatter(
        x=[points[at].p95 for at in front],
        y=[points[at].right.share for at in front],
        mode="lines",
        line={"color": look.muted, "dash": "dot", "width": 2},
        hoverinfo="skip",
    )
    colours = tones(len(summaries), look)
    for each in points:
        figure.add_scatter(**_point(each, colours[each.number]))
    frame(figure, look, height)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title_text="answers right", title_font=small(look))
    named = points if len(points) <= MOST_NAMES else [points[at] for at in front]
    _name_points(figure, named, look, height, _time_axis(figure, [each.p95 for each in points], look))
    return figure


def _point(each: _Measured, colour: str) -> dict[str, object]:
    """With the interval of its share."""
    return {
        "x": [each.p95],
        "y": [each.right.share],
        "name": escape(each.name),
        "mode": "markers",
        "marker": {"size": 15, "color": colour},
        "error_y": {
            "array": [each.right.high - each.right.share],
            "arrayminus": [each.right.share - each.right.low],
            "color": colour,
            "thickness": 1.5,
            "width": 5,
        },
        "hovertemplate": f"{escape(each.name)}: {each.right.count} of {each.right.of} right, "
        "95 of 100 answers within %{x:,.0f} ms<extra></extra>",
    }


def _time_axis(figure: "go.Figure", times: Sequence[float], look: Look) -> tuple[float, float, bool]:
    """Logarithmic where one waits ten times as long as another; else all would stand on one line. Returns
    where it begins and ends, and whether it is logarithmic."""
    low, high = min(times), max(times)
    logarithmic = low > 0 and high / low > 8
    if logarithmic:
        begin, end = log10(low) - 0.35, log10(high) + 0.45
        # 1, 2, 5, 10, 20 ... as long as they have room, else 1, 10, 100 ...
        figure.update_xaxes(type="log", range=[begin, end], dtick="D2" if end - begin < 2 else 1)
    else:
        room = max(high - low, 0.25 * high, 1.0)
        begin, end = max(0.0, low - 0.45 * room), high + 0.55 * room
        figure.update_xaxes(range=[begin, end], nticks=7)
    figure.update_xaxes(
        title_text="95 of 100 answers come within", title_font=small(look), ticksuffix=" ms", tickformat=","
    )
    return begin, end, logarithmic


def _name_points(
    figure: "go.Figure",
    points: Sequence[_Measured],
    look: Look,
    height: int,
    axis: tuple[float, float, bool],
) -> None:
    """Each name beside its point, or moved away from the others with a line to it."""
    begin, end, logarithmic = axis
    tall = height - _BELOW
    along = [log10(each.p95) if logarithmic else each.p95 for each in points]
    marks = [
        Mark(
            (x - begin) / (end - begin) * _NARROW,
            _down(each.right.share, tall),
            _down(each.right.high, tall),
            _down(each.right.low, tall),
            each.name,
        )
        for x, each in zip(along, points, strict=True)
    ]
    for x, each, place in zip(along, points, places(marks, _NARROW, tall), strict=True):
        side = 1 if place.right else -1
        moved = {"showarrow": True, "ax": side * (GAP + 4), "ay": place.shift, "arrowhead": 0}
        figure.add_annotation(
            x=x,
            y=each.right.share,
            text=f"<b>{escape(each.name)}</b>",
            xanchor="left" if place.right else "right",
            font={"size": 14, "color": look.ink},
            **(
                moved | {"arrowwidth": 1, "arrowcolor": look.muted, "standoff": 8}
                if place.shift
                else {"showarrow": False, "xshift": side * GAP}
            ),
        )


def _down(share: float, tall: float) -> float:
    """Pixels from the top of a chart that is so tall."""
    return tall * (1 - share / 1.02)
