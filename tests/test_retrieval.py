import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.chunking import Chunk
from playground.config import RetrievalConfig
from playground.retrieval import (
    LOOKED_UP,
    Hit,
    StageScore,
    fuse,
    reciprocal_rank_fusion,
    retrieve,
    scale,
    weighted_sum,
)

DENSE = [(1, 0.9), (2, 0.5), (3, 0.1)]
KEYWORD = [(3, 12.0), (4, 8.0), (1, 4.0)]


class FakeIndex:
    """Two fixed lists; chunks in `hidden` are on their way in or out."""

    def __init__(self, hidden: Sequence[int] = ()) -> None:
        self.hidden = hidden
        self.limits: list[int] = []

    def dense_search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        self.limits.append(limit)
        return DENSE[:limit]

    def keyword_search(self, text: str, limit: int) -> list[tuple[int, float]]:
        self.limits.append(limit)
        return KEYWORD[:limit]

    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
        return {key: (Chunk("d", key, key + 1, "x", 1), "d.md") for key in keys if key not in self.hidden}


def search(
    config: RetrievalConfig, depth: int = 5, index: FakeIndex | None = None
) -> tuple[list[Hit], dict[str, float]]:
    timings: dict[str, float] = {}
    embed = lambda question: np.ones(2, np.float32)  # noqa: E731
    return retrieve("a question", embed, index or FakeIndex(), config, depth, timings), timings


def starts(hits: Sequence[Hit]) -> list[int]:
    return [hit.chunk.start for hit in hits]


def test_scaling_makes_the_best_1_and_the_worst_0() -> None:
    assert scale([(7, 12.0), (8, 9.0), (9, 4.0)]) == {7: 1.0, 8: 0.625, 9: 0.0}


def test_scaling_equal_scores_makes_them_all_1_and_nothing_stays_nothing() -> None:
    assert scale([(7, 0.3), (8, 0.3)]) == {7: 1.0, 8: 1.0}
    assert scale([]) == {}


def test_the_weighted_sum_adds_what_the_scaled_lists_say() -> None:
    # dense scaled: 1, .5, 0; keyword scaled: 3 -> 1, 4 -> .5, 1 -> 0
    assert weighted_sum(DENSE, KEYWORD, 0.4) == [
        (3, pytest.approx(0.6)),
        (1, pytest.approx(0.4)),
        (4, pytest.approx(0.3)),
        (2, pytest.approx(0.2)),
    ]


def test_reciprocal_rank_fusion_sums_one_over_60_plus_rank() -> None:
    assert reciprocal_rank_fusion(DENSE, KEYWORD) == [
        (1, pytest.approx(1 / 61 + 1 / 63)),
        (3, pytest.approx(1 / 63 + 1 / 61)),
        (2, pytest.approx(1 / 62)),
        (4, pytest.approx(1 / 62)),
    ]


def test_the_configuration_chooses_the_fusion() -> None:
    assert fuse(DENSE, KEYWORD, RetrievalConfig(fusion="rrf"))[0][0] == 1
    assert fuse(DENSE, KEYWORD, RetrievalConfig(fusion="weighted", dense_weight=0.4))[0][0] == 3
    assert fuse(DENSE, KEYWORD, RetrievalConfig(fusion="weighted", dense_weight=0.9))[0][0] == 1


@pytest.mark.parametrize(
    ("mode", "order", "stages"),
    [
        ("dense", [1, 2, 3], ["embed_query", "dense", "fuse"]),
        ("keyword", [3, 4, 1], ["keyword", "fuse"]),
        ("hybrid", [3, 1, 4, 2], ["embed_query", "dense", "keyword", "fuse"]),
    ],
)
def test_each_mode_asks_its_own_lists(mode: str, order: list[int], stages: list[str]) -> None:
    hits, timings = search(RetrievalConfig(mode=mode))
    assert starts(hits) == order
    assert list(timings) == stages


def test_a_hit_knows_what_every_stage_said_of_it() -> None:
    hits, _ = search(RetrievalConfig())
    assert hits[1].dense == StageScore(0.9, 1)
    assert hits[1].keyword == StageScore(4.0, 3)
    assert hits[1].fused == hits[1].final == StageScore(0.4, 2)
    assert hits[2].dense is None


