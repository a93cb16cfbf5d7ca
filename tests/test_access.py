"""Who may read what: the rule, and the readers that a library keeps."""

import sqlite3
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.access import Rule, as_rule, known_readers, may_read, stricter
from playground.library import Added, Library
from tests.homes import document

EVERYBODY = None
ANNA, BEN, BOTH = frozenset({"anna"}), frozenset({"ben"}), frozenset({"anna", "ben"})
NOBODY: frozenset[str] = frozenset()


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path)


def put(library: Library, name: str, text: str, *readers: str, content: bytes = b"") -> Added:
    return library.add(document(name, text), content or text.encode(), readers)


def readers_by_name(library: Library) -> dict[str, frozenset[str]]:
    """Of every name under which something restricted is found."""
    rules = library.readers()
    return {name: rules[each] for name, each in library.names().items() if each in rules}


# The rule

people = st.sampled_from(["anna", "ben", "clara"])
rules = st.none() | st.frozensets(people)


@given(people, rules, rules)
def test_the_stricter_of_two_rules_lets_read_whom_both_let_read(reader: str, one: Rule, other: Rule) -> None:
    both = may_read(reader, one) and may_read(reader, other)
    assert may_read(reader, stricter(one, other)) == both
    assert stricter(one, other) == stricter(other, one)


def test_two_rules_without_a_common_name_let_nobody_read() -> None:
    assert stricter(ANNA, BEN) == NOBODY
    assert not may_read("anna", NOBODY)
    assert may_read("anna", EVERYBODY)


def test_names_are_compared_as_they_are_written() -> None:
    assert may_read("anna", ANNA)
    assert not may_read("Anna", ANNA)


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ((), EVERYBODY),
        (("", " , "), EVERYBODY),
        ((" anna ", "anna"), ANNA),
        (("anna, ben",), BOTH),
        (("human resources",), frozenset({"human resources"})),
    ],
)
def test_names_are_taken_as_people_give_them(given: tuple[str, ...], rule: Rule) -> None:
    assert as_rule(given) == rule


def test_known_readers_stand_in_the_order_of_the_alphabet() -> None:
    assert known_readers({"a": BOTH, "b": frozenset({"Zoe", "Ärzte", "board"})}) == [
        "anna",
        "ben",
        "board",
        "Zoe",
        "Ärzte",
    ]
    assert known_readers({}) == []


# The readers of documents


def test_a_document_is_for_everybody_until_somebody_restricts_it(library: Library) -> None:
    pay, news = put(library, "pay.md", "one").document_id, put(library, "news.md", "two").document_id
    assert library.readers() == {}
    library.set_readers(pay, ["anna"])
    assert library.readers() == {pay: ANNA}
    assert [(entry.name, entry.restricted, entry.readers) for entry in library.entries()] == [
        ("news.md", False, NOBODY),
        ("pay.md", True, ANNA),
    ]
    assert library.readable_by("anna") == {pay, news}
    assert library.readable_by("ben") == {news}
    assert library.readable_by("") is None
    library.set_readers(pay, [])
    assert library.readers() == {}
    assert library.readable_by("ben") == {pay, news}


def test_readers_of_a_document_that_is_not_here_are_an_error(library: Library) -> None:
    with pytest.raises(KeyError):
        library.set_readers("nothing", ["anna"])
    assert library.readers() == {}


def test_a_document_can_come_with_its_readers(library: Library) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    assert library.readers() == {pay: ANNA}


def test_a_new_version_keeps_the_readers_whatever_it_comes_with(library: Library) -> None:
    library.set_readers(put(library, "pay.md", "one").document_id, ["anna"])
    second = put(library, "pay.md", "two").document_id
    assert library.readers() == {second: ANNA}
    third = put(library, "pay.md", "three", "ben").document_id
    assert library.readers() == {third: ANNA}


def test_other_bytes_of_the_same_text_change_no_readers(library: Library) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    put(library, "pay.md", "one", content=b"\xef\xbb\xbfone")
    assert library.readers() == {pay: ANNA}


@pytest.mark.parametrize("how", ["delete", "drop"])
def test_a_deleted_document_loses_its_readers(library: Library, how: str) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    put(library, "copy.md", "one")
    if how == "delete":
        library.delete([pay])
    else:
        library.drop_name("copy.md")
        library.drop_name("pay.md")
    again = put(library, "pay.md", "one").document_id, put(library, "copy.md", "two").document_id
    assert library.readers() == {}
    assert library.readable_by("ben") == set(again)


# One text under two names


def test_a_restricted_text_stays_restricted_when_it_comes_under_another_name(library: Library) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    assert put(library, "copy.md", "one").document_id == pay
    assert library.known_content("third.md", b"one") is not None
    assert library.readers() == {pay: ANNA}
    assert library.readable_by("ben") == frozenset()


def test_a_text_of_everybody_is_restricted_when_it_comes_under_a_restricted_name(library: Library) -> None:
    news = put(library, "news.md", "one").document_id
    put(library, "pay.md", "two", "anna")
    put(library, "pay.md", "one")
    assert library.readers() == {news: ANNA}


