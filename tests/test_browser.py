"""The browser harness itself: a check that cannot fail would hide every fault on the pages."""

from pathlib import Path

import pytest

from tests.browser import Server, new_page, open_browser, scrolled_sideways, wait_until_idle

pytestmark = pytest.mark.browser

CARD = '<div class="st-key-column_a" style="width:200px"><div class="pg" style="{style}">{text}</div></div>'


def test_a_long_word_that_leaves_its_card_is_noticed() -> None:
    with open_browser() as browser:
        page = new_page(browser)
        page.set_content(CARD.format(style="", text="x" * 100))
        assert any("st-key-column_a" in line for line in scrolled_sideways(page))
        page.set_content(CARD.format(style="overflow-wrap:anywhere", text="x" * 100))
        assert scrolled_sideways(page) == []
        page.set_content(CARD.format(style="", text="<pre style='overflow-x:auto'>" + "x" * 100 + "</pre>"))
        assert scrolled_sideways(page) == []


def test_a_page_wider_than_the_window_is_noticed() -> None:
    with open_browser() as browser:
        page = new_page(browser, width=400)
        page.set_content("<div style='width:900px'>wide</div>")
        assert scrolled_sideways(page)[0].startswith("html.: 908 > 400")


def test_the_app_is_served_drawn_and_ended(tmp_path: Path) -> None:
    with open_browser() as browser, Server(tmp_path / "home") as server:
        page = new_page(browser)
        page.goto(server.url)
        wait_until_idle(page)
        assert page.locator("[data-testid=stMain]").inner_text().strip()
    assert server.process.returncode is not None
    assert server.log.read_text(encoding="utf-8").count("http://") == 1
