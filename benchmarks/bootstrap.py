"""How long it takes to say whether one column is better than another: 10,000 resamples of 1,000 questions.

    python -m benchmarks.bootstrap [--quick]

It needs no data. The first time counts the import of scipy too; the figure is the median of the later ones.
--quick takes 100 questions.
"""

import statistics
import sys
from collections.abc import Iterator

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)

# isort: split
import numpy as np

from benchmarks.measure import Options, Result, command, seconds
from playground.evaluation.statistics import RESAMPLES, paired_difference

QUESTIONS = 1_000
MOST = 0.5
ROUNDS = 7


def run(options: Options) -> Iterator[Result]:
    """Seconds of one interval with its p."""
    questions = QUESTIONS // 10 if options.quick else QUESTIONS
    before, after = np.random.default_rng(0).uniform(0, 1, (2, questions))
    first = seconds(lambda: paired_difference(before, after))
    times = [seconds(lambda: paired_difference(before, after)) for _ in range(ROUNDS)]
    yield Result(
        f"{RESAMPLES:,} bootstrap resamples of {questions:,} questions",
        statistics.median(times),
        most=MOST,
        unit="s",
        note=f"the slowest {max(times):.3f} s, the first {first:.3f} s",
    )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
