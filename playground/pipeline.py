"""One question through one configuration: retrieve, rerank, answer, with the time of every stage.

The parts come from outside (see `playground.workspace`); this module does not know how they were loaded.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from playground.config import PipelineConfig
from playground.engines.engine import Answer, Engine
from playground.reranking import Reranker, rerank
from playground.retrieval import Hit, SearchIndex, retrieve, timed

if TYPE_CHECKING:
    import numpy as np

STAGES = ("embed_query", "dense", "keyword", "fuse", "rerank", "load", "prompt", "first_token", "generation")
"""The stages that a run can have, in the order in which they run. "load" is what an engine that times itself
does not account for: it loads a model, an adapter or examples, or waits for its turn. `timings` may also have
"total"."""

LEAST_LOAD = 1.0  # ms; below it is nothing that was loaded


@runtime_checkable
class Remembers(Protocol):
    """A part that keeps vectors of passages it has read, which makes it faster when it reads them again."""

    def forget(self) -> None: ...


@dataclass(frozen=True)
class Parts:
    """What a run needs. `index` and `embed` may be None where the configuration does not retrieve. `readable`
    are the documents that the person who asks may see; None is all of them."""

    engine: Engine
    index: SearchIndex | None = None
    embed: "Callable[[str], np.ndarray] | None" = None
    reranker: Reranker | None = None
    readable: Container[str] | None = None

    def may_show(self, hit: Hit) -> bool:
        """Whether the person who asks may see it."""
        return self.readable is None or hit.chunk.document_id in self.readable

    def forget(self) -> None:
        """Let the parts remember nothing of earlier questions, so that no column profits from the one that
        was asked before it."""
        for part in (self.engine, self.reranker):
            if isinstance(part, Remembers):
                part.forget()


@dataclass(frozen=True)
class Trace:
    """Everything that one run did. `hits` are ranked, best first; the engine read the first `top_k`, or all
    of them where they were `given` and not searched for.

    `timings` are milliseconds by stage, and "total". A cold run was the first with freshly loaded parts; a
    cached one was not run again: neither belongs in a latency figure.
    """

    question: str
    config: PipelineConfig
    hits: tuple[Hit, ...]
    answer: Answer
    timings: Mapping[str, float] = field(default_factory=dict)
    cold: bool = False
    cached: bool = False
    given: bool = False

    @property
    def passages(self) -> tuple[Hit, ...]:
        """What the engine was given."""
        return self.hits if self.given else self.hits[: self.config.retrieval.top_k]

    @property
    def quoted(self) -> tuple[int, ...]:
        """Positions in `passages` of those that the answer cites, in the order of the answer."""
        in_order = sorted(self.answer.citations, key=lambda citation: citation.position)
        return tuple(dict.fromkeys(citation.passage for citation in in_order))


def run(
    question: str,
    config: PipelineConfig,
    parts: Parts,
    depth: int = 0,
    on_text: Callable[[str], None] | None = None,
    given: Sequence[Hit] | None = None,
) -> Trace:
    """Answer a question, every stage at its full price.

    `depth` asks for more hits than `top_k` in the trace, which the engine won't see. Where passages are
    `given`, nothing is searched or reranked, and the engine reads all of them, in their order. What the
    person who asks may not see reaches neither the engine nor the trace, whether it was found or given.
    """
    parts.forget()
    timings: dict[str, float] = {}
    begin = perf_counter()
    if given is None:
        hits = _search(question, config, parts, depth, timings)
    else:
        hits = [hit for hit in given if parts.may_show(hit)]
    passages = hits[: config.retrieval.top_k] if given is None else hits
    generation = perf_counter()
    answer = parts.engine.answer(question, passages, on_text)
    timings.update(_stages_of(answer, (perf_counter() - generation) * 1000))
    timings["total"] = (perf_counter() - begin) * 1000
    return Trace(question, config, tuple(hits), answer, timings, given=given is not None)


def _search(
    question: str, config: PipelineConfig, parts: Parts, depth: int, timings: dict[str, float]
) -> list[Hit]:
    """`depth` hits, at least `top_k`, best first; none where the configuration does not retrieve."""
    if not config.retrieves or parts.index is None or parts.embed is None:
        return []
    depth = max(depth, config.retrieval.top_k)
    candidates = config.reranking.candidates if parts.reranker else 0
    deepest = max(depth, candidates)
    hits = retrieve(question, parts.embed, parts.index, config.retrieval, deepest, timings, parts.readable)
    if parts.reranker:
        with timed(timings, "rerank"):
            hits = rerank(question, hits, parts.reranker, candidates)
    return hits[:depth]


def _stages_of(answer: Answer, elapsed: float) -> dict[str, float]:
    """Milliseconds by stage inside the engine, which took `elapsed` of them."""
    if not answer.timings:
        return {"generation": elapsed}
    load = elapsed - sum(answer.timings.values())
    return {"load": load, **answer.timings} if load >= LEAST_LOAD else dict(answer.timings)
