"""The charts of the Evaluate page: quality against waiting time, differences, and why answers failed.

They draw what `playground.evaluation.summary` found, and compute nothing.
"""

from collections.abc import Mapping, Sequence
from math import log10
from typing import TYPE_CHECKING

from playground.evaluation.attribution import CAUSES
from playground.evaluation.pareto import Point, pareto_front
from playground.evaluation.statistics import Comparison, in_words
from playground.evaluation.summary import ColumnSummary
from playground.ui.charts import draw, frame
from playground.ui.components import dark, escape, ink, muted, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

LETTERS = "ABCDEFGH"
RIGHT_GREEN = ("#16967F", "#3DBFA6")
WRONG_RED = ("#D64550", "#E8707A")


def tones(count: int) -> list[str]:
    """A colour for each contender, the same in all charts of the page."""
    order = (5, 0, 4, 3, 2, 1)
    return [palette()[order[number % len(order)]] for number in range(count)]


def lettered(names: Sequence[str]) -> list[str]:
    """ "A  Prompt only": the letter is what the matrix, the charts and the words share."""
    return [f"{letter}  {escape(name)}" for letter, name in zip(LETTERS, names, strict=False)]


def pareto_chart(summaries: Sequence[ColumnSummary], height: int, key: str) -> bool:
    """Share of right answers over p95 of the total time; the dotted line joins what nobody beats on both.
    False where nothing was timed or judged, and nothing is drawn."""
    import plotly.graph_objects as go

    points = [
        (number, summary.p95, summary.right)
        for number, summary in enumerate(summaries)
        if summary.p95 is not None and summary.right is not None
    ]
    if not points:
        return False
    figure = go.Figure()
    _front(figure, [(p95, right.share) for _, p95, right in points])
    colours = tones(len(summaries))
    longest = max(p95 for _, p95, _ in points)
    shortest = min(p95 for _, p95, _ in points)
    middle = (longest * shortest) ** 0.5
    for number, p95, right in points:
        name = f"{LETTERS[number]} {escape(summaries[number].name)}"
        side = "right" if p95 <= middle or longest == shortest else "left"
        figure.add_scatter(
            x=[p95],
            y=[right.share],
            mode="markers+text",
            text=[f"<b>{name}</b>"],
            textposition=f"middle {side}",
            textfont={"size": 14},
            marker={"size": 15, "color": colours[number]},
            error_y={
                "array": [right.high - right.share],
                "arrayminus": [right.share - right.low],
                "color": colours[number],
                "thickness": 1.5,
                "width": 5,
            },
            hovertemplate=f"{name}: {right.count} of {right.of} right, 95 of 100 answers within "
            "%{x:,.0f} ms<extra></extra>",
        )
    frame(figure, height)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title_text="answers right", title_font=_small())
    _time_axis(figure, [p95 for _, p95, _ in points])
    draw(figure, key)
    return True


def _front(figure: "go.Figure", points: Sequence[tuple[float, float]]) -> None:
    front = pareto_front([Point(seconds, quality) for seconds, quality in points])
    figure.add_scatter(
        x=[points[at][0] for at in front],
        y=[points[at][1] for at in front],
        mode="lines",
        line={"color": muted(), "dash": "dot", "width": 2},
        hoverinfo="skip",
    )


def _time_axis(figure: "go.Figure", times: Sequence[float]) -> None:
    """Logarithmic where one waits ten times as long as another; else all would stand on one line."""
    low, high = min(times), max(times)
    figure.update_xaxes(
        title_text="95 of 100 answers come within", title_font=_small(), ticksuffix=" ms", tickformat=","
    )
    if low > 0 and high / low > 8:
        figure.update_xaxes(type="log", range=[log10(low) - 0.35, log10(high) + 0.45], dtick="D2")
    else:
        room = max(high - low, 0.25 * high)
        figure.update_xaxes(range=[max(0.0, low - 0.45 * room), high + 0.55 * room], nticks=7)


def _small() -> dict[str, object]:
    return {"size": 13, "color": muted()}


