import math
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.chunking import Chunk
from playground.config import RetrievalConfig
from playground.retrieval import Hit, StageScore, fuse, reciprocal_rank_fusion, retrieve, scale, weighted_sum

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
