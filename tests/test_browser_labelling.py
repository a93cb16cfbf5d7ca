"""A labelled question made in a real browser: asked, its evidence clicked and selected, saved."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.questions.lookup import Gold
from playground.questions.store import QuestionStore
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    upload_and_index,
    wait_until_idle,
)

pytestmark = pytest.mark.browser

QUESTION = "Within how many days may opened hardware be returned?"
FIRST = "Opened hardware 🎉 may be returned within 14 days of delivery."
SECOND = "The customer <b>pays</b> for the way back."
TEXT = f"# Returns\n\n{FIRST} {SECOND}\n"


def select(page: Page, sentence: str, first: str, last: str) -> None:
    """Draw the mouse from the middle of one word of a sentence to the middle of another."""
    places = page.locator(".evidence-picker .sentence", has_text=sentence).evaluate(
        """(element, words) => words.map(word => {
            const range = document.createRange();
            const start = element.textContent.indexOf(word);
            range.setStart(element.firstChild, start + 1);
            range.setEnd(element.firstChild, start + word.length - 1);
            const box = range.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        })""",
        [first, last],
    )
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def test_a_question_is_labelled_from_its_answer(tmp_path: Path) -> None:
    (tmp_path / "returns.md").write_text(TEXT, encoding="utf-8")
    with open_browser() as browser, Server(tmp_path / "home") as server:
        page = new_page(browser, width=1280)
        upload_and_index(page, server.url, tmp_path / "returns.md")

        page.goto(f"{server.url}/?q={QUESTION}&a=balanced&b=keyword-only&c=balanced&d=keyword-only")
        expect(page.locator(".st-key-column_d .answer")).to_contain_text("14 days", timeout=60_000)
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)

        page.locator(".st-key-label_a_1 button").first.click()
        marked = page.locator(".evidence-picker mark")
        expect(marked).to_have_text([FIRST])
        sentence = page.locator(".evidence-picker .sentence", has_text="Opened")
        expect(sentence).to_have_attribute("aria-pressed", "true")
        sentence.click()
        expect(marked).to_have_count(0)
        sentence.press("Enter")
        expect(marked).to_have_text([FIRST])
        wait_until_idle(page)
        select(page, "The customer", "customer", "way")
        expect(marked).to_have_text([FIRST, "customer <b>pays</b> for the way"])
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)

        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Expected answer").fill("14 days")
        dialog.get_by_label("Question set").fill("Returns")
        page.keyboard.press("Enter")
        wait_until_idle(page)
        dialog.get_by_role("button", name="Save").click()
        expect(page.locator("[data-testid=stToast]")).to_contain_text("“Returns” has 1 question now")
        expect(dialog).to_have_count(0)
        wait_until_idle(page)

    store = QuestionStore(tmp_path / "home")
    (kept,) = store.questions("Returns")
    store.close()
    assert (kept.question, kept.answers, kept.answerable) == (QUESTION, ("14 days",), True)
    quotes = [FIRST, "customer <b>pays</b> for the way"]
    starts = [TEXT.index(quote) for quote in quotes]
    assert kept.relevant == tuple(
        Gold("returns.md", start, start + len(quote), quote, found=True)
        for start, quote in zip(starts, quotes, strict=True)
    )
