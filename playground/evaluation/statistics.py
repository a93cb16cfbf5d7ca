"""Whether one column is better than another, or the questions are too few to tell.

Scores lie between 0 and 1 and are compared pair by pair, question by question: how hard a question is falls
out of the difference. This module knows neither what was scored nor how a verdict is drawn.

How far to trust it: a 95 % interval covers the truth 93 to 97 times of 100 from 10 questions on, and less
often (86 at worst) where nearly all differences are 0 and there are fewer than 50 questions. That is one
reason why a verdict on right and wrong answers also needs the exact test.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import numpy as np

RESAMPLES = 10_000
LEVEL = 0.95
ALPHA = 0.05
POWER = 0.8

FEWEST_FOR_A_VERDICT = 10
"""From fewer questions nothing follows, however far apart the scores are."""

MOST_QUESTIONS = 10_000
"""Beyond so many more questions nobody labels them: the number is not worth telling apart."""

_SAME = 1e-9  # scores are means of words; two ways to add them up differ by less
_BATCH = 100_000  # drawn values at once: a few fit the processor's cache

Verdict = Literal["better", "worse", "equal", "too close to call", "too few questions"]
Values = Sequence[float | None]
"""A value for each question, in the same order everywhere; None where there is none."""


@dataclass(frozen=True)
class PairedDifference:
    """The mean of after - before over `n` pairs, between -1 and 1, with its interval (low, high) and the p of
    "there is no difference", two-sided."""

    mean: float
    low: float
    high: float
    p: float
    n: int


def paired_difference(
    before: Sequence[float],
    after: Sequence[float],
    seed: int = 0,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> PairedDifference:
    """The mean of after - before, scores between 0 and 1, with its bootstrap interval; the same every time.

    The interval is the expanded percentile interval (Hesterberg 2015, "What Teachers Should Know About the
    Bootstrap"): the plain one is too narrow for few pairs, by as much as a normal interval with divisor n is
    narrower than Student's. Its p is twice the smaller share of resamples at or beyond 0,
    expanded in the same way, so that p is below 1 - level where the interval excludes 0. No p is smaller than
    the resamples can show.

    Where all differences are alike, resampling says nothing; see `unseen_share` for what is said then.
    Raises ValueError without a pair.
    """
    import numpy as np

    differences = np.subtract(np.asarray(after, float), np.asarray(before, float))
    if not differences.size:
        raise ValueError("a difference needs at least one pair")
    if np.ptp(differences) < _SAME:
        return _of_alike(float(differences.mean()), differences.size, level)
    return _of_resamples(differences, seed, resamples, level)


def unseen_share(n: int, level: float = LEVEL) -> float:
    """The largest share that other outcomes may have where all of `n` were alike: the upper bound of Clopper
    and Pearson (1934) for none of n, 1 - ((1 - level) / 2) ** (1 / n). For one outcome it is 1: one says
    nothing about others."""
    return 1.0 if n == 1 else 1 - ((1 - level) / 2) ** (1 / n)


@dataclass(frozen=True)
class Discordance:
    """Questions that only the second got right (`gained`) or only the first (`lost`), and the exact p."""

    gained: int
    lost: int
    p: float


def mcnemar(before: Sequence[float], after: Sequence[float]) -> Discordance:
    """Whether right (1) and wrong (0) changed more often one way than the other: McNemar 1947, with the exact
    binomial p, two-sided; 1 where nothing changed. Raises ValueError for any other value."""
    from scipy.stats import binomtest

    for value in (*before, *after):
        if value not in (0, 1):
            raise ValueError(f"an answer is right (1) or wrong (0), not {value}")
    gained = sum(second > first for first, second in zip(before, after, strict=True))
    lost = sum(second < first for first, second in zip(before, after, strict=True))
    p = float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
    return Discordance(gained, lost, p)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p values, in the same order (Holm 1979): of families of comparisons in which nothing differs,
    at most one in 20 has one below 0.05."""
    adjusted = [0.0] * len(p_values)
    largest = 0.0
    for place, index in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, p_values[index] * (len(p_values) - place)))
        adjusted[index] = largest
    return adjusted


