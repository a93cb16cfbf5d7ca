"""Question -> chunks that may answer it, with what every stage said about each of them.

What the person who asks may not see is taken out of the lists as they come from the index, so that no later
stage can be told of it: neither a hit nor a rank or scaled score tells that it is there. This module does not
know how an index stores anything, nor how it was decided what may be seen.
"""

from collections.abc import Callable, Container, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from playground.chunking.chunk import Chunk
from playground.config import RetrievalConfig

if TYPE_CHECKING:
    import numpy as np

Scored = Sequence[tuple[int, float]]
"""(key, score) pairs, best first; higher is better."""

DEEPER = 4
"""So many times as deep a search goes again where too much of what it found may not be seen. The index could
filter by document instead, but that makes every search slow, and mostly the first one is deep enough."""

LOOKED_UP = 1000
"""Chunks that are asked of the index at once."""


@dataclass(frozen=True)
class StageScore:
    """A stage's score (higher is better, comparable within that stage only) and rank (1 is first)."""

    score: float
    rank: int


@dataclass(frozen=True)
class Hit:
    """A chunk that was found. A stage that did not see it is None."""

    chunk: Chunk
    document_name: str
    dense: StageScore | None = None
    keyword: StageScore | None = None
    fused: StageScore | None = None
    reranked: StageScore | None = None

    @property
    def final(self) -> StageScore:
        """What the last stage that ran said; the hits of a trace are in its order."""
        stage = self.reranked or self.fused or self.dense or self.keyword
        assert stage is not None, "a hit was seen by at least one stage"
        return stage


class SearchIndex(Protocol):
    """What retrieval needs of an index."""

    def dense_search(self, vector: "np.ndarray", limit: int) -> Scored: ...
    def keyword_search(self, text: str, limit: int) -> Scored: ...
    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]: ...


@contextmanager
def timed(timings: MutableMapping[str, float], stage: str) -> Iterator[None]:
    """Add the milliseconds that the block takes under the stage's name."""
    begin = perf_counter()
    try:
        yield
    finally:
        timings[stage] = timings.get(stage, 0.0) + (perf_counter() - begin) * 1000


def retrieve(
    question: str,
    embed: "Callable[[str], np.ndarray]",
    index: SearchIndex,
    config: RetrievalConfig,
    depth: int,
    timings: MutableMapping[str, float],
    readable: Container[str] | None = None,
) -> list[Hit]:
    """The `depth` best chunks, best first. `timings` gets milliseconds of embed_query, dense, keyword, fuse.

    `embed` turns the question into a vector of shape (dimension,). `readable` are the ids of the documents
    that may be found, None for all: the hits are those of an index that has no others, but for BM25, which
    counts words in all documents.
    """
    dense: Scored = ()
    keyword: Scored = ()
    pool = max(config.pool, depth) if config.mode == "hybrid" else depth
    if config.mode in ("dense", "hybrid"):
        with timed(timings, "embed_query"):
            vector = embed(question)
        with timed(timings, "dense"):
            dense = _search(lambda limit: index.dense_search(vector, limit), pool, index, readable)
    if config.mode in ("keyword", "hybrid"):
        with timed(timings, "keyword"):
            keyword = _search(lambda limit: index.keyword_search(question, limit), pool, index, readable)
    with timed(timings, "fuse"):
        fused = fuse(dense, keyword, config) if config.mode == "hybrid" else ()
        return _hits(index, depth, dense, keyword, fused)


def _search(
    search: Callable[[int], Scored], limit: int, index: SearchIndex, readable: Container[str] | None
) -> Scored:
    """The best `limit` that may be read, as if nothing else were there; fewer where there are no more."""
    found = search(limit)
    if readable is None:
        return found
    depth, visible = limit, _Visible(index, readable)
    while len(shown := visible.of(found)) < limit and len(found) >= depth:
        depth *= DEEPER
        found = search(depth)
    return shown[:limit]


class _Visible:
    """Which chunks may be read; each is looked up once. What the index does not know may not."""

    def __init__(self, index: SearchIndex, readable: Container[str]) -> None:
        self._index = index
        self._readable = readable
        self._known: dict[int, bool] = {}

    def of(self, found: Scored) -> list[tuple[int, float]]:
        new = [key for key, _ in found if key not in self._known]
        for begin in range(0, len(new), LOOKED_UP):
            some = new[begin : begin + LOOKED_UP]
            chunks = self._index.chunks(some)
            for key in some:
                self._known[key] = key in chunks and chunks[key][0].document_id in self._readable
        return [(key, score) for key, score in found if self._known[key]]


def fuse(dense: Scored, keyword: Scored, config: RetrievalConfig) -> list[tuple[int, float]]:
    """One list out of two, best first, by the configured fusion."""
    if config.fusion == "rrf":
        return reciprocal_rank_fusion(dense, keyword)
    return weighted_sum(dense, keyword, config.dense_weight)


def reciprocal_rank_fusion(*lists: Scored, k: int = 60) -> list[tuple[int, float]]:
    """Sum of 1 / (k + rank) over the lists (Cormack, Clarke and Büttcher, SIGIR 2009)."""
    totals: dict[int, float] = {}
    for scored in lists:
        for rank, (key, _) in enumerate(scored, start=1):
            totals[key] = totals.get(key, 0.0) + 1 / (k + rank)
    return _best_first(totals)


def weighted_sum(dense: Scored, keyword: Scored, dense_weight: float) -> list[tuple[int, float]]:
    """Weighted sum of scores that are scaled to 0..1 within each list; a list that lacks a chunk gives 0."""
    totals: dict[int, float] = {}
    for scored, weight in ((dense, dense_weight), (keyword, 1 - dense_weight)):
        for key, score in scale(scored).items():
            totals[key] = totals.get(key, 0.0) + weight * score
    return _best_first(totals)


def scale(scored: Scored) -> dict[int, float]:
    """Scores moved to 0..1: the list's best is 1, its worst 0; where all are equal, all are 1."""
    if not scored:
        return {}
    values = [score for _, score in scored]
    low, high = min(values), max(values)
    if high == low:
        return {key: 1.0 for key, _ in scored}
    return {key: (score - low) / (high - low) for key, score in scored}


def _best_first(totals: Mapping[int, float]) -> list[tuple[int, float]]:
    return sorted(totals.items(), key=lambda item: (-item[1], item[0]))


def _hits(index: SearchIndex, depth: int, dense: Scored, keyword: Scored, fused: Scored) -> list[Hit]:
    """Hits in the order of the last stage that has any. Chunks that are on their way in or out of the index
    are passed over, so the list is filled from further down."""
    order = [key for key, _ in fused or dense or keyword]
    hits: list[Hit] = []
    while order and len(hits) < depth:
        wanted, order = order[:depth], order[depth:]
        found = index.chunks(wanted)
        stages = [_ranked(scored, found) for scored in (dense, keyword, fused)]
        hits += [Hit(*found[key], *(scores.get(key) for scores in stages)) for key in wanted if key in found]
    return hits[:depth]


def _ranked(scored: Scored, wanted: Container[int]) -> dict[int, StageScore]:
    """What a stage said about the wanted keys; the others' scores would cost more than the fusion."""
    return {
        key: StageScore(score, rank) for rank, (key, score) in enumerate(scored, start=1) if key in wanted
    }
