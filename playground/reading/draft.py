"""What a reader hands back before it is a document, and the cleaning that comes before any offset is taken.

This module does not know any file format.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from playground.documents import Heading, Page, PageKind

_LINE_ENDS = re.compile(r"\r\n?|[\v\f\u2028\u2029\x85]")
_CONTROLS = dict.fromkeys((*range(1, 9), *range(14, 32), 127), " ") | {0: None, 0xFEFF: None}
_SURROGATES = re.compile(r"[\ud800-\udfff]")
_MADE_UP_TITLE = re.compile(
    r"untitled|unknown|microsoft \w+ - |.*\.\w{2,5}$|.*\\|\W*$|\(anonymous\)|slide 1$|powerpoint pr",
    re.IGNORECASE,
)
# A picture written into the text: the type stays, the letters that nobody can read go.
_DATA_URI = re.compile(
    r"\bdata:([\w.+-]+/[\w.+-]+)?(;[\w.=-]+)*;base64,[A-Za-z0-9+/=\s]{16,}(?<!\s)", re.ASCII
)


@dataclass(frozen=True)
class Draft:
    """Clean text with what was found in it. `title` is empty where the file has none of its own. `note`
    says, in one line, what was left out although the file was read."""

    text: str
    title: str = ""
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()
    note: str = ""


@dataclass(frozen=True)
class PageText:
    """One page before it is joined with the others; headings count from the start of this page."""

    number: int
    text: str
    name: str = ""
    headings: tuple[Heading, ...] = ()


def clean(text: str) -> str:
    r"""Line ends as \n, no NULs, no other control characters, nothing that UTF-8 cannot write, no pictures
    in base64, and no white space at the end. What stays is not moved otherwise: offsets that somebody noted
    in a plain text file with \n line ends still hold."""
    text = _LINE_ENDS.sub("\n", text).translate(_CONTROLS)
    text = _SURROGATES.sub("\ufffd", text)
    if ";base64," in text:
        text = _DATA_URI.sub(lambda match: f"data:{match[1] or ''}", text)
    return text.rstrip()


def tidy(text: str) -> str:
    """`clean`, and also no spaces at line ends, at most one empty line in a row, and none at the start:
    for text whose white space a converter made up."""
    text = re.sub(r"[ \t\xa0]+\n", "\n", clean(text).replace("\xa0", " "))
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


def own_title(title: str | None) -> str:
    """A title out of a file's metadata in one line; empty where a program made it up ("Untitled", a path)."""
    line = " ".join(clean(title or "").split())[:200]
    return "" if _MADE_UP_TITLE.match(line) else line


def join_pages(
    pieces: Iterable[PageText], kind: PageKind
) -> tuple[str, tuple[Page, ...], tuple[Heading, ...]]:
    """One text with an empty line between the pages. A page without text has start == end, at the start of
    the next page that has some, so that no offset is ever said to be on it."""
    pages: list[Page] = []
    headings: list[Heading] = []
    parts: list[str] = []
    length = 0
    blank: list[PageText] = []
    for piece in pieces:
        if not piece.text:
            blank.append(piece)
            continue
        if parts:
            parts.append("\n\n")
            length += 2
        pages += [Page(each.number, length, length, kind, each.name) for each in blank]
        blank.clear()
        end = length + len(piece.text)
        pages.append(Page(piece.number, length, end, kind, piece.name))
        headings += [Heading(each.level, each.title, length + each.start) for each in piece.headings]
        parts.append(piece.text)
        length = end
    pages += [Page(each.number, length, length, kind, each.name) for each in blank]
    return "".join(parts), tuple(pages), tuple(headings)
