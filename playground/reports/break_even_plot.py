"""What the four approaches cost a month over a volume, as a Plotly figure, and where two of them meet.

It draws what `playground.decision.costs` computed, and computes no costs itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import floor, log10
from typing import TYPE_CHECKING

from playground.decision.cost_words import ADAPTER_OR_RAG, Pair
from playground.decision.costs import Cost, Over, break_even
from playground.decision.money import BEFORE, money, plain, volume
from playground.decision.verdict import Approach
from playground.reports.plot_labels import GAP, LETTER, LINE
from playground.reports.plots import Look, frame, small, tones

if TYPE_CHECKING:
    import plotly.graph_objects as go

AXES: dict[Over, str] = {"calls": "questions a month", "updates": "updates a month"}
LEAST: dict[Over, float] = {"calls": 1000.0, "updates": 10.0}
"""An axis is at least so long."""
FARTHEST = 100
"""A break-even farther away than so many times the person's volume is not drawn: all else would be a dot."""

_POINTS = 61  # of a line, for what is read under the pointer
_NARROW = 420.0  # pixels: labels that fit in the narrowest chart fit in every other
_BELOW = 62.0  # pixels that the axis with its title takes
_DOWN = (18, -18, 38, -38, 58, -58, 78, -78, 98, -98, 118, -118)  # pixels from the break-even to its name
_NAMES = 156  # pixels for the names behind the lines


@dataclass(frozen=True)
class _Chart:
    """Lines over `over` from 0 to `reach`; money from 0 to `top`, `tall` pixels high."""

    costs: Mapping[Approach, Cost]
    over: Over
    calls: float
    updates: float
    reach: float
    top: float
    tall: float

    def at(self, cost: Cost, x: float) -> float:
        return cost.monthly(x, self.updates) if self.over == "calls" else cost.monthly(self.calls, x)

    def right(self, x: float) -> float:
        """Pixels from the left, in the narrowest chart."""
        return x / self.reach * _NARROW

    def down(self, amount: float) -> float:
        """Pixels from the top."""
        return self.tall * (1 - amount / self.top)


def break_even_figure(
    costs: Mapping[Approach, Cost],
    over: Over,
    calls: float,
    updates: float,
    currency: str,
    look: Look,
    height: int,
    pair: Pair = ADAPTER_OR_RAG,
) -> "go.Figure":
    """A line an approach, named at its end; a dotted one at the person's volume; a point where the pair
    costs the same, where that can be seen. `height` is in pixels."""
    import plotly.graph_objects as go

    one, other = (costs[name] for name in pair)
    meeting = break_even(one, other, over, calls=calls, updates=updates)
    own = calls if over == "calls" else updates
    reach = _reach(own, meeting, over)
    chart = _Chart(costs, over, calls, updates, reach, 1.0, height - _BELOW)
    highest = max(chart.at(cost, x) for cost in costs.values() for x in (0.0, reach))
    chart = _Chart(costs, over, calls, updates, reach, 1.16 * highest or 1.0, height - _BELOW)
    figure = go.Figure()
    frame(figure, look, height)
    colours = tones(len(costs), look)
    _draw_lines(figure, chart, currency, colours)
    _name_lines(figure, chart, colours)
    _mark_volume(figure, chart, own, look)
    if meeting is not None and meeting <= reach:
        _mark_meeting(figure, chart, meeting, chart.at(one, meeting), own, look)
    _style_axes(figure, chart, currency, look)
    return figure


def apart(wanted: Sequence[float], gap: float) -> list[float]:
    """Positions in the order of the wanted ones, `gap` apart at least: those that crowd together are spread
    around their middle."""
    order = sorted(range(len(wanted)), key=lambda number: wanted[number])
    crowds: list[list[int]] = []
    for number in order:
        crowds.append([number])
        while len(crowds) > 1 and _first(crowds[-1], wanted, gap) < _last(crowds[-2], wanted, gap) + gap:
            crowds[-2:] = [crowds[-2] + crowds[-1]]
    found = [0.0] * len(wanted)
    for crowd in crowds:
        for place, number in enumerate(crowd):
            found[number] = _first(crowd, wanted, gap) + place * gap
    return found


def _first(crowd: Sequence[int], wanted: Sequence[float], gap: float) -> float:
    return sum(wanted[number] for number in crowd) / len(crowd) - gap * (len(crowd) - 1) / 2


def _last(crowd: Sequence[int], wanted: Sequence[float], gap: float) -> float:
    return _first(crowd, wanted, gap) + gap * (len(crowd) - 1)


def _reach(own: float, meeting: float | None, over: Over) -> float:
    """The end of the axis: the person's volume is in its first half, and so is the break-even."""
    reach = max(2 * own, LEAST[over])
    if meeting is not None and meeting <= FARTHEST * reach / 2:
        reach = max(reach, 2 * meeting)
    return reach


