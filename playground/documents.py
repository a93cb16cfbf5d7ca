"""What a document is once it has been read: one text, with the places a citation can name.

This module does not know how files are read (see `playground.reading`) nor how they are cut
(`playground.chunking`). Offsets are character offsets into `Document.text`, here and everywhere.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

PageKind = Literal["page", "slide", "sheet"]


@dataclass(frozen=True)
class Page:
    """A page of a PDF, a slide, or a sheet: `text[start:end]` is what stands on it."""

    number: int
    start: int
    end: int
    kind: PageKind = "page"
    name: str = ""

    @property
    def label(self) -> str:
        """What a citation says: "page 3", "slide 2", "sheet Fees"."""
        return f"{self.kind} {self.name or self.number}"


@dataclass(frozen=True)
class Heading:
    """A heading that begins at `start`; level 1 is the highest."""

    level: int
    title: str
    start: int


@dataclass(frozen=True)
class Document:
    """A document's text with its pages and headings, both sorted by `start`."""

    id: str
    name: str
    text: str
    title: str = ""
    pages: tuple[Page, ...] = ()
    headings: tuple[Heading, ...] = ()

    @cached_property
    def _page_starts(self) -> list[int]:
        return [page.start for page in self.pages]

    def page_at(self, offset: int) -> Page | None:
        """The page on which the character at `offset` stands, or None where the format has no pages."""
        position = bisect_right(self._page_starts, offset) - 1
        return self.pages[max(position, 0)] if self.pages else None

    def pages_between(self, start: int, end: int) -> tuple[Page, ...]:
        """The pages that `text[start:end]` touches, in order."""
        first = max(bisect_right(self._page_starts, start) - 1, 0)
        last = bisect_left(self._page_starts, end)
        return self.pages[first:last]

    def heading_path(self, offset: int) -> tuple[str, ...]:
        """Titles of the headings above `offset`, outermost first: ("Returns", "Hardware")."""
        path: list[Heading] = []
        for heading in self.headings:
            if heading.start > offset:
                break
            while path and path[-1].level >= heading.level:
                path.pop()
            path.append(heading)
        return tuple(heading.title for heading in path)

    def below_headings(self, start: int, end: int) -> int:
        """Where the text below the first headings of `text[start:end]` begins: "# Returns", "## Hardware" and
        a sentence are about Returns › Hardware. A text of nothing but headings is about its last."""
        place = start
        for heading in self.headings:
            if not start <= heading.start < end:
                continue
            if self.text[place : heading.start].strip():
                break
            line_end = self.text.find("\n", heading.start, end)
            if line_end < 0:
                return heading.start
            place = line_end
        return min(place, end - 1)
