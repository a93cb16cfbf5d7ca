"""From an empty home to a verdict and its memo, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from playground.guide import Guide, keep_guide
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    wait_until_idle,
)

pytestmark = pytest.mark.browser
TRAINING = 300_000  # milliseconds, on a machine that does other things too


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    home = tmp_path / "decided"
    home.mkdir()
    keep_guide(home, Guide(left=True))
    with Server(home) as started:
        yield started


def section(page: Page, name: str) -> None:
    page.locator(".st-key-decide_section").get_by_role("radio", name=name).click()
    wait_until_idle(page)


def test_a_scenario_is_measured_presented_and_decided(server: Server, tmp_path: Path) -> None:
    with open_browser() as browser:
        page = new_page(browser)
        page.goto(f"{server.url}/decide")
        wait_until_idle(page)
        section(page, "Scenarios")
        measure = page.locator(".st-key-scenario_measure_support_intents button").first
        measure.click()
        expect(measure).to_be_disabled(timeout=30_000)
        expect(measure).to_be_enabled(timeout=TRAINING)
        section(page, "Verdict")
        expect(page.locator(".st-key-measured")).to_contain_text("31 questions of “Support queues”")
        expect(page.locator(".st-key-needs")).to_contain_text("15 of 15 answered")
        assert_nothing_scrolls_sideways(page)
        with page.expect_download() as download:
            page.locator(".st-key-memo button").first.click()
        memo = tmp_path / "memo.html"
        download.value.save_as(memo)
        headline = page.locator(".st-key-verdict h1").inner_text()
        page.goto(memo.as_uri())
        expect(page.locator("h1")).to_have_text(headline)
        expect(page.locator("body")).to_contain_text("31 questions of “Support queues”")
        present_and_leave(page, server.url)


def present_and_leave(page: Page, url: str) -> None:
    """Through the five steps by arrow keys, to the verdict of Decide."""
    page.goto(f"{url}/")
    wait_until_idle(page, 120)
    page.get_by_role("radio", name="Four approaches").click()
    wait_until_idle(page)
    field = page.locator(".st-key-question input")
    field.fill("My lock does not open any more.")
    field.press("Tab")
    wait_until_idle(page)
    page.locator(".st-key-ask button").first.click()
    page.locator(".st-key-latency_chart").wait_for(timeout=120_000)
    page.locator(".st-key-present button").first.click()
    for step in range(1, 6):
        expect(page.locator(".st-key-step_title")).to_contain_text(f"{step} of 5", timeout=60_000)
        wait_until_idle(page)
        if step < 5:
            page.keyboard.press("ArrowRight")
    expect(page.locator(".st-key-stage")).to_contain_text("Measured on 31 questions")
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-ask_bar")).to_be_visible(timeout=60_000)
