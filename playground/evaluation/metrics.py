"""The figures of an evaluation, for one question each; the mean over questions is taken elsewhere.

A figure is None where the question has nothing to measure it by. Ranks begin at 1. Nothing here knows how
hits were found, and a hit is only a span of a document.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol


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
    wanted = _characters(gold)
    if not wanted:
        return None
    held = _characters(hits[:k])
    covered = sum(
        max(0, min(end, other_end) - max(start, other_start))
        for document, start, end in wanted
        for other, other_start, other_end in held
        if document == other
    )
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


def answer_f1(text: str, abstained: bool, answers: Sequence[str], answerable: bool) -> float | None:
    """Token F1 as SQuAD 2.0 counts it (Rajpurkar et al. 2018): the best over the right answers.

    Abstaining is right (1) for an unanswerable question and wrong (0) for an answerable one; answering an
    unanswerable one is wrong. None where an answerable question has no right answer written down.
    """
    if not answerable:
        return float(abstained)
    if not answers:
        return None
    return 0.0 if abstained else max(token_f1(text, answer) for answer in answers)


def token_f1(text: str, answer: str) -> float:
    """The harmonic mean of precision and recall over the words of both texts, as bags; normalised as SQuAD
    does it: lower case, no ASCII punctuation, no articles. Words are parted by white space."""
    given, right = _words(text), _words(answer)
    if not given or not right:
        return float(given == right)
    shared = sum((Counter(given) & Counter(right)).values())
    return 2 * shared / (len(given) + len(right))


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that are there; None where none is."""
    present = [value for value in values if value is not None]
    return sum(present) / len(present) if present else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Between the two nearest values in proportion (numpy's method "linear"); None without values."""
    import numpy as np

    return float(np.percentile(values, percent, method="linear")) if len(values) else None


def _characters(spans: Iterable[Span]) -> list[tuple[str, int, int]]:
    """(document, start, end) of stretches that do not overlap and hold the same characters as `spans`."""
    merged: list[tuple[str, int, int]] = []
    for document, start, end in sorted((span.document_id, span.start, span.end) for span in spans):
        if merged and merged[-1][0] == document and start <= merged[-1][2]:
            _, first, last = merged.pop()
            start, end = first, max(last, end)
        merged.append((document, start, end))
    return merged


def _words(text: str) -> list[str]:
    without_marks = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", without_marks).split()
