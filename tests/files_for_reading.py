"""Small files of every format, made on the spot, good ones and bad ones."""

import struct
import zipfile
from collections.abc import Mapping, Sequence
from io import BytesIO

import docx
import openpyxl
import pptx
from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def pdf(
    pages: Sequence[Sequence[str]],
    bookmarks: Mapping[str, tuple[int, int]] | None = None,
    title: str = "",
    password: str | None = None,
    pictures: Sequence[int] = (),
) -> bytes:
    """Pages of lines; bookmarks are title -> (page number, level from 0); `pictures` are page numbers."""
    file = BytesIO()
    encryption = None if password is None else StandardEncryption(password, ownerPassword="owner")
    canvas = Canvas(file, pagesize=(400, 400), encrypt=encryption)
    canvas.setTitle(title)
    for number, lines in enumerate(pages, start=1):
        for position, line in enumerate(lines):
            canvas.drawString(20, 370 - 20 * position, line)
        if number in pictures:
            canvas.drawImage(ImageReader(Image.new("RGB", (20, 20), "red")), 50, 50)
        for text, (page, level) in (bookmarks or {}).items():
            if page == number:
                canvas.bookmarkPage(text)
                canvas.addOutlineEntry(text, text, level)
        canvas.showPage()
    canvas.save()
    return file.getvalue()


def picture(
    lines: Sequence[str] = (),
    kind: str = "PNG",
    size: tuple[int, int] = (320, 160),
    colour: str = "white",
    caption: str = "",
    title: str = "",
    mode: str = "RGB",
) -> bytes:
    """Black lines of text on one colour. A PNG has its caption in a text chunk, others have it in EXIF."""
    drawn = Image.new(mode, size, colour)
    draw = ImageDraw.Draw(drawn)
    for number, line in enumerate(lines):
        draw.text((16, 16 + 48 * number), line, fill="black", font=ImageFont.load_default(32))
    about, exif = PngInfo(), Image.Exif()
    for key, text in (("Title", title), ("Description", caption)):
        if text:
            about.add_itxt(key, text)
    if caption:
        exif[0x010E] = caption.encode()
    file = BytesIO()
    drawn.save(file, kind, **({"pnginfo": about} if kind == "PNG" else {"exif": exif}))
    return file.getvalue()


def animation(kind: str) -> bytes:
    """Two pictures in one file: an animation, or, as "MPO", a photograph with a second one in its JPEG."""
    first, second = (Image.new("RGB", (40, 30), colour) for colour in ("red", "blue"))
    file = BytesIO()
    first.save(file, kind, save_all=True, append_images=[second])
    return file.getvalue()


def word() -> bytes:
    """Title, two headings with a paragraph each, a table and a code with an underscore."""
    document = docx.Document()
    document.add_heading("Travel policy", 0)
    document.add_heading("Trains", 1)
    document.add_paragraph("Second class. The form is TR_44_B.")
    document.add_heading("Refunds", 2)
    document.add_paragraph("Within 30 days.")
    table = document.add_table(2, 2)
    for cell, text in zip(
        [*table.rows[0].cells, *table.rows[1].cells], "City Limit Rome 120".split(), strict=True
    ):
        cell.text = text
    return _saved(document)


def slides() -> bytes:
    """Two slides, the second with notes."""
    presentation = pptx.Presentation()
    for title, body in (("Plan", "Buy desks"), ("Costs", "Desks cost\v120\nChairs cost 60")):
        slide = presentation.slides.add_slide(presentation.slide_layouts[1])
        slide.shapes.title.text = title
        slide.placeholders[1].text = body
    slide.notes_slide.notes_text_frame.text = "Ask for a discount\nBefore May"
    return _saved(presentation)


def workbook(sheets: Mapping[str, Sequence[Sequence[object]]]) -> bytes:
    """A workbook with these rows on these sheets."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    return _saved(book)


def archive(parts: Mapping[str, bytes | str], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these parts."""
    file = BytesIO()
    with zipfile.ZipFile(file, "w", compression) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return file.getvalue()


def ebook() -> bytes:
    """An EPUB of two chapters."""
    package = """<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0">
      <metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>The Well</dc:title>
      <dc:creator>Ada</dc:creator><dc:identifier>urn:uuid:1234</dc:identifier></metadata>
      <manifest><item id="a" href="a.xhtml"/><item id="b" href="b.xhtml"/></manifest>
      <spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
    container = """<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
      <rootfiles><rootfile full-path="book.opf"/></rootfiles></container>"""
    chapter = "<html><body><h1>{}</h1><p>{} <a href='b.xhtml#x'>next</a></p></body></html>"
    return archive(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "book.opf": package,
            "a.xhtml": chapter.format("Dawn", "It was dry."),
            "b.xhtml": chapter.format("Noon", "It rained."),
        }
    )


def lying_archive() -> bytes:
    """A Word file of which one part says that it holds ten bytes, and holds a million."""
    data = bytearray(archive({"word/document.xml": b"x" * 1_000_000}))
    directory = data.index(b"PK\x01\x02")
    data[directory + 24 : directory + 28] = struct.pack("<I", 10)
    return bytes(data)


def ole(stream: str) -> bytes:
    """The head of an old Office file whose directory names one stream."""
    return OLE + stream.encode("utf-16-le")


def _saved(document) -> bytes:  # type: ignore[no-untyped-def]
    file = BytesIO()
    document.save(file)
    return file.getvalue()


def saved(drawn: Image.Image, kind: str = "PNG", **settings: object) -> bytes:
    """A picture as the bytes of its file."""
    file = BytesIO()
    drawn.save(file, kind, **settings)  # type: ignore[arg-type]
    return file.getvalue()