def difference_chart(comparisons: Sequence[Comparison], height: int, key: str) -> None:
    """One bar a comparison: the paired difference with its interval, what follows from it in words above."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_vline(x=0, line={"color": muted(), "width": 1.5})
    found = [(each, each.difference) for each in comparisons if each.difference is not None]
    for each, difference in found:
        name = f"{escape(each.name)} − {escape(each.baseline)}"
        low, mid, high = difference.low, difference.mean, difference.high
        tone = {"better": _right(), "worse": _wrong()}.get(each.verdict, palette()[5])
        error = {"array": [high - mid], "arrayminus": [mid - low], "color": tone, "thickness": 3, "width": 8}
        interval = f"{mid:+.1%} ({low:+.1%} to {high:+.1%}){_p_in_words(each)}"
        figure.add_scatter(
            x=[mid],
            y=[name],
            mode="markers",
            marker={"size": 14, "color": tone},
            error_x=error,
            hovertemplate=f"{name}: {interval}<extra></extra>",
        )
        figure.add_annotation(
            x=low,
            y=name,
            text=escape(in_words(each)),
            showarrow=False,
            yshift=20,
            xanchor="left",
            font={"size": 14, "color": ink()},
            bgcolor="#0F1320" if dark() else "#FFFFFF",
        )
    frame(figure, height)
    _difference_axis(figure, [difference.low for _, difference in found], [each.high for _, each in found])
    draw(figure, key)


def _difference_axis(figure: "go.Figure", lows: Sequence[float], highs: Sequence[float]) -> None:
    """The words begin at an interval's lower end: there is room for forty letters behind the rightmost."""
    left, right = min([*lows, 0.0]), max([*highs, 0.0])
    room = max(right - left, 0.2)
    end = max(right + 0.1 * room, max(lows, default=0.0) + 0.75 * room)
    figure.update_xaxes(tickformat="+.0%", range=[left - 0.08 * room, end])
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 14, "color": ink()})


def _p_in_words(comparison: Comparison) -> str:
    p = comparison.p_adjusted
    if p is None:
        return ""
    return f", p = {p:.3f}" if p >= 0.001 else ", p < 0.001"


def cause_colours() -> dict[str, str]:
    """A colour for each cause; those that belong to one stage have one hue."""
    p = palette()
    shades = {
        "not_in_documents": p[5],
        "lost_in_reading": "#A5AEBF" if not dark() else "#6C7791",
        "split_by_chunking": p[1],
        "not_retrieved": p[0],
        "dropped_by_reranking": "#A9C4F5" if not dark() else "#4A659C",
        "not_used": p[4],
        "wrong_format": p[2],
        "answered_unanswerable": _wrong(),
        "abstained": "#C9B8F0" if not dark() else "#6C5AA0",
        "not_looked_up": "#E8969D" if not dark() else "#A84D55",
        "failed": "#3A4256" if not dark() else "#C8D0E4",
    }
    assert set(shades) == set(CAUSES)
    return shades


def failure_chart(
    names: Sequence[str],
    right: Sequence[int],
    causes: Sequence[Mapping[str, int]],
    height: int,
    key: str,
) -> None:
    """One stacked bar a contender: right answers first, then why the others failed."""
    import plotly.graph_objects as go

    figure = go.Figure()
    labels = lettered(names)
    kinds = {"right": (list(right), _right())}
    for cause, colour in cause_colours().items():
        counts = [each.get(cause, 0) for each in causes]
        if any(counts):
            kinds[CAUSES[cause].label] = counts, colour
    for kind, (counts, colour) in kinds.items():
        figure.add_bar(
            y=labels,
            x=counts,
            name=kind,
            orientation="h",
            marker={"color": colour, "line": {"width": 1, "color": "rgba(255,255,255,.6)"}},
            text=[str(count) if count else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            hovertemplate=f"%{{y}} · {kind}: %{{x}}<extra></extra>",
        )
    frame(figure, height)
    figure.update_layout(
        barmode="stack",
        bargap=0.28,
        showlegend=True,
        legend={
            "orientation": "h",
            "y": -0.02,
            "yanchor": "top",
            "x": 0,
            "font": {"size": 12.5},
            "itemwidth": 30,
        },
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 14, "color": ink()})
    figure.update_xaxes(visible=False)
    draw(figure, key)


def _right() -> str:
    return RIGHT_GREEN[dark()]


def _wrong() -> str:
    return WRONG_RED[dark()]
