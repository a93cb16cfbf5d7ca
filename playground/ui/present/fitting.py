"""How large a text may be printed so that it fits into its box, worked out from its words.

Only the shape of the box is known, not its size: what is given back are CSS lengths in hundredths of it. This
module does not know what the text says.
"""

import textwrap
from unicodedata import east_asian_width

LINE = 1.42
"""Line height, in sizes of the type."""

ADVANCE = 0.5
"""Width of a character, in sizes of the type: a little more than Source Sans takes for English."""

MOST_LINES = 400


def lines_needed(text: str, characters: int) -> int:
    """How many lines of so many characters a text takes. Wide characters, as in Chinese, count twice."""
    wide = "".join(each * 2 if east_asian_width(each) in "WF" else each for each in text)
    return sum(max(1, len(textwrap.wrap(line, characters))) for line in wide.split("\n"))


def fitting_lines(text: str, shape: float) -> int:
    """Into how many lines a text is broken where it fills a box `shape` times as wide as high: the fewest, so
    that its type is as large as it can be."""
    for lines in range(1, MOST_LINES):
        characters = max(1, int(shape * lines * LINE / ADVANCE))
        if lines_needed(text, characters) <= lines:
            return lines
    return MOST_LINES


def type_size(text: str, shape: float) -> str:
    """The size at which a text fits, as a CSS length for a box that is a size container.

    A box of another shape is filled as far as one of this shape fits into it.
    """
    height = 100 / (fitting_lines(text, shape) * LINE)
    return f"min({height:.2f}cqh, {height / shape:.2f}cqw)"
