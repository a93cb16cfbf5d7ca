from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.evaluation.metrics import (
    answer_f1,
    evidence_recall,
    first_ranks,
    mean,
    ndcg,
    overlap,
    percentile,
    recall,
    reciprocal_rank,
    token_f1,
)
from playground.evaluation.questions import GoldSpan


def span(start: int, end: int, document: str = "d") -> GoldSpan:
    return GoldSpan(document, start, end)


# Gold at 10-20 and 50-70; hits in the order in which they were found.
GOLD = [span(10, 20), span(50, 70)]
HITS = [span(100, 150), span(15, 40), span(0, 15), span(60, 100), span(50, 70, "other")]


def test_spans_overlap_where_they_share_a_character() -> None:
    assert overlap(span(0, 11), span(10, 20))
    assert not overlap(span(0, 10), span(10, 20))
    assert not overlap(span(0, 99, "other"), span(10, 20))
    assert not overlap(span(15, 15), span(10, 20))


def test_a_gold_item_has_the_rank_of_the_first_hit_that_overlaps_it() -> None:
    assert first_ranks(HITS, [*GOLD, span(400, 410)]) == [2, 4, None]


def test_recall_is_the_share_of_gold_items() -> None:
    assert [recall(HITS, GOLD, k) for k in (1, 2, 3, 4, 5)] == [0, 0.5, 0.5, 1, 1]


def test_evidence_recall_is_the_share_of_gold_characters() -> None:
    # 30 gold characters: rank 2 holds 5 of them, rank 3 the other 5 of the first item, rank 4 ten.
    assert [evidence_recall(HITS, GOLD, k) for k in (1, 2, 3, 4)] == pytest.approx(
        [0, 5 / 30, 10 / 30, 20 / 30]
    )


def test_no_character_counts_twice() -> None:
    overlapping = [span(0, 10), span(5, 15), span(15, 20)]
    assert evidence_recall([span(0, 10), span(0, 10), span(5, 10)], overlapping, 3) == 0.5


def test_reciprocal_rank_is_of_the_first_hit_with_gold() -> None:
    assert reciprocal_rank(HITS, GOLD) == 0.5
    assert reciprocal_rank(HITS, GOLD, k=1) == 0
    assert reciprocal_rank([span(200, 210)] * 10 + [span(10, 20)], GOLD) == 0


def test_ndcg_counts_a_gold_item_once_at_its_first_hit() -> None:
    ideal = 1 + 1 / log2(3)
    assert ndcg(HITS, GOLD) == pytest.approx((1 / log2(3) + 1 / log2(5)) / ideal)
    assert ndcg([span(10, 20), span(10, 20), span(10, 20)], GOLD) == pytest.approx(1 / ideal)


def test_one_large_hit_with_all_gold_is_as_good_as_small_ones() -> None:
    assert ndcg([span(0, 100)], GOLD) == pytest.approx(1)
    assert ndcg([span(10, 20), span(50, 70)], GOLD) == pytest.approx(1)


def test_what_stands_below_the_first_k_is_not_seen() -> None:
    below = [span(200, 210)] * 10 + GOLD
    assert ndcg(below, GOLD) == 0


def test_without_gold_there_is_nothing_to_measure_retrieval_by() -> None:
    assert [
        recall(HITS, [], 5),
        evidence_recall(HITS, [], 5),
        reciprocal_rank(HITS, []),
        ndcg(HITS, []),
    ] == [None] * 4


@pytest.mark.parametrize(
    ("text", "answer", "score"),
    [
        ("The fee is 30 euros.", "30 euros", 2 * 2 / (4 + 2)),
        ("30 EUROS!", "the 30 euros", 1),
        ("blue", "red", 0),
        ("to be or not to be", "to to to", 2 * 2 / (6 + 3)),
        ("a an the", "", 1),
        ("", "red", 0),
        ("the U.S.", "us", 1),
    ],
)
def test_token_f1_is_that_of_squad(text: str, answer: str, score: float) -> None:
    assert token_f1(text, answer) == pytest.approx(score)


def test_the_best_right_answer_counts() -> None:
    assert answer_f1("30 euros", False, ["thirty", "30 euros"], answerable=True) == 1


def test_abstaining_is_right_only_where_there_is_no_answer() -> None:
    assert answer_f1("", True, ["30 euros"], answerable=True) == 0
    assert answer_f1("", True, [], answerable=False) == 1
    assert answer_f1("30 euros", False, [], answerable=False) == 0
    assert answer_f1("30 euros", False, [], answerable=True) is None


def test_a_mean_is_over_what_could_be_measured() -> None:
    assert mean([1.0, None, 0.0, 0.5]) == 0.5
    assert mean([None]) is None


def test_percentiles_lie_between_values_in_proportion() -> None:
    assert percentile([40, 10, 20, 30], 50) == 25
    assert percentile([10, 20], 95) == pytest.approx(19.5)
    assert percentile([7], 95) == 7
    assert percentile([], 50) is None


spans = st.builds(
    lambda document, start, length: GoldSpan(document, start, start + length),
    st.sampled_from("ab"),
    st.integers(0, 60),
    st.integers(1, 20),
)
golds = st.lists(spans, min_size=1, max_size=15)
ranked = st.lists(spans, max_size=25)


@given(ranked, golds)
def test_shares_lie_between_0_and_1_and_grow_with_k(hits: list[GoldSpan], gold: list[GoldSpan]) -> None:
    for figure in (recall, evidence_recall, reciprocal_rank):
        values = [figure(hits, gold, k) or 0.0 for k in range(1, 26)]
        assert values == sorted(values)
        assert values[0] >= 0
        assert values[-1] <= 1


@given(ranked, golds, st.integers(1, 20))
def test_ndcg_lies_between_0_and_1(hits: list[GoldSpan], gold: list[GoldSpan], k: int) -> None:
    assert 0 <= (ndcg(hits, gold, k) or 0.0) <= 1 + 1e-9


@given(golds, ranked)
def test_a_perfect_ranking_has_all_figures_at_1(gold: list[GoldSpan], rest: list[GoldSpan]) -> None:
    hits = [*gold, *rest]
    assert recall(hits, gold, len(gold)) == 1
    assert evidence_recall(hits, gold, len(gold)) == 1
    assert reciprocal_rank(hits, gold) == 1
    assert ndcg(hits, gold, len(gold)) == pytest.approx(1)


@given(ranked, golds)
def test_moving_a_hit_without_gold_to_the_end_never_lowers_ndcg(
    hits: list[GoldSpan], gold: list[GoldSpan]
) -> None:
    empty = [hit for hit in hits if not any(overlap(hit, item) for item in gold)]
    full = [hit for hit in hits if hit not in empty]
    assert (ndcg([*full, *empty], gold) or 0.0) >= (ndcg(hits, gold) or 0.0) - 1e-9


words = st.lists(st.sampled_from(["fee", "the", "30", "Euros,", "May"]), max_size=6).map(" ".join)


@given(words, words)
def test_token_f1_is_symmetric_and_1_for_the_same(first: str, second: str) -> None:
    assert token_f1(first, second) == pytest.approx(token_f1(second, first))
    assert 0 <= token_f1(first, second) <= 1
    assert token_f1(first, first) == 1
