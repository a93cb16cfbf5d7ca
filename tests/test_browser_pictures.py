"""Pictures in a real browser: read, found by what is written on them, opened, and gone without a trace."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from playground.pictures.vectors import PictureVectors
from tests import files_for_reading as files
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    upload_and_index,
    wait_until_idle,
)
from tests.tiny_models import tiny_clip

pytestmark = pytest.mark.browser


def test_pictures_are_found_opened_and_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    boots, kettle = tmp_path / "boots.png", tmp_path / "kettle.jpg"
    boots.write_bytes(files.picture(["RB-12"], caption="Boots of leather"))
    kettle.write_bytes(files.picture(["34.90 EUR"], "JPEG", caption="A kettle of steel"))
    monkeypatch.setenv("PLAYGROUND_CLIP", str(tiny_clip(tmp_path / "clip")))
    home = tmp_path / "home"
    with Server(home) as server, open_browser() as browser:
        page = new_page(browser)
        upload_and_index(page, server.url, boots, kettle)
        card = page.locator(".st-key-pictures")
        expect(card.locator("img")).to_have_count(2, timeout=30_000)
        field = card.locator(".st-key-picture_text input")
        field.fill("steel")
        field.press("Enter")
        expect(card).to_contain_text("By what the pictures show, with clip@", timeout=120_000)
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)
        assert PictureVectors(home).count() == 2

        card.get_by_role("button", name="kettle.jpg", exact=True).first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("img")).to_have_attribute("alt", "the picture kettle.jpg", timeout=30_000)
        expect(dialog.locator(".chunk")).to_contain_text("34.90 EUR", timeout=30_000)
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)
