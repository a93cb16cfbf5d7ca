from hypothesis import given
from hypothesis import strategies as st

from playground.reading.draft import clean
from playground.reading.limits import Limits
from playground.reading.markdown import headings, tidy_converted
from playground.reading.text import read_markdown, read_text


def found(text: str) -> list[tuple[int, str, int]]:
    return [(heading.level, heading.title, heading.start) for heading in headings(text)]


def test_both_kinds_of_headings_are_found_at_their_line():
    text = "Intro\n=====\n\ntext\n\n## Fees and *taxes* ##\n\nMore\n---\n"
    assert found(text) == [(1, "Intro", 0), (2, "Fees and taxes", 19), (2, "More", 43)]


def test_code_is_no_heading():
    assert found("```sh\n# not one\n```\n~~~\n# nor this\n~~~\n    # nor indented\n# one") == [(1, "one", 58)]


def test_a_longer_fence_closes_only_with_as_many_marks():
    assert found("````\n```\n# no\n````\n# yes") == [(1, "yes", 19)]


def test_rules_tables_lists_and_front_matter_are_no_headings():
    assert found("---\ntitle: x\n---\n\ntwo\nlines\n---\n\n- item\n---\n\na | b\n--- | ---\n#hash\n") == []


def test_links_and_code_marks_leave_the_title():
    assert found("# The `read` [command](https://x.org)")[0][1] == "The read command"


@given(st.lists(st.sampled_from(["# A", "text", "", "```", "B\n==", "    # c", "#", "> # q", "---"])))
def test_a_heading_starts_at_its_own_line(lines: list[str]):
    text = "\n".join(lines)
    for heading in headings(text):
        assert heading.start == 0 or text[heading.start - 1] == "\n"
        assert text[heading.start :].lstrip("# ").startswith(heading.title)


@given(st.text())
def test_cleaning_leaves_what_utf_8_can_write_and_changes_nothing_twice(text: str):
    once = clean(text)
    assert clean(once) == once
    assert not set(once) & set("\r\0\v\f\u2028")
    assert once.encode("utf-8").decode("utf-8") == once


@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl"], exclude_characters="\u2029\ufeff")))
def test_offsets_in_a_clean_text_hold(text: str):
    assert text.startswith(clean(text))


def test_pictures_in_base64_are_cut_out():
    assert clean("![a](data:image/png;base64," + "iVBORw0KGgo" * 9 + "==) end") == "![a](data:image/png) end"


def test_code_that_looks_like_a_link_stays():
    assert tidy_converted("f[i](x) and [up](#top)") == "f[i](x) and up"


def test_plain_text_has_no_headings_and_markdown_takes_its_title_from_the_first():
    assert read_text(b"# not one\r\nx", Limits()).headings == ()
    assert read_text(b"# not one\r\nx\r\n", Limits()).text == "# not one\nx"
    draft = read_markdown(b"\xef\xbb\xbftext\n\n# Fees\n", Limits())
    assert (draft.title, draft.headings[0].start) == ("Fees", 6)
