import random
import re
from math import log2
from pathlib import Path

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, R, nDCG

from benchmarks import chunking_eval
from benchmarks.measure import DATA, Options
from playground.documents import Document
from playground.evaluation.metrics import (
    TokenOverlap,
    evidence_recall,
    first_ranks,
    mean,
    ndcg,
    overlap,
    percentile,
    recall,
    reciprocal_rank,
    token_overlap,
    token_starts,
)
from playground.questions.lookup import GoldSpan, load_questions, resolve_gold
from tests.fakes import FakeEncoder


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


# Tokens start every 10 characters of d; the gold holds those at 10, 50 and 60, the third hit none of its own.
STARTS = {"d": list(range(0, 200, 10)), "other": [50, 55, 60]}


def test_evidence_in_tokens_counts_what_hits_share_twice() -> None:
    hits = [span(45, 75), span(60, 91), span(50, 70, "other")]
    assert token_overlap(hits, GOLD, 1, STARTS) == TokenOverlap(gold=3, retrieved=3, shared=2)
    overlap = token_overlap(hits, GOLD, 3, STARTS)  # 50, 60, 70; 60, 70, 80, 90; three of another document
    assert overlap == TokenOverlap(gold=3, retrieved=10, shared=2)
    assert (overlap.recall, overlap.precision, overlap.iou) == (2 / 3, 2 / 10, 2 / 11)


def test_a_token_belongs_to_the_span_in_which_it_starts() -> None:
    assert token_overlap([span(0, 10)], [span(9, 11)], 1, STARTS) == TokenOverlap(1, 1, 0)
    assert token_overlap([span(10, 11)], [span(9, 11)], 1, STARTS) == TokenOverlap(1, 1, 1)


def test_the_evidence_and_no_more_has_an_iou_of_1() -> None:
    assert token_overlap(GOLD, GOLD, 2, STARTS).iou == 1


def test_nothing_found_is_0_and_no_evidence_is_none() -> None:
    nothing = token_overlap([], GOLD, 5, STARTS)
    assert (nothing.recall, nothing.precision, nothing.iou) == (0, 0, 0)
    unlabelled = token_overlap(HITS, [], 5, STARTS)
    assert (unlabelled.recall, unlabelled.precision, unlabelled.iou) == (None, None, None)


class SpacedEncoder(FakeEncoder):
    """Counts the space before a word to the word, as some tokenizers do."""

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        return [match.span() for match in re.finditer(r"\s?\w+|\s", text)]


def test_a_token_starts_at_its_first_letter() -> None:
    documents = [Document("a", "a.md", "two words  here"), Document("b", "b.md", "")]
    assert token_starts(documents, FakeEncoder()) == {"a": [0, 4, 11], "b": []}
    assert token_starts(documents, SpacedEncoder())["a"] == [0, 4, 9, 11]  # a space of its own stays one


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


@given(st.integers(1, 30), st.data())
def test_figures_are_those_of_trec_where_each_gold_item_is_one_chunk(
    chunks: int, data: st.DataObject
) -> None:
    every = range(chunks)
    ranking = data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    relevant = data.draw(st.lists(st.sampled_from(every), min_size=1, unique=True))
    hits = [span(10 * chunk, 10 * chunk + 10) for chunk in ranking]
    gold = [span(10 * chunk + 2, 10 * chunk + 5) for chunk in relevant]
    expected = ir_measures.calc_aggregate(
        [R @ 5, R @ 20, RR @ 10, nDCG @ 10],
        [ir_measures.Qrel("q", str(chunk), 1) for chunk in relevant],
        [ir_measures.ScoredDoc("q", str(chunk), -rank) for rank, chunk in enumerate(ranking)],
    )
    assert recall(hits, gold, 5) == pytest.approx(expected[R @ 5])
    assert recall(hits, gold, 20) == pytest.approx(expected[R @ 20])
    assert reciprocal_rank(hits, gold) == pytest.approx(expected[RR @ 10])
    assert ndcg(hits, gold) == pytest.approx(expected[nDCG @ 10])


def by_brute_force(hits: list[GoldSpan], gold: list[GoldSpan], places: set[tuple[str, int]]) -> list[float]:
    """Recall, precision and IoU over these places (tokens, or all characters), as sets and lists of them."""
    held = [(hit.document_id, at) for hit in hits for at in range(hit.start, hit.end)]
    wanted = {(item.document_id, at) for item in gold for at in range(item.start, item.end)} & places
    read = [place for place in held if place in places]
    found = len(wanted.intersection(read))
    return [found / len(wanted), found / len(read), found / (len(wanted) + len(read) - found)]


def questions_on(corpus: str, work: Path) -> tuple[Document, list[list[GoldSpan]]]:
    """A document, and the gold of questions on it; skips where the public data is not there."""
    if corpus == "synthetic":
        text = " ".join(f"word{number % 97}, " + "ab" * (number % 5) for number in range(2000))
        drawn = random.Random(1)
        starts = [[drawn.randrange(len(text) - 300) for _ in range(drawn.randint(1, 4))] for _ in range(100)]
        golds = [[span(at, at + drawn.randint(1, 300), corpus) for at in each] for each in starts]
        return Document(corpus, corpus, text), golds
    if not (DATA / "chunking_eval").is_dir():
        pytest.skip("the public data is not there")
    options = Options(DATA, work)
    (document,) = chunking_eval.documents(options, (corpus,))
    questions = load_questions(chunking_eval.labelled_questions(options, (corpus,)))
    return document, [list(resolve_gold(each, {document.name: document})) for each in questions]


@pytest.mark.parametrize("corpus", ["synthetic", *chunking_eval.FILES])
def test_evidence_is_what_counting_every_token_and_character_gives(corpus: str, tmp_path: Path) -> None:
    document, golds = questions_on(corpus, tmp_path)
    starts = token_starts([document], FakeEncoder())
    tokens = {(document.id, at) for at in starts[document.id]}
    characters = {(document.id, at) for at in range(len(document.text))}
    drawn = random.Random(0)
    for gold in golds:
        near = [max(0, drawn.choice(gold).start - drawn.randrange(400)) for _ in range(4)]
        begins = [*near, drawn.randrange(len(document.text) - 800)]
        hits = [span(at, at + drawn.randint(100, 800), document.id) for at in begins]
        overlap = token_overlap(hits, gold, 5, starts)
        figures = [overlap.recall, overlap.precision, overlap.iou]
        assert figures == pytest.approx(by_brute_force(hits, gold, tokens), abs=1e-6)
        by_character = by_brute_force(hits, gold, characters)
        assert evidence_recall(hits, gold, 5) == pytest.approx(by_character[0], abs=1e-6)
