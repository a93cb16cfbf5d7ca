import pytest
from hypothesis import given
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from playground.evaluation.answer_metrics import (
    abstention_precision_recall,
    answer_f1,
    best_score,
    citation_precision,
    citation_recall,
    exact_match,
    normalised_words,
    rouge_l,
    says_answer,
    similarities,
    token_f1,
)
from playground.questions.lookup import GoldSpan
from tests.fakes import FakeEncoder


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
    assert best_score(exact_match, "30 euros", ["thirty", "30 euros"]) == 1
    assert best_score(rouge_l, "30", ["тридцать", "30 euros"]) == 2 / 3
    assert best_score(exact_match, "30 euros", []) is None
    assert best_score(rouge_l, "30", ["тридцать"]) is None


def test_abstaining_is_right_only_where_there_is_no_answer() -> None:
    assert answer_f1("", True, ["30 euros"], answerable=True) == 0
    assert answer_f1("", True, [], answerable=False) == 1
    assert answer_f1("30 euros", False, [], answerable=False) == 0
    assert answer_f1("30 euros", False, [], answerable=True) is None


def test_an_exact_match_is_of_words() -> None:
    assert exact_match("The 30 Euros!", "30 euros") == 1
    assert exact_match("30 euros a year", "30 euros") == 0
    assert exact_match("euros 30", "30 euros") == 0


def test_words_are_what_squad_leaves_of_them() -> None:
    assert normalised_words("The U.S. fee, in May: an end.") == ["us", "fee", "in", "may", "end"]


def test_rouge_l_follows_the_order_of_words() -> None:
    # "police ... the gunman" of Lin 2004: 3 of 4 words in order, then 2 of 4.
    assert rouge_l("police kill the gunman", "police killed the gunman") == 0.75
    assert rouge_l("the gunman kill police", "police killed the gunman") == 0.5
    assert rouge_l("", "police") == 0
    assert rouge_l("police", "полиция") is None


words = st.lists(st.sampled_from(["fee", "the", "30", "Euros,", "May", "straße"]), max_size=8).map(" ".join)


@given(words, words.filter(lambda text: bool(text)))
def test_rouge_l_is_that_of_the_package(text: str, answer: str) -> None:
    expected = RougeScorer(["rougeL"]).score(answer, text)["rougeL"].fmeasure
    assert rouge_l(text, answer) == pytest.approx(expected)


@given(words, words)
def test_token_f1_is_symmetric_and_1_for_the_same(first: str, second: str) -> None:
    assert token_f1(first, second) == pytest.approx(token_f1(second, first))
    assert 0 <= token_f1(first, second) <= 1
    assert token_f1(first, first) == 1


@given(words, words, words)
def test_a_text_says_what_stands_in_it(before: str, answer: str, after: str) -> None:
    assert says_answer(f"{before} {answer} {after}", [answer]) == bool(normalised_words(answer))


def test_an_answer_is_said_word_for_word() -> None:
    assert says_answer("They pay the 30 euros in May.", ["a year", "30 Euros"])
    assert not says_answer("They pay 130 euros.", ["30 euros"])
    assert not says_answer("30 of the new euros", ["30 euros"])
    assert not says_answer("anything", ["the", ""])
    assert not says_answer("anything", [])


def span(start: int, end: int) -> GoldSpan:
    return GoldSpan("d", start, end)


def test_citations_are_held_against_the_evidence() -> None:
    gold = [span(10, 20), span(50, 70), span(90, 95)]
    citations = [span(0, 11), span(15, 60), span(20, 50), span(100, 110)]
    assert citation_precision(citations, gold) == 2 / 4
    assert citation_recall(citations, gold) == 2 / 3


def test_what_cannot_be_cited_has_no_figure() -> None:
    assert citation_precision([], [span(0, 1)]) is None
    assert citation_precision([span(0, 1)], []) is None
    assert citation_recall([], [span(0, 1)]) == 0
    assert citation_recall([span(0, 1)], []) is None


def test_similarity_is_to_the_nearest_reference_and_each_text_is_encoded_once() -> None:
    encoder = FakeEncoder()
    found = similarities(
        encoder,
        ["red green", "blue", "red", "", "red"],
        [["red", "green red"], ["red"], [], ["red"], [" "]],
    )
    assert found == [pytest.approx(1), 0, None, 0, 0]
    assert encoder.encoded == [["blue", "green red", "red", "red green"]]


def test_without_references_nothing_is_encoded() -> None:
    encoder = FakeEncoder()
    assert similarities(encoder, ["red"], [[]]) == [None]
    assert similarities(encoder, [], []) == []
    assert encoder.encoded == []


def test_abstentions_are_right_or_needless_and_some_are_missed() -> None:
    pairs = [(True, False), (True, False), (True, True), (False, False), (False, True)]
    assert abstention_precision_recall(pairs) == (2 / 3, 2 / 3)
    assert abstention_precision_recall([(False, True)]) == (None, None)
    assert abstention_precision_recall([(True, True)]) == (0, None)
    assert abstention_precision_recall([(False, False)]) == (None, 0)
