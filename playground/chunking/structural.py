"""Pieces that follow a document's own structure: sections, then paragraphs, lines, sentences, words.

Headings, slides and sheets always begin a piece; within a section semantic-text-splitter decides. It does not
know about tokens by itself: it is given a count that is cheap enough for the thousands of times it asks.
"""

import re
from collections.abc import Callable

from semantic_text_splitter import MarkdownSplitter, TextSplitter

from playground.chunking.tokens import Span, Tokens
from playground.config import ChunkingConfig
from playground.documents import Document
from playground.embedding import Encoder

_MARKDOWN_HEADING = re.compile(r"^ {0,3}#{1,6}\s+\S", re.MULTILINE)
_LONG_WORD = 40
_WORD_PARTS = re.compile(rf"\w{{1,{_LONG_WORD}}}|\W")
"""Parts of text without spaces (Chinese, addresses, data), which the splitter cuts inside words."""
_SMALL = 8
"""A section of fewer than size / 8 tokens (a title with its subtitle) goes along with the next one."""


def split(document: Document, config: ChunkingConfig, encoder: Encoder, tokens: Tokens) -> list[Span]:
    """Sections in pieces of at most `config.size` tokens; overlap repeats whole units within a section.

    A page of a PDF is no border, because its text flows on; a slide or a sheet is one.
    """
    kind = MarkdownSplitter if _MARKDOWN_HEADING.search(document.text) else TextSplitter
    counter = _counter(tokens, encoder, config.size)

    def in_pieces(part: Span, size: int) -> list[Span]:
        splitter = kind.from_callback(counter, size, overlap=min(config.overlap, size - 1))
        found = splitter.chunk_indices(document.text[slice(*part)])
        return _within_limits(
            [(part[0] + at, part[0] + at + len(text)) for at, text in found], tokens, config
        )

    pieces: list[Span] = []
    for section in _sections(document, tokens, config.size // _SMALL):
        if tokens.count(*section) <= config.size:
            pieces.append(section)
            continue
        for part in _digestible(section, tokens, config.size):
            pieces += _with_heading(document, part, in_pieces(part, config.size), in_pieces, tokens, config)
    return pieces


def _with_heading(
    document: Document,
    part: Span,
    found: list[Span],
    in_pieces: Callable[[Span, int], list[Span]],
    tokens: Tokens,
    config: ChunkingConfig,
) -> list[Span]:
    """`found`, unless it begins with a piece of nothing but headings, which would be found and say nothing:
    then the text below is cut a little shorter, so that the headings fit before it."""
    below = document.below_headings(*part)
    headings = tokens.count(part[0], below)
    only_headings = bool(found) and found[0][1] <= below
    if not only_headings or headings > config.size // 2 or not document.text[below : part[1]].strip():
        return found
    first, *rest = in_pieces((below, part[1]), config.size - headings)
    return [(part[0], first[1]), *rest]


def _sections(document: Document, tokens: Tokens, small: int) -> list[Span]:
    """The text cut at headings, slides and sheets; what is small is joined with the section behind it."""
    firm = {page.start for page in document.pages if page.kind != "page"} | {len(document.text)}
    borders = sorted(firm | {heading.start for heading in document.headings})
    sections: list[Span] = []
    start = 0
    for border in borders:
        if border in firm or tokens.count(start, border) >= small:
            if start < border:
                sections.append((start, border))
            start = border
    return sections


def _digestible(section: Span, tokens: Tokens, size: int) -> list[Span]:
    """The section itself, or parts of it where it has a very long run without spaces (data, or Chinese
    without any mark): the time that the splitter takes grows with the square of such a run."""
    longest = 20 * size
    if re.search(rf"(?<!\S)\S{{{longest},}}", tokens.text[slice(*section)]):
        return tokens.windows(*section, longest)
    return [section]


def _counter(tokens: Tokens, encoder: Encoder, enough: int) -> Callable[[str], int]:
    """Tokens of a piece of the text as the sum over its words, each of them counted once.

    A word that the text has only as a part of a longer one is counted no further than `enough`: else a line
    of data without spaces would be counted anew, to its end, for each of its pieces.
    """
    counts = {match[0]: tokens.count(*match.span()) for match in re.finditer(r"\S+", tokens.text)}

    def of_word(word: str) -> int:
        if word in counts:
            return counts[word]
        if len(word) > _LONG_WORD:
            total = 0
            for part in _WORD_PARTS.finditer(word):
                total += of_word(part[0])
                if total > enough:
                    break
            return total
        return counts.setdefault(word, len(encoder.token_spans(word)))

    return lambda piece: sum(map(of_word, piece.split()))


def _within_limits(found: list[Span], tokens: Tokens, config: ChunkingConfig) -> list[Span]:
    """`found` with the limits kept in the document's own tokens as well.

    A piece that was cut inside a long word may count a token or two differently as a part of the document.
    """
    pieces: list[Span] = []
    for start, end in found:
        if pieces and start < pieces[-1][1]:
            start = max(start, tokens.tail(pieces[-1][0] + 1, pieces[-1][1], config.overlap))
        pieces += tokens.windows(start, end, config.size)
    return pieces
