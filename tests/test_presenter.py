"""The presentation, run by Streamlit's own test driver on a small indexed library."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import DEFAULT
from playground.engines.engine import Answer
from playground.evaluation.records import Price
from playground.intake import take_in
from playground.presets import PRESETS, from_compact
from playground.ui.evaluate.state import Evaluation
from playground.ui.present.answering import differing_settings
from playground.ui.present.costs import in_words, tokens_in_words, training_in_words
from playground.ui.present.style import GROWN
from playground.ui.state import Shown
from playground.workspace import IndexStatus, Workspace
from tests.adapter_folders import CARD
from tests.pages import drawn, open_page
from tests.test_compare_engines import ADDRESS, LOCAL, FakeModel, models, put_adapter
from tests.test_compare_page import QUESTION, ask, library

__all__ = ["library", "models"]  # fixtures of other modules

FOUR = {"q": QUESTION, "a": "no-retrieval", "b": "balanced"}
ENDPOINT = f"engine.name:endpoint,engine.model:tiny%2Fmodel,engine.address:{ADDRESS}"


def step(number: int, **query: str) -> AppTest:
    """The presentation, opened by its address."""
    return open_page(present="1", step=str(number), **query)


def title(page: AppTest) -> str:
    """The first line: where one is."""
    return str(page.markdown[0].value)


def test_present_waits_for_a_question(library: Path) -> None:
    page = open_page(a="balanced")
    assert page.button(key="present").disabled
    assert "Ask a question first" in page.button(key="present").help
    assert not ask(page, QUESTION).button(key="present").disabled


def test_present_opens_the_first_step_and_the_rest_of_the_address_stays(library: Path) -> None:
    page = ask(open_page(a="no-retrieval", b="balanced"), QUESTION)
    page.button(key="present").click().run()
    assert not page.exception
    assert dict(page.query_params) == FOUR | {"present": "1", "step": "1"}
    assert "1 of 5" in title(page)
    assert f"<div>{QUESTION}</div>" in drawn(page)
    assert "2 documents, two set-ups" in drawn(page)


def test_the_steps_are_gone_through_and_left(library: Path) -> None:
    page = step(1, **FOUR)
    assert page.button(key="back").disabled
    titles = []
    for _ in range(4):
        page.button(key="next").click().run()
        titles.append(title(page).partition("&ensp;")[2])
    assert titles == [
        "Two answers, side by side",
        "Where each came from",
        "What it cost and took",
        "The verdict",
    ]
    assert page.button(key="next").disabled
    page.button(key="back").click().run()
    assert dict(page.query_params) == FOUR | {"present": "1", "step": "4"}
    page.button(key="leave").click().run()
    assert dict(page.query_params) == FOUR
    assert page.text_input(key="question").value == QUESTION


@pytest.mark.parametrize(("asked", "shown"), [("9", "5 of 5"), ("0", "1 of 5"), ("two", "1 of 5")])
def test_a_step_that_there_is_not_is_the_nearest(library: Path, asked: str, shown: str) -> None:
    page = open_page(present="1", step=asked, **FOUR)
    assert shown in title(page)


def test_without_a_question_there_is_nothing_to_present(library: Path) -> None:
    page = open_page(present="1")
    assert "nothing to present yet" in page.info[0].value
    page.button(key="leave").click().run()
    assert page.button(key="present").disabled


def test_a_link_answers_first_and_shows_the_answers(library: Path) -> None:
    page = step(2, **FOUR)
    assert "without retrieval it has nothing to quote" in drawn(page)
    assert "14 days of delivery" in drawn(page)
    assert '<span class="cite"' in drawn(page)
    assert not page.exception


def test_the_quoted_passage_is_marked_and_a_column_without_one_says_why(library: Path) -> None:
    page = step(3, **FOUR)
    assert "<mark>Opened hardware may be returned within 14 days of delivery.</mark>" in drawn(page)
    assert "returns.md" in drawn(page)
    assert "No retrieval in this column: it answers without seeing your documents." in drawn(page)


def test_the_times_say_that_a_run_was_cold(library: Path) -> None:
    page = step(4, **FOUR)
    assert drawn(page).count("cold: the first run, with parts freshly loaded") == 2
    assert drawn(page).count("runs on this machine") == 2
    assert "answer" in drawn(page)


def test_a_column_that_is_not_indexed_says_so_in_every_step(library: Path) -> None:
    query = {"q": QUESTION, "a": "chunking.size:60", "b": "balanced"}
    for number in (2, 3, 4):
        assert drawn(step(number, **query)).count("answers as soon as its documents are indexed") == 1


def test_an_answer_that_is_too_long_lets_the_cards_grow(library: Path, models: dict[str, Any]) -> None:
    models["tiny/model"] = lambda config: FakeModel(config, Answer("word " * 900, engine="local_model"))
    page = step(2, q=QUESTION, a=LOCAL, b="balanced")
    assert "word word word" in drawn(page)
    assert GROWN in drawn(page)
    assert GROWN not in drawn(step(2, q=QUESTION, a="balanced", b="balanced"))


def test_the_price_is_said_where_it_is_known(library: Path, models: dict[str, Any]) -> None:
    answer = Answer("14 days.", engine="endpoint", prompt_tokens=1000, completion_tokens=50)
    models["tiny/model"] = lambda config: FakeModel(config, answer)
    page = step(4, q=QUESTION, a=ENDPOINT)
    assert "1,000 tokens in, 50 out" in drawn(page)
    assert "price not known" in drawn(page)
    page.session_state["evaluation"] = Evaluation(prices={"tiny/model": Price(prompt=2.0, completion=8.0)})
    page.run()
    assert "0.002400 for this answer" in drawn(page)


def test_text_of_documents_and_questions_is_escaped(home: Path) -> None:
    workspace = Workspace(home)
    list(take_in(workspace, [("<b>evil</b>.txt", b"The password of <script>alert(1)</script> is sesame.")]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    for number in range(1, 6):
        page = step(number, q="What is the password of <script>?", a="balanced")
        assert "&lt;script&gt;" in drawn(page)
        assert "<script>" not in drawn(page)
        assert "<b>evil" not in drawn(page)


def test_columns_of_the_same_name_are_told_apart_by_what_differs() -> None:
    configs = (DEFAULT, from_compact("retrieval.top_k:9"), PRESETS["No retrieval"])
    shown = [Shown(index, config, IndexStatus("", 1, (), 1, 0.0)) for index, config in enumerate(configs)]
    assert differing_settings(shown[:2]) == ["hybrid 40/60, top 5", "hybrid 40/60, top 9"]
    assert differing_settings(shown)[2] == "retrieval off · chunking none"


def test_a_time_is_said_with_as_many_digits_as_can_be_read() -> None:
    times = [0.24, 8.44, 130.4, 2480.0, 74_600.0]
    assert [in_words(each) for each in times] == ["0.2 ms", "8.4 ms", "130 ms", "2.5 s", "75 s"]


def test_tokens_are_said_where_there_are_any() -> None:
    generated = Answer("x", engine="local_model", prompt_tokens=1240, completion_tokens=86)
    assert tokens_in_words(generated) == "1,240 tokens in, 86 out"
    assert tokens_in_words(Answer("x", engine="extractive")) == "No tokens"
    assert tokens_in_words(Answer("x", engine="endpoint")) == "Tokens not counted"


def test_what_a_training_cost_is_said_once() -> None:
    assert training_in_words(replace(CARD, seconds=23.4)) == "trained once, in 23 s"


def test_two_adapters_are_told_apart_by_their_names(home: Path) -> None:
    first, second = (put_adapter(home, name) for name in ("Queues", "Tone"))
    shown = [
        Shown(index, DEFAULT.with_values({"adapter": each}), IndexStatus("", 1, (), 1, 0.0))
        for index, each in enumerate((first, second))
    ]
    assert differing_settings(shown) == ["Queues", "Tone"]
