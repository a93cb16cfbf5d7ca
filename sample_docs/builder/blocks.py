"""Markdown as a short list of blocks, which every writer lays out in its own way.

Knows headings, paragraphs, lists and tables; inline formatting is taken as it is written, since the
sources have none.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

PARSER = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True)
class Heading:
    """Level 1 is the document's title."""

    level: int
    text: str


@dataclass(frozen=True)
class Paragraph:
    """Running text without line breaks."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list with numbers or with bullets."""

    numbered: bool
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells; the first row is the head."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Table


@dataclass(frozen=True)
class Source:
    """A document: its title, the paragraph under it (who wrote it, and when), and the rest."""

    title: str
    byline: str
    body: tuple[Block, ...]


def read_source(path: Path) -> Source:
    """Read a Markdown file that begins with a title and a byline. Raises ValueError when it does not."""
    title, byline, *body = parse(path.read_text(encoding="utf-8"))
    if not isinstance(title, Heading) or not isinstance(byline, Paragraph):
        raise ValueError(
            f"{path} must begin with a heading and one paragraph that says who wrote it and when"
        )
    return Source(title.text, byline.text, tuple(body))


def parse(markdown: str) -> list[Block]:
    """All blocks of a text, in order. Raises ValueError for a block of another kind."""
    return [_block(node) for node in SyntaxTreeNode(PARSER.parse(markdown)).children]


def _block(node: SyntaxTreeNode) -> Block:
    match node.type:
        case "heading":
            return Heading(int(node.tag[1]), _text(node))
        case "paragraph":
            return Paragraph(_text(node))
        case "bullet_list" | "ordered_list":
            return Items(node.type == "ordered_list", tuple(_text(item) for item in node.children))
        case "table":
            rows = (row for part in node.children for row in part.children)
            return Table(tuple(tuple(_text(cell) for cell in row.children) for row in rows))
    raise ValueError(f"a {node.type} in a source is not supported; use headings, paragraphs, lists, tables")


def _text(node: SyntaxTreeNode) -> str:
    return " ".join(inline.content.replace("\n", " ") for inline in _inlines(node))


def _inlines(node: SyntaxTreeNode) -> Iterator[SyntaxTreeNode]:
    return (part for part in node.walk() if part.type == "inline")
