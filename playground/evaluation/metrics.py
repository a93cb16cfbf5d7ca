"""The figures of what was found, for one question each, and their means and percentiles over questions.

A figure is None where the question has nothing to measure it by. Ranks begin at 1. Nothing here knows how
hits were found nor what was answered, and a hit is only a span of a document.
"""

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from playground.documents import Document
from playground.embedding import Encoder

Stretch = tuple[str, int, int]
"""(document id, start, end) in characters."""


class Span(Protocol):
    """A chunk or a gold item: characters `start` to `end` of a document's text."""

    @property
    def document_id(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


def overlap(first: Span, second: Span) -> bool:
    """Whether both share at least one character."""
    same_document = first.document_id == second.document_id
    return same_document and max(first.start, second.start) < min(first.end, second.end)


def first_ranks(hits: Sequence[Span], gold: Sequence[Span]) -> list[int | None]:
    """For each gold item the rank of the first hit that overlaps it, or None."""
    return [
        next((rank for rank, hit in enumerate(hits, start=1) if overlap(hit, item)), None) for item in gold
    ]


def recall(hits: Sequence[Span], gold: Sequence[Span], k: int) -> float | None:
    """The share of gold items that some hit among the first `k` overlaps."""
    if not gold:
        return None
    return sum(rank is not None for rank in first_ranks(hits[:k], gold)) / len(gold)


def evidence_recall(hits: Sequence[Span], gold: Sequence[Span], k: int) -> float | None:
    """The share of gold characters that the first `k` hits hold together; none counts twice."""
    wanted = _stretches(gold)
    if not wanted:
        return None
    covered = sum(end - start for _, start, end in _shared(wanted, _stretches(hits[:k])))
    return covered / sum(end - start for _, start, end in wanted)


def reciprocal_rank(hits: Sequence[Span], gold: Sequence[Span], k: int = 10) -> float | None:
    """1 divided by the rank of the first hit that overlaps any gold item; 0 where the first `k` have none."""
    if not gold:
        return None
    ranks = [rank for rank in first_ranks(hits[:k], gold) if rank is not None]
    return 1 / min(ranks) if ranks else 0.0


def ndcg(hits: Sequence[Span], gold: Sequence[Span], k: int = 10) -> float | None:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen 2002) of the list of gold items that
    reading the hits from the top brings up.

    A gold item has gain 1, once, at the first hit that overlaps it, discounted by log2(1 + place). The
    place is the hit's rank; where one hit brings several items, they take this and the following places,
    so that a large chunk cannot earn more than the ideal. The ideal has all items at places 1, 2, 3 and so
    on up to `k`, whatever the chunks are. 1 is perfect.
    """
    if not gold:
        return None
    place, gain = 0, 0.0
    for rank in sorted(rank for rank in first_ranks(hits[:k], gold) if rank is not None):
        place = max(rank, place + 1)
        if place <= k:
            gain += 1 / math.log2(1 + place)
    return gain / sum(1 / math.log2(1 + place) for place in range(1, min(len(gold), k) + 1))


def token_overlap(
    hits: Sequence[Span], gold: Sequence[Span], k: int, token_starts: Mapping[str, Sequence[int]]
) -> "TokenOverlap":
    """What the first `k` hits hold of the evidence, in tokens.

    `token_starts` has, for each document of a hit or a gold item, the sorted offsets at which its tokens
    start; a token belongs to a span where it starts inside it. Raises KeyError for a document without them.
    """
    wanted, held = _stretches(gold), _stretches(hits[:k])
    return TokenOverlap(
        gold=sum(_tokens(*stretch, token_starts) for stretch in wanted),
        retrieved=sum(_tokens(hit.document_id, hit.start, hit.end, token_starts) for hit in hits[:k]),
        shared=sum(_tokens(*stretch, token_starts) for stretch in _shared(wanted, held)),
    )


@dataclass(frozen=True)
class TokenOverlap:
    """Evidence and hits of one question in tokens, as Smith and Troynikov count them ("Evaluating Chunking
    Strategies for Retrieval", Chroma technical report, 2024).

    `gold` are the tokens of the evidence and `shared` those of them that some hit holds; both count a token
    once. `retrieved` are the tokens of all hits: what two hits share counts twice, as it is read twice.
    Every ratio is None where there is no evidence, and 0 where nothing was found.
    """

    gold: int
    retrieved: int
    shared: int

    @property
    def recall(self) -> float | None:
        """The share of the evidence that was found."""
        return self.shared / self.gold if self.gold else None

    @property
    def precision(self) -> float | None:
        """The share of what was found that is evidence."""
        if not self.gold:
            return None
        return self.shared / self.retrieved if self.retrieved else 0.0

    @property
    def iou(self) -> float | None:
        """Intersection over union: shared / (gold + retrieved - shared); 1 is the evidence and no more."""
        return self.shared / (self.gold + self.retrieved - self.shared) if self.gold else None


def token_starts(documents: Iterable[Document], encoder: Encoder) -> dict[str, list[int]]:
    """Document id -> the sorted offsets at which the encoder's tokens start in its text.

    Some tokenizers count the space before a word to the word; here, as in chunking, a token starts at its
    first letter, or else a chunk without the space would lack its first word.
    """
    starts: dict[str, list[int]] = {}
    for document in documents:
        text = document.text
        starts[document.id] = sorted(
            end - len(text[start:end].lstrip() or text[start:end]) for start, end in encoder.token_spans(text)
        )
    return starts


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are there; None where none is."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Between the two nearest values in proportion (numpy's method "linear"); None without values."""
    import numpy as np

    return float(np.percentile(values, percent, method="linear")) if len(values) else None


def _stretches(spans: Iterable[Span]) -> list[Stretch]:
    """Stretches that do not overlap and hold the same characters as `spans`."""
    merged: list[Stretch] = []
    for document, start, end in sorted((span.document_id, span.start, span.end) for span in spans):
        if merged and merged[-1][0] == document and start <= merged[-1][2]:
            _, first, last = merged.pop()
            start, end = first, max(last, end)
        merged.append((document, start, end))
    return merged


def _shared(first: Sequence[Stretch], second: Sequence[Stretch]) -> list[Stretch]:
    """The stretches whose characters are in both."""
    return [
        (document, max(start, other_start), min(end, other_end))
        for document, start, end in first
        for other, other_start, other_end in second
        if document == other and max(start, other_start) < min(end, other_end)
    ]


def _tokens(document: str, start: int, end: int, token_starts: Mapping[str, Sequence[int]]) -> int:
    starts = token_starts[document]
    return bisect_left(starts, end) - bisect_left(starts, start)
