"""Who may see a document, on the pages: said on Documents, asked on Compare."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import DEFAULT
from playground.documents import Document
from playground.intake import take_in
from playground.library import Entry
from playground.presets import PRESETS
from playground.ui import resources
from playground.workspace import Workspace
from tests.pages import drawn, open_page

PAY = "# Pay\n\nThe director earns nine thousand euros a month.\n"
NEWS = "# News\n\nThe canteen serves soup on Mondays, and a trainee earns little.\n"
QUESTION = "What does the director earn?"


@pytest.fixture
def library(home: Path) -> Path:
    """News for everybody and pay for anna and ben, indexed with the default settings."""
    workspace = Workspace(home)
    files = [("news.md", NEWS.encode()), ("pay.md", PAY.encode())]
    list(take_in(workspace, files, {"pay.md": ("ben", "anna")}))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    return home


def readers() -> dict[str, frozenset[str]]:
    """Of the restricted documents, by name."""
    entries = resources.workspace().library.entries()
    return {entry.name: entry.readers for entry in entries if entry.restricted}


# Documents


def the_action() -> None:
    """What Documents draws for the documents whose names are chosen."""
    import streamlit as st

    from playground.ui import resources
    from playground.ui.documents.readers import readers_action

    entries = resources.workspace().library.entries()
    readers_action([entry for entry in entries if entry.name in st.session_state["chosen"]])


def choose(*names: str) -> AppTest:
    page = AppTest.from_function(the_action, default_timeout=60)
    page.session_state["chosen"] = names
    return page.run()


def save(page: AppTest, names: str) -> AppTest:
    page.text_input[0].set_value(names).run()
    page.button(key="readers_save").click().run()
    assert not page.exception
    return page


def add(*names: str) -> None:
    for name in names:
        resources.workspace().add(Document(f"id of {name}", name, f"Text of {name}."), name.encode())


def test_nothing_can_be_said_where_no_document_is_selected() -> None:
    add("a.md")
    assert choose().button(key="readers_none").disabled


def test_the_button_says_what_will_be_before_anything_changes() -> None:
    add("a.md")
    page = choose("a.md")
    assert page.text_input[0].label == "Who may see this document?"
    assert page.text_input[0].placeholder == "Everybody"
    button = page.button(key="readers_save")
    assert (button.label, button.disabled) == ("Let everybody see it", True)
    page.text_input[0].set_value("ben, anna , ").run()
    button = page.button(key="readers_save")
    assert (button.label, button.disabled) == ("Let only anna and ben see it", False)
    assert readers() == {}


def test_readers_are_set_and_taken_away_again() -> None:
    add("a.md", "b.md")
    page = save(choose("a.md"), "ben, anna")
    assert readers() == {"a.md": {"anna", "ben"}}
    assert page.text_input[0].value == "anna, ben"
    assert page.button(key="readers_save").disabled
    assert page.caption[0].value == "Known so far: anna, ben"
    save(page, "")
    assert readers() == {}


def test_several_documents_get_the_same_readers() -> None:
    add("a.md", "b.md", "c.md")
    save(choose("a.md"), "anna")
    page = choose("a.md", "b.md")
    assert page.text_input[0].label == "Who may see these 2 documents?"
    assert (page.text_input[0].value, page.text_input[0].placeholder) == (
        "",
        "Names, with commas between them",
    )
    page.text_input[0].set_value("a, b, c, d").run()
    assert page.button(key="readers_save").label == "Let only a, b and 2 others see them"
    save(page, "clara")
    assert readers() == {"a.md": {"clara"}, "b.md": {"clara"}}


def test_what_was_deleted_meanwhile_is_passed_over() -> None:
    add("a.md", "b.md")
    page = choose("a.md", "b.md")
    page.text_input[0].set_value("anna").run()
    resources.workspace().delete(["id of a.md"])
    page.button(key="readers_save").click().run()
    assert not page.exception
    assert readers() == {"b.md": {"anna"}}


def test_names_of_readers_are_never_markup() -> None:
    add("a.md")
    page = choose("a.md")
    page.text_input[0].set_value("**anna** :red[x]").run()
    assert page.button(key="readers_save").label == r"Let only \*\*anna\*\* \:red\[x\] see it"


def test_the_table_says_who_may_see_what_as_soon_as_something_is_restricted() -> None:
    add("a.md", "b.md", "c.md")
    page = open_page("documents")
    assert "Readers" not in page.dataframe[0].value
    resources.workspace().set_readers("id of a.md", ["ben", "anna"])
    page.run()
    assert list(page.dataframe[0].value["Readers"]) == ["anna, ben", "everybody", "everybody"]


def test_a_document_for_nobody_is_said_to_be_so() -> None:
    from playground.ui.documents.readers import readers_in_words

    add("a.md")
    (entry,) = resources.workspace().library.entries()
    assert readers_in_words(entry) == "everybody"
    assert readers_in_words(Entry(**{**vars(entry), "restricted": True})) == "nobody"


# Compare


def answers(page: AppTest) -> list[str]:
    return [element.value for element in page.get("html") if "pg answer" in element.value]


def test_who_asks_decides_what_a_column_answers(library: Path) -> None:
    page = open_page(a="balanced", b="retrieval.reader:anna", c="retrieval.reader:clara", q=QUESTION)
    anyone, anna, clara = answers(page)
    assert "nine thousand" in anyone
    assert "nine thousand" in anna
    assert "nine thousand" not in clara
    assert drawn(page).count("<dt>Asked by</dt>") == 3
    for words in ("anyone (no check)", "anna", "clara"):
        assert f"<dt>Asked by</dt><dd>{words}</dd>" in drawn(page)


def test_nothing_of_a_hidden_document_is_on_the_page(library: Path) -> None:
    page = open_page(a="retrieval.reader:clara", q=QUESTION)
    assert "nine thousand" not in drawn(page)
    assert "pay.md" not in drawn(page)
    assert "news.md" in drawn(page)


def test_who_asks_is_chosen_among_known_readers(library: Path) -> None:
    page = open_page(a="balanced", q=QUESTION)
    asked_by = page.selectbox(key="retrieval_reader_a")
    assert asked_by.options == ["anyone (no check)", "anna", "ben"]
    assert asked_by.value == ""
    assert "Asked by</dt>" not in drawn(page)
    asked_by.set_value("anna").run()
    assert not page.exception
    assert page.query_params["a"] == "retrieval.reader:anna"
    assert "<dt>Asked by</dt><dd>anna</dd>" in drawn(page)


def test_a_reader_of_a_link_whom_no_document_knows_can_be_chosen_too(library: Path) -> None:
    page = open_page(a="retrieval.reader:clara")
    assert page.selectbox(key="retrieval_reader_a").options == ["anyone (no check)", "anna", "ben", "clara"]


def test_without_restricted_documents_nobody_is_asked_who_asks(library: Path) -> None:
    page = open_page(a="balanced")
    for entry in resources.workspace().library.entries():
        resources.workspace().set_readers(entry.id, [])
    page.run()
    assert not [box for box in page.selectbox if box.key == "retrieval_reader_a"]


def test_a_column_that_looks_nothing_up_says_that_nobody_is_checked(library: Path) -> None:
    page = open_page(a="no-retrieval", b="retrieval.reader:anna")
    assert "<dt>Asked by</dt><dd>none</dd>" in drawn(page)
    assert not [box for box in page.selectbox if box.key == "retrieval_reader_a"]


def test_changed_readers_change_the_answers_on_the_page(library: Path) -> None:
    page = open_page(a="retrieval.reader:clara", q=QUESTION)
    assert "nine thousand" not in drawn(page)
    workspace = resources.workspace()
    workspace.set_readers(workspace.library.names()["pay.md"], ["clara"])
    page.run()
    assert "nine thousand" in drawn(page)


def test_a_preset_keeps_who_asks(library: Path) -> None:
    page = open_page(a="retrieval.reader:anna")
    preset = page.pills(key="column_preset_a")
    assert preset.value == "Balanced"
    preset.set_value("Fast").run()
    column = page.session_state["comparison"].columns[0]
    assert column.config == PRESETS["Fast"].with_values({"retrieval.reader": "anna"})
