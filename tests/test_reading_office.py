import pytest

from playground.documents import Heading
from playground.reading.limits import Limits
from playground.reading.office import read_docx, read_epub, read_html, read_pptx
from tests import files_for_reading as files


def test_a_word_file_keeps_headings_codes_and_tables():
    draft = read_docx(files.word(), Limits())
    assert [(heading.level, heading.title) for heading in draft.headings] == [
        (1, "Travel policy"),
        (1, "Trains"),
        (2, "Refunds"),
    ]
    assert draft.text[draft.headings[2].start :].startswith("## Refunds\n\nWithin 30 days.")
    assert "The form is TR_44_B." in draft.text
    assert "| City | Limit |\n| --- | --- |\n| Rome | 120 |" in draft.text
    assert draft.title == "Travel policy"


def test_every_slide_is_a_page_with_its_notes():
    draft = read_pptx(files.slides(), Limits())
    first, second = draft.pages
    assert draft.text[first.start : first.end] == "# Plan\n- Buy desks"
    assert (
        draft.text[second.start : second.end]
        == "# Costs\n- Desks cost 120\n- Chairs cost 60\n\n### Notes:\nAsk for a discount\n\nBefore May"
    )
    assert (second.number, second.kind, second.label) == (2, "slide", "slide 2")
    assert [draft.text[heading.start] for heading in draft.headings] == ["#", "#", "#"]
    assert draft.title == "Plan"


def test_an_e_book_is_read_in_order_and_what_its_package_says_is_only_the_title():
    draft = read_epub(files.ebook(), Limits())
    assert draft.text == "# Dawn\n\nIt was dry. next\n\n# Noon\n\nIt rained. next"
    assert draft.title == "The Well"
    assert [heading.title for heading in draft.headings] == ["Dawn", "Noon"]


def read(body: str, head: str = ""):
    return read_html(f"<html><head>{head}</head><body>{body}</body></html>".encode(), Limits())


def test_a_web_page_loses_scripts_and_what_is_hidden():
    draft = read(
        "<script>track()</script><style>p{}</style><ix:header>0001 tag</ix:header>"
        "<p hidden>no</p><p style='color:red; display:none'>no</p><p>yes</p>"
    )
    assert draft.text == "yes"


def test_pictures_leave_their_alternative_text_and_no_data():
    draft = read(
        '<p><img alt="A desk" src="data:image/png;base64,AAAA"> and <img src="https://x.org/a.png"></p>'
    )
    assert draft.text == "A desk and"


def test_links_to_the_web_stay_and_others_become_words():
    draft = read('<a href="https://x.org/a_b">out</a> <a href="#top">up</a> <a href="b.html">on</a>')
    assert draft.text == "[out](https://x.org/a_b) up on"


def test_the_first_heading_is_the_title_else_the_head_says_it():
    assert read("<h2>Fees</h2>", "<title>Site</title>").title == "Fees"
    assert read("<p>x</p>", "<title> My \n Site </title>").title == "My Site"
    assert read("<h2>Fees</h2>").headings == (Heading(2, "Fees", 0),)


def test_tables_that_only_place_things_are_no_tables():
    inner = "<table><tr><th>City</th><th>Limit</th></tr><tr><td>Rome</td><td>120</td></tr></table>"
    draft = read(f"<table><tr><td>menu</td><td><p>Text</p>{inner}</td></tr></table>")
    assert draft.text == "menu\n\nText\n\n| City | Limit |\n| --- | --- |\n| Rome | 120 |"


@pytest.mark.filterwarnings("ignore:HTML document is too deeply nested")
def test_deep_nesting_still_gives_text():
    assert "deep" in read("<div>" * 3000 + "deep" + "</div>" * 3000).text
