"""Hand-written stand-ins for models, small enough to know their numbers by heart."""

import re
from collections.abc import Sequence
from hashlib import blake2b

import numpy as np


class FakeEncoder:
    """Words and single marks are tokens; a text's vector counts its hashed words and has length 1.

    Texts that share words are similar, texts without a common word are (nearly always) orthogonal, and the
    same text has the same vector in every process. `encoded` lists the texts of every call of `encode`.
    """

    tokenizer = None

    def __init__(self, dimension: int = 64, id: str = "fake") -> None:
        self.id = id
        self.dimension = dimension
        self.encoded: list[list[str]] = []

    def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
        self.encoded.append(list(texts))
        rows = [rows.sum(axis=0) for rows in self.token_embeddings(texts)]
        return np.stack([_unit(row) for row in rows]) if rows else np.zeros((0, self.dimension), np.float32)

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\w+|[^\w\s]", text)]

    def token_embeddings(self, texts: Sequence[str]) -> list[np.ndarray]:
        return [self._rows([text[start:end] for start, end in self.token_spans(text)]) for text in texts]

    def _rows(self, words: list[str]) -> np.ndarray:
        rows = np.zeros((len(words), self.dimension), np.float32)
        for row, word in zip(rows, words, strict=True):
            row[int.from_bytes(blake2b(word.casefold().encode()).digest()[:4], "big") % self.dimension] = 1.0
        return rows


def _unit(row: np.ndarray) -> np.ndarray:
    """`row` at length 1; a text without words gets the first axis, as vectors always have length 1."""
    if not row.any():
        row = np.eye(1, len(row), dtype=np.float32)[0]
    return row / np.linalg.norm(row)
