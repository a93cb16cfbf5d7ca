from itertools import pairwise

import plotly.graph_objects as go
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.decision.costs import Cost, Over, Part, break_even
from playground.decision.verdict import Approach
from playground.reports.break_even_plot import apart, break_even_figure
from playground.reports.plots import PAPER, Look

DARK = Look("#fff", "#aaa", "#333", "#000", ("#a00", "#b00", "#c00", "#d00", "#e00", "#f00"), True)
NAMES = ["Prompt only", "RAG", "Fine-tuned", "RAG + fine-tuned"]


def cost(approach: Approach, month: float, call: float = 0.0, update: float = 0.0) -> Cost:
    return Cost(
        approach, (), (Part("month", month),), (Part("call", call),), (Part("update", update),), months=12
    )


COSTS: dict[Approach, Cost] = {
    "prompt": cost("prompt", 2, 0.0005, 1),
    "rag": cost("rag", 10, 0.003, 1),
    "fine_tuning": cost("fine_tuning", 46, 0.0012, 10),
    "both": cost("both", 60, 0.003, 2),
}
"""An adapter pays off from 20,000 questions without updates."""


def drawn(
    over: Over = "calls",
    calls: float = 12_000,
    updates: float = 0,
    costs: dict[Approach, Cost] = COSTS,
    currency: str = "€",
    look: Look = PAPER,
) -> go.Figure:
    return break_even_figure(costs, over, calls, updates, currency, look, 400)


def texts(figure: go.Figure) -> list[str]:
    return [annotation.text for annotation in figure.layout.annotations]


def test_every_approach_has_a_line_named_at_its_end() -> None:
    figure = drawn()
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert [line.name for line in lines] == NAMES
    assert texts(figure)[:4] == [f"<b>{name}</b>" for name in NAMES]
    for line, name in zip(lines, figure.layout.annotations[:4], strict=True):
        assert (name.xref, name.x, name.y) == ("paper", 1, line.y[-1])
        assert name.font.color == line.line.color


def test_the_lines_are_what_the_months_cost() -> None:
    rag = drawn().data[1]
    assert (rag.x[0], rag.y[0]) == (0, 10)
    assert (rag.x[-1], rag.y[-1]) == pytest.approx((40_000, 10 + 0.003 * 40_000))
    tuned = drawn("updates", calls=10_000, updates=4).data[2]
    assert tuned.y[-1] == pytest.approx(46 + 12 + 10 * tuned.x[-1])


def test_the_break_even_is_marked_and_the_persons_volume_is_a_line() -> None:
    figure = drawn()
    meeting = next(trace for trace in figure.data if trace.name == "break-even")
    assert (meeting.x[0], meeting.y[0]) == (pytest.approx(20_000), pytest.approx(70))
    assert texts(figure)[4:] == ["you: 12,000", "<b>break-even at 20,000</b>"]
    assert (figure.layout.shapes[0].x0, figure.layout.shapes[0].line.dash) == (12_000, "dot")


@pytest.mark.parametrize("calls", [0, 200, 12_000, 900_000])
def test_volume_and_break_even_are_both_on_the_axis(calls: float) -> None:
    figure = drawn(calls=calls)
    end = figure.layout.xaxis.range[1]
    assert calls <= end / 2
    assert end >= 39_999
    assert any(trace.name == "break-even" for trace in figure.data)


def test_a_break_even_that_is_too_far_away_is_left_out() -> None:
    far: dict[Approach, Cost] = {**COSTS, "fine_tuning": cost("fine_tuning", 10_000, 0.0012)}
    figure = drawn(calls=600, costs=far)
    assert break_even(far["fine_tuning"], far["rag"]) == pytest.approx(5_550_000)
    assert figure.layout.xaxis.range[1] == 1200
    assert [trace.name for trace in figure.data] == NAMES


def test_lines_that_never_meet_have_no_break_even() -> None:
    figure = drawn("updates", calls=24_000, updates=4)
    assert [trace.name for trace in figure.data][4:] == ["break-even"]
    figure = drawn("updates", calls=0, updates=4)
    assert [trace.name for trace in figure.data] == NAMES
    assert figure.layout.xaxis.title.text == "updates a month"