def test_only_the_fusion_asks_for_more_than_is_shown() -> None:
    index = FakeIndex()
    hits, _ = search(RetrievalConfig(mode="dense"), depth=2, index=index)
    assert (index.limits, len(hits)) == ([2], 2)
    search(RetrievalConfig(pool=100), depth=2, index=index)
    assert index.limits == [2, 100, 100]


def test_hidden_chunks_are_passed_over_and_the_list_is_filled_from_further_down() -> None:
    hits, _ = search(RetrievalConfig(), depth=2, index=FakeIndex(hidden=[3]))
    assert starts(hits) == [1, 4]
    assert [hit.final.rank for hit in hits] == [2, 3]


keys = st.integers(0, 30)
scores = st.floats(-1e6, 1e6, allow_nan=False)
lists = st.dictionaries(keys, scores, max_size=20).map(
    lambda found: sorted(found.items(), key=lambda pair: -pair[1])
)


@given(lists, lists, st.sampled_from(["weighted", "rrf"]), st.floats(0, 1))
def test_fusion_holds_every_chunk_once_best_first_and_in_one_order(
    dense: list[tuple[int, float]], keyword: list[tuple[int, float]], fusion: str, weight: float
) -> None:
    config = RetrievalConfig(fusion=fusion, dense_weight=weight)
    fused = fuse(dense, keyword, config)
    assert sorted(key for key, _ in fused) == sorted({key for key, _ in [*dense, *keyword]})
    assert fused == sorted(fused, key=lambda pair: (-pair[1], pair[0]))
    assert fused == fuse(list(dense), list(keyword), config)
    assert all(math.isfinite(score) and 0 <= score <= 1.000001 for _, score in fused)


@given(lists)
def test_a_list_alone_keeps_its_order_where_no_scores_are_equal(found: list[tuple[int, float]]) -> None:
    distinct = {round(score, 3) for _, score in found}
    if len(distinct) == len(found):
        order = [key for key, _ in found]
        assert [key for key, _ in reciprocal_rank_fusion(found)] == order


# What the person who asks may not see


class DocumentsIndex:
    """Exact lists: chunk `key` is of document `documents[key]`; scores are those of `scores`, best first."""

    def __init__(self, documents: Sequence[str], dense: Sequence[float], keyword: Sequence[float]) -> None:
        self._documents = documents
        self._dense = self._ranked(dense)
        self._keyword = self._ranked(keyword)
        self.limits: list[int] = []

    def dense_search(self, vector: np.ndarray, limit: int) -> list[tuple[int, float]]:
        self.limits.append(limit)
        return self._dense[:limit]

    def keyword_search(self, text: str, limit: int) -> list[tuple[int, float]]:
        self.limits.append(limit)
        return self._keyword[:limit]

    def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
        return {
            key: (Chunk(self._documents[key], key, key + 1, "x", 1), f"{self._documents[key]}.md")
            for key in keys
        }

    def only(self, readable: frozenset[str]) -> "DocumentsIndex":
        """As if nothing else had ever been added."""
        other = DocumentsIndex(self._documents, (), ())
        other._dense = [pair for pair in self._dense if self._documents[pair[0]] in readable]
        other._keyword = [pair for pair in self._keyword if self._documents[pair[0]] in readable]
        return other

    @staticmethod
    def _ranked(scores: Sequence[float]) -> list[tuple[int, float]]:
        return sorted(enumerate(scores), key=lambda pair: (-pair[1], pair[0]))


def ask(
    index: DocumentsIndex, config: RetrievalConfig, depth: int, readable: frozenset[str] | None
) -> list[Hit]:
    embed = lambda question: np.ones(2, np.float32)  # noqa: E731
    return retrieve("a question", embed, index, config, depth, {}, readable)


document_names = ("a", "b", "c", "d")
configs = st.builds(
    RetrievalConfig,
    mode=st.sampled_from(["dense", "keyword", "hybrid"]),
    fusion=st.sampled_from(["weighted", "rrf"]),
    pool=st.integers(1, 12),
)
readable_documents = st.frozensets(st.sampled_from(document_names))


@st.composite
def indexes(draw: st.DrawFn) -> DocumentsIndex:
    owners = draw(st.lists(st.sampled_from(document_names), max_size=60))
    some_scores = st.lists(st.integers(0, 20).map(float), min_size=len(owners), max_size=len(owners))
    return DocumentsIndex(owners, draw(some_scores), draw(some_scores))


