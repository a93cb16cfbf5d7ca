import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from playground.chunking import Chunk
from playground.config import DEFAULT
from playground.engines.engine import Answer, Citation
from playground.pipeline import STAGES, Parts, run
from playground.retrieval import Hit, StageScore


class FakeIndex:
    """Thirty chunks, found in the order of their keys."""

    def dense_search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        return [(key, 1 - key / 100) for key in range(30)][:limit]

    def keyword_search(self, text: str, limit: int) -> list[tuple[int, float]]:
        return [(key, 30.0 - key) for key in range(30)][:limit]

    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
        return {key: (Chunk("d", key, key + 1, str(key), 1), "d.md") for key in keys}


class FakeEngine:
    """Cites the last passage that it got."""

    def __init__(self, timings: Mapping[str, float] | None = None) -> None:
        self.timings = timings or {}

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        self.got = [hit.chunk.start for hit in passages]
        if on_text:
            on_text("so far")
        last = len(passages) - 1
        citations = (Citation("d", 0, 1, last, 0),) if passages else ()
        return Answer("text", citations, timings=self.timings)


class Backwards:
    """The last of the candidates is the best."""

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        return [float(hit.chunk.start) for hit in hits]


def parts(engine: FakeEngine, reranker: Backwards | None = None) -> Parts:
    return Parts(engine, FakeIndex(), lambda question: np.ones(2, np.float32), reranker)


def test_the_engine_reads_top_k_and_the_trace_may_hold_more() -> None:
    engine = FakeEngine()
    config = DEFAULT.with_values({"retrieval.top_k": 3})
    trace = run("q", config, parts(engine), depth=20)
    assert engine.got == [0, 1, 2]
    assert len(trace.hits) == 20
    assert [hit.chunk.start for hit in trace.passages] == [0, 1, 2]
    assert trace.quoted == (2,)
    assert len(run("q", config, parts(engine)).hits) == 3


def test_reranking_sees_its_candidates_and_leaves_the_rest_behind_them() -> None:
    engine = FakeEngine()
    config = DEFAULT.with_values({"retrieval.top_k": 3, "reranking.candidates": 10})
    trace = run("q", config, parts(engine, Backwards()), depth=12)
    assert engine.got == [9, 8, 7]
    assert [hit.chunk.start for hit in trace.hits] == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 10, 11]


def test_every_stage_that_ran_is_timed_and_the_total_holds_them_all() -> None:
    timings = run("q", DEFAULT, parts(FakeEngine(), Backwards())).timings
    assert list(timings) == ["embed_query", "dense", "keyword", "fuse", "rerank", "generation", "total"]
    assert set(timings) - {"total"} <= set(STAGES)
    assert timings["total"] >= sum(value for stage, value in timings.items() if stage != "total")


def test_an_engine_that_times_itself_is_believed() -> None:
    engine = FakeEngine({"prompt": 1.0, "first_token": 2.0, "generation": 3.0})
    timings = run("q", DEFAULT.with_values({"retrieval.mode": "none"}), parts(engine)).timings
    assert list(timings) == ["prompt", "first_token", "generation", "total"]


def test_what_an_engine_that_times_itself_leaves_out_is_loading() -> None:
    class Loads(FakeEngine):
        def answer(
            self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
        ) -> Answer:
            time.sleep(0.02)
            return super().answer(question, passages, on_text)

    engine = Loads({"first_token": 1.0, "generation": 2.0})
    timings = run("q", DEFAULT.with_values({"retrieval.mode": "none"}), parts(engine)).timings
    assert list(timings) == ["load", "first_token", "generation", "total"]
    assert 17.0 <= timings["load"] <= timings["total"] - 3.0
    assert set(timings) - {"total"} <= set(STAGES)


def test_without_retrieval_nothing_is_searched() -> None:
    for values in ({"retrieval.mode": "none"}, {"engine.retrieval": "false"}):
        engine = FakeEngine()
        trace = run("q", DEFAULT.with_values(values), parts(engine))
        assert (trace.hits, engine.got, list(trace.timings)) == ((), [], ["generation", "total"])


def test_passages_that_are_given_are_all_read_and_nothing_is_searched() -> None:
    engine = FakeEngine()
    config = DEFAULT.with_values({"retrieval.top_k": 1})
    given = [Hit(Chunk("d", start, start + 1, "x", 1), "d.md", fused=StageScore(1.0, 1)) for start in (7, 5)]
    trace = run("q", config, parts(engine, Backwards()), depth=20, given=given)
    assert engine.got == [7, 5]
    assert trace.hits == trace.passages == tuple(given)
    assert (trace.given, trace.quoted, list(trace.timings)) == (True, (1,), ["generation", "total"])
    assert run("q", config, parts(engine), given=[]).passages == ()


def test_passages_are_read_where_they_are_given_to_a_configuration_that_does_not_retrieve() -> None:
    engine = FakeEngine()
    given = [Hit(Chunk("d", 7, 8, "x", 1), "d.md", fused=StageScore(1.0, 1))]
    trace = run("q", DEFAULT.with_values({"retrieval.mode": "none"}), parts(engine), given=given)
    assert (engine.got, trace.passages) == ([7], tuple(given))


class OneDocumentEach(FakeIndex):
    """Every chunk is of a document of its own, named by its key."""

    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
        return {key: (Chunk(f"d{key}", key, key + 1, str(key), 1), f"d{key}.md") for key in keys}


class Listens(Backwards):
    """Notes which hits the reranker was shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        self.shown += [hit.chunk.document_id for hit in hits]
        return super().score(question, hits)


ODD = frozenset(f"d{key}" for key in range(1, 30, 2))


def test_what_the_person_may_not_see_reaches_neither_reranker_nor_engine_nor_trace() -> None:
    engine, reranker = FakeEngine(), Listens()
    config = DEFAULT.with_values({"retrieval.top_k": 3, "reranking.candidates": 10})
    embed = lambda question: np.ones(2, np.float32)  # noqa: E731
    trace = run("q", config, Parts(engine, OneDocumentEach(), embed, reranker, ODD), depth=20)
    assert reranker.shown == [f"d{key}" for key in range(1, 21, 2)]
    assert engine.got == [19, 17, 15]
    assert {hit.chunk.document_id for hit in trace.hits} == ODD
    assert list(trace.timings) == ["embed_query", "dense", "keyword", "fuse", "rerank", "generation", "total"]


def test_given_passages_that_the_person_may_not_see_are_left_out() -> None:
    engine = FakeEngine()
    given = [Hit(Chunk(f"d{key}", key, key + 1, "x", 1), "d", fused=StageScore(1.0, 1)) for key in (4, 7)]
    trace = run("q", DEFAULT, Parts(engine, readable=ODD), given=given)
    assert (engine.got, trace.passages, trace.given) == ([7], (given[1],), True)
    assert run("q", DEFAULT, Parts(engine), given=given).passages == tuple(given)


def test_text_is_passed_on_as_it_comes() -> None:
    seen: list[str] = []
    run("q", DEFAULT, parts(FakeEngine()), on_text=seen.append)
    assert seen == ["so far"]
