from pathlib import Path

import pytest

from playground.documents import Document, Heading, Page
from playground.library import Added, Library
from tests.homes import document


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def put(library: Library, name: str, text: str, content: bytes = b"") -> Added:
    return library.add(document(name, text), content or text.encode())


def test_a_document_comes_back_as_it_was_added(library: Library) -> None:
    pages = (Page(1, 0, 4, "sheet", "Fees"), Page(2, 5, 9, "sheet", "Más"))
    whole = Document("id", "a.xlsx", "Fees\nMore", "Title", pages, (Heading(1, "Fees", 0),))
    library.add(whole, b"the bytes")
    assert library.document("id") == whole
    assert library.content("id") == b"the bytes"
    (entry,) = library.entries()
    assert (entry.name, entry.title, entry.version, entry.bytes) == ("a.xlsx", "Title", 1, 9)
    assert (entry.characters, entry.pages, entry.added_at.tzinfo is not None) == (9, 2, True)


def test_a_format_without_pages_has_no_number_of_pages(library: Library) -> None:
    put(library, "a.md", "text")
    assert library.entries()[0].pages is None


def test_what_is_not_there_is_a_key_error(library: Library) -> None:
    for ask in (library.document, library.content):
        with pytest.raises(KeyError):
            ask("nothing")
    assert not library.has("nothing")


def test_the_same_name_with_other_text_is_the_next_version(library: Library) -> None:
    first = put(library, "a.md", "one")
    second = put(library, "a.md", "two")
    third = put(library, "a.md", "three")
    assert first == Added("added", first.document_id, 1)
    assert second == Added("replaced", second.document_id, 2, replaced_id=first.document_id)
    assert third.version == 3
    assert library.ids() == {third.document_id}


def test_the_same_text_is_kept_once_under_all_its_names(library: Library) -> None:
    first = put(library, "a.md", "one")
    again = put(library, "b.md", "one")
    assert again == Added("same", first.document_id, 1, other="a.md")
    assert library.names() == {"a.md": first.document_id, "b.md": first.document_id}
    assert len(library.entries()) == 1


def test_bytes_that_are_known_need_not_be_read(library: Library) -> None:
    first = put(library, "a.md", "one")
    assert library.known_content("c.md", b"other") is None
    assert library.known_content("a.md", b"one") == Added("same", first.document_id, 1, other="a.md")
    assert library.known_content("b.md", b"one") == Added("same", first.document_id, 1, other="a.md")


def test_other_bytes_with_the_same_text_are_known_the_next_time(library: Library) -> None:
    first = put(library, "a.md", "one", b"one")
    assert put(library, "a.md", "one", b"\xef\xbb\xbfone").outcome == "same"
    assert put(library, "b.pdf", "one", b"%PDF").outcome == "same"
    for name, content in (("a.md", b"\xef\xbb\xbfone"), ("b.pdf", b"%PDF")):
        known = library.known_content(name, content)
        assert known is not None and known.document_id == first.document_id
    assert library.content(first.document_id) == b"\xef\xbb\xbfone"


def test_a_document_whose_new_text_is_there_already_becomes_another_name_of_it(library: Library) -> None:
    one, two = put(library, "a.md", "one"), put(library, "b.md", "two")
    added = put(library, "b.md", "one")
    assert added == Added("same", one.document_id, 1, other="a.md", replaced_id=two.document_id)
    assert library.names() == {"a.md": one.document_id, "b.md": one.document_id}


def test_another_name_that_gets_a_text_of_its_own_is_a_document(library: Library) -> None:
    one = put(library, "a.md", "one")
    put(library, "b.md", "one")
    two = put(library, "b.md", "two")
    assert two.outcome == "added"
    assert library.names() == {"a.md": one.document_id, "b.md": two.document_id}


def test_a_file_that_came_twice_outlives_a_new_version_under_its_first_name(library: Library) -> None:
    first = put(library, "a.md", "one")
    put(library, "b.md", "one")
    put(library, "c.md", "one")
    second = put(library, "a.md", "two")
    assert second.replaced_id == first.document_id
    names = library.names()
    assert names["b.md"] == names["c.md"] != first.document_id
    assert library.document(names["b.md"]).text == "one"
    assert library.content(names["b.md"]) == b"one"
    assert [(entry.name, entry.version) for entry in library.entries()] == [("a.md", 2), ("b.md", 1)]


def test_dropping_a_name_keeps_what_came_under_another(library: Library) -> None:
    first = put(library, "a.md", "one")
    put(library, "b.md", "one")
    assert library.drop_name("b.md") == ""
    assert library.names() == {"a.md": first.document_id}
    put(library, "b.md", "one")
    assert library.drop_name("a.md") == first.document_id
    assert list(library.names()) == ["b.md"]
    library.drop_name("b.md")
    assert (library.names(), library.drop_name("b.md")) == ({}, "")


def test_deleting_takes_all_names_and_the_file(library: Library, tmp_path: Path) -> None:
    first = put(library, "a.md", "one")
    put(library, "b.md", "one")
    library.delete([first.document_id])
    assert library.names() == {}
    assert list((tmp_path / "files").iterdir()) == []


@pytest.mark.parametrize("how", ["delete", "replace", "drop"])
def test_a_text_that_is_gone_is_overwritten_on_disk(library: Library, tmp_path: Path, how: str) -> None:
    added = put(library, "a.md", "Xanthippe " * 3000)
    if how == "delete":
        library.delete([added.document_id])
    elif how == "replace":
        put(library, "a.md", "Sokrates")
    else:
        library.drop_name("a.md")
    assert all(b"Xanthippe" not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_file_that_a_killed_process_left_is_swept(library: Library, tmp_path: Path) -> None:
    (tmp_path / "files" / "orphan").write_bytes(b"x")
    added = put(library, "a.md", "one")
    assert [path.name for path in (tmp_path / "files").iterdir()] == [added.document_id]


def test_questions_are_remembered_newest_first_and_once(library: Library) -> None:
    for question in ("one?", "two?", "one?"):
        library.note_question(question)
    assert library.questions() == ["one?", "two?"]
    assert library.questions(limit=1) == ["one?"]
    library.forget_questions()
    assert library.questions() == []


def test_a_reopened_library_holds_what_it_held(library: Library, tmp_path: Path) -> None:
    put(library, "a.md", "one")
    library.want_index("{}", "builtin")
    library.close()
    again = Library(tmp_path)
    assert [entry.name for entry in again.entries()] == ["a.md"]
    assert again.wanted_indexes() == [("{}", "builtin")]
    again.unwant_index("{}", "builtin")
    assert again.wanted_indexes() == []
