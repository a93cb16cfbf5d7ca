"""Windows of a fixed number of tokens: the baseline that every other strategy has to beat."""

from playground.chunking.tokens import Span, Tokens
from playground.config import ChunkingConfig
from playground.documents import Document
from playground.embedding import Encoder


def split(document: Document, config: ChunkingConfig, encoder: Encoder, tokens: Tokens) -> list[Span]:
    """Windows of `config.size` tokens; neighbours share up to `config.overlap`. Words stay whole."""
    return tokens.windows(0, len(document.text), config.size, config.overlap)
