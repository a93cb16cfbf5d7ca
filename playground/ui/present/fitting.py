"""How large a text may be printed so that it fits into its box, worked out from its words.

Lengths are in rem: on the stage the type grows with the window, so that a box has the same size on every
screen, or more. This module does not know what the text says.
"""

import math
import textwrap
from dataclasses import dataclass
from unicodedata import east_asian_width

LINE = 1.42
"""Line height, in sizes of the type."""

ADVANCE = 0.49
"""Width of a character, in sizes of the type: a little more than Source Sans takes for English."""

SMALLEST = 0.8
"""Below it nobody in a room can read: rather than that, a box grows and the window scrolls."""


@dataclass(frozen=True)
class Box:
    """Width and height, in rem."""

    width: float
    height: float


def type_size(text: str, box: Box, largest: float) -> float:
    """The size at which a text fits into a box, at most `largest`."""
    return min(largest, box.height / (fitting_lines(text, box) * LINE))


def fitting_lines(text: str, box: Box) -> int:
    """Into how many lines a text is broken where it fills a box: the fewest, so that its type is as large as
    it can be."""
    shape = box.width / box.height
    lines = max(1, math.isqrt(int(len(text) * ADVANCE / (shape * LINE))))  # that many even without gaps
    while lines_needed(text, max(1, int(shape * lines * LINE / ADVANCE))) > lines:
        lines += 1
    return lines


def lines_needed(text: str, characters: int) -> int:
    """How many lines of so many characters a text takes. Wide characters, as in Chinese, count twice."""
    wide = "".join(each * 2 if east_asian_width(each) in "WF" else each for each in text)
    return sum(max(1, len(textwrap.wrap(line, characters))) for line in wide.split("\n"))
