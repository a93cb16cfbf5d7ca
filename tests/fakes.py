"""Hand-written stand-ins for models, small enough to know their numbers by heart."""

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image


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


_COLOURS = {"red": (255, 0, 0), "green": (0, 255, 0), "blue": (0, 0, 255)}


class ColourModel:
    """Sees nothing but colours: a picture's vector is its mean of red, green and blue, a text's that of the
    colours in it. `looked` counts the pictures of every call."""

    def __init__(self, id: str = "colours") -> None:
        self.id = id
        self.looked: list[int] = []

    def encode_texts(self, texts: Sequence[str]) -> np.ndarray:
        colours = [[_COLOURS.get(word, (0, 0, 0)) for word in text.split()] for text in texts]
        return np.stack([_unit(np.sum(each, axis=0, dtype=np.float32)) for each in colours])

    def encode_pictures(self, pictures: "Sequence[Image]") -> np.ndarray:
        self.looked.append(len(pictures))
        means = [np.asarray(picture, np.float32).mean(axis=(0, 1)) for picture in pictures]
        return np.stack([_unit(mean) for mean in means])


def _unit(row: np.ndarray) -> np.ndarray:
    """`row` at length 1; a text without words gets the first axis, as vectors always have length 1."""
    if not row.any():
        row = np.eye(1, len(row), dtype=np.float32)[0]
    return row / np.linalg.norm(row)
