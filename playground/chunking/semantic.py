"""Pieces that end where the subject changes: where the sentences before and behind are least alike.

The only strategy that needs the encoder's vectors: it embeds every sentence of the document once, so cutting
takes about as long as indexing. It does not look at paragraphs, only at sentences and headings.
"""

import numpy as np

from playground.chunking.sentences import sentence_spans
from playground.chunking.tokens import Span, Tokens
from playground.config import ChunkingConfig
from playground.documents import Document
from playground.embedding import Encoder

NEIGHBOURS = 3
"""Sentences on each side whose mean vectors are compared. Of 1 to 4, three found most of the evidence."""
CHANGES = 0.05
"""The share of places between sentences that count as a change of subject and are cut without need."""
SMALL = 8
SMALL_COSTS = 0.5
"""A piece of fewer than size / SMALL tokens costs as much as a cut at a likeness that is this much higher."""


def split(document: Document, config: ChunkingConfig, encoder: Encoder, tokens: Tokens) -> list[Span]:
    """The cuts of the lowest total similarity that leave no piece above `config.size` tokens.

    Overlap repeats the last whole sentences of the piece before, as many as have `config.overlap` tokens
    together; room for them is left below `config.size`.
    """
    room = config.size - config.overlap
    sentences = [piece for span in sentence_spans(document.text) for piece in tokens.windows(*span, room)]
    if len(sentences) < 2:
        return sentences
    vectors = encoder.encode([document.text[start:end] for start, end in sentences])
    likeness = _likeness(vectors)
    titles = {heading.start for heading in document.headings}
    for index, (start, _) in enumerate(sentences[:-1]):
        if start in titles:
            likeness[index] = 1.0  # a heading stays with what it announces
    counts = [tokens.count(start, end) for start, end in sentences]
    firsts = _cheapest_cuts(counts, likeness, room, room // SMALL)
    return [
        (sentences[_repeated_from(first, before, counts, config.overlap)][0], sentences[behind - 1][1])
        for before, first, behind in zip([0, *firsts], firsts, [*firsts[1:], len(sentences)], strict=False)
    ]


def _likeness(vectors: np.ndarray) -> np.ndarray:
    """Cosine of the mean vectors before and behind each place between two rows; shape (rows - 1,)."""
    sums = np.vstack([np.zeros_like(vectors[:1]), np.cumsum(vectors, axis=0, dtype=np.float64)])
    places = np.arange(1, len(vectors))
    before = sums[places] - sums[np.maximum(places - NEIGHBOURS, 0)]
    behind = sums[np.minimum(places + NEIGHBOURS, len(vectors))] - sums[places]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(behind, axis=1)
    # Rounded, so that noise in the last digits makes no cut where all sentences are alike.
    return np.round((before * behind).sum(axis=1) / np.maximum(lengths, 1e-9), 4)


def _cheapest_cuts(counts: list[int], likeness: np.ndarray, room: int, small: int) -> list[int]:
    """The first sentence of every piece, for the cheapest way to cut (dynamic programming, one pass).

    A cut costs its likeness above that of a change of subject, so that a real change costs less than nothing.
    """
    change = np.quantile(likeness, CHANGES, method="lower")
    cut_costs = [0.0, *(likeness - change).tolist()]
    best = [0.0]
    came_from = [0]
    for behind in range(1, len(counts) + 1):
        cheapest, origin, total = float("inf"), behind - 1, 0
        for first in range(behind - 1, -1, -1):
            total += counts[first]
            if total > room and first < behind - 1:
                break
            cost = best[first] + cut_costs[first] + (SMALL_COSTS if total < small else 0.0)
            if cost <= cheapest:
                cheapest, origin = cost, first
        best.append(cheapest)
        came_from.append(origin)
    firsts = [came_from[-1]]
    while firsts[-1] > 0:
        firsts.append(came_from[firsts[-1]])
    return firsts[::-1]


def _repeated_from(first: int, before: int, counts: list[int], overlap: int) -> int:
    """The sentence at which a piece begins once it repeats the end of the one that began at `before`."""
    while first - 1 > before and counts[first - 1] <= overlap:
        overlap -= counts[first - 1]
        first -= 1
    return first