def questions_needed(differences: Sequence[float], comparisons: int = 1) -> int | None:
    """How many more questions it takes until such a difference is told from chance 4 times in 5, when it is
    one of `comparisons` (Bonferroni); 0 where there are enough.

    In all ((z(1 - alpha / 2m) + z(0.8)) * sd / mean) ** 2, the sample size of a paired z test. None where
    there is no difference; MOST_QUESTIONS stands for anything more.
    """
    import numpy as np
    from scipy.special import ndtri

    mean = float(np.mean(differences)) if len(differences) else 0.0
    if abs(mean) < _SAME:
        return None
    alpha = ALPHA / comparisons
    if np.ptp(differences) < _SAME:  # as many as `_of_alike` takes to get its p below alpha
        total = math.log(2 / alpha) / math.log1p(abs(mean))
    else:
        deviations = float(np.std(differences, ddof=1)) / abs(mean)
        total = float((ndtri(1 - alpha / 2) + ndtri(POWER)) * deviations) ** 2
    return min(MOST_QUESTIONS, max(0, math.ceil(total) - len(differences)))


@dataclass(frozen=True)
class Comparison:
    """A column against the baseline, over the questions that both have a value for.

    `difference` is None without such a question, `discordance` where the values are not right and wrong, and
    `p_adjusted` (Holm's, over the columns compared) where the questions are too few. `more_questions` says
    about how many more would settle it, where that can be said; MOST_QUESTIONS stands for anything more.
    `compared` is how many comparisons the correction is for.
    """

    name: str
    baseline: str
    difference: PairedDifference | None
    discordance: Discordance | None
    p_adjusted: float | None
    verdict: Verdict
    more_questions: int | None = None
    compared: int = 1

    @property
    def n(self) -> int:
        """How many questions both have a value for."""
        return self.difference.n if self.difference else 0


@dataclass(frozen=True)
class Pair:
    """A column and the baseline that it is held against, by their names, with a value for each question."""

    name: str
    baseline: str
    values: Values
    baseline_values: Values


def compare(baseline: tuple[str, Values], others: Mapping[str, Values], binary: bool) -> list[Comparison]:
    """Each of the others against the same baseline (name, values); see `compare_pairs`."""
    name, values = baseline
    return compare_pairs([Pair(other, name, column, values) for other, column in others.items()], binary)


def compare_pairs(pairs: Sequence[Pair], binary: bool) -> list[Comparison]:
    """Each column against its own baseline, in order; `binary` values are right (1) or wrong (0).

    A verdict of better or worse takes three things: enough questions, an interval without 0, and a p that
    stays below 0.05 after Holm's correction: McNemar's for right and wrong, else the bootstrap's. Raises
    ValueError where a column has another length than its baseline.
    """
    values = [_shared_values(pair.baseline_values, pair.values) for pair in pairs]
    found = [paired_difference(*both) if both[0] else None for both in values]
    discordances = [mcnemar(*both) if binary and both[0] else None for both in values]
    p_values = {
        place: discordance.p if discordance else difference.p
        for place, (difference, discordance) in enumerate(zip(found, discordances, strict=True))
        if difference and difference.n >= FEWEST_FOR_A_VERDICT
    }
    adjusted = dict(zip(p_values, holm(list(p_values.values())), strict=True))
    comparisons = []
    for place, (pair, (before, after)) in enumerate(zip(pairs, values, strict=True)):
        difference, p = found[place], adjusted.get(place)
        verdict = _verdict(difference, p, before == after)
        more = _more_questions(verdict, before, after, len(adjusted))
        comparisons.append(
            Comparison(
                pair.name, pair.baseline, difference, discordances[place], p, verdict, more, len(adjusted)
            )
        )
    return comparisons


