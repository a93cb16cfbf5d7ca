"""The Decide page without a browser, on a home in which everything was measured."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from playground import settings
from playground.decision.store import DecisionStore
from playground.embedding import BUILTIN_SHA256
from playground.questions.labels import Gold, LabelledQuestion
from playground.questions.store import QuestionStore
from playground.scenarios.gallery import scenarios
from playground.ui import resources
from playground.ui.decide import state as decide
from playground.workspace import Workspace
from tests.adapter_folders import CARD, write_adapter
from tests.decisions import freshness, update, withdrawal
from tests.homes import put
from tests.pages import drawn, open_page
from tests.test_gathering import keep

QUESTION = LabelledQuestion(
    "fee", "What is the fee?", ("9 euros",), True, (Gold("fees.md", quote="The fee is 9 euros."),)
)


@pytest.fixture
def filled(home: Path) -> Iterator[None]:
    """Two by two, trials, a document, and a question about it."""
    workspace = Workspace(settings.home())
    put(workspace, "fees.md", "The fee is 9 euros.")
    document = workspace.library.names()["fees.md"]
    keep(workspace, "✗" * 20, "✓" * 20, "✗" * 20, "✓" * 20)
    workspace.decision.keep_trial("freshness", freshness(update=update()), [document])
    workspace.decision.keep_trial("removal", withdrawal(), [document])
    workspace.close()
    store = QuestionStore(settings.home())
    store.put("Mine", [QUESTION])
    store.close()
    yield


def section(name: str):  # type: ignore[no-untyped-def]
    page = open_page("decide")
    page.segmented_control(key="decide_section").set_value(name).run()
    assert not page.exception
    return page


def test_without_anything_the_page_says_what_to_do() -> None:
    page = open_page("decide")
    text = drawn(page)
    assert "# Start with a better prompt" in text
    assert "Nothing is known of the task yet: begin with what is cheapest." in text
    assert text.count("not tried") == 12


def test_an_answer_is_kept_at_once_and_changes_the_verdict() -> None:
    page = open_page("decide")
    for key, value in {"failure": "information", "change": "daily", "prompting": "yes"}.items():
        page.segmented_control(key=f"need_{key}").set_value(value).run()
    assert "# Start with RAG" in drawn(page)
    assert "This is what your answers point to. Measure the approaches on your own questions" in drawn(page)
    assert resources.workspace().decision.answers() == {
        "failure": "information", "change": "daily", "prompting": "yes"
    }  # fmt: skip


def test_an_answer_can_be_taken_back() -> None:
    page = open_page("decide")
    page.segmented_control(key="need_change").set_value("daily").run()
    page.segmented_control(key="need_change").set_value(None).run()
    assert resources.workspace().decision.answers() == {}


def test_what_was_measured_stands_beside_the_verdict(filled: None) -> None:
    text = drawn(open_page("decide"))
    for wanted in (
        "100%",
        "84% to 100%",
        "Adding the adapter to RAG",
        "right after 4.0 s",
        "still told in 1 of 2",
    ):
        assert wanted in text


def test_the_whole_questionnaire_shows_what_every_answer_adds() -> None:
    store = DecisionStore(settings.home())
    store.keep_answers({"citations": "yes"})
    store.close()
    text = drawn(section("Your task"))
    assert "looking up +3" in text
    assert "tuning −1" in text
    assert text.count("not answered") == 14


def test_trials_say_what_they_brought(filled: None) -> None:
    text = drawn(section("Trials"))
    assert "Passages of it that searches still find: **0**" in text
    assert "3 of 100 examples, 6 min" in text
    assert "The fee is <mark>9 euros</mark>." in text


def test_a_fact_has_to_become_another_one(filled: None) -> None:
    page = section("Trials")
    page.text_input(key="fresh_new_fee").set_value("9 euros").run()
    assert page.button(key="try_freshness").disabled
    page.text_input(key="fresh_new_fee").set_value("12 euros").run()
    assert not page.button(key="try_freshness").disabled


def test_own_wordings_name_a_question(filled: None) -> None:
    page = section("Trials")
    page.text_area(key="reworded_own").set_value("Something else | another").run()
    assert page.button(key="try_behaviour").disabled
    page.text_area(key="reworded_own").set_value("What is the fee? | How much is it?").run()
    assert not page.button(key="try_behaviour").disabled


def test_trials_need_labelled_questions() -> None:
    assert "The trials need labelled questions" in drawn(section("Trials"))


def test_every_scenario_has_a_card_and_opening_one_answers_the_questionnaire(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("playground.ui.decide.scenarios._steps", lambda *_: iter(()))
    page = section("Scenarios")
    assert {f"scenario_open_{key}" for key in scenarios()} <= {each.key for each in page.button}
    page.button(key="scenario_open_handbook").click().run()
    assert resources.workspace().decision.answers() == scenarios()["handbook"].answers
    assert page.session_state["question"] == scenarios()["handbook"].sample_questions[0]


def test_the_memo_can_be_downloaded_in_both_forms(filled: None) -> None:
    page = open_page("decide")
    assert {each.proto.id.rpartition("-")[2] for each in page.get("download_button")} >= {
        "memo",
        "memo_markdown",
    }


def test_the_verdict_is_worked_out_again_when_something_changes(filled: None) -> None:
    page = open_page("decide")
    assert "still told in 1 of 2" in drawn(page)
    resources.workspace().decision.keep_trial("removal", withdrawal(told=2), [])
    assert "still told in 2 of 2" in drawn(page.run())


def test_sections_are_those_that_are_drawn() -> None:
    assert decide.SECTIONS == ("Verdict", "Your task", "Trials", "Costs", "Scenarios")
    for name in decide.SECTIONS:
        assert drawn(section(name))


def test_settings_that_search_no_documents_cannot_notice_a_change(filled: None, tmp_path: Path) -> None:
    examples = tmp_path / "labelled.jsonl"
    examples.write_text('{"input": "Where is my bike?", "output": "delivery"}\n')
    page = open_page("decide", a=f"engine.examples:{examples}")
    page.segmented_control(key="decide_section").set_value("Trials").run()
    assert not page.exception
    assert page.button(key="try_freshness").disabled
    assert page.button(key="try_removal").disabled
    assert not page.button(key="try_behaviour").disabled
    assert "These settings vote among labelled examples" in drawn(page)


def test_where_the_evidence_is_thin_the_card_says_what_to_measure_next() -> None:
    page = open_page("decide")
    for key, value in {"failure": "information", "change": "daily", "prompting": "yes"}.items():
        page.segmented_control(key=f"need_{key}").set_value(value).run()
    assert "**Next:** Answer the 12 questions about your task that you have left open" in drawn(page)


def test_a_card_that_is_too_close_to_call_says_among_how_many_comparisons() -> None:
    """The stored run of the case law: by itself the difference would be clear."""
    told = drawn(section("Scenarios")).replace("\\", "")
    assert "RAG against Prompt only: +37 points, +10 to +63: too close to call among 5 comparisons." in told


def test_what_will_be_measured_names_the_adapter(filled: None) -> None:
    text = drawn(open_page("decide"))
    assert "1 question × 2 approaches, with the settings of Compare; there is no adapter yet" in text
    write_adapter(resources.adapters().folder / "mine", replace(CARD, base_hash=BUILTIN_SHA256))
    text = drawn(open_page("decide"))
    assert "1 question × 4 approaches, with the settings of Compare and the adapter “support tone”" in text
