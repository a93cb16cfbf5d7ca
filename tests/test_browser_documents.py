"""The Documents page in a real browser: add, index, look at, and delete documents."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from playground.paths import sample_docs_folder
from tests.browser import (
    Server,
    assert_nothing_scrolls_sideways,
    new_page,
    open_browser,
    wait_until_idle,
)

pytestmark = pytest.mark.browser

SAMPLES = sample_docs_folder() / "handbook" / "documents"
MANUAL, TRAVEL = "service-and-returns-manual.pdf", "travel-policy-2026.docx"
ROW = 34  # pixels of a row of the library's table


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


def open_documents(browser: Browser, server: Server) -> Page:
    page = new_page(browser)
    page.goto(f"{server.url}/documents")
    wait_until_idle(page)
    return page


def upload(page: Page, *paths: Path) -> None:
    page.locator(".st-key-files input[type=file]").set_input_files([str(path) for path in paths])
    for path in paths:
        expect(page.locator(".st-key-upload_lines")).to_contain_text(path.name, timeout=60_000)
    wait_until_idle(page)


def select_row(page: Page, row: int) -> None:
    """Tick a row of the table, which is a canvas: by its place."""
    box = page.locator(".st-key-library_table [data-testid=stDataFrameResizable]").bounding_box()
    assert box
    page.mouse.click(box["x"] + 17, box["y"] + ROW * (row + 1) + ROW / 2)
    wait_until_idle(page)


def test_documents_are_added_indexed_viewed_and_deleted(browser: Browser, tmp_path: Path) -> None:
    unsupported = tmp_path / "drawing.odt"
    unsupported.write_bytes(b"GIF89a" + b"0" * 100)
    with Server(tmp_path / "home") as server:
        page = open_documents(browser, server)
        expect(page.locator(".st-key-empty")).to_contain_text("No documents yet")
        upload(page, SAMPLES / MANUAL, SAMPLES / TRAVEL, unsupported)
        expect(page.locator(".st-key-upload_lines")).to_contain_text("it is a GIF picture")
        expect(page.locator(".st-key-index_status")).to_contain_text("2 documents to index")
        page.locator(".st-key-index_now button").click()
        expect(page.locator(".st-key-index_status")).to_contain_text("Index is up to date", timeout=120_000)
        wait_until_idle(page)
        assert_nothing_scrolls_sideways(page)

        select_row(page, 0)
        page.locator(".st-key-view button").click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("img")).to_have_attribute("alt", f"page 1 of {MANUAL}")
        expect(dialog.locator(".chunk").first).to_contain_text("Service and returns manual")
        dialog.get_by_role("button", name="Later").click()
        expect(dialog.locator("img")).to_have_attribute("alt", f"page 2 of {MANUAL}")
        assert_nothing_scrolls_sideways(page)
        page.get_by_role("button", name="Close").click()
        wait_until_idle(page)

        page.locator(".st-key-delete button").first.click()
        page.locator(".st-key-delete_for_good button").click()
        proof = page.locator(".st-key-proof")
        expect(proof).to_contain_text(f"Deleted {MANUAL}", timeout=30_000)
        expect(proof).to_contain_text("0 in the dense index, 0 in the keyword index, 0 in the catalogue")
        expect(page.locator(".st-key-index_status")).to_contain_text("1 document")
        wait_until_idle(page)


def test_indexing_goes_on_over_a_page_switch_and_a_reload_until_it_is_cancelled(
    browser: Browser, tmp_path: Path
) -> None:
    long = tmp_path / "long.txt"
    long.write_text("\n\n".join(f"Sentence {n} is about subject {n * n}. " * 8 for n in range(3000)))
    with Server(tmp_path / "home") as server:
        page = open_documents(browser, server)
        upload(page, long)
        page.locator(".st-key-index_now button").click()
        progress = page.locator(".st-key-index_progress")
        expect(progress).to_contain_text("chunks a second", timeout=120_000)
        page.get_by_role("link", name="Compare").click()
        wait_until_idle(page)
        page.get_by_role("link", name="Documents").click()
        expect(progress).to_contain_text("chunks a second", timeout=30_000)
        page.reload()
        expect(progress).to_contain_text("chunks a second", timeout=30_000)
        page.locator(".st-key-cancel button").click()
        # The step that runs is finished first: 64 chunks, which take long where the machine is busy.
        expect(page.locator(".st-key-index_now")).to_contain_text("Index now", timeout=120_000)
        wait_until_idle(page)
        expect(page.locator(".st-key-preview_blocks .chunk").first).to_contain_text("Sentence 0")
        assert page.locator(".st-key-preview_blocks .chunk").count() < 60
