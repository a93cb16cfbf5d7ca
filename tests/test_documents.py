import pytest

from playground.documents import Document, Heading, Page

REPORT = Document(
    "id",
    "report.pdf",
    "x" * 100,
    pages=(Page(1, 0, 40), Page(2, 42, 70), Page(3, 70, 100, "sheet", "Fees")),
    headings=(Heading(1, "Returns", 10), Heading(2, "Hardware", 20), Heading(2, "Software", 50),
              Heading(1, "Fees", 80)),
)  # fmt: skip


@pytest.mark.parametrize(
    ("offset", "number"), [(0, 1), (39, 1), (41, 1), (42, 2), (69, 2), (70, 3), (500, 3)]
)
def test_a_character_stands_on_the_page_that_began_last(offset: int, number: int) -> None:
    page = REPORT.page_at(offset)
    assert page is not None and page.number == number


def test_a_text_without_pages_has_none() -> None:
    assert Document("id", "a.md", "text").page_at(0) is None


@pytest.mark.parametrize(
    ("offset", "path"),
    [
        (0, ()),
        (10, ("Returns",)),
        (20, ("Returns", "Hardware")),
        (60, ("Returns", "Software")),
        (80, ("Fees",)),
    ],
)
def test_the_path_holds_the_headings_above(offset: int, path: tuple[str, ...]) -> None:
    assert REPORT.heading_path(offset) == path


def test_a_deeper_heading_may_come_first() -> None:
    document = Document("i", "n", "x" * 9, headings=(Heading(3, "deep", 0), Heading(1, "high", 5)))
    assert document.heading_path(1) == ("deep",)
    assert document.heading_path(6) == ("high",)


def test_a_page_is_called_by_its_name_or_number() -> None:
    assert [page.label for page in REPORT.pages] == ["page 1", "page 2", "sheet Fees"]
    assert Page(4, 0, 1, "slide").label == "slide 4"
