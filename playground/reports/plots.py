"""The charts of an evaluation as Plotly figures: differences, and why answers fail. What all charts share.

They draw what `playground.evaluation.summary` found, and compute nothing. This module does not know where a
figure is shown: its colours come as a `Look`. Quality against time is in `playground.reports.pareto_plot`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from string import ascii_uppercase
from typing import TYPE_CHECKING

from playground.evaluation.attribution import CAUSES
from playground.evaluation.statistics import Comparison, PairedDifference, in_words

if TYPE_CHECKING:
    import plotly.graph_objects as go

LETTERS = ascii_uppercase

RIGHT_GREEN = ("#16967F", "#3DBFA6")
WRONG_RED = ("#D64550", "#E8707A")
"""On a light background, and on a dark one."""


@dataclass(frozen=True)
class Look:
    """The colours of a chart. `palette` has six that can be told apart on `background`."""

    ink: str
    muted: str
    grid: str
    background: str
    palette: tuple[str, ...]
    dark: bool

    @property
    def right(self) -> str:
        return RIGHT_GREEN[self.dark]

    @property
    def wrong(self) -> str:
        return WRONG_RED[self.dark]


PAPER = Look(
    "#1C2333",
    "#566078",
    "#E6E9F1",
    "#FFFFFF",
    ("#3F7BE0", "#C2568F", "#D98A1F", "#16967F", "#7A5BD0", "#7C8698"),
    False,
)
"""For what is exported; the same as the app in light colours."""


def letter(number: int) -> str:
    """What the matrix, the charts and the words call a contender: A, B, C; behind Z its number."""
    return LETTERS[number] if number < len(LETTERS) else str(number + 1)


def lettered(names: Sequence[str]) -> list[str]:
    """ "A  Prompt only", escaped."""
    return [f"{letter(number)}  {escape(name)}" for number, name in enumerate(names)]


def tones(count: int, look: Look) -> list[str]:
    """A colour for each contender, the same in all charts."""
    order = (5, 0, 4, 3, 2, 1)
    return [look.palette[order[number % len(order)]] for number in range(count)]


# Differences


def difference_figure(comparisons: Sequence[Comparison], look: Look, height: int) -> "go.Figure":
    """A line a comparison: the paired difference with its interval, what follows from it in words above."""
    import plotly.graph_objects as go

    figure = go.Figure()
    figure.add_vline(x=0, line={"color": look.muted, "width": 1.5})
    found = [(each, each.difference) for each in comparisons if each.difference is not None]
    begin, end = _difference_range([difference for _, difference in found])
    names = [f"{escape(each.name)} − {escape(each.baseline)}" for each, _ in found]
    for name, (each, difference) in zip(names, found, strict=True):
        low, mid, high = difference.low, difference.mean, difference.high
        tone = {"better": look.right, "worse": look.wrong}.get(each.verdict, look.palette[5])
        interval = f"{mid:+.1%} ({low:+.1%} to {high:+.1%}){p_in_words(each)}"
        error = {"array": [high - mid], "arrayminus": [mid - low], "color": tone, "thickness": 3, "width": 8}
        figure.add_scatter(
            x=[mid],
            y=[name],
            mode="markers",
            marker={"size": 14, "color": tone},
            error_x=error,
            hovertemplate=f"{name}: {interval}<extra></extra>",
        )
        # Words that would run out of the chart on the right end there instead.
        early = low <= begin + 0.35 * (end - begin)
        figure.add_annotation(
            x=low if early else max(high, begin + 0.8 * (end - begin)),
            y=name,
            text=escape(in_words(each)),
            showarrow=False,
            yshift=20,
            xanchor="left" if early else "right",
            font={"size": 14, "color": look.ink},
            bgcolor=look.background,
        )
    frame(figure, look, height)
    small_p = f'<br><span style="font-size:12px;color:{look.muted}">{{}}</span>'
    figure.update_xaxes(tickformat="+.0%", range=[begin, end])
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickfont={"size": 14, "color": look.ink},
        tickvals=names,
        ticktext=[
            name + small_p.format(escape(p_in_words(each).lstrip(", ")))
            for name, (each, _) in zip(names, found, strict=True)
        ],
    )
    return figure


def _difference_range(found: Sequence[PairedDifference]) -> tuple[float, float]:
    """All intervals and 0, with some room on both sides; never narrower than 20 points."""
    left, right = min([*(each.low for each in found), 0.0]), max([*(each.high for each in found), 0.0])
    room = max(right - left, 0.2)
    return left - 0.08 * room, max(right + 0.1 * room, left + 0.2)


def p_in_words(comparison: Comparison) -> str:
    """ ", p = 0.012", or "" where there is none."""
    p = comparison.p_adjusted
    if p is None:
        return ""
    return f", p = {p:.3f}" if p >= 0.001 else ", p < 0.001"


# Failures


def cause_colours(look: Look) -> dict[str, str]:
    """A colour for each cause; those that belong to one stage have one hue."""
    p, dark = look.palette, look.dark
    shades = {
        "not_in_documents": p[5],
        "hidden": "#4E6E7A" if dark else "#9DBCC6",
        "lost_in_reading": "#6C7791" if dark else "#A5AEBF",
        "split_by_chunking": p[1],
        "not_retrieved": p[0],
        "dropped_by_reranking": "#4A659C" if dark else "#A9C4F5",
        "not_used": p[4],
        "wrong_format": p[2],
        "answered_unanswerable": look.wrong,
        "told_hidden": "#8A2F52" if dark else "#B8487A",
        "abstained": "#6C5AA0" if dark else "#C9B8F0",
        "not_looked_up": "#A84D55" if dark else "#E8969D",
        "failed": "#C8D0E4" if dark else "#3A4256",
    }
    assert set(shades) == set(CAUSES)
    return shades


def failure_figure(
    names: Sequence[str], right: Sequence[int], causes: Sequence[Mapping[str, int]], look: Look, height: int
) -> "go.Figure":
    """One stacked bar a contender: right answers first, then why the others failed."""
    import plotly.graph_objects as go

    figure = go.Figure()
    kinds = {"right": (list(right), look.right)}
    for cause, colour in cause_colours(look).items():
        counts = [each.get(cause, 0) for each in causes]
        if any(counts):
            kinds[CAUSES[cause].label] = counts, colour
    for kind, (counts, colour) in kinds.items():
        figure.add_bar(
            y=lettered(names),
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
    frame(figure, look, height)
    legend = {"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0, "font": {"size": 12.5}}
    figure.update_layout(
        barmode="stack",
        bargap=0.28,
        showlegend=True,
        legend={**legend, "itemwidth": 30, "traceorder": "normal"},
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, tickfont={"size": 14, "color": look.ink})
    figure.update_xaxes(visible=False)
    return figure


def frame(figure: "go.Figure", look: Look, height: int) -> None:
    """Everything that all charts share."""
    figure.update_layout(
        height=height,
        margin={"l": 0, "r": 0, "t": 8, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": "Source Sans, sans-serif", "size": 14, "color": look.ink},
        showlegend=False,
    )
    axis = {"gridcolor": look.grid, "zeroline": False, "automargin": True}
    figure.update_xaxes(**axis, tickfont=small(look))
    figure.update_yaxes(**axis, tickfont=small(look))


def small(look: Look) -> dict[str, object]:
    """The font of axes."""
    return {"size": 13, "color": look.muted}