def _draw_lines(figure: "go.Figure", chart: _Chart, currency: str, colours: Sequence[str]) -> None:
    steps = [chart.reach * number / (_POINTS - 1) for number in range(_POINTS)]
    for cost, colour in zip(chart.costs.values(), colours, strict=True):
        amounts = [chart.at(cost, x) for x in steps]
        figure.add_scatter(
            x=steps,
            y=amounts,
            customdata=[escape(money(amount, currency)) for amount in amounts],
            name=cost.name,
            mode="lines",
            line={"color": colour, "width": 3},
            hovertemplate="%{customdata}",
        )


def _name_lines(figure: "go.Figure", chart: _Chart, colours: Sequence[str]) -> None:
    """Behind each line's end, moved apart where they would be printed over each other."""
    ends = [chart.at(cost, chart.reach) for cost in chart.costs.values()]
    wanted = [chart.down(end) for end in ends]
    places = apart(wanted, LINE)
    too_low = max(0.0, max(places) - (chart.tall - LINE / 2))
    for cost, end, y, place, colour in zip(chart.costs.values(), ends, wanted, places, colours, strict=True):
        shift = place - y - too_low
        figure.add_annotation(
            x=1,
            xref="paper",
            y=end,
            text=f"<b>{cost.name}</b>",
            xanchor="left",
            font={"size": 14, "color": colour},
            **(
                {
                    "showarrow": True,
                    "ax": 18,
                    "ay": shift,
                    "arrowhead": 0,
                    "arrowwidth": 1,
                    "arrowcolor": colour,
                }
                if abs(shift) > 3
                else {"showarrow": False, "xshift": 18, "yshift": -shift}
            ),
        )


def _mark_volume(figure: "go.Figure", chart: _Chart, own: float, look: Look) -> None:
    figure.add_vline(x=own, line={"color": look.muted, "dash": "dot", "width": 2})
    text = f"you: {plain(own)}"
    left = chart.right(own) > len(text) * LETTER + 8
    figure.add_annotation(
        x=own,
        y=1,
        yref="paper",
        yanchor="top",
        text=text,
        showarrow=False,
        xanchor="right" if left else "left",
        xshift=-8 if left else 8,
        font={"size": 14, "color": look.ink},
    )


def _mark_meeting(
    figure: "go.Figure", chart: _Chart, x: float, amount: float, own: float, look: Look
) -> None:
    text = f"break-even at {volume(x)}"
    figure.add_scatter(
        x=[x],
        y=[amount],
        mode="markers",
        marker={"size": 12, "color": look.ink},
        name="break-even",
        hoverinfo="skip",
    )
    side, down = _free_place(chart, x, amount, own, len(text) * LETTER)
    figure.add_annotation(
        x=x,
        y=amount,
        text=f"<b>{text}</b>",
        xanchor="left" if side > 0 else "right",
        ax=side * 10,
        ay=down,
        arrowhead=0,
        arrowwidth=1,
        arrowcolor=look.muted if abs(down) > LINE else "rgba(0,0,0,0)",  # far away it needs a line
        standoff=7,
        font={"size": 14, "color": look.ink},
    )


def _free_place(chart: _Chart, x: float, amount: float, own: float, long: float) -> tuple[int, int]:
    """Where a text beside a point covers least: to the right (1) or left (-1), and so many pixels below it.
    Near, below and to the right is tried first."""
    places = [(side, down) for down in _DOWN for side in (1, -1)]
    return min(places, key=lambda place: _covered(chart, x, amount, own, long, *place))


def _covered(chart: _Chart, x: float, amount: float, own: float, long: float, side: int, down: int) -> float:
    """How much of the lines a text covers there; what leaves the chart counts most."""
    begin = chart.right(x) + GAP * side
    left, right = min(begin, begin + long * side), max(begin, begin + long * side)
    middle = chart.down(amount) + down
    upper, lower = middle - LINE / 2, middle + LINE / 2
    found = 100.0 * (left < 0 or right > _NARROW or upper < LINE or lower > chart.tall)
    found += 5.0 * (left <= chart.right(own) <= right) + abs(down) / LINE / 2
    for cost in chart.costs.values():
        for step in range(11):
            pixel = left + (right - left) * step / 10
            found += 2.0 * (upper <= chart.down(chart.at(cost, pixel / _NARROW * chart.reach)) <= lower)
    return found


def _style_axes(figure: "go.Figure", chart: _Chart, currency: str, look: Look) -> None:
    sign = {"tickprefix": currency} if currency in BEFORE else {"ticksuffix": f" {escape(currency)}"}
    digits = max(0, 2 - floor(log10(chart.top)))
    figure.update_yaxes(
        range=[0, chart.top], tickformat=f",.{digits}~f", nticks=7, ticklabelstandoff=6, **sign
    )
    figure.update_xaxes(
        range=[0, chart.reach],
        tickformat=",",
        hoverformat=",.0f" if chart.reach >= 100 else ",.1~f",
        nticks=7,
        title_text=AXES[chart.over],
        title_font=small(look),
        title_standoff=10,
        unifiedhovertitle={"text": f"%{{x}} {AXES[chart.over]}"},
    )
    figure.update_layout(
        margin={"l": 0, "r": _NAMES, "t": 8, "b": 0},
        hovermode="x unified",
        hoverlabel={"bgcolor": look.background, "font": {"color": look.ink}, "bordercolor": look.grid},
    )
