"""Splitting: a held-out part by input, so that no near-duplicate crosses, even over the outputs."""

import random
import time
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.adapters.examples import Example
from playground.adapters.splitting import ALIKE, near_groups, near_matches, split, words
from playground.errors import ConfigError

WORDS = st.lists(st.sampled_from([f"w{number}" for number in range(12)]), min_size=1, max_size=12)
TEXTS = WORDS.map(" ".join)
EXAMPLES = st.lists(st.builds(Example, TEXTS, st.sampled_from("abc")), min_size=1, max_size=60)
SHARES = st.floats(0.0, 0.5)


def alike(first: str, second: str) -> bool:
    """The definition, one pair at a time: Jaccard similarity of the sets of words."""
    left, right = words(first), words(second)
    return len(left & right) >= ALIKE * len(left | right) - 1e-9


def examples_of(outputs: list[str]) -> list[Example]:
    """An example with an input unlike all others for each output."""
    return [Example(f"x{number} y{number}", output, number + 1) for number, output in enumerate(outputs)]


@settings(deadline=None)
@given(EXAMPLES, SHARES, st.integers(0, 9))
def test_the_parts_are_disjoint_complete_and_in_the_order_of_the_file(
    examples: list[Example], share: float, seed: int
) -> None:
    numbered = [Example(each.input, each.output, line) for line, each in enumerate(examples)]
    parts = split(numbered, share, seed)
    assert sorted(parts.training + parts.held_out, key=lambda each: each.line) == numbered
    for part in (parts.training, parts.held_out):
        assert [each.line for each in part] == sorted({each.line for each in part})


@settings(deadline=None)
@given(EXAMPLES, SHARES, st.integers(0, 9))
def test_no_near_duplicate_crosses(examples: list[Example], share: float, seed: int) -> None:
    parts = split(examples, share, seed)
    assert not any(alike(one.input, two.input) for one in parts.training for two in parts.held_out)


@settings(deadline=None)
@given(EXAMPLES, SHARES, st.integers(0, 9))
def test_the_same_seed_gives_the_same_parts(examples: list[Example], share: float, seed: int) -> None:
    assert split(examples, share, seed) == split(examples, share, seed)


@settings(deadline=None)
@given(st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=80), SHARES)
def test_of_unlike_inputs_exactly_the_share_is_held_out_unless_an_output_would_be_lost(
    outputs: list[str], share: float
) -> None:
    parts = split(examples_of(outputs), share)
    wanted = max(round(share * len(outputs)), 1) if share else 0
    assert len(parts.held_out) <= wanted
    spare = len(outputs) - len(set(outputs))
    assert len(parts.held_out) >= min(wanted, spare)
    if wanted <= spare:
        assert parts.new_outputs == 0


@settings(deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=9, max_size=90))
def test_labels_are_held_out_evenly_and_never_lost(outputs: list[str]) -> None:
    labels = [*"abc" * 3, *outputs]
    parts = split(examples_of(labels), 0.2)
    held_out, total = Counter(each.output for each in parts.held_out), Counter(labels)
    assert {each.output for each in parts.training} == {"a", "b", "c"}
    for label in "abc":
        assert abs(held_out[label] - 0.2 * total[label]) <= 1.5


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=40))
def test_groups_are_what_the_pairs_one_by_one_make(texts: list[str]) -> None:
    expected = list(range(len(texts)))
    for _ in texts:
        for one, first in enumerate(texts):
            for two, second in enumerate(texts):
                if alike(first, second):
                    expected[one] = expected[two] = min(expected[one], expected[two])
    found = near_groups(texts)
    pairs = range(len(texts))
    assert [[found[a] == found[b] for a in pairs] for b in pairs] == [
        [expected[a] == expected[b] for a in pairs] for b in pairs
    ]


@settings(deadline=None)
@given(st.lists(TEXTS, max_size=20), st.lists(TEXTS, max_size=20))
def test_matches_are_what_the_pairs_one_by_one_are(texts: list[str], others: list[str]) -> None:
    assert near_matches(texts, others) == [any(alike(text, other) for other in others) for text in texts]


def test_inputs_that_differ_in_one_word_of_ten_are_one_group() -> None:
    text = "since yesterday my logger shows the code {} on its small display"
    short = ["What does E-17 mean?", "What does E-23 mean?"]
    groups = near_groups([text.format("E-17"), text.format("E-23"), *short])
    assert groups[0] == groups[1]
    assert len(set(groups)) == 3


def test_texts_without_spaces_or_words_are_compared_too() -> None:
    sentence = "土壌センサーの電池が切れました"
    groups = near_groups([sentence, sentence + "。", "水位", "??", "!!", "??"])
    assert groups[0] == groups[1] and groups[3] == groups[5]
    assert len(set(groups)) == 4


def test_an_answer_in_two_wordings_keeps_one_for_training() -> None:
    parts = split(examples_of([f"answer {number // 2}" for number in range(100)]), 0.2)
    assert (len(parts.training), len(parts.held_out), parts.new_outputs) == (80, 20, 0)


def test_open_outputs_are_held_out_although_nothing_can_learn_their_text() -> None:
    parts = split(examples_of([f"answer {number}" for number in range(10)]), 0.2)
    assert (len(parts.held_out), parts.new_outputs) == (2, 2)


def test_near_duplicates_are_counted() -> None:
    examples = [Example("the same words", "a"), Example("Same words, the", "a"), Example("other", "b")]
    assert split(examples, 0.4).near_duplicates == 2


def test_another_seed_holds_others_out() -> None:
    examples = examples_of(["a", "b"] * 50)
    assert len({split(examples, 0.2, seed).held_out for seed in range(5)}) == 5


def test_where_every_group_is_too_large_the_smallest_is_held_out() -> None:
    large = [Example("one", f"a{number}") for number in range(6)]
    small = [Example("two", f"b{number}") for number in range(4)]
    assert split(large + small, 0.2).held_out == tuple(small)


def test_a_label_is_not_lost_where_every_group_is_too_large() -> None:
    examples = [Example("one", "a")] * 6 + [Example("two", "b")] * 4
    assert split(examples, 0.2).held_out == ()


def test_one_group_alone_is_for_training() -> None:
    parts = split([Example("one", "a")] * 6, 0.2)
    assert (len(parts.training), parts.held_out) == (6, ())


def test_nothing_is_held_out_where_nothing_is_wanted_or_there() -> None:
    assert split(examples_of(["a"] * 9), 0.0).held_out == ()
    assert split([], 0.2).training == ()


@pytest.mark.parametrize("share", [-0.1, 1.0, float("nan")])
def test_a_share_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(ConfigError, match="is not between 0 and 1"):
        split(examples_of(["a"]), share)


@pytest.mark.parametrize("kind", ["short", "template"])
def test_ten_thousand_examples_take_less_than_ten_seconds(kind: str) -> None:
    chance = random.Random(1)
    vocabulary, weights = [f"w{number}" for number in range(3000)], [1 / (1 + n) for n in range(3000)]
    texts = {
        "short": [" ".join(chance.choices(vocabulary, weights, k=15)) for _ in range(10_000)],
        "template": [f"a b c d e f g h i j k l m n o p x{number}" for number in range(10_000)],
    }[kind]
    examples = [Example(text, text) for text in texts]
    began = time.process_time()
    parts = split(examples)
    assert time.process_time() - began < 10
    assert len(parts.training) + len(parts.held_out) == 10_000
