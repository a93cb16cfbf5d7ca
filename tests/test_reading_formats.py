import pytest

from playground.errors import ReadError
from playground.reading.formats import SUPPORTED, format_of
from playground.reading.limits import Limits, size_words
from tests import files_for_reading as files

ANY = Limits()


def kind(data: bytes, name: str = "file") -> str:
    return format_of(data, name, Limits())


def reason(data: bytes, name: str = "file", limits: Limits = ANY) -> str:
    with pytest.raises(ReadError) as caught:
        format_of(data, name, limits)
    return str(caught.value)


def test_the_first_bytes_decide_and_not_the_name():
    assert kind(files.word(), "letter.doc") == "docx"
    assert kind(files.slides(), "talk.pdf") == "pptx"
    assert kind(files.workbook({"A": [[1]]}), "a.txt") == "xlsx"
    assert kind(files.ebook(), "book") == "epub"
    assert kind(files.pdf([["x"]]), "x.docx") == "pdf"
    assert kind(b"<!DOCTYPE html><p>x", "page.aspx") == "html"
    assert kind(files.picture(), "photo.txt") == "png"
    assert kind(files.picture(kind="JPEG"), "photo.png") == "jpeg"
    assert kind(files.picture(kind="WEBP"), "photo") == "webp"
    assert kind("\ufeff<html>".encode("utf-16-le"), "page.txt") == "html"


def test_the_name_decides_among_texts():
    names = ["a.md", "a.CSV", "a.tsv", "a.eml", "a.htm", "a.txt", "a.json", "README", "folder.csv/notes"]
    expected = ["markdown", "csv", "csv", "eml", "html", "text", "text", "text", "text"]
    assert [kind(b"words", name) for name in names] == expected


def test_every_extension_on_offer_is_read_or_known_by_its_bytes():
    for extension in SUPPORTED:
        if extension in ("pdf", "docx", "pptx", "xlsx", "epub", "png", "jpg", "jpeg", "webp"):
            assert f"not a {extension.upper()} file at all" in reason(b"words", f"a.{extension}")
        else:
            assert kind(b"words", f"a.{extension}") in ("text", "markdown", "csv", "html", "eml")


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (files.ole("WordDocument"), "a Word file of the old kind (.doc); save it as DOCX"),
        (files.ole("PowerPoint Document"), "a PowerPoint file of the old kind (.ppt); save it as PPTX"),
        (files.ole("Workbook"), "an Excel file of the old kind (.xls); save it as XLSX"),
        (files.ole("__properties_version1.0"), "an Outlook message (.msg); save it as EML or as text"),
        (b"{\\rtf1 hello}", "an RTF file; save it as DOCX"),
        (b"GIF89a", "a GIF picture; save it as PNG or JPEG"),
        (b"BM\x36\0\0\0", "a BMP picture"),
        (files.archive({"a.txt": "x"}), "a ZIP archive; unpack it and add the files in it"),
        (
            files.archive({"mimetype": "application/vnd.oasis.opendocument.text"}),
            "an OpenDocument text (.odt); save it as DOCX",
        ),
        (files.archive({"xl/workbook.bin": "x"}), "a binary Excel workbook (.xlsb); save it as XLSX"),
    ],
)
def test_what_is_not_supported_says_what_to_save_it_as(data: bytes, what: str):
    assert f"the format is not supported: it is {what}" in reason(data)


def test_a_text_may_begin_like_a_picture():
    assert kind(b"BMW builds cars", "a.txt") == "text"


def test_a_protected_workbook_asks_for_its_password():
    assert "needs a password" in reason(files.ole("EncryptedPackage"), "a.xlsx")


def test_an_archive_that_unpacks_to_too_much_is_refused_before_it_is_unpacked():
    bomb = files.archive({"word/document.xml": bytes(3 << 20), "word/more.xml": bytes(3 << 20)})
    assert len(bomb) < 10_000
    assert "unpacks to 6.0 MB, more than the 5.0 MB allowed" in reason(
        bomb, "a.docx", Limits(unpacked_bytes=5 << 20)
    )


def test_an_archive_that_lies_about_its_sizes_is_damaged():
    assert "it is damaged: its archive cannot be unpacked" in reason(files.lying_archive(), "a.docx")


def test_half_an_archive_is_damaged():
    whole = files.word()
    assert "it is damaged: its archive" in reason(whole[: len(whole) // 2], "a.docx")
    assert "it is damaged: its archive" in reason(whole[:500] + whole[3000:], "a.docx")


def test_sizes_are_said_in_words():
    assert [size_words(size) for size in (830, 2048, 5 << 20, 3 << 30)] == [
        "830 bytes",
        "2 KB",
        "5.0 MB",
        "3.0 GB",
    ]
