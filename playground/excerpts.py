"""What can be shown of a long document at once: a window of its text, in blocks with chunk and page borders.

It knows where chunks, pages, headings and a passage lie in the text; it does not know how they are drawn.
"""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from playground.chunking.chunk import Chunk
from playground.documents import Document, Page

WINDOW = 6000  # characters: about three screens
CONTEXT = 240  # characters before a passage, so that one sees what it follows
PLACES = 400  # more entries than this nobody scrolls through

Span = tuple[int, int]


@dataclass(frozen=True)
class Segment:
    """Text of one kind. `shared` is repeated from the chunk before, `marked` is the passage that was asked
    for, `heading` is a heading's own line."""

    text: str
    shared: bool = False
    marked: bool = False
    heading: bool = False


@dataclass(frozen=True)
class Block:
    """Text between two borders. `chunk` is the index of the chunk it belongs to, None where chunks are not
    known; `begins` says whether that chunk begins here; `page` is the page that begins here."""

    chunk: int | None
    begins: bool
    page: Page | None
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Place:
    """A place to go to in a document."""

    label: str
    start: int


def is_paged(document: Document) -> bool:
    """Whether it has pages that can be looked at one by one, as a PDF has; slides and sheets are short."""
    return bool(document.pages) and document.pages[0].kind == "page"


def window_at(document: Document, start: int, size: int = WINDOW) -> Span:
    """The window that begins at `start`: at most `size` characters, for a PDF not beyond the page that it
    begins on, and to the end of a line where there is one in its second half."""
    start = max(0, min(start, len(document.text) - 1))
    limit = len(document.text)
    if is_paged(document):
        page = next((page for page in document.pages if page.end > start), document.pages[-1])
        start, limit = max(start, page.start), max(page.end, start + 1)  # not on white space between pages
    return start, _line_end(document.text, start, limit, size)


def window_before(document: Document, start: int, size: int = WINDOW) -> Span:
    """The window that ends where the one at `start` begins."""
    page = document.page_at(start - 1) if start > 0 else None
    first = page.start if page and page.start < start and is_paged(document) else 0
    begin = max(first, start - size)
    if begin > first:
        newline = document.text.find("\n", begin, begin + size // 2)
        begin = newline + 1 if newline >= 0 else begin
    return begin, start


def window_around(document: Document, span: Span, size: int = WINDOW) -> Span:
    """The window that opens at a passage: a few lines before it, and reaching to its end at least."""
    text = document.text
    start = max(0, min(span[0], len(text) - 1))
    earliest = max(0, start - CONTEXT)
    newline = text.find("\n", earliest, start)
    begin = 0 if not earliest else newline + 1 if newline >= 0 else start
    page = document.page_at(start)
    if page and page.start <= start and is_paged(document):
        begin = max(begin, page.start)
    end = window_at(document, begin, size)[1]
    return begin, max(end, min(span[1], len(text), begin + size))


def places(document: Document) -> list[Place]:
    """Where one may want to go, each under another label: pages, else headings, else tenths of the text."""
    found = [Place(page.label.capitalize(), page.start) for page in document.pages]
    if not found:
        found = [
            Place("\u2003" * (heading.level - 1) + heading.title, heading.start)
            for heading in document.headings
        ]
        if found and found[0].start > 0:
            found.insert(0, Place("Beginning", 0))
    if not found:
        tenth = len(document.text) / 10
        found = [Place(f"At {part * 10} %" if part else "Beginning", int(part * tenth)) for part in range(10)]
    every = -(-len(found) // PLACES)
    return _told_apart(found[::every])


def _told_apart(found: Sequence[Place]) -> list[Place]:
    """The same places; a label that was there before gets a number."""
    seen: Counter[str] = Counter()
    labels: set[str] = set()
    different = []
    for place in found:
        label = place.label
        while label in labels:
            seen[place.label] += 1
            label = f"{place.label} ({seen[place.label] + 1})"
        labels.add(label)
        different.append(Place(label, place.start))
    return different


def place_at(found: Sequence[Place], offset: int) -> int:
    """Index of the last place that is not behind `offset`."""
    return max(bisect_right([place.start for place in found], offset) - 1, 0)


def blocks(
    document: Document, chunks: Sequence[Chunk], window: Span, span: Span | None = None
) -> list[Block]:
    """The text of a window, cut where a chunk or a page begins; blocks without text are left out."""
    begin, end = window
    starts = [chunk.start for chunk in chunks]
    pages = {page.start: page for page in document.pages if begin <= page.start < end}
    inside = starts[bisect_left(starts, begin) : bisect_left(starts, end)]
    borders = sorted({begin, *inside, *pages})
    found = []
    for first, last in zip(borders, [*borders[1:], end], strict=True):
        index = bisect_right(starts, first) - 1
        known = index if chunks and index >= 0 else None
        shared_until = chunks[index - 1].end if index > 0 else 0
        segments = _segments(document, (first, last), shared_until, span)
        if segments:
            found.append(
                Block(known, known is not None and starts[index] == first, pages.get(first), segments)
            )
    return found


def _segments(document: Document, block: Span, shared_until: int, span: Span | None) -> tuple[Segment, ...]:
    """A block's text, without white space at its ends, cut where the kind of text changes."""
    text = document.text
    piece = text[block[0] : block[1]]
    begin, end = block[0] + len(piece) - len(piece.lstrip()), block[0] + len(piece.rstrip())
    if begin >= end:
        return ()
    marked = span or (0, 0)
    titles = [
        (heading.start, _first_line_end(text, heading.start, end))
        for heading in document.headings
        if begin <= heading.start < end
    ]
    cuts = sorted(
        {begin, end, *(cut for cut in (shared_until, *marked, *sum(titles, ())) if begin < cut < end)}
    )
    return tuple(
        Segment(
            text[first:last],
            first < shared_until,
            marked[0] <= first < marked[1],
            any(start <= first < stop for start, stop in titles),
        )
        for first, last in pairwise(cuts)
    )


def _first_line_end(text: str, start: int, end: int) -> int:
    newline = text.find("\n", start, end)
    return newline if newline >= 0 else end


def _line_end(text: str, start: int, limit: int, size: int) -> int:
    """Where a window ends that begins at `start`: `limit`, or after at most `size` characters."""
    if limit - start <= size:
        return limit
    newline = text.rfind("\n", start + size // 2, start + size)
    return newline + 1 if newline >= 0 else start + size
