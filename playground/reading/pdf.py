"""PDF files page by page, with the headings that their outline names. Knows no OCR: a scan has no text here.

pdfium is not thread-safe, hangs on some files and aborts on others; only the worker process imports this.
"""

import re
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw

from playground.documents import Heading
from playground.errors import ReadError
from playground.reading.draft import Draft, PageText, clean, join_pages, own_title, tidy
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
    note = f"no text on {_listed(pictures)}, only pictures; run OCR to have them too" if pictures else ""
    return Draft(text, own_title(pdf.get_metadata_value("Title")), pages, headings, note)


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
    """Words that were cut at a line end in one piece; before a capital or a digit the hyphen is their own."""
    return _HYPHEN.sub(lambda mark: "" if text[mark.end() : mark.end() + 1].islower() else "-", text)


def _outline(pdf: pypdfium2.PdfDocument) -> dict[int, list[tuple[int, str]]]:
    """Page number -> (level, title) of the bookmarks that lead there; level 1 is the highest."""
    found: dict[int, list[tuple[int, str]]] = {}
    for bookmark in pdf.get_toc():
        target = bookmark.get_dest()
        index = target.get_index() if target else None
        title = " ".join(clean(bookmark.get_title()).translate(_LIGATURES).split())
        if index is not None and title:
            found.setdefault(index + 1, []).append((bookmark.level + 1, title))
    return found


def _located(bookmarks: list[tuple[int, str]], text: str) -> Iterator[Heading]:
    """The bookmarks whose title stands on the page as a line (or two) of its own, in the page's order.

    What is not found is left out: a guessed place is worse than none.
    """
    position = 0
    for level, title in bookmarks:
        bare = re.sub(r"^[\dA-Z.]{1,8}[.)]?\s+(?=\S)", "", title)
        # First as it is; then with other capitals or another number, but not behind a page number, where
        # running heads have the same words.
        for words, number, flags in ((title, "", 0), (bare, r"(?:[\dA-Z.]{1,8}[.:)]?\s+)?", re.IGNORECASE)):
            pattern = r"\s*".join(re.escape(word) for word in words.split())
            line = re.compile(rf"^[ \t]*{number}{pattern}[ \t.:]*$", flags | re.MULTILINE)
            if match := line.search(text, position):
                yield Heading(level, title, match.end() - len(match[0].lstrip()))
                position = match.end()
                break


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    return any(True for _ in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))


def _listed(numbers: list[int]) -> str:
    """Up to five numbers by name: "page 4", "pages 4, 5", "pages 1, 2, 3, 4, 5 and 7 more"."""
    first = ", ".join(map(str, numbers[:5]))
    rest = f" and {len(numbers) - 5} more" if len(numbers) > 5 else ""
    return f"page{'s' * (len(numbers) > 1)} {first}{rest}"
