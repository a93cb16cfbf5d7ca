import pytest

from playground.documents import Heading, Page
from playground.errors import ReadError
from playground.reading.limits import Limits
from playground.reading.pdf import _joined_words, read_pdf
from tests import files_for_reading as files


def read(data: bytes):
    return read_pdf(data, Limits())


def test_pages_slice_back_to_their_text():
    draft = read(files.pdf([["First page", "second line"], ["Second page"]]))
    assert draft.text == "First page\nsecond line\n\nSecond page"
    assert draft.pages == (Page(1, 0, 22), Page(2, 24, 35))


def test_a_blank_page_stands_empty_before_the_next_one():
    draft = read(files.pdf([["One"], [], ["Three"], []]))
    assert draft.text == "One\n\nThree"
    assert [(page.number, page.start, page.end) for page in draft.pages] == [
        (1, 0, 3),
        (2, 5, 5),
        (3, 5, 10),
        (4, 10, 10),
    ]
    assert draft.note == ""


def test_bookmarks_become_headings_where_their_title_stands():
    pages = [["Intro", "words"], ["7 1.2. PRICES", "text", "1.2 Prices", "A desk costs 120"]]
    draft = read(files.pdf(pages, {"Intro": (1, 0), "1.2 Prices": (2, 1), "Not there": (2, 1)}))
    assert draft.headings == (
        Heading(1, "Intro", 0),
        Heading(2, "1.2 Prices", draft.text.index("1.2 Prices")),
    )
    assert draft.text[draft.headings[1].start :].startswith("1.2 Prices\nA desk")


def test_the_title_is_that_of_the_metadata_unless_a_program_made_it_up():
    assert read(files.pdf([["x"]], title="Annual report")).title == "Annual report"
    assert read(files.pdf([["x"]], title="report.docx")).title == ""
    assert read(files.pdf([["x"]], title="untitled")).title == ""


def test_a_scan_says_how_many_pages_have_no_text():
    with pytest.raises(ReadError, match=r"no text layer: 2 pages, none with text \(a scan\?\); run OCR"):
        read(files.pdf([[], []], pictures=[1, 2]))


def test_a_page_that_is_only_a_picture_is_noted():
    draft = read(files.pdf([["Text"], [], []], pictures=[2]))
    assert draft.note == "no text on page 2, only pictures; run OCR to have them too"


def test_an_empty_password_opens_a_file_and_another_one_is_asked_for():
    assert read(files.pdf([["open"]], password="")).text == "open"
    with pytest.raises(ReadError, match="needs a password"):
        read(files.pdf([["shut"]], password="secret"))


@pytest.mark.parametrize("mark", ["\x02", "\ufffe", "\x02\r\n", "\ufffe\r\n"])
def test_hyphens_at_line_ends_join_words(mark: str):
    assert _joined_words(f"exam{mark}ple") == "example"
    assert _joined_words(f"Black{mark}White") == "Black-White"
    assert _joined_words(f"COVID{mark}19") == "COVID-19"
