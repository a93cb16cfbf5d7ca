"""Document -> chunks. Three strategies, one verb: `split_document`.

A strategy is a function from a document to spans; it knows nothing about chunks, pages or headings. To add
one, write `split` in a module of its own, name it in `STRATEGIES` below and in `playground.config`.
"""

from collections.abc import Callable

from playground.chunking import fixed, semantic, structural
from playground.chunking.chunk import Chunk, searchable_text
from playground.chunking.tokens import Span, Tokens
from playground.config import ChunkingConfig
from playground.documents import Document
from playground.embedding import Encoder

__all__ = ["Chunk", "searchable_text", "split_document"]

STRATEGIES: dict[str, Callable[[Document, ChunkingConfig, Encoder, Tokens], list[Span]]] = {
    "fixed": fixed.split,
    "structural": structural.split,
    "semantic": semantic.split,
}


def split_document(document: Document, config: ChunkingConfig, encoder: Encoder) -> list[Chunk]:
    """The chunks of `document` in the order of the text; none for a text that is only white space.

    Together the chunks hold everything but white space. Each begins and ends with a character that is not
    white space, begins and ends later than the one before it, and has at most `config.size` tokens of the
    document, unless a single character has more. Neighbours share at most `config.overlap` tokens.
    """
    tokens = Tokens(document.text, encoder)
    chunks = []
    for span in STRATEGIES[config.strategy](document, config, encoder, tokens):
        start, end = _trimmed(document.text, span)
        if start >= end:
            continue
        chunks.append(
            Chunk(
                document_id=document.id,
                start=start,
                end=end,
                text=document.text[start:end],
                tokens=tokens.count(start, end),
                pages=document.pages_between(start, end),
                heading=document.heading_path(document.below_headings(start, end)),
            )
        )
    return chunks


def _trimmed(text: str, span: Span) -> Span:
    piece = text[span[0] : span[1]]
    return span[0] + len(piece) - len(piece.lstrip()), span[0] + len(piece.rstrip())
