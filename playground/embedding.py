"""Text -> vectors. The built-in MiniLM, or any sentence-transformers model by name or local path."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Encoder(Protocol):
    """What the pipeline needs of an encoder. Vectors are float32 and of length 1, so that a dot product
    is the cosine similarity (higher is better)."""

    id: str
    """Name and weights: the same id means the same vectors."""
    dimension: int

    def encode(self, texts: Sequence[str], query: bool = False) -> "np.ndarray":
        """Vectors of shape (len(texts), dimension). A text longer than the window is pooled, never cut."""
        ...

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        """Character offsets (start, end) of every token of `text`, without special tokens; never cut."""
        ...

    def token_embeddings(self, texts: Sequence[str]) -> "list[np.ndarray]":
        """For each text an array of shape (tokens, dimension), rows of length 1, special tokens left out."""
        ...
