"""The presentation in a real browser: through the five steps with the arrow keys, and out again."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from playground.config import DEFAULT
from playground.intake import take_in_folder
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    wait_until_idle,
)

pytestmark = pytest.mark.browser

QUESTION = "How many days a week may I work remotely?"
TITLES = (
    "The question",
    "Two answers, side by side",
    "Where each came from",
    "What it cost and took",
    "The verdict",
)
LINK = "?q=How+many+days+a+week+may+I+work+remotely%3F&a=no-retrieval&b=balanced"
WINDOWS = ((1280, 800), (1920, 1080))
TALLER = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    return main.scrollHeight - main.clientHeight;
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[str]:
    """An app with the sample handbook, indexed and asked once: the first answer waits for the encoder."""
    home = tmp_path_factory.mktemp("presenter") / "home"
    workspace = Workspace(home)
    list(take_in_folder(workspace, scenarios()["handbook"].documents))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    with Server(home) as server:
        page = new_page(browser)
        page.goto(f"{server.url}/{LINK}")
        expect(page.locator(".st-key-column_b .answer")).to_contain_text("three days", timeout=180_000)
        wait_until_idle(page)
        page.context.close()
        yield server.url


def address(page: Page) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def press(page: Page, key: str, title: str) -> None:
    """Press a key, and wait for the step that it leads to."""
    page.keyboard.press(key)
    expect(page.locator(".st-key-step_title h2")).to_contain_text(title)
    wait_until_idle(page)


def test_five_steps_with_the_arrow_keys_and_escape_leaves(browser: Browser, url: str) -> None:
    page = new_page(browser, 1280, 800)
    page.goto(f"{url}/{LINK}")
    wait_until_idle(page)
    before, navigation = address(page), page.locator("[data-testid=stTopNavLinkContainer]")
    expect(navigation).not_to_have_count(0)
    page.locator(".st-key-present button").first.click()
    expect(page.locator(".st-key-stage .question")).to_have_text(QUESTION)
    expect(navigation).to_have_count(0)
    for step, title in enumerate(TITLES[1:], start=2):
        press(page, "ArrowRight", title)
        assert address(page) == before | {"present": "1", "step": str(step)}
    press(page, "ArrowLeft", TITLES[3])
    page.go_back()
    expect(page.locator(".st-key-step_title h2")).to_contain_text(TITLES[4])
    page.keyboard.press("Escape")
    expect(page.locator(".st-key-question input")).to_have_value(QUESTION)
    wait_until_idle(page)
    assert address(page) == before
    expect(page.locator(".st-key-column_b .answer")).to_contain_text("three days")


def test_a_link_opens_a_step(browser: Browser, url: str) -> None:
    page = new_page(browser, 1280, 800)
    page.goto(f"{url}/{LINK}&present=1&step=3")
    wait_until_idle(page)
    expect(page.locator(".st-key-presented_b .source mark").first).to_contain_text("three days a week")
    expect(page.locator(".st-key-presented_b .where")).to_contain_text("remote-work-change.eml")
    expect(page.locator(".silent")).to_contain_text("No retrieval in this column")
    assert address(page)["step"] == "3"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_every_step_fits_into_the_window(
    browser: Browser, url: str, width: int, height: int, theme: str
) -> None:
    page = new_page(browser, width, height, "dark" if theme == "dark" else "light")
    for step in range(1, 6):
        page.goto(f"{url}/{LINK}&present=1&step={step}")
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)
        assert page.evaluate(TALLER) <= 0, f"step {step} is taller than the window"
