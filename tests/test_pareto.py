from hypothesis import given
from hypothesis import strategies as st

from playground.search.pareto import Point, pareto_front

POINTS = st.lists(st.builds(Point, st.integers(0, 5).map(float), st.integers(0, 5).map(float)), max_size=12)


def test_what_is_slower_and_no_better_is_beaten() -> None:
    points = [Point(100, 0.5), Point(200, 0.5), Point(200, 0.9), Point(50, 0.1)]
    assert pareto_front(points) == [3, 0, 2]


def test_of_equal_points_the_first_stands_for_all() -> None:
    assert pareto_front([Point(1, 1), Point(1, 1)]) == [0]


@given(POINTS)
def test_nobody_beats_the_front_and_somebody_beats_or_equals_all_others(points: list[Point]) -> None:
    front = [points[at] for at in pareto_front(points)]
    for one in front:
        assert not any(
            other.latency <= one.latency and other.quality >= one.quality and other != one for other in points
        )
    for point in points:
        assert any(one.latency <= point.latency and one.quality >= point.quality for one in front)
