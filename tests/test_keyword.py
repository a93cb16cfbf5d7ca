import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.index.keyword import KeywordIndex, codes, terms


@pytest.fixture
def keyword(tmp_path: Path) -> KeywordIndex:
    return KeywordIndex(tmp_path / "keyword")


def keyword_order(keyword: KeywordIndex, texts: Sequence[str], question: str) -> list[int]:
    keyword.add(range(len(texts)), texts, ["d"] * len(texts))
    keyword.commit()
    return [key for key, _ in keyword.search(question, 10)]


def test_the_exact_code_outranks_its_relatives(keyword: KeywordIndex) -> None:
    texts = ["The AX-204 costs 90 euros.", "The AX-204-K costs 110 euros.", "The BX-7 costs 20 euros."]
    assert keyword_order(keyword, texts, "What does the ax-204-k cost?")[0] == 1
    assert next(key for key, _ in keyword.search("AX-204", 10)) == 0


def test_words_are_found_without_accents_capitals_and_endings(keyword: KeywordIndex) -> None:
    assert keyword_order(keyword, ["Returned goods at the Café Müller.", "Nothing."], "RETURN cafe") == [0]
    assert [key for key, _ in keyword.search("muller", 10)] == [0]
    assert terms("Returned GOODS, Ärger") == ("return", "good", "arger")


@pytest.mark.parametrize("question", ["", "   ", "?!…", "---", "(((", '"'])
def test_a_question_without_words_finds_nothing(keyword: KeywordIndex, question: str) -> None:
    assert keyword_order(keyword, ["Some words."], question) == []


@pytest.mark.parametrize(
    "question",
    ["+words -some", '"some words', "body:words", "some AND OR NOT words", "words*~^2", "[some TO"],
)
def test_signs_that_search_engines_know_are_only_signs(keyword: KeywordIndex, question: str) -> None:
    assert keyword_order(keyword, ["Some words."], question) == [0]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_no_question_breaks_the_search(question: str) -> None:
    assert all(code == code.lower() for code in codes(question))
    assert isinstance(terms(question), tuple)


def test_codes_have_parts_and_a_digit() -> None:
    assert codes("Is AX-204-K in v1.2.3 or AX_204, not state-of-the-art.") == ["ax-204-k", "v1.2.3", "ax_204"]


def test_a_word_of_a_million_letters_takes_no_time() -> None:
    begin = time.perf_counter()
    assert codes("a" * 1_000_000 + " " + "_" * 100_000 + "1-") == []
    assert time.perf_counter() - begin < 2


def test_deleted_entries_are_neither_found_nor_counted(keyword: KeywordIndex) -> None:
    keyword_order(keyword, ["one", "two"], "one")
    keyword.delete([0, 99])
    keyword.commit()
    assert (keyword.search("one", 5), keyword.count(), keyword.count_of(["d"])) == ([], 1, 1)
