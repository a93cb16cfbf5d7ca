"""Restricting a document in a real browser: select it, say who may see it, and ask as somebody."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from playground.config import DEFAULT
from playground.intake import take_in
from playground.paths import sample_docs_folder
from playground.workspace import Workspace
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    wait_until_idle,
)

pytestmark = pytest.mark.browser

TRAVEL = sample_docs_folder() / "handbook" / "documents" / "travel-policy-2026.docx"
QUESTION = "?q=How+much+is+paid+per+kilometre%3F&a=retrieval.reader:anna&b=retrieval.reader:clara"


def test_a_document_is_restricted_and_asked_for_by_two_people(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "home")
    list(take_in(workspace, [(TRAVEL.name, TRAVEL)]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    with Server(tmp_path / "home") as server, open_browser() as browser:
        page = new_page(browser)
        page.goto(f"{server.url}/documents")
        page.locator(".st-key-library_table [data-testid=stDataFrameResizable]").wait_for()
        wait_until_idle(page)
        box = page.locator(".st-key-library_table [data-testid=stDataFrameResizable]").bounding_box()
        assert box
        page.mouse.click(box["x"] + 17, box["y"] + 34 + 17)
        wait_until_idle(page)
        page.locator(".st-key-readers button").first.click()
        field = page.get_by_role("textbox", name="Who may see this document?")
        field.fill("anna, ben")
        save = page.locator(".st-key-readers_save button")
        expect(save).to_have_text("Let only anna and ben see it")
        expect(save).to_be_enabled()
        save.click()
        expect(save).to_be_disabled()
        expect(field).to_have_value("anna, ben")
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)

        page.goto(f"{server.url}/{QUESTION}")
        expect(page.locator(".st-key-column_a .answer")).to_contain_text("kilometre", timeout=240_000)
        expect(page.locator(".st-key-column_b")).to_contain_text("No answer", timeout=120_000)
        wait_until_idle(page)
        expect(page.locator(".st-key-column_a")).to_contain_text("Asked by")
        assert TRAVEL.name not in page.locator(".st-key-column_b").inner_text()
        assert_nothing_scrolls_sideways(page)
