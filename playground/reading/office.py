"""DOCX, PPTX, HTML and EPUB as Markdown, through markitdown's converters, its detection left aside.

This module does not know tables of numbers (see `sheets`), nor any e-mail.
"""

import re
from io import BytesIO
from typing import Any

from bs4 import BeautifulSoup
from markitdown import StreamInfo
from markitdown.converters import DocxConverter, EpubConverter, HtmlConverter, PptxConverter

from playground.reading import markdown
from playground.reading.decoding import decode
from playground.reading.draft import Draft, PageText, join_pages, own_title
from playground.reading.limits import Limits

# Escapes would come between a search and a code like AB_12; the text is shown as text anyway.
_OPTIONS: dict[str, Any] = {
    "escape_underscores": False,
    "escape_asterisks": False,
    "table_infer_header": True,
}
_STYLES = "p[style-name='Title'] => h1:fresh\np[style-name='Subtitle'] => p:fresh"
_SLIDE = re.compile(r"<!-- Slide number: (\d+) -->\n?")
_NOTES = "\n### Notes:\n"
_BARE_LINE = re.compile(r"^(?!#+\s|\||!\[|[-*•–]\s)(?=\S)", re.MULTILINE)
_TABLE_PARTS = ["thead", "tbody", "tfoot", "tr", "td", "th"]
_NOT_SHOWN = ["script", "style", "template", "noscript", "head", "svg", "ix:header"]


def read_docx(data: bytes, limits: Limits) -> Draft:
    """A Word document; its styles make the headings."""
    found = DocxConverter().convert(
        BytesIO(data), StreamInfo(extension=".docx"), style_map=_STYLES, **_OPTIONS
    )
    return _draft(found.markdown)


def read_pptx(data: bytes, limits: Limits) -> Draft:
    """A presentation; every slide is a page, its title a heading, its notes stand under it."""
    found = PptxConverter().convert(BytesIO(data), StreamInfo(extension=".pptx"), **_OPTIONS)
    _, *slides = _SLIDE.split(found.markdown)
    pieces = []
    for number, slide in zip(slides[::2], slides[1::2], strict=True):
        text = markdown.tidy_converted(_listed(slide))
        pieces.append(PageText(int(number), text, headings=markdown.headings(text)))
    text, pages, headings = join_pages(pieces, "slide")
    return Draft(text, _title(headings), pages, headings)


def _listed(slide: str) -> str:
    """A slide whose paragraphs are items of a list, each a statement of its own, and whose notes are
    paragraphs: the converter leaves both as bare lines, which would read like one that was wrapped."""
    body, notes_follow, notes = slide.replace("\v", " ").partition(_NOTES)
    return _BARE_LINE.sub("- ", body) + notes_follow + notes.replace("\n", "\n\n")


def read_epub(data: bytes, limits: Limits) -> Draft:
    """An e-book in reading order, without what its package says about it; that gives the title."""
    found = EpubConverter().convert(BytesIO(data), StreamInfo(extension=".epub"), **_OPTIONS)
    _, _, content = found.markdown.partition("\n\n")
    draft = _draft(content)
    return Draft(draft.text, own_title(found.title) or draft.title, (), draft.headings)


def read_html(data: bytes, limits: Limits) -> Draft:
    """A web page as a reader sees it: without scripts, styles, and what is hidden."""
    return draft_of_html(decode(data))


def draft_of_html(source: str) -> Draft:
    """As `read_html`, of a text that is decoded already. The first heading is the title, else <title>."""
    soup = BeautifulSoup(source, "html.parser")
    title = own_title(soup.title.get_text()) if soup.title else ""
    hidden = soup.select('[hidden], [style*="display:none"], [style*="display: none"]')
    for element in [*soup(_NOT_SHOWN), *hidden]:
        element.decompose()
    _unwrap_layout(soup)
    draft = _draft(HtmlConverter().convert_string(str(soup), **_OPTIONS).markdown)
    return Draft(draft.text, draft.title or title, (), draft.headings)


def _unwrap_layout(soup: BeautifulSoup) -> None:
    """Tables that only place things on the page (one column, or a table inside) become plain blocks."""
    for table in soup("table"):
        parts = [part for part in table(_TABLE_PARTS) if part.find_parent("table") is table]
        widest = max((len(row.find_all(["td", "th"], recursive=False)) for row in table("tr")), default=0)
        if table.find("table") or widest <= 1:
            for part in [*parts, table]:
                part.name = "div"


def _draft(converted: str) -> Draft:
    text = markdown.tidy_converted(converted)
    headings = markdown.headings(text)
    return Draft(text, _title(headings), (), headings)


def _title(headings: tuple) -> str:
    return headings[0].title if headings else ""
