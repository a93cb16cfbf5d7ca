from functools import cache
from statistics import NormalDist
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, binomtest, bootstrap, t

from playground.evaluation.statistics import (
    FEWEST_FOR_A_VERDICT,
    MOST_QUESTIONS,
    Comparison,
    Discordance,
    Pair,
    PairedDifference,
    compare,
    compare_pairs,
    holm,
    in_words,
    mcnemar,
    paired_difference,
    points,
    questions_needed,
    unseen_share,
)

NORMAL = NormalDist()
scores = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=12)


def of(differences: np.ndarray, resamples: int = 10_000, seed: int = 0) -> PairedDifference:
    return paired_difference(np.zeros(len(differences)), differences, seed, resamples)


def expanded(level: float, n: int) -> float:
    """The level of the percentile interval that Hesterberg 2015 takes for few values."""
    return 2 * NORMAL.cdf((n / (n - 1)) ** 0.5 * t.ppf((1 + level) / 2, n - 1)) - 1


@pytest.mark.parametrize("n", [10, 60])
@pytest.mark.parametrize("level", [0.95, 0.8])
def test_the_interval_is_the_expanded_one_of_scipys_bootstrap(n: int, level: float) -> None:
    before, after = np.random.default_rng(n).uniform(0, 1, (2, n))
    found = paired_difference(before, after, seed=7, level=level)
    plain = bootstrap(
        (after - before,),
        np.mean,
        n_resamples=10_000,
        batch=100_000 // n,
        method="percentile",
        confidence_level=expanded(level, n),
        rng=np.random.default_rng(7),
    ).confidence_interval
    assert found.mean == pytest.approx((after - before).mean())
    assert (found.low, found.high) == pytest.approx((plain.low, plain.high))
    assert found.n == n


def test_the_interval_is_the_same_every_time() -> None:
    before, after = [0, 0.5, 1, 0.2], [1, 0.1, 0.3, 0.9]
    assert paired_difference(before, after) == paired_difference(before, after)
    assert paired_difference(before, after) != paired_difference(before, after, seed=1)


def test_p_is_expanded_as_the_interval_is() -> None:
    differences = np.random.default_rng(3).uniform(-0.3, 0.7, 12)
    found = of(differences)
    means = np.random.default_rng(0).choice(differences, (200_000, 12)).mean(axis=1)
    plain = 2 * (means <= 0).mean()
    assert found.p == pytest.approx(2 * t.cdf(NORMAL.inv_cdf(plain / 2) / (12 / 11) ** 0.5, 11), rel=0.1)
    assert plain < found.p


def test_no_p_is_smaller_than_the_resamples_can_show() -> None:
    many = np.linspace(0.4, 0.6, 1000)
    assert 1 / 1000 < of(many, resamples=999).p < 1.05 / 1000  # Student's tail is a little longer
    assert 1 / 10_000 < of(many, resamples=9999).p < 1.1 / 10_000


@given(scores)
@settings(deadline=None, max_examples=50)
def test_the_interval_lies_around_the_mean_and_turns_with_the_columns(
    pairs: list[tuple[float, float]],
) -> None:
    before, after = zip(*pairs, strict=True)
    found, turned = (
        paired_difference(*columns, resamples=500) for columns in ((before, after), (after, before))
    )
    slack = 1e-9
    assert -1 <= found.low <= found.mean + slack
    assert found.mean - slack <= found.high <= 1
    assert 0 < found.p <= 1
    assert turned.mean == pytest.approx(-found.mean)
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-9)
    assert turned.p == pytest.approx(found.p)


@given(st.lists(st.integers(-5, 9), min_size=10, max_size=40), st.sampled_from([0.9, 0.95, 0.99]))
@settings(deadline=None, max_examples=50)
def test_the_interval_excludes_0_only_where_p_is_small(tenths: list[int], level: float) -> None:
    found = paired_difference([0] * len(tenths), [tenth / 10 for tenth in tenths], level=level)
    if found.low > 1e-9 or found.high < -1e-9:
        assert found.p <= 1 - level + 0.002
    else:
        assert found.p >= 1 - level - 0.002


