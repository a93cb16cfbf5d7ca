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
_LINK = re.compile(r"(?<!!)\[([^\[\]]*)\]\(([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+\"[^\"]*\")?\)")
_EMPTY_ROW = re.compile(r"^\|[ |]*\|[ \t]*$\n?", re.MULTILINE)
_UNDERLINED = re.compile(r"</?u>")
_MARKS = re.compile(r"(?<!\w)[*_]+|[*_]+(?!\w)|`|<[^>\n]+>|!?\[([^\]]*)\]\([^)]*\)")


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
    return " ".join(_MARKS.sub(lambda match: match[1] or "", title).split())


def tidy_converted(text: str) -> str:
    """Markdown from a converter: pictures become their alternative text, and links that lead nowhere outside
    their own document become their words."""
    text = _IMAGE.sub(lambda match: match[1].strip(), _UNDERLINED.sub("", text))
    return tidy(_EMPTY_ROW.sub("", _LINK.sub(_words_or_link, text)))


def _words_or_link(link: re.Match[str]) -> str:
    """A link to the web as it is; of one inside the document, or without words, the words. What has no
    mark of an address is no link but code, like f[i](x)."""
    words, target = link[1].strip(), link[2]
    leads_out = target.lower().startswith(("http://", "https://"))
    is_address = leads_out or any(mark in target for mark in "#/.?")
    return link[0] if (leads_out and words) or not is_address else words
