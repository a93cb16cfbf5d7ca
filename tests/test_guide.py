"""The guide of a first visit: which step is next, and that it stays away once it was left."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from playground.guide import FILE, STEPS, Facts, Guide, facts, keep_guide, kept_guide
from playground.intake import take_in_folder
from playground.paths import pages_folder
from playground.scenarios.gallery import scenarios
from playground.ui import resources
from playground.workspace import Workspace
from tests.homes import put
from tests.pages import drawn, open_page

KEYS = [step.key for step in STEPS]


def next_step(guide: Guide, **counts: int) -> str | None:
    at = guide.step(Facts(**counts))
    return None if at is None else KEYS[at]


def text(page: AppTest) -> str:
    """The guide's card, or ""."""
    return next((each.value for each in page.markdown if "Step " in each.value), "")


def is_guided(page: AppTest) -> bool:
    return any(button.key == "guide_leave" for button in page.button)


def test_the_steps_follow_what_is_done() -> None:
    guide = Guide()
    assert next_step(guide) == "documents"
    assert next_step(guide, documents=14) == "ask"
    assert next_step(guide, documents=14, questions=1) == "sources"
    read = guide.passing(STEPS[2])
    assert next_step(read, documents=14, questions=1) == "measure"
    assert next_step(read, documents=14, questions=1, adapters=1) == "decide"
    assert next_step(read, documents=14, questions=1, runs=1) == "decide"
    assert next_step(read, documents=14, questions=1, runs=1, decisions=1) is None


def test_a_step_that_was_passed_over_is_behind() -> None:
    assert next_step(Guide().passing(STEPS[0]).passing(STEPS[1])) == "sources"


def test_called_back_later_only_what_is_new_counts() -> None:
    guide = Guide(since=Facts(documents=14, questions=3, runs=1))
    assert next_step(guide, documents=14, questions=3, runs=1) == "documents"
    assert next_step(guide, documents=15, questions=3, runs=1) == "ask"


def test_left_means_left() -> None:
    assert next_step(Guide(left=True)) is None


def test_a_guide_is_kept_as_it_is(tmp_path: Path) -> None:
    assert kept_guide(tmp_path) is None
    guide = Guide(Facts(documents=3), frozenset({"ask"}))
    keep_guide(tmp_path, guide)
    assert kept_guide(tmp_path) == guide


@pytest.mark.parametrize("content", ["", "[]", '{"since": {"cats": 2}, "passed": [], "left": false}'])
def test_what_cannot_be_read_counts_as_left(tmp_path: Path, content: str) -> None:
    (tmp_path / FILE).write_text(content, encoding="utf-8")
    assert kept_guide(tmp_path) == Guide(left=True)


def test_samples_are_nobodys_own_documents(home: Path) -> None:
    workspace = Workspace(home)
    list(take_in_folder(workspace, scenarios()["handbook"].documents))
    assert facts(workspace) == Facts(documents=14)
    assert facts(workspace).first_visit
    put(workspace, "mine.md", "Something of my own.")
    assert facts(workspace) == Facts(documents=15, own_documents=1)
    assert not facts(workspace).first_visit


@pytest.mark.parametrize("name", ["questions", "runs", "adapters", "decisions"])
def test_whoever_did_something_is_no_first_visitor(name: str) -> None:
    assert not replace(Facts(), **{name: 1}).first_visit


def test_every_step_leads_to_pages_that_there_are() -> None:
    for step in STEPS:
        for page in step.pages:
            assert (pages_folder() / f"{page}.py").exists()


def test_a_first_visitor_is_guided_on_every_page(home: Path) -> None:
    page = open_page()
    assert "Step 1 of 5" in text(page)
    assert is_guided(open_page("evaluate"))


def test_leave_takes_it_away_for_good(home: Path) -> None:
    page = open_page()
    page.button(key="guide_leave").click().run()
    assert not is_guided(page)
    assert not is_guided(open_page())
    assert not is_guided(open_page("documents"))


def test_next_passes_a_step_over_and_a_later_visit_goes_on_there(home: Path) -> None:
    page = open_page()
    page.button(key="guide_next").click().run()
    assert "Step 2 of 5" in text(page)
    assert "Step 2 of 5" in text(open_page())


def test_what_was_done_moves_it_on(home: Path) -> None:
    page = open_page()
    put(resources.workspace(), "mine.md", "Something of my own.")
    assert "Step 2 of 5" in text(page.run())
    resources.workspace().library.note_question("Is it mine?")
    assert "Step 3 of 5" in text(page.run())


def test_the_last_step_is_done_and_then_it_is_gone(home: Path) -> None:
    page = open_page()
    for _ in range(4):
        page.button(key="guide_next").click().run()
    assert page.button(key="guide_next").label == "Done"
    page.button(key="guide_next").click().run()
    assert not is_guided(page)
    assert not is_guided(open_page())


def test_who_comes_by_a_link_to_a_question_is_not_guided(home: Path) -> None:
    assert not is_guided(open_page(q="What is this?"))
    assert kept_guide(home) is None


def test_the_presentation_is_never_guided(home: Path) -> None:
    assert not is_guided(open_page(present="1"))


def test_a_home_in_use_is_not_guided_unless_it_is_called(home: Path) -> None:
    workspace = Workspace(home)
    put(workspace, "mine.md", "Something of my own.")
    workspace.close()
    page = open_page()
    assert not is_guided(page)
    page.button(key="guide_again").click().run()
    assert "Step 1 of 5" in text(page)
    assert not any(button.key == "guide_again" for button in page.button)
    assert "Fourteen documents" in drawn(page)