def in_words(comparison: Comparison) -> str:
    """The difference and the verdict, like "+8 points: too close to call, about 130 more questions"."""
    if comparison.difference is None or comparison.verdict == "too few questions":
        return f"{comparison.n} question{' is' if comparison.n == 1 else 's are'} too few to tell"
    words = f"{points(comparison.difference.mean)}: {comparison.verdict}"
    alone = comparison.difference.low > 0 or comparison.difference.high < 0
    if comparison.verdict == "too close to call" and alone and comparison.compared > 1:
        words += f" among {comparison.compared} comparisons"
    if comparison.more_questions is None:
        return words
    if comparison.more_questions >= MOST_QUESTIONS:
        return f"{words}, more than {MOST_QUESTIONS:,} more questions"
    more = int(float(f"{comparison.more_questions:.2g}"))
    return f"{words}, about {more:,} more question{'' if more == 1 else 's'}"


def points(difference: float) -> str:
    """A difference of two shares in hundredths: "+42 points", "−1 point", "0 points"."""
    return f"{signed(difference)} point{'' if abs(round(difference * 100)) == 1 else 's'}"


def signed(difference: float) -> str:
    """A difference of two shares in hundredths, the number alone: "+42", "−1", "0"."""
    hundredths = round(difference * 100)
    return f"{hundredths:+d}".replace("-", "−") if hundredths else "0"


def _of_alike(mean: float, n: int, level: float) -> PairedDifference:
    """`mean` is what every pair differs by; of others, up to `unseen_share` may differ by -1 or by 1.
    The p is that of the interval that just holds 0: for a gain of 1 each time, the sign test's."""
    unseen = unseen_share(n, level)
    p = 1.0 if n == 1 else min(1.0, 2 * (1 + abs(mean)) ** -n)
    return PairedDifference(mean, mean - unseen * (mean + 1), mean + unseen * (1 - mean), p, n)


def _of_resamples(differences: "np.ndarray", seed: int, resamples: int, level: float) -> PairedDifference:
    import numpy as np
    from scipy.special import ndtr, ndtri, stdtr, stdtrit
    from scipy.stats import bootstrap

    n = differences.size
    means = bootstrap(
        (differences,),
        np.mean,
        n_resamples=resamples,
        batch=max(1, _BATCH // n),
        method="percentile",
        rng=np.random.default_rng(seed),
    ).bootstrap_distribution
    expansion = math.sqrt(n / (n - 1))
    tail = float(ndtr(expansion * stdtrit(n - 1, (1 - level) / 2)))
    low, high = np.clip(np.quantile(means, [tail, 1 - tail]), -1, 1)
    beyond = min(np.mean(means <= _SAME), np.mean(means >= -_SAME))
    plain = min(1.0, max(1 / (resamples + 1), 2 * float(beyond)))
    p = 2 * float(stdtr(n - 1, ndtri(plain / 2) / expansion))
    return PairedDifference(float(differences.mean()), float(low), float(high), min(1.0, p), n)


def _shared_values(first: Values, second: Values) -> tuple[list[float], list[float]]:
    """The values of the questions for which both have one."""
    both = [
        (float(one), float(other))
        for one, other in zip(first, second, strict=True)
        if one is not None and other is not None
    ]
    return [one for one, _ in both], [other for _, other in both]


def _verdict(difference: PairedDifference | None, p_adjusted: float | None, same: bool) -> Verdict:
    if difference is None or p_adjusted is None:
        return "too few questions"
    if same:
        return "equal"
    certain = p_adjusted < ALPHA
    if certain and difference.low > 0:
        return "better"
    if certain and difference.high < 0:
        return "worse"
    return "too close to call"


def _more_questions(
    verdict: Verdict, before: Sequence[float], after: Sequence[float], comparisons: int
) -> int | None:
    if verdict == "too few questions":
        return FEWEST_FOR_A_VERDICT - len(before)
    if verdict != "too close to call":
        return None
    needed = questions_needed(
        [second - first for first, second in zip(before, after, strict=True)], comparisons
    )
    return None if needed is None else max(1, needed)  # the exact test may still ask for one
