"""Where the names of points in a chart go, so that none is printed over another.

Everything is in pixels, x to the right and y down. This module does not know what is drawn, nor with what.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

LETTER, LINE, GAP = 8.0, 20.0, 13.0
"""Width of a bold letter, height of a line of text, and what is kept free beside a marker."""

_STEPS = (0, -1, 1, -2, 2, -3, 3, -4, 4, -5, 5)  # lines up (-) and down (+)
_MARKER = 9.0  # half of its side
_COSTS = {"label": 100.0, "outside": 60.0, "marker": 30.0, "bar": 4.0}

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Mark:
    """A point with its interval, which is drawn from `top` to `bottom`, and the `text` that names it."""

    x: float
    y: float
    top: float
    bottom: float
    text: str


@dataclass(frozen=True)
class Place:
    """A name stands to the `right` of its point or to the left, `shift` pixels below it."""

    right: bool
    shift: float


def places(marks: Sequence[Mark], width: float, height: float) -> list[Place]:
    """One for each mark, in a chart of this size. A name that fits beside its point stands there; others are
    moved up or down, or to the other side, as little as it takes."""
    obstacles = [("marker", _around(mark)) for mark in marks]
    obstacles += [("bar", (mark.x - 3, mark.top, mark.x + 3, mark.bottom)) for mark in marks]
    found: list[Place] = []
    for mark in marks:
        place = min(_candidates(mark, width), key=lambda place: _cost(mark, place, obstacles, width, height))
        obstacles.append(("label", _box(mark, place)))
        found.append(place)
    return found


def _candidates(mark: Mark, width: float) -> Iterator[Place]:
    """The side with more room first: of equally good places the first one is taken."""
    for step in _STEPS:
        for right in (mark.x <= width / 2, mark.x > width / 2):
            yield Place(right, step * (LINE + 1))


def _cost(
    mark: Mark, place: Place, obstacles: Sequence[tuple[str, Box]], width: float, height: float
) -> float:
    box = _box(mark, place)
    cost = abs(place.shift) / 20
    for kind, other in obstacles:
        if _meet(box, other):
            cost += _COSTS[kind]
    if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
        cost += _COSTS["outside"]
    return cost


def _box(mark: Mark, place: Place) -> Box:
    length, middle = len(mark.text) * LETTER, mark.y + place.shift
    left = mark.x + GAP if place.right else mark.x - GAP - length
    return left, middle - LINE / 2, left + length, middle + LINE / 2


def _around(mark: Mark) -> Box:
    return mark.x - _MARKER, mark.y - _MARKER, mark.x + _MARKER, mark.y + _MARKER


def _meet(first: Box, second: Box) -> bool:
    across = first[0] < second[2] and second[0] < first[2]
    return across and first[1] < second[3] and second[1] < first[3]
