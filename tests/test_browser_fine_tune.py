"""From examples to a toggle in a real browser: train the built-in adapter, watch the curve, compare."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import Server, assert_nothing_scrolls_sideways, new_page, open_browser, wait_until_idle

pytestmark = pytest.mark.browser

PATIENCE = 300_000  # milliseconds: a training in the background steps back for whatever else runs here
NAME = "answers of the handbook"


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").first.click()
    wait_until_idle(page)


def fill(page: Page, key: str, text: str) -> None:
    field = page.locator(f".st-key-{key} input")
    field.fill(text)
    field.press("Enter")
    wait_until_idle(page)


def begin_training(page: Page, steps: int) -> None:
    press(page, "sample_examples_handbook")
    expect(page.locator(".st-key-examples")).to_contain_text("Held out")
    press(page, "advanced")
    fill(page, "steps_exactly", str(steps))
    page.keyboard.press("Escape")
    fill(page, "adapter_name", NAME)
    press(page, "train")


def test_an_adapter_is_trained_and_changes_the_answer(tmp_path: Path) -> None:
    with open_browser() as browser, Server(tmp_path / "home", "--demo") as server:
        page = new_page(browser)
        page.goto(f"{server.url}/fine_tune")
        wait_until_idle(page)
        expect(page.locator(".st-key-train button")).to_be_disabled()
        begin_training(page, steps=8)
        training = page.locator(".st-key-training")
        expect(training).to_contain_text("gone", timeout=PATIENCE)

        page.get_by_role("link", name="Documents").click()
        expect(page.locator(".st-key-index_status")).to_be_visible(timeout=60_000)
        page.get_by_role("link", name="Fine-tune").click()
        expect(page.locator(".st-key-loss_chart .js-plotly-plot")).to_be_visible(timeout=PATIENCE)
        page.reload()
        expect(training).to_contain_text("kept step", timeout=PATIENCE)
        wait_until_idle(page)
        curve = page.locator(".st-key-loss_chart")
        expect(curve).to_contain_text("training")
        expect(curve).to_contain_text("held out")
        expect(page.locator(".st-key-before_after")).to_contain_text("points (")
        assert_nothing_scrolls_sideways(page)

        press(page, "compare_now")
        wait_until_idle(page)
        assert page.locator(".st-key-question input").input_value()
        press(page, "ask")
        column = page.locator(".st-key-column_c")
        tuned = column.locator(".answer")
        expect(tuned).to_be_visible(timeout=120_000)
        expect(column.locator("[data-testid=stMarkdownContainer]", has_text=NAME).last).to_be_visible()
        with_adapter = tuned.inner_text()
        expect(page.locator(".st-key-column_a")).not_to_contain_text(with_adapter)

        column.locator("[class*=st-key-adapter_c]").get_by_role("combobox").click()
        page.get_by_role("option", name="No adapter").click()
        wait_until_idle(page)
        expect(tuned).not_to_have_text(with_adapter, timeout=120_000)
        expect(column).not_to_contain_text(NAME)
