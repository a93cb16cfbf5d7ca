"""Headings of a Markdown text, and the cleaning of Markdown that a converter made. Knows no file format."""

import re

from playground.documents import Heading
from playground.reading.draft import tidy

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})[ \t]*$")
_NOT_A_PARAGRAPH = re.compile(r" {4}|\t| {0,3}(?:[-*+>|]|\d+[.)][ \t])")
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:[\w-]+:.*\n|[ \t#-].*\n|\n)*?(?:---|\.\.\.)[ \t]*(?:\n|$)")
_IMAGE = re.compile(r"!\[([^\]]*)\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)")
_INNER_LINK = re.compile(
    r"(?<!!)\[([^\[\]]+)\]\((?:[#/.?]|[\w%.-]+\.x?html?\b)[^()\s]*(?:\([^()\s]*\)[^()\s]*)*(?:\s+\"[^\"]*\")?\)"
)
_MARKS = re.compile(r"(\*\*|__|`|<[^>\n]+>)|!?\[([^\]]*)\]\([^)]*\)")


def headings(text: str) -> tuple[Heading, ...]:
    """ATX (#) and underlined headings outside code fences and front matter; `start` is that of their line."""
    found: list[Heading] = []
    fence = ""
    paragraph: tuple[int, str] | None = None  # the only line so far of the paragraph above
    front = _FRONT_MATTER.match(text)
    offset = front.end() if front else 0
    for line in text[offset:].splitlines(keepends=True):
        content = line.rstrip("\n")
        mark = _FENCE.match(content)
        if fence:
            closes = mark is not None and mark[1].startswith(fence) and not content.strip().strip(fence[0])
            fence = "" if closes else fence
            paragraph = None
        elif mark:
            fence, paragraph = mark[1], None
        elif atx := _ATX.match(content):
            if title := plain(atx[2] or ""):
                found.append(Heading(len(atx[1]), title, offset))
            paragraph = None
        elif (underline := _UNDERLINE.match(content)) and paragraph and paragraph[1]:
            found.append(Heading(1 if underline[1][0] == "=" else 2, plain(paragraph[1]), paragraph[0]))
            paragraph = None
        else:
            paragraph = _only_line(paragraph, offset, content)
        offset += len(line)
    return tuple(found)


def _only_line(above: tuple[int, str] | None, offset: int, line: str) -> tuple[int, str] | None:
    """Where a paragraph of one line begins, which an underline would make a heading. A paragraph of several
    lines above a rule is far more often text above a rule, or a table."""
    if not line.strip():
        return None
    starts_here = above is None and not _NOT_A_PARAGRAPH.match(line)
    return (offset, line) if starts_here else (-1, "")


def plain(title: str) -> str:
    """A heading as it is shown: without emphasis, code marks, tags, and the targets of links."""
    return " ".join(_MARKS.sub(lambda match: match[2] or "", title).split()).strip("*_ ")


def tidy_converted(text: str) -> str:
    """Markdown from a converter: pictures become their alternative text, and links that lead nowhere outside
    their own document become their words."""
    text = _IMAGE.sub(lambda match: match[1].strip(), text)
    return tidy(_INNER_LINK.sub(lambda match: match[1], text))