def test_differences_that_are_all_alike_say_what_others_may_be_like() -> None:
    nothing = paired_difference([0.5] * 10, [0.5] * 10)
    unseen = 1 - 0.025 ** (1 / 10)  # 0.3085: the upper bound of Clopper and Pearson for 0 of 10
    assert unseen == pytest.approx(beta.ppf(0.975, 1, 10))
    assert (nothing.low, nothing.high, nothing.p) == pytest.approx((-unseen, unseen, 1))
    always = paired_difference([0] * 10, [1] * 10)
    assert (always.mean, always.low, always.high) == pytest.approx((1, 1 - 2 * unseen, 1))
    assert always.p == pytest.approx(binomtest(10, 10).pvalue)
    tenth = paired_difference([0.1, 0.9] * 5, [0.2, 1.0] * 5)
    assert (tenth.low, tenth.high) == pytest.approx((0.1 - unseen * 1.1, 0.1 + unseen * 0.9))


def test_one_pair_says_nothing_about_others() -> None:
    assert paired_difference([0.0], [1.0]) == PairedDifference(1, -1, 1, 1, 1)
    assert unseen_share(1) == 1
    assert unseen_share(2) == pytest.approx(1 - 0.025**0.5)


def test_a_difference_of_nothing_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least one pair"):
        paired_difference([], [])


