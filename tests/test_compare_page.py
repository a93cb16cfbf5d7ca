"""The Compare page, run by Streamlit's own test driver on a small indexed library."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import DEFAULT
from playground.intake import take_in
from playground.presets import PRESETS
from playground.questions.lookup import Gold, LabelledQuestion
from playground.ui import resources
from playground.workspace import Workspace
from tests import files_for_reading as files
from tests.pages import drawn, open_page

RETURNS = """# Returns

## Hardware

Opened hardware may be returned within 14 days of delivery. The customer pays for the way back.

## Fees

A restocking fee of 10 percent is deducted unless the item was faulty on arrival.
"""
TRAVEL = """# Travel

Trips longer than four hours are made in first class. Hotels in Lisbon may cost 140 euro a night.
"""
QUESTION = "Within how many days may opened hardware be returned?"


@pytest.fixture
def library(home: Path) -> Path:
    """Two documents, indexed with the default settings."""
    workspace = Workspace(home)
    list(take_in(workspace, [("returns.md", RETURNS.encode()), ("travel.md", TRAVEL.encode())]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    return home


def ask(page: AppTest, question: str) -> AppTest:
    page.text_input(key="question").set_value(question)
    page.button(key="ask").click().run()
    assert not page.exception
    return page


def badges(page: AppTest) -> str:
    return "\n".join(element.value for element in page.markdown if "-badge[" in element.value)


def test_an_empty_library_offers_the_samples_and_the_upload() -> None:
    page = open_page()
    assert page.button(key="load_samples").label == "Load the sample handbook"
    assert page.button(key="go_upload").label == "Upload documents"


def test_every_column_answers_with_a_numbered_citation(library: Path) -> None:
    page = ask(open_page(), QUESTION)
    answers = [element for element in page.get("html") if "pg answer" in element.value]
    assert len(answers) == 4
    for element in answers:
        assert "14 days of delivery" in element.value
        assert '<span class="cite"' in element.value


def test_the_quoted_sentence_is_marked_in_its_source(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    assert "<mark>Opened hardware may be returned within 14 days of delivery.</mark>" in drawn(page)
    assert "Returns › Hardware" in drawn(page)


def test_a_source_that_is_a_picture_is_shown_small(home: Path) -> None:
    workspace = Workspace(home)
    boots = files.picture(caption="Boots of brown leather with red laces.")
    list(take_in(workspace, [("boots.png", boots), ("travel.md", TRAVEL.encode())]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    page = ask(open_page(a="balanced"), "Which boots have red laces?")
    assert "Boots of brown leather" in drawn(page)
    assert len(page.get("image")) == 1


def test_text_of_documents_is_escaped(home: Path) -> None:
    workspace = Workspace(home)
    list(take_in(workspace, [("evil.txt", b"The password of <script>alert(1)</script> is sesame open.")]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    page = ask(open_page(a="balanced"), "What is the password?")
    assert "&lt;script&gt;" in drawn(page)
    assert "<script>" not in drawn(page)


def test_the_address_opens_the_same_comparison(library: Path) -> None:
    first = ask(open_page(a="keyword-only", b="retrieval.top_k:2"), QUESTION)
    query = dict(first.query_params)
    assert query == {"q": QUESTION, "a": "keyword-only", "b": "retrieval.top_k:2"}
    second = open_page(**query)
    assert second.text_input(key="question").value == QUESTION
    assert "14 days of delivery" in drawn(second)


def test_an_address_that_opens_nothing_says_so(library: Path) -> None:
    page = open_page(a="retrieval.mode:telepathy")
    assert "retrieval.mode=telepathy is not one of none, dense, keyword, hybrid" in page.warning[0].value


def test_a_column_without_retrieval_says_why_it_has_no_sources(library: Path) -> None:
    page = ask(open_page(a="no-retrieval", b="balanced"), QUESTION)
    assert "without retrieval it has nothing to quote" in drawn(page)
    assert any("No retrieval in this column" in caption.value for caption in page.caption)


def test_a_changed_chunk_size_asks_for_indexing_and_never_uses_the_old_index(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    page.slider(key="chunking_size_a").set_value(60).run()
    assert "2 of 2 documents to index" in badges(page)
    assert not any("pg answer" in element.value for element in page.get("html"))
    page.button(key="index_a").click().run()
    resources.jobs().wait()
    page.run()
    assert "documents to index" not in badges(page)
    assert "14 days of delivery" in drawn(page)


def test_a_preset_fills_a_column_and_what_differs_is_marked(library: Path) -> None:
    page = open_page(a="balanced", b="balanced")
    assert 'class="diff' not in drawn(page)
    page.session_state["comparison"].columns[1].set("retrieval.mode", "dense")
    page.run()
    assert drawn(page).count('class="diff ') == 1


def test_a_reranker_without_its_model_keeps_the_column_as_it_was(library: Path) -> None:
    page = open_page(a="balanced")
    column = page.session_state["comparison"].columns[0]
    column.set("reranking.method", "cross_encoder")
    page.run()
    assert column.config == PRESETS["Balanced"]
    assert "needs reranking.model" in page.warning[0].value


def test_columns_are_added_up_to_four_and_removed_down_to_one(library: Path) -> None:
    page = open_page(a="balanced")
    for _ in range(3):
        page.button(key="add_column").click().run()
    assert page.button(key="add_column").disabled
    for letter in "dcb":
        page.button(key=f"remove_{letter}").click().run()
    assert page.button(key="remove_a").disabled


def test_measuring_shows_the_median_and_the_95th_percentile(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    page.number_input(key="repeats").set_value(3)
    page.button(key="measure").click().run()
    assert not page.exception
    assert "p50 of repeated warm runs" in drawn(page)
    assert "<th>p95</th>" in drawn(page)
    assert "3 runs" in drawn(page)


def test_asking_the_same_again_is_marked_as_cached(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    assert ">cached<" not in drawn(page)
    ask(page, QUESTION)
    assert ">cached<" in drawn(page)


def test_asked_questions_are_in_the_history(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    assert page.button(key="history_0").label == QUESTION


def test_an_exported_column_is_a_file_that_ask_takes(library: Path, tmp_path: Path) -> None:
    from playground.config import PipelineConfig

    page = open_page(a="retrieval.top_k:7")
    exported = page.session_state["comparison"].columns[0].config.to_toml()
    path = tmp_path / "column-a.toml"
    path.write_text(exported, encoding="utf-8")
    assert PipelineConfig.from_toml(path).retrieval.top_k == 7


def test_a_source_is_labelled_as_the_evidence(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    page.button(key="label_a_1").click().run()
    assert not page.exception
    request = page.session_state["label_request"]
    assert page.text_input(key=f"{request.key}_question").value == QUESTION
    assert [request.text[start:end] for start, end in request.chosen] == [
        "Opened hardware may be returned within 14 days of delivery."
    ]
    start = request.text.index("14 days")
    page.session_state[request.picker_key] = {"spans": [[start, start + len("14 days")]]}
    page.text_input(key=f"{request.key}_answer").set_value("14 days")
    page.button(key=f"{request.key}_save").click().run()
    assert not page.exception
    (kept,) = resources.questions().questions("My questions")
    place = RETURNS.index("14 days")
    assert kept.question == QUESTION
    assert (kept.answers, kept.answerable) == (("14 days",), True)
    assert kept.relevant == (Gold("returns.md", place, place + 7, "14 days", found=True),)
    assert "My questions” has 1 question now" in page.toast[0].value
    assert "label_request" not in page.session_state


def test_the_same_question_is_labelled_once_with_all_its_evidence(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    for number in (1, 2):
        page.button(key=f"label_a_{number}").click().run()
        request = page.session_state["label_request"]
        page.session_state[request.picker_key] = {"spans": [[0, len(request.text)]]}
        page.button(key=f"{request.key}_save").click().run()
    (kept,) = resources.questions().questions("My questions")
    assert len(kept.relevant) == 2


def test_a_question_is_marked_as_not_answered(library: Path) -> None:
    page = ask(open_page(a="balanced"), "Who won the cup?")
    page.button(key="label").click().run()
    key = page.session_state["label_request"].key
    page.button(key=f"{key}_save").click().run()
    assert "Choose the sentence that answers" in page.error[0].value
    page.checkbox(key=f"{key}_unanswerable").check()
    page.button(key=f"{key}_save").click().run()
    assert not page.exception
    (kept,) = resources.questions().questions("My questions")
    assert (kept.question, kept.answerable, kept.relevant) == ("Who won the cup?", False, ())


def test_an_answer_is_rated_and_corrected(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    (thumbs,) = page.feedback
    thumbs.set_value(0).run()
    (save,) = [button for button in page.button if (button.key or "").startswith("save_correction_a")]
    (text,) = page.text_area
    assert "14 days" in text.value
    text.set_value("Within 14 days.")
    save.click().run()
    assert not page.exception
    (rating,) = resources.questions().ratings()
    assert (rating.question, rating.good, rating.correction) == (QUESTION, False, "Within 14 days.")
    assert rating.config == "balanced"
    assert page.feedback[0].value == 0


def test_a_rating_stays_with_its_question(library: Path) -> None:
    page = ask(open_page(a="balanced"), QUESTION)
    page.feedback[0].set_value(1).run()
    ask(page, "How much may a hotel in Lisbon cost?")
    assert page.feedback[0].value is None
    assert "14 days" not in page.text_area[0].value
    ask(page, QUESTION)
    assert page.feedback[0].value == 1


def test_an_answer_to_a_labelled_question_says_whether_it_is_right(library: Path) -> None:
    page = open_page(a="balanced", b="no-retrieval")
    label = Gold("returns.md", quote="within 14 days of delivery")
    resources.questions().add("Mine", LabelledQuestion("", QUESTION, ("14 days",), relevant=(label,)))
    assert badges(ask(page, QUESTION)).count("✓ right") == 1
    assert badges(page).count("✗ wrong") == 1
    assert "right" not in badges(ask(page, "What does a hotel in Lisbon cost?"))
