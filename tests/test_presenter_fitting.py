"""How large a text may be on the stage: it fits, and one line fewer would not."""

from hypothesis import given
from hypothesis import strategies as st

from playground.ui.present.fitting import ADVANCE, LINE, Box, fitting_lines, lines_needed, type_size

texts = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"], include_characters="\n"))
boxes = st.builds(Box, st.floats(5, 80), st.floats(2, 40))


def characters(box: Box, size: float) -> int:
    """How many characters of this size stand in a line of the box."""
    return max(1, int(box.width / (size * ADVANCE) + 1e-9))


@given(texts, boxes)
def test_a_text_of_the_given_size_is_never_higher_than_its_box(text: str, box: Box) -> None:
    size = type_size(text, box, largest=100.0)
    assert lines_needed(text, characters(box, size)) * size * LINE <= box.height + 1e-6


@given(texts, boxes)
def test_with_one_line_fewer_the_type_would_be_too_large(text: str, box: Box) -> None:
    lines = fitting_lines(text, box)
    larger = box.height / (max(lines - 1, 1) * LINE)
    if lines > 1:
        assert lines_needed(text, max(1, int(box.width / (larger * ADVANCE)))) > lines - 1


@given(texts, boxes, st.floats(0.5, 3))
def test_no_type_is_larger_than_the_largest(text: str, box: Box, largest: float) -> None:
    assert type_size(text, box, largest) <= largest


def test_a_word_takes_the_line_that_it_needs() -> None:
    assert lines_needed("", 10) == 1
    assert lines_needed("within 14 days", 14) == 1
    assert lines_needed("within 14 days", 13) == 2
    assert lines_needed("one\n\ntwo", 10) == 3


def test_wide_characters_count_twice() -> None:
    assert lines_needed("検索拡張生成", 6) == 2


def test_a_short_answer_is_larger_than_a_long_one() -> None:
    box = Box(30, 12)
    short, long = (
        type_size("Three days a week. " * 2, box, 9.0),
        type_size("Three days a week. " * 30, box, 9.0),
    )
    assert short > 2 * long
