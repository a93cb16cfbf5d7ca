"""From a question to a report, in a real browser: select a sentence, run two configurations, filter, open a
cell, download."""

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

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
EVIDENCE = "Opened hardware may be returned within 14 days of delivery."
TEXT = f"# Returns\n\n{EVIDENCE} The customer pays for the way back.\n"
UNANSWERABLE = "Who was the first person on the moon?"


def label(page: Page, seal: str, answer: str = "") -> None:
    """Save the question that was asked; with an answer, the sentence that holds it is the evidence."""
    page.locator(seal).first.click()
    dialog = page.get_by_role("dialog")
    if answer:
        expect(dialog.locator(".evidence-picker mark")).to_have_text([EVIDENCE])
        dialog.get_by_label("Expected answer").fill(answer)
        page.keyboard.press("Tab")
    else:
        dialog.get_by_text("Not answered in the documents").click()
    wait_until_idle(page)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_have_count(0)
    wait_until_idle(page)


def make_two_questions(page: Page, address: str) -> None:
    """One from the sentence that answers it, and one that the documents don't answer."""
    page.goto(f"{address}/?q={QUESTION}&a=balanced&b=no-retrieval")
    expect(page.locator(".st-key-column_a .answer")).to_contain_text("14 days", timeout=60_000)
    wait_until_idle(page)
    label(page, ".st-key-label_a_1 button", "14 days")
    expect(page.locator(".st-key-column_a")).to_contain_text("✓ right")
    page.locator(".st-key-question input").fill(UNANSWERABLE)
    page.locator(".st-key-question input").press("Enter")
    wait_until_idle(page)
    page.locator(".st-key-ask button").click()
    wait_until_idle(page)
    label(page, ".st-key-label button")


def open_last_cell(page: Page) -> Locator:
    """The dialog of the cell in the first row and the last column."""
    table = page.locator(".st-key-matrix_table [data-testid=stDataFrameResizable]").bounding_box()
    assert table
    place = table["x"] + table["width"] - 60, table["y"] + 35 * 1.5
    page.mouse.move(*place)
    page.wait_for_timeout(500)  # the table notices a mouse before it takes a click
    page.mouse.click(*place)
    return page.get_by_role("dialog")


def open_offline(page: Page, report: Path) -> Page:
    """The report in a window of its own, without a network."""
    with page.context.expect_page() as opened:
        page.evaluate("window.open('about:blank')")
    offline = opened.value
    offline.context.set_offline(True)
    offline.goto(report.as_uri())
    return offline


def test_from_a_sentence_to_a_report(tmp_path: Path) -> None:
    (tmp_path / "returns.md").write_text(TEXT, encoding="utf-8")
    with open_browser() as browser, Server(tmp_path / "home") as server:
        page = new_page(browser, width=1280)
        upload_and_index(page, server.url, tmp_path / "returns.md")
        make_two_questions(page, server.url)

        page.get_by_role("link", name="Evaluate").click()
        wait_until_idle(page)
        page.locator(".st-key-run button").first.click()
        matrix = page.locator(".st-key-matrix")
        expect(matrix).to_contain_text("All 2", timeout=120_000)
        expect(page.locator(".st-key-figures")).to_contain_text("finished", timeout=120_000)
        wait_until_idle(page)
        expect(matrix).to_contain_text("Different 1")
        expect(page.locator(".st-key-failures")).to_contain_text("not looked up")
        assert_nothing_scrolls_sideways(page)

        matrix.get_by_role("radio", name="Different 1").click()
        wait_until_idle(page)
        dialog = open_last_cell(page)
        expect(dialog).to_contain_text(QUESTION)
        expect(dialog).to_contain_text("Expected: 14 days")
        expect(dialog).to_contain_text("without retrieval it has nothing to quote")
        expect(dialog.locator("mark").first).to_contain_text("14 days of delivery")
        page.get_by_role("button", name="Close").click()
        wait_until_idle(page)

        with page.expect_download() as download:
            page.locator(".st-key-report button").first.click()
        report = tmp_path / "report.html"
        download.value.save_as(report)
        written = report.read_text(encoding="utf-8")
        assert QUESTION in written
        assert "14 days of delivery" in written
        offline = open_offline(page, report)
        expect(offline.locator(".js-plotly-plot").first).to_be_visible(timeout=30_000)