@cache
def of_counts(n: int, gained: int, lost: int) -> PairedDifference:
    return of(np.repeat([1.0, -1.0, 0.0], [gained, lost, n - gained - lost]), resamples=200_000 // n)


def coverage(truth: float, intervals: list[PairedDifference]) -> float:
    return float(np.mean([found.low - 1e-9 <= truth <= found.high + 1e-9 for found in intervals]))


@pytest.mark.parametrize(("n", "resamples"), [(10, 2000), (20, 2000), (50, 1000), (200, 1000)])
def test_the_interval_covers_as_often_as_it_says(n: int, resamples: int) -> None:
    """95 of 100 intervals hold the truth, for scores such as F1, and for right and wrong answers."""
    random = np.random.default_rng([n, 1])
    before, after = random.beta(2, 3, (1500, n)), random.beta(2, 2, (1500, n))
    found = [of(each, resamples, seed) for seed, each in enumerate(after - before)]
    assert 0.93 <= coverage(1 / 2 - 2 / 5, found) <= 0.97
    for gains, losses in ((0.3, 0.3), (0.6, 0.05)):
        counts = random.multinomial(n, [gains, losses, 1 - gains - losses], 1500)
        found = [of_counts(n, int(gained), int(lost)) for gained, lost, _ in counts]
        assert 0.93 <= coverage(gains - losses, found) <= 0.97


def test_ten_thousand_resamples_of_a_thousand_questions_are_quick() -> None:
    differences = np.random.default_rng(0).uniform(-1, 1, 1000)
    times = []
    for _ in range(3):
        begin = perf_counter()
        of(differences)
        times.append(perf_counter() - begin)
    assert min(times) < 0.5


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_mcnemars_p_is_the_exact_binomial_one(answers: list[tuple[bool, bool]]) -> None:
    gained, lost = answers.count((False, True)), answers.count((True, False))
    found = mcnemar([before for before, _ in answers], [after for _, after in answers])
    expected = binomtest(gained, gained + lost, 0.5).pvalue if gained + lost else 1
    assert found == Discordance(gained, lost, pytest.approx(expected))


def test_mcnemar_by_hand() -> None:
    # Six gained and none lost: 2 of the 2**6 ways that six coins fall are so uneven.
    assert mcnemar([0] * 6 + [1] * 4, [1] * 10) == Discordance(6, 0, pytest.approx(2 / 64))
    assert mcnemar([1, 0], [1, 0]) == Discordance(0, 0, 1)
    with pytest.raises(ValueError, match=r"right \(1\) or wrong \(0\), not 0.5"):
        mcnemar([0.5], [1])


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.6, 0.5]) == [1, 1]
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_keeps_the_order_and_asks_no_more_than_bonferroni(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert [new for _, new in sorted(zip(p_values, adjusted, strict=True))] == sorted(adjusted)
    for old, new in zip(p_values, adjusted, strict=True):
        assert old <= new <= min(1, old * len(p_values)) + 1e-12


def test_the_number_of_questions_is_that_of_a_paired_z_test() -> None:
    differences = [0.5, -0.3] * 10  # mean 0.1, standard deviation 0.4104
    deviations = 0.4 * (20 / 19) ** 0.5 / 0.1
    total = ((1.959964 + 0.841621) * deviations) ** 2  # 132.2
    assert questions_needed(differences) == int(total) + 1 - 20 == 113
    five = ((2.575829 + 0.841621) * deviations) ** 2  # each of five at 1 %: 196.7
    assert questions_needed(differences, comparisons=5) == int(five) + 1 - 20 == 177
    assert questions_needed([1, 1, 1, 0] * 10) == 0


def test_no_number_of_questions_is_known_for_no_difference() -> None:
    assert questions_needed([0.5, -0.5] * 10) is None
    assert questions_needed([0.0] * 10) is None
    assert questions_needed([]) is None
    assert questions_needed([1, -1] * 50 + [0.01]) == MOST_QUESTIONS


def test_differences_that_are_all_alike_need_a_number_too() -> None:
    # 1.1 ** -n is 0.025 at n = 38.7: from 39 such gains on the interval excludes 0.
    assert questions_needed([0.1] * 10) == 29
    assert paired_difference([0] * 38, [0.1] * 38).low < 0 < paired_difference([0] * 39, [0.1] * 39).low


WRONG = [0.0] * 20


def right(count: int) -> list[float]:
    """20 questions, the first ones right."""
    return [1.0] * count + [0.0] * (20 - count)


def one(baseline: list[float | None], other: list[float | None], binary: bool = True) -> Comparison:
    (comparison,) = compare(("base", baseline), {"other": other}, binary)
    return comparison


def test_a_verdict_takes_an_interval_without_0_and_a_small_p() -> None:
    better = one(WRONG, right(8))
    assert (better.name, better.baseline, better.verdict) == ("other", "base", "better")
    assert better.discordance == Discordance(8, 0, pytest.approx(2 / 2**8))
    assert better.p_adjusted == pytest.approx(2 / 2**8)
    assert better.difference is not None
    assert better.difference.low > 0
    assert one(right(8), WRONG).verdict == "worse"
    # Five of ten gained: the interval excludes 0, and yet five coins fall alike once in 16 times.
    close = one(WRONG[:10], right(5)[:10])
    assert close.difference is not None
    assert close.difference.low > 0
    assert (close.verdict, close.p_adjusted, close.more_questions) == ("too close to call", 0.0625, 1)


def test_the_more_columns_are_compared_the_more_it_takes() -> None:
    assert one(WRONG, right(6)).verdict == "better"  # p is 0.031
    several = compare(("base", WRONG), {"a": right(6), "b": right(1), "c": right(8)}, binary=True)
    assert [each.name for each in several] == ["a", "b", "c"]
    assert [each.verdict for each in several] == ["too close to call", "too close to call", "better"]
    assert [each.p_adjusted for each in several] == pytest.approx([2 * 2 / 64, 1, 3 * 2 / 256])


def test_every_pair_may_have_a_baseline_of_its_own() -> None:
    first, second = compare_pairs(
        [Pair("a", "b", right(6), WRONG), Pair("b", "c", WRONG, right(8))], binary=True
    )
    assert (first.name, first.baseline, first.verdict) == ("a", "b", "better")
    assert (second.name, second.baseline, second.verdict) == ("b", "c", "worse")
    assert [first.p_adjusted, second.p_adjusted] == pytest.approx([2 / 64, 2 * 2 / 256])
    assert compare_pairs([], binary=True) == []


def test_scores_are_compared_by_the_bootstrap() -> None:
    random = np.random.default_rng(0)
    before = list(random.uniform(0, 0.6, 40))
    after = [score + gain for score, gain in zip(before, random.uniform(0, 0.4, 40), strict=True)]
    found = one(before, after, binary=False)
    assert (found.verdict, found.discordance) == ("better", None)
    assert found.difference is not None
    assert found.p_adjusted == found.difference.p


def test_only_questions_that_both_have_a_value_for_are_paired() -> None:
    gaps: list[float | None] = [*right(12)[:15], None, None, None, None, None]
    found = one([None, *WRONG[1:]], gaps)
    assert found.n == 14
    assert found.discordance == Discordance(11, 0, pytest.approx(2 / 2**11))
    with pytest.raises(ValueError, match="zip"):
        one([0.0], [0.0, 1.0])


def test_a_handful_of_questions_has_no_verdict_and_costs_the_others_nothing() -> None:
    few: list[float | None] = [*right(9)[:9], *[None] * 11]
    found = compare(("base", WRONG), {"few": few, "none": [None] * 20, "six": right(6)}, binary=True)
    assert [each.verdict for each in found] == ["too few questions", "too few questions", "better"]
    assert [each.more_questions for each in found] == [1, FEWEST_FOR_A_VERDICT, None]
    assert [each.p_adjusted for each in found] == [None, None, pytest.approx(2 / 64)]
    assert (found[1].difference, found[1].n) == (None, 0)


def test_what_differs_nowhere_is_equal() -> None:
    assert one(right(5), right(5)).verdict == "equal"
    assert one(right(5), [*right(4)[:19], 1.0]).verdict == "too close to call"  # one lost, one gained


@pytest.mark.parametrize(
    ("baseline", "other", "words"),
    [
        (WRONG, right(8), "+40 points: better"),
        (right(8), WRONG, "−40 points: worse"),
        (right(5), right(5), "0 points: equal"),
        (right(5), [*right(4)[:19], 1.0], "0 points: too close to call"),
        (WRONG, right(1), "+5 points: too close to call, about 140 more questions"),
        (right(6), [*right(5)[:18], 1.0, 1.0], "+5 points: too close to call, about 470 more questions"),
        (right(7)[:7], right(2)[:7], "7 questions are too few to tell"),
        ([1.0], [0.0], "1 question is too few to tell"),
    ],
)
def test_a_comparison_in_words(baseline: list[float | None], other: list[float | None], words: str) -> None:
    assert in_words(one(baseline, other)) == words


def test_a_number_of_questions_that_nobody_labels_is_not_told_apart() -> None:
    base = [0.0, 1.0] * 100
    other = [1.0, 0.0] * 99 + [1.0, 1.0]
    assert in_words(one(base, other)) == "0 points: too close to call, more than 10,000 more questions"


def test_points_are_whole() -> None:
    assert [points(share) for share in (0.424, -0.01, 0.006, -0.004, 0.0, 1.0)] == [
        "+42 points",
        "−1 point",
        "+1 point",
        "0 points",
        "0 points",
        "+100 points",
    ]


def test_words_say_when_a_difference_is_lost_among_several_comparisons() -> None:
    baseline, gains = [0.0] * 20, [1.0] * 6 + [0.0] * 14
    alone = compare(("A", baseline), {"B": gains}, binary=True)[0]
    assert in_words(alone) == "+30 points: better"
    several = compare(("A", baseline), {"B": gains, "C": gains, "D": baseline}, binary=True)[0]
    assert in_words(several).startswith("+30 points: too close to call among 3 comparisons, about ")
