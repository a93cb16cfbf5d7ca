"""Several configurations on one question: which passages are the same, and how long each stage takes.

It does not know how a comparison is drawn.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from playground.chunking.chunk import Chunk
from playground.evaluation.metrics import percentile
from playground.pipeline import Trace
from playground.retrieval import Hit

SAME_PASSAGE = 0.5
"""Two chunks are the same passage where they share at least this part of the shorter one's characters."""


@dataclass(frozen=True)
class Passage:
    """A passage with the number that it has in every column. `document` counts the documents in the order
    in which they appear, from 0; `columns` are those that found it."""

    number: int
    document: int
    columns: tuple[int, ...]


def number_passages(columns: Sequence[Sequence[Hit]], quoted: Sequence[Sequence[int]]) -> list[list[Passage]]:
    """For each column the passages of its hits, in the same order. Within a column no number comes twice.

    `quoted` holds, for each column, the positions of the hits that its answer quotes, in the order of the
    answer: these passages have the first numbers.
    """
    rows, first = _matched(columns)
    in_answers = [row[position] for row, used in zip(rows, quoted, strict=True) for position in used]
    order = list(dict.fromkeys([*in_answers, *range(len(first))]))
    number = {each: place + 1 for place, each in enumerate(order)}
    documents = list(dict.fromkeys(first[each].document_id for each in order))
    passages = [
        Passage(
            number[each],
            documents.index(chunk.document_id),
            tuple(column for column, row in enumerate(rows) if each in row),
        )
        for each, chunk in enumerate(first)
    ]
    return [[passages[each] for each in row] for row in rows]


def _matched(columns: Sequence[Sequence[Hit]]) -> tuple[list[list[int]], list[Chunk]]:
    """Hits as indices into a list of chunks that are all different passages."""
    rows: list[list[int]] = []
    first: list[Chunk] = []
    for hits in columns:
        row: list[int] = []
        for hit in hits:
            known = _same(hit.chunk, first, row)
            if known is None:
                first.append(hit.chunk)
                known = len(first) - 1
            row.append(known)
        rows.append(row)
    return rows, first


def _same(chunk: Chunk, known: Sequence[Chunk], used: Collection[int]) -> int | None:
    shares = {
        number: _shared(chunk, other)
        for number, other in enumerate(known)
        if number not in used and other.document_id == chunk.document_id
    }
    best = max(shares, key=lambda number: shares[number], default=None)
    return best if best is not None and shares[best] >= SAME_PASSAGE else None


def _shared(one: Chunk, other: Chunk) -> float:
    common = min(one.end, other.end) - max(one.start, other.start)
    return common / min(one.end - one.start, other.end - other.start)


@dataclass(frozen=True)
class Latency:
    """Milliseconds by stage, "total" included. `runs` is how many warm, uncached runs they rest on."""

    p50: Mapping[str, float]
    p95: Mapping[str, float]
    runs: int


def repeat(run: Callable[[], Trace], times: int) -> Iterator[Trace]:
    """Run one after another, one more time than asked where the first is cold. `run` must not answer from
    memory."""
    first = run()
    yield first
    for _ in range(times if first.cold else times - 1):
        yield run()


def latency(traces: Sequence[Trace]) -> Latency:
    """Percentiles over the runs that were neither cold nor cached. Raises ValueError where there are none."""
    warm = [trace for trace in traces if not (trace.cold or trace.cached)]
    if not warm:
        raise ValueError("no warm run to measure")
    stages = dict.fromkeys(stage for trace in warm for stage in trace.timings)
    values = {stage: [trace.timings.get(stage, 0.0) for trace in warm] for stage in stages}
    return Latency(
        {stage: percentile(each, 50) or 0.0 for stage, each in values.items()},
        {stage: percentile(each, 95) or 0.0 for stage, each in values.items()},
        len(warm),
    )
