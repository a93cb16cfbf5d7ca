"""The chunk, and the text of it that is embedded and searched."""

from dataclasses import dataclass

from playground.documents import Document, Page


@dataclass(frozen=True)
class Chunk:
    """A piece of a document: `document.text[start:end] == text` always holds.

    `tokens` counts the encoder's tokens in `text`, without the encoder's own special tokens. `pages` are all
    pages that it touches, in order; none where the format has no pages.
    """

    document_id: str
    start: int
    end: int
    text: str
    tokens: int
    pages: tuple[Page, ...] = ()
    heading: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Unique among the chunks of one fingerprint."""
        return f"{self.document_id}:{self.start}-{self.end}"

    @property
    def page(self) -> Page | None:
        """The page on which the chunk begins."""
        return self.page_at(self.start)

    def page_at(self, offset: int) -> Page | None:
        """The page on which a character of the chunk stands."""
        begun = [page for page in self.pages if page.start <= offset]
        return begun[-1] if begun else next(iter(self.pages), None)


def searchable_text(document: Document, chunk: Chunk, prefix: bool) -> str:
    """What is embedded and keyword-searched: with `prefix`, title and heading path come first."""
    if not prefix:
        return chunk.text
    path = [document.title or document.name, *chunk.heading]
    lines = list(dict.fromkeys(part for part in path if part))
    return " › ".join(lines) + "\n" + chunk.text
