"""The Questions section of the Evaluate page, without a browser."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.store import Rating
from playground.ui import resources
from playground.ui.evaluate.question_table import apply_edits, cells, with_cells
from tests.homes import put

TEXT = "The fee is 30 euros. It rose in May."
LABEL = Gold("fees.md", 0, 20, "The fee is 30 euros.", found=True)
FEE = LabelledQuestion("fee", "What is the fee?", ("30",), True, (LABEL,))
WHO = LabelledQuestion("who", "Who pays?", answerable=False)


def section(name: str) -> None:
    from playground.ui.evaluate.questions import questions_section

    questions_section(name)


def open_section(name: str) -> AppTest:
    page = AppTest.from_function(section, args=(name,), default_timeout=60).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown)


@pytest.fixture(autouse=True)
def library(home: Path) -> None:
    put(resources.workspace(), "fees.md", TEXT)


def test_without_questions_three_ways_are_offered() -> None:
    page = open_section("")
    assert "No questions yet" in said(page)
    for way in ("Ask on Compare", "Upload a file", "Load the sample handbook"):
        assert way in said(page)


def test_a_question_is_typed_into_a_new_set() -> None:
    page = open_section("")
    page.text_input(key="added_question").set_value("What is the fee?")
    page.text_input(key="added_answer").set_value("30 | thirty")
    page.button(key="add_typed").click().run()
    (question,) = resources.questions().questions("My questions")
    assert (question.question, question.answers) == ("What is the fee?", ("30", "thirty"))


def test_a_typed_question_without_an_answer_is_not_added() -> None:
    resources.questions().put("mine", [FEE])
    page = open_section("mine")
    page.text_input(key="added_question").set_value("Why?")
    page.button(key="add_typed").click().run()
    assert "The question was not added" in page.error[0].value
    assert resources.questions().questions("mine") == [FEE]


def test_a_set_is_a_table() -> None:
    resources.questions().put("mine", [FEE, WHO])
    page = open_section("mine")
    (table,) = page.dataframe
    assert list(table.value.columns) == ["Question", "Expected answers", "Answerable", "Evidence"]
    assert list(table.value.iloc[0]) == ["What is the fee?", "30", True, "fees.md: “The fee is 30 euros.”"]
    assert "2 questions, 1 answerable" in said(page)


def test_an_edit_is_saved_and_leaves_what_changed_elsewhere() -> None:
    store = resources.questions()
    store.put("mine", [FEE, WHO])
    shown = store.questions("mine")
    store.label("mine", LabelledQuestion("", FEE.question, relevant=(Gold("fees.md", 21, 36),)))
    apply_edits("mine", shown, {"edited_rows": {0: {"Expected answers": "30 | thirty"}}, "deleted_rows": [1]})
    (kept,) = store.questions("mine")
    assert kept.answers == ("30", "thirty")
    assert kept.relevant == (LABEL, Gold("fees.md", 21, 36))


def test_an_emptied_question_keeps_its_words() -> None:
    assert with_cells(FEE, {"Question": None, "Answerable": False}).question == "What is the fee?"
    assert with_cells(FEE, {"Expected answers": None}).answers == ()
    assert with_cells(FEE, cells(FEE)) == FEE


def test_evidence_that_is_gone_is_listed_with_its_old_quote_and_can_be_removed() -> None:
    store = resources.questions()
    store.put("mine", [FEE])
    put(resources.workspace(), "fees.md", "The fee is 40 euros.")
    page = open_section("mine")
    assert "1 question is not scored until then" in said(page)
    assert "“The fee is 30 euros.”" in said(page)
    page.button(key="remove_label_fee_0").click().run()
    assert store.questions("mine")[0].relevant == ()
    assert "Evidence to repair" not in said(page)


def test_a_new_place_is_found_in_the_document() -> None:
    store = resources.questions()
    store.put("mine", [FEE])
    document = put(resources.workspace(), "fees.md", "The fee is 40 euros. It rose.").document_id
    page = open_section("mine")
    page.button(key="find_label_fee_0").click().run()
    assert not page.exception
    page.session_state[f"repair_picker_{document}_0"] = {"spans": [[0, 20]]}
    page.button(key="repair_save").click().run()
    assert not page.exception
    new = Gold("fees.md", 0, 20, "The fee is 40 euros.", found=True)
    assert store.questions("mine")[0].relevant == (new,)


def test_labels_that_were_never_found_are_folded_away() -> None:
    nowhere = LabelledQuestion("a", "Where?", ("x",), True, (Gold("nowhere.md", quote="here"),))
    resources.questions().put("mine", [nowhere])
    page = open_section("mine")
    assert [each.label for each in page.expander] == ["1 label never found in the library"]
    assert "Evidence to repair" not in said(page)


def test_a_set_is_renamed_and_deleted() -> None:
    resources.questions().put("mine", [FEE])
    page = open_section("mine")
    page.text_input(key="set_name_mine").set_value("ours")
    page.button(key="rename_set").click().run()
    assert [each.name for each in resources.questions().sets()] == ["ours"]
    assert page.session_state["question_set"] == "ours"
    page = open_section("ours")
    page.button(key="delete_set").click().run()
    assert resources.questions().sets() == []


def test_rated_answers_are_listed_and_can_be_forgotten() -> None:
    store = resources.questions()
    store.rate(Rating("Fee?", "40 euros", "balanced", good=False, correction="30 euros"))
    page = open_section("")
    assert "0 good · 1 bad · 1 corrected" in said(page)
    assert "30 euros" in said(page)
    page.button(key="delete_rating_0").click().run()
    assert store.ratings() == []