@given(indexes(), configs, st.integers(1, 12), readable_documents)
def test_what_may_not_be_read_is_as_if_it_were_not_there(
    index: DocumentsIndex, config: RetrievalConfig, depth: int, readable: frozenset[str]
) -> None:
    """No hit of a hidden document, and neither a rank nor a score that would tell of one."""
    hits = ask(index, config, depth, readable)
    assert {hit.chunk.document_id for hit in hits} <= readable
    assert hits == ask(index.only(readable), config, depth, None)


@given(indexes(), configs, st.integers(1, 12), readable_documents)
def test_the_list_is_filled_as_long_as_there_is_something_to_read(
    index: DocumentsIndex, config: RetrievalConfig, depth: int, readable: frozenset[str]
) -> None:
    there = len(index.only(readable).dense_search(np.ones(2), 100))
    assert len(ask(index, config, depth, readable)) == min(depth, there)


@given(indexes(), configs, st.integers(1, 12))
def test_where_everything_may_be_read_the_check_changes_nothing(
    index: DocumentsIndex, config: RetrievalConfig, depth: int
) -> None:
    checked = ask(index, config, depth, frozenset(document_names))
    asked, index.limits = index.limits, []
    assert checked == ask(index, config, depth, None)
    assert asked == index.limits


def test_a_list_is_searched_four_times_as_deep_until_enough_of_it_may_be_read() -> None:
    owners = ["hidden"] * 30 + ["open"] * 30
    index = DocumentsIndex(owners, [60.0 - key for key in range(60)], [])
    hits = ask(index, RetrievalConfig(mode="dense"), 3, frozenset({"open"}))
    assert starts(hits) == [30, 31, 32]
    assert [hit.final.rank for hit in hits] == [1, 2, 3]
    assert index.limits == [3, 12, 48]


def test_a_list_that_has_ended_is_not_searched_again() -> None:
    index = DocumentsIndex(["hidden"] * 30 + ["open"], [1.0] * 31, [])
    assert starts(ask(index, RetrievalConfig(mode="dense"), 3, frozenset({"open"}))) == [30]
    assert index.limits == [3, 12, 48]
    assert ask(index, RetrievalConfig(mode="keyword"), 3, frozenset({"open"})) == []


def test_scores_are_scaled_as_if_hidden_chunks_were_not_there() -> None:
    index = DocumentsIndex(["hidden", "open", "open", "open"], [9.0, 3.0, 2.0, 1.0], [0.0] * 4)
    config = RetrievalConfig(dense_weight=1.0)
    hits = ask(index, config, 3, frozenset({"open"}))
    assert [hit.fused for hit in hits] == [StageScore(1.0, 1), StageScore(0.5, 2), StageScore(0.0, 3)]


def test_a_deeper_search_brings_no_more_to_the_fusion_than_was_asked_for() -> None:
    scores = [8.0, 7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0]
    index = DocumentsIndex(["hidden"] * 4 + ["open"] * 4, scores, scores)
    hits = ask(index, RetrievalConfig(dense_weight=1.0, pool=2), 2, frozenset({"open"}))
    assert index.limits == [2, 8, 2, 8]
    assert [(hit.chunk.start, hit.final) for hit in hits] == [
        (4, StageScore(1.0, 1)),
        (5, StageScore(0.0, 2)),
    ]


def test_a_chunk_that_the_index_does_not_know_any_more_may_not_be_read() -> None:
    class Forgets(DocumentsIndex):
        def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
            return {key: value for key, value in super().chunks(keys).items() if key != 0}

    index = Forgets(["open"] * 3, [3.0, 2.0, 1.0], [])
    assert starts(ask(index, RetrievalConfig(mode="dense"), 2, frozenset({"open"}))) == [1, 2]


def test_many_chunks_are_looked_up_some_at_a_time_and_each_once() -> None:
    asked: list[list[int]] = []

    class Counts(DocumentsIndex):
        def chunks(self, keys: Sequence[int]) -> Mapping[int, tuple[Chunk, str]]:
            asked.append(list(keys))
            return super().chunks(keys)

    owners = ["hidden"] * 5000 + ["open"]
    index = Counts(owners, [-float(key) for key in range(5001)], [])
    assert starts(ask(index, RetrievalConfig(mode="dense"), 1, frozenset({"open"}))) == [5000]
    assert max(map(len, asked)) == LOOKED_UP
    *looked_up, shown = asked
    assert sorted(key for keys in looked_up for key in keys) == list(range(5001))
    assert shown == [5000]
