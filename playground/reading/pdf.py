"""PDF files page by page, with the headings that their outline names. Knows no OCR: a scan has no text here.

pdfium is not thread-safe, hangs on some files and aborts on others; only the worker process imports this.
"""

import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw

from playground.documents import Heading
from playground.errors import ReadError
from playground.reading.draft import Draft, PageText, join_pages, tidy
from playground.reading.formats import PASSWORD
from playground.reading.limits import Limits

# pdfium puts one of these where a hyphen ended the line: which one depends on its version.
_HYPHEN = re.compile(r"[\x02\ufffe]\s*")
_LIGATURES = str.maketrans(
    {
        "ﬀ": "ff",
        "ﬁ": "fi",
        "ﬂ": "fl",
        "ﬃ": "ffi",
        "ﬄ": "ffl",
        "ﬅ": "st",
        "ﬆ": "st",
        "\xad": None,
        "\uffff": None,
    }
)
_NO_TITLE = re.compile(r"untitled|microsoft \w+ - |.*\.\w{2,5}$|.*[\\/]|\W*$|\(anonymous\)", re.IGNORECASE)


def read_pdf(data: bytes, limits: Limits) -> Draft:
    """The text of every page. Raises ReadError for a password, a damaged file and a scan."""
    try:
        pdf = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise ReadError(PASSWORD) from error
        raise
    outline = _outline(pdf)
    pieces: list[PageText] = []
    pictures: list[int] = []
    for number, (page, text) in enumerate(_pages(pdf), start=1):
        pieces.append(PageText(number, text, headings=tuple(_located(outline.get(number, []), text))))
        if not text and page is not None and _has_picture(page):
            pictures.append(number)
    text, pages, headings = join_pages(pieces, "page")
    if not text:
        count = f"{len(pages)} page{'s' * (len(pages) != 1)}"
        raise ReadError(f"there is no text layer: {count}, none with text (a scan?); run OCR on it first")
    title = " ".join(str(pdf.get_metadata_value("Title")).split())
    note = (
        f"pages {_listed(pictures)} are pictures without text; run OCR to have them too" if pictures else ""
    )
    return Draft(text, "" if _NO_TITLE.match(title) else clean_title(title), pages, headings, note)


def clean_title(title: str) -> str:
    """A title out of the metadata, without the marks that writers leave in it."""
    return tidy(title.translate(_LIGATURES))[:200]


def _pages(pdf: pypdfium2.PdfDocument) -> Iterator[tuple[pypdfium2.PdfPage | None, str]]:
    """Each page with its clean text; a page that cannot be loaded is a blank one."""
    for index in range(len(pdf)):
        try:
            page = pdf[index]
            text = page.get_textpage().get_text_range()
        except pypdfium2.PdfiumError:
            yield None, ""
            continue
        yield page, tidy(_joined_words(text).translate(_LIGATURES)).strip()
        page.close()


def _joined_words(text: str) -> str:
    """Words that were cut at a line end in one piece. Before a capital or a digit the hyphen is the word's own."""
    return _HYPHEN.sub(lambda mark: "" if text[mark.end() : mark.end() + 1].islower() else "-", text)


def _outline(pdf: pypdfium2.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Page number -> (level, title) of the bookmarks that lead there; level 1 is the highest."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in pdf.get_toc():
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        title = " ".join(clean_title(bookmark.get_title()).split())
        if index is not None and title:
            found.setdefault(index + 1, []).append((bookmark.level + 1, title))
    return found


def _located(bookmarks: list[tuple[int, str]], text: str) -> Iterator[Heading]:
    """The bookmarks whose title stands on the page as a line (or two) of its own, in the page's order.

    Spaces, case and a number in front may differ. What is not found is left out: a guessed place is worse
    than none.
    """
    position = 0
    for level, title in bookmarks:
        bare = re.sub(r"^(?:[\dA-Z]+[.)])*\d*[.)]?\s+(?=\S)", "", title)
        words = r"\s*".join(re.escape(word) for word in bare.split())
        line = re.compile(
            rf"^[^\w\n]*(?:[\w.]{{1,12}}[.:)]?\s+){{0,2}}{words}[\s.:]*$", re.IGNORECASE | re.MULTILINE
        )
        if match := line.search(text, position):
            start = match.start() + len(match[0]) - len(match[0].lstrip())
            yield Heading(level, title, start)
            position = match.end()


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers[:5])) + (f" and {len(numbers) - 5} more" if len(numbers) > 5 else "")
