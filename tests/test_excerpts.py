from hypothesis import given
from hypothesis import strategies as st

from playground.chunking import Chunk
from playground.documents import Document, Heading, Page
from playground.excerpts import (
    Segment,
    blocks,
    is_paged,
    place_at,
    places,
    window_around,
    window_at,
    window_before,
)


def document(text: str, pages: tuple[Page, ...] = (), headings: tuple[Heading, ...] = ()) -> Document:
    return Document("d", "d.md", text, pages=pages, headings=headings)


def chunk(text: str, start: int, end: int) -> Chunk:
    return Chunk("d", start, end, text[start:end], tokens=end - start)


LINES = "".join(f"line {number:03}\n" for number in range(100))  # 9 characters each


def test_a_window_ends_with_a_line() -> None:
    assert window_at(document(LINES), 0, 100) == (0, 99)
    assert window_at(document(LINES), 99, 100) == (99, 198)


def test_the_last_window_ends_with_the_text() -> None:
    assert window_at(document(LINES), 850, 100) == (850, 900)


def test_a_window_of_a_pdf_stays_on_its_page() -> None:
    pages = (Page(1, 0, 45), Page(2, 45, 900))
    assert is_paged(document(LINES, pages))
    assert window_at(document(LINES, pages), 9, 100) == (9, 45)
    assert window_before(document(LINES, pages), 45, 100) == (0, 45)
    slides = (Page(1, 0, 45, "slide"), Page(2, 45, 900, "slide"))
    assert window_at(document(LINES, slides), 9, 100) == (9, 108)


def test_paging_on_leads_from_page_to_page_over_the_white_space_between() -> None:
    text = "first page\n\nsecond page"
    pages = (Page(1, 0, 10), Page(2, 12, 23))
    assert window_at(document(text, pages), 0) == (0, 10)
    assert window_at(document(text, pages), 10) == (12, 23)
    assert window_before(document(text, pages), 12) == (0, 12)


def test_a_passage_is_shown_with_the_lines_before_it() -> None:
    begin, end = window_around(document(LINES), (450, 470), 300)
    assert begin == 216  # the first line that begins within 240 characters before
    assert end >= 470
    assert window_around(document(LINES), (20, 30), 300)[0] == 0


def test_a_passage_in_one_long_line_begins_its_window() -> None:
    assert window_around(document("x" * 2000), (1000, 1010), 300) == (1000, 1300)


def test_a_passage_that_ends_on_the_next_page_is_shown_whole() -> None:
    pages = (Page(1, 0, 45), Page(2, 45, 900))
    assert window_around(document(LINES, pages), (36, 60), 300) == (0, 60)


@given(st.text(alphabet="ab \n", min_size=1, max_size=300), st.integers(1, 50))
def test_paging_on_shows_every_character_once(text: str, size: int) -> None:
    shown, start = "", 0
    while start < len(text):
        begin, end = window_at(document(text), start, size)
        assert begin == start < end <= start + size
        shown += text[begin:end]
        start = end
    assert shown == text


@given(st.text(alphabet="ab \n", min_size=2, max_size=300), st.integers(1, 50), st.data())
def test_the_window_before_ends_where_this_one_begins(text: str, size: int, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, len(text) - 1))
    begin, end = window_before(document(text), start, size)
    assert end == start
    assert 0 <= begin < end <= begin + size


def test_places_are_pages_else_headings_else_tenths() -> None:
    paged = document(LINES, (Page(1, 0, 45), Page(2, 45, 900)), (Heading(1, "A", 9),))
    assert [place.label for place in places(paged)] == ["Page 1", "Page 2"]
    titled = document(LINES, headings=(Heading(1, "A", 9), Heading(2, "B", 18)))
    assert [(place.label, place.start) for place in places(titled)] == [
        ("Beginning", 0),
        ("A", 9),
        ("\u2003B", 18),
    ]
    assert [place.start for place in places(document(LINES))] == [part * 90 for part in range(10)]


def test_the_place_is_the_last_one_that_is_not_behind() -> None:
    found = places(document(LINES, (Page(1, 5, 45), Page(2, 45, 900))))
    assert [place_at(found, offset) for offset in (0, 5, 44, 45, 899)] == [0, 0, 0, 1, 1]


def test_headings_of_the_same_title_are_told_apart() -> None:
    headings = tuple(Heading(1, title, start) for start, title in enumerate(["A", "A (2)", "A", "A"]))
    found = places(document("xxxx", headings=headings))
    assert [place.label for place in found] == ["A", "A (2)", "A (3)", "A (4)"]


def test_very_many_places_are_thinned_out() -> None:
    headings = tuple(Heading(1, str(number), number) for number in range(1000))
    assert len(places(document("x" * 1000, headings=headings))) == 334


def test_blocks_are_cut_at_chunks_and_pages() -> None:
    text = "one two\nthree four"
    found = blocks(
        document(text, (Page(1, 0, 8), Page(2, 8, 18))), [chunk(text, 0, 13), chunk(text, 14, 18)], (0, 18)
    )
    assert [(block.chunk, block.begins, block.page and block.page.number) for block in found] == [
        (0, True, 1),
        (0, False, 2),
        (1, True, None),
    ]
    assert [block.segments[0].text for block in found] == ["one two", "three", "four"]


def test_repeated_text_the_passage_and_headings_are_told_apart() -> None:
    text = "Title\none two three"
    found = blocks(
        document(text, headings=(Heading(1, "Title", 0),)),
        [chunk(text, 0, 13), chunk(text, 10, 19)],
        (0, 19),
        span=(6, 12),
    )
    assert found[0].segments == (
        Segment("Title", heading=True),
        Segment("\n"),
        Segment("one", marked=True),
    )
    assert found[1].segments == (
        Segment("tw", shared=True, marked=True),
        Segment("o", shared=True),
        Segment(" three"),
    )


def test_text_without_chunks_is_one_block() -> None:
    (block,) = blocks(document("plain text"), [], (0, 10))
    assert (block.chunk, block.begins, block.segments) == (None, False, (Segment("plain text"),))


@given(st.text(alphabet="ab \n", min_size=1, max_size=120), st.lists(st.integers(0, 119), max_size=6))
def test_blocks_lose_nothing_but_white_space(text: str, starts: list[int]) -> None:
    chunks = [chunk(text, start, len(text)) for start in sorted({s for s in starts if s < len(text)})]
    found = blocks(document(text), chunks, (0, len(text)))
    shown = "".join(segment.text for block in found for segment in block.segments)
    assert "".join(shown.split()) == "".join(text.split())
