"""The main path, once, in a real browser: upload, index, ask, open a source, change a setting, delete."""

from pathlib import Path

import pytest
from docx import Document as WordDocument
from playwright.sync_api import Page, expect
from reportlab.pdfgen.canvas import Canvas

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
ANSWER = "Opened hardware may be returned within 14 days of delivery."


def write_pdf(path: Path) -> None:
    """Two pages; the answer is on the second."""
    canvas = Canvas(str(path))
    canvas.drawString(72, 760, "Warranty")
    canvas.drawString(72, 730, "The warranty covers every probe for three years after the purchase.")
    canvas.showPage()
    canvas.drawString(72, 760, "Returns")
    canvas.drawString(72, 730, ANSWER)
    canvas.save()


def write_word(path: Path) -> None:
    document = WordDocument()
    document.add_heading("Travel policy", 1)
    document.add_paragraph("Hotels in Lisbon may cost up to 140 euro a night, breakfast included.")
    document.save(str(path))


def go_to(page: Page, name: str) -> None:
    page.get_by_role("link", name=name).click()
    wait_until_idle(page)


def ask(page: Page, question: str) -> None:
    page.locator(".st-key-question input").fill(question)
    page.locator(".st-key-question input").press("Enter")
    wait_until_idle(page)
    page.locator(".st-key-ask button").click()
    wait_until_idle(page)


def test_from_an_empty_library_to_a_deleted_document(tmp_path: Path) -> None:
    write_pdf(tmp_path / "returns.pdf")
    write_word(tmp_path / "travel.docx")
    with open_browser() as browser, Server(tmp_path / "home") as server:
        page = new_page(browser, width=1280)
        page.goto(f"{server.url}/?a=balanced&b=keyword-only")
        wait_until_idle(page)
        expect(page.locator(".st-key-empty")).to_contain_text("Bring your documents")
        page.locator(".st-key-go_upload button").click()
        wait_until_idle(page)

        files = [str(tmp_path / "returns.pdf"), str(tmp_path / "travel.docx")]
        page.locator(".st-key-files input[type=file]").set_input_files(files)
        expect(page.locator(".st-key-upload_lines")).to_contain_text("travel.docx", timeout=60_000)
        wait_until_idle(page)
        page.locator(".st-key-index_now button").click()
        expect(page.locator(".st-key-index_status")).to_contain_text("Index is up to date", timeout=120_000)
        wait_until_idle(page)

        go_to(page, "Compare")
        ask(page, QUESTION)
        answer = page.locator(".st-key-column_a .answer")
        expect(answer).to_contain_text(ANSWER)
        number = answer.locator(".cite").first.inner_text()
        source = page.locator(".st-key-source_a_1")
        expect(source.locator(".cite")).to_have_text(number)
        expect(source).to_contain_text("returns.pdf page 2")
        expect(source.locator("mark")).to_have_text(ANSWER)
        expect(page.locator(".st-key-column_b .answer .cite").first).to_have_text(number)
        assert_nothing_scrolls_sideways(page)

        source.locator(".st-key-open_a_1 button").first.click()
        dialog = page.get_by_role("dialog")
        expect(dialog.locator("img")).to_have_attribute("alt", "page 2 of returns.pdf", timeout=30_000)
        expect(dialog.locator("mark").first).to_contain_text("Opened hardware")
        page.get_by_role("button", name="Close").click()
        wait_until_idle(page)

        page.locator(".st-key-config_a button").first.click()
        page.locator(".st-key-chunking_strategy_a").get_by_text("fixed").click()
        wait_until_idle(page)
        page.keyboard.press("Escape")
        column = page.locator(".st-key-column_a")
        expect(column).to_contain_text("2 of 2 documents to index")
        expect(column.locator(".answer")).to_have_count(0)
        expect(page.locator(".st-key-column_b .answer")).to_contain_text(ANSWER)
        column.locator(".st-key-index_a button").click()
        expect(column.locator(".answer")).to_contain_text(ANSWER, timeout=120_000)
        wait_until_idle(page)

        go_to(page, "Documents")
        table = page.locator(".st-key-library_table [data-testid=stDataFrameResizable]").bounding_box()
        assert table
        page.mouse.click(table["x"] + 17, table["y"] + 34 * 1.5)
        wait_until_idle(page)
        page.locator(".st-key-delete button").first.click()
        page.locator(".st-key-delete_for_good button").click()
        expect(page.locator(".st-key-proof")).to_contain_text("0 in the dense index", timeout=30_000)
        wait_until_idle(page)

        go_to(page, "Compare")
        ask(page, QUESTION)
        expect(page.locator(".st-key-column_a .abstained")).to_be_visible()
        expect(page.locator(".st-key-column_a")).not_to_contain_text("14 days")
        expect(page.locator(".st-key-sources_a")).not_to_contain_text("returns.pdf")


def test_a_link_opens_the_same_comparison_after_a_restart(tmp_path: Path) -> None:
    write_pdf(tmp_path / "returns.pdf")
    with open_browser() as browser:
        with Server(tmp_path / "home") as server:
            page = new_page(browser)
            upload_and_index(page, server.url, tmp_path / "returns.pdf")
            go_to(page, "Compare")
            ask(page, QUESTION)
            link = page.url.removeprefix(server.url)
        with Server(tmp_path / "home") as server:
            page = new_page(browser)
            page.goto(server.url + link)
            expect(page.locator(".st-key-column_d .answer")).to_contain_text(ANSWER, timeout=60_000)
            wait_until_idle(page)
            assert page.locator(".st-key-question input").input_value() == QUESTION
