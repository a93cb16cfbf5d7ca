from itertools import combinations

from playground.evaluation.statistics import compare
from playground.evaluation.summary import ColumnSummary, Share
from playground.reports.pareto_plot import MOST_NAMES, pareto_figure
from playground.reports.plot_labels import LETTER, LINE, Mark, Place, places
from playground.reports.plots import (
    PAPER,
    difference_figure,
    failure_figure,
    letter,
    lettered,
    tones,
)

EVIL = "<i>x</i>"


def summary(name: str, p95: float | None, right: int = 5) -> ColumnSummary:
    latency = {"total": (p95 / 2, p95)} if p95 is not None else {}
    return ColumnSummary(name, Share(right, 10, 0.1, 0.9), {}, latency, 1, 0, 0, None, {}, {})


def mark(x: float, y: float, text: str = "A Balanced") -> Mark:
    return Mark(x, y, y - 40, y + 40, text)


def box(each: Mark, place: Place) -> tuple[float, float, float, float]:
    length, middle = len(each.text) * LETTER, each.y + place.shift
    left = each.x + 13 if place.right else each.x - 13 - length
    return left, middle - LINE / 2, left + length, middle + LINE / 2


def test_a_name_with_room_stands_beside_its_point_on_the_wider_side() -> None:
    found = places([mark(50, 200), mark(430, 200)], 470, 400)
    assert found == [Place(True, 0), Place(False, 0)]


def test_names_of_points_on_one_spot_are_moved_apart() -> None:
    marks = [mark(100 + number, 200 + number) for number in range(6)]
    boxes = [box(each, place) for each, place in zip(marks, places(marks, 470, 400), strict=True)]
    for (left, top, right, bottom), other in combinations(boxes, 2):
        assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top


def test_a_name_does_not_leave_the_chart() -> None:
    marks = [mark(100, 5), mark(100, 395)]
    tops = [box(each, place)[1] for each, place in zip(marks, places(marks, 470, 400), strict=True)]
    assert (tops[0] >= 0, tops[1] + LINE <= 400) == (True, True)


def test_a_moved_name_has_a_line_to_its_point() -> None:
    figure = pareto_figure([summary(name, 50 + at) for at, name in enumerate("xyz")], PAPER, 460)
    assert figure is not None
    found = {each.text: (each.showarrow, each.xanchor, bool(each.ay)) for each in figure.layout.annotations}
    assert found["<b>A x</b>"][:2] == (False, "right")
    assert found["<b>C z</b>"][:2] == (False, "left")
    assert (found["<b>B y</b>"][0], found["<b>B y</b>"][2]) == (True, True)


def test_nothing_timed_is_no_figure() -> None:
    assert pareto_figure([summary("A", None)], PAPER, 460) is None


def test_of_many_points_only_those_that_nobody_beats_are_named() -> None:
    several = [summary(f"T{number}", 50 + number, right=5) for number in range(MOST_NAMES + 1)]
    figure = pareto_figure([*several, summary("Best", 99, right=9)], PAPER, 460)
    assert figure is not None
    assert [each.text for each in figure.layout.annotations] == ["<b>A T0</b>", "<b>L Best</b>"]


def test_the_time_axis_is_logarithmic_only_where_times_lie_far_apart() -> None:
    for slowest, kind in ((400, None), (401, "log")):
        figure = pareto_figure([summary("A", 50), summary("B", slowest)], PAPER, 460)
        assert figure is not None
        assert figure.layout.xaxis.type == kind


def test_contenders_are_letters_and_behind_z_numbers() -> None:
    assert [letter(number) for number in (0, 25, 26)] == ["A", "Z", "27"]
    assert lettered(["x", EVIL]) == ["A  x", "B  &lt;i&gt;x&lt;/i&gt;"]
    assert tones(7, PAPER)[0] == tones(7, PAPER)[6]


def test_a_difference_has_its_words_and_names_are_no_markup() -> None:
    found = compare((EVIL, [0.0] * 12), {"B": [1.0] * 12}, binary=True)
    figure = difference_figure(found, PAPER, 200)
    (point,) = figure.data
    assert (point.y[0], point.x[0]) == ("B − &lt;i&gt;x&lt;/i&gt;", 1.0)
    assert point.marker.color == PAPER.right
    assert figure.layout.annotations[0].text == "+100 points: better"


def test_failures_are_stacked_behind_the_right_answers() -> None:
    figure = failure_figure(["A", "B"], [3, 1], [{}, {"not_used": 2}], PAPER, 200)
    assert [(bar.name, list(bar.x)) for bar in figure.data] == [
        ("right", [3, 1]),
        ("retrieved, not used", [0, 2]),
    ]