def test_another_pair_meets_somewhere_else() -> None:
    figure = break_even_figure(COSTS, "calls", 12_000, 0, "€", PAPER, 400, pair=("both", "fine_tuning"))
    assert [trace.name for trace in figure.data] == NAMES
    figure = break_even_figure(COSTS, "calls", 12_000, 0, "€", PAPER, 400, pair=("both", "rag"))
    assert [trace.name for trace in figure.data] == NAMES
    figure = break_even_figure(COSTS, "updates", 24_000, 0, "€", PAPER, 400, pair=("fine_tuning", "both"))
    assert texts(figure)[-1] == "<b>break-even at 7.15</b>"


@pytest.mark.parametrize(
    ("currency", "sides"), [("€", (None, " €")), ("$", ("$", None)), ("<b>", (None, " &lt;b&gt;"))]
)
def test_the_currency_stands_where_people_write_it(
    currency: str, sides: tuple[str | None, str | None]
) -> None:
    axis = drawn(currency=currency).layout.yaxis
    assert (axis.tickprefix, axis.ticksuffix) == sides


def test_small_sums_keep_their_digits() -> None:
    small: dict[Approach, Cost] = {key: cost(key, 0.0004, 1e-8) for key in COSTS}
    figure = drawn(costs=small)
    assert figure.layout.yaxis.tickformat == ",.6~f"
    assert figure.data[0].customdata[0] == "0.0004\N{NO-BREAK SPACE}€"
    assert drawn().layout.yaxis.tickformat == ",.0~f"


def test_costs_of_nothing_are_drawn_too() -> None:
    figure = drawn(calls=0, costs={key: cost(key, 0) for key in COSTS})
    assert tuple(figure.layout.yaxis.range) == (0, 1)
    assert texts(figure)[-1] == "you: 0"


def test_names_of_lines_that_end_together_are_moved_apart_with_a_line_to_their_end() -> None:
    same: dict[Approach, Cost] = {key: cost(key, 50, 0.001) for key in COSTS}
    names = drawn(costs=same).layout.annotations[:4]
    shifts = [name.ay for name in names]
    assert all(name.showarrow for name in names)
    assert all(after - before == pytest.approx(20) for before, after in pairwise(shifts))


def test_names_at_the_bottom_stay_in_the_chart() -> None:
    costs: dict[Approach, Cost] = {key: cost(key, 0) for key in COSTS}
    lowest = drawn(costs=costs | {"rag": cost("rag", 100)}).layout.annotations[3]
    assert lowest.ay <= -10


@pytest.mark.parametrize("call", [0.0013, 0.002, 0.003, 0.01, 0.1])
@pytest.mark.parametrize("width", [420, 900])
def test_the_break_evens_name_is_in_the_chart_and_on_no_line(call: float, width: int) -> None:
    costs: dict[Approach, Cost] = {**COSTS, "rag": cost("rag", 10, call)}
    figure = drawn(costs=costs)
    note, tall = figure.layout.annotations[-1], 338
    reach, top = figure.layout.xaxis.range[1], figure.layout.yaxis.range[1]
    near = note.x / reach * width + note.ax
    left, right = (near, near + 150) if note.xanchor == "left" else (near - 150, near)
    middle = tall * (1 - note.y / top) + note.ay
    assert (left >= 0, right <= width, middle - 8 >= 0, middle + 8 <= tall) == (True, True, True, True)
    for line in figure.data[:4]:
        for pixel in range(int(left), int(right)):
            amount = line.y[0] + (line.y[-1] - line.y[0]) * pixel / width
            assert not middle - 8 <= tall * (1 - amount / top) <= middle + 8, (line.name, pixel)


def test_colours_come_from_the_look() -> None:
    figure = drawn(look=DARK)
    assert [trace.line.color for trace in figure.data[:4]] == ["#f00", "#a00", "#e00", "#d00"]
    assert figure.layout.annotations[4].font.color == "#fff"
    assert figure.layout.hoverlabel.bgcolor == "#000"


def test_positions_that_do_not_crowd_stay_and_others_are_spread_around_their_middle() -> None:
    assert apart([10, 50, 90], 20) == [10, 50, 90]
    assert apart([50, 50], 20) == [40, 60]
    assert apart([60, 50, 100, 52], 20) == pytest.approx([74, 34, 100, 54])


@settings(deadline=None)
@given(st.lists(st.integers(0, 400).map(float), max_size=6))
def test_no_two_positions_are_nearer_than_the_gap_and_none_overtakes_another(wanted: list[float]) -> None:
    found = apart(wanted, 20)
    order = sorted(range(len(wanted)), key=lambda number: (wanted[number], number))
    assert all(found[after] - found[before] >= 20 - 1e-9 for before, after in pairwise(order))