def test_a_known_text_can_come_again_with_readers(library: Library) -> None:
    news = put(library, "news.md", "one").document_id
    assert library.known_content("news.md", b"one", ["anna", "ben"]) is not None
    assert library.readers() == {news: BOTH}
    assert library.known_content("pay.md", b"one", ["ben", "clara"]) is not None
    assert library.readers() == {news: BEN}


def test_two_names_whose_readers_have_nothing_in_common_are_for_nobody(library: Library) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    put(library, "copy.md", "one", "ben")
    assert library.readers() == {pay: NOBODY}
    assert [(entry.restricted, entry.readers) for entry in library.entries()] == [(True, NOBODY)]
    assert library.readable_by("anna") == library.readable_by("ben") == frozenset()
    library.set_readers(pay, ["anna"])
    assert library.readable_by("anna") == {pay}


def test_a_text_that_lives_on_under_its_other_name_stays_restricted(library: Library) -> None:
    put(library, "pay.md", "one", "anna")
    put(library, "copy.md", "one")
    put(library, "pay.md", "two")
    assert readers_by_name(library) == {"pay.md": ANNA, "copy.md": ANNA}
    library.drop_name("pay.md")
    assert readers_by_name(library) == {"copy.md": ANNA}


def test_another_name_that_gets_a_text_of_its_own_stays_restricted(library: Library) -> None:
    put(library, "pay.md", "one", "anna")
    put(library, "copy.md", "one")
    put(library, "copy.md", "two")
    assert readers_by_name(library) == {"pay.md": ANNA, "copy.md": ANNA}


def test_setting_the_readers_of_a_text_counts_for_all_its_names(library: Library) -> None:
    pay = put(library, "pay.md", "one", "anna").document_id
    put(library, "copy.md", "one")
    library.set_readers(pay, [])
    put(library, "pay.md", "two")
    assert library.readers() == {}


files = st.tuples(
    st.sampled_from(["a.md", "b.md", "c.md"]), st.sampled_from(["one", "two", "three"]), st.frozensets(people)
)


def rules_of_texts(library: Library) -> dict[str, Rule]:
    rules = library.readers()
    return {library.document(each).text: rules.get(each) for each in library.ids()}


def at_least_as_strict(later: Rule, earlier: Rule) -> bool:
    return stricter(later, earlier) == later


@settings(deadline=None, max_examples=60)
@given(st.lists(files, max_size=8))
def test_adding_documents_never_opens_a_text_or_a_name(added: list[tuple[str, str, frozenset[str]]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        library = Library(Path(folder))
        for name, text, readers in added:
            texts, names = rules_of_texts(library), readers_by_name(library)
            put(library, name, text, *readers)
            for each, rule in rules_of_texts(library).items():
                assert at_least_as_strict(rule, texts.get(each))
            after = readers_by_name(library)
            assert all(at_least_as_strict(after[each], rule) for each, rule in names.items())
            assert at_least_as_strict(after.get(name), names.get(name) or as_rule(readers))
        library.close()


# Homes


def test_readers_are_there_when_the_library_is_opened_again(library: Library, tmp_path: Path) -> None:
    pay = put(library, "pay.md", "one", "anna", "Ben Müller").document_id
    library.close()
    assert Library(tmp_path).readers() == {pay: {"anna", "Ben Müller"}}


def test_a_library_of_an_older_version_opens_with_all_it_had(tmp_path: Path) -> None:
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "0f").write_bytes(b"one")
    with sqlite3.connect(tmp_path / "library.sqlite") as database:
        database.executescript("""
            CREATE TABLE documents (
                id TEXT PRIMARY KEY, name TEXT UNIQUE, version INTEGER, content_hash TEXT, text_hash TEXT,
                bytes INTEGER, added_at TEXT, title TEXT, text TEXT, pages TEXT, headings TEXT);
            CREATE TABLE aliases (name TEXT PRIMARY KEY, document_id TEXT, content_hash TEXT);
            CREATE TABLE questions (question TEXT PRIMARY KEY, asked_at TEXT);
            CREATE TABLE wanted_indexes (chunking TEXT, encoder TEXT, PRIMARY KEY (chunking, encoder));
            INSERT INTO documents VALUES
                ('0f', 'a.md', 2, 'c', 't', 3, '2026-01-01T00:00:00+00:00', '', 'one', '[]', '[]');
            INSERT INTO aliases VALUES ('b.md', '0f', 'c');
            INSERT INTO questions VALUES ('Why?', '2026-01-01');
            INSERT INTO wanted_indexes VALUES ('{}', 'builtin');
        """)
    database.close()
    library = Library(tmp_path)
    (entry,) = library.entries()
    assert (entry.name, entry.version, entry.restricted) == ("a.md", 2, False)
    assert library.names() == {"a.md": "0f", "b.md": "0f"}
    assert (library.questions(), library.wanted_indexes()) == (["Why?"], [("{}", "builtin")])
    assert library.readable_by("anna") == {"0f"}
    library.set_readers("0f", ["anna"])
    assert library.readable_by("ben") == frozenset()
    assert library.content("0f") == b"one"
