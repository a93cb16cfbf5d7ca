"""How sure the extractive engine is: its best sentence's score as a probability, and where it abstains.

SLOPE and INTERCEPT are fitted on public questions, half of them with the passage that answers taken away:
`python -m benchmarks.calibrate_extractive` fits and prints them anew. This module does not know how a
sentence gets its score.
"""

from math import exp, log

SLOPE = 9.57
INTERCEPT = -8.17
ANSWERABLE_ODDS = 2.0
"""People ask their documents more that can be answered than what cannot: two to one is assumed."""

ABSTAIN_BELOW = 0.5


def confidence(score: float) -> float:
    """The probability, between 0 and 1, that the passages answer the question."""
    return 1 / (1 + exp(-(SLOPE * score + INTERCEPT + log(ANSWERABLE_ODDS))))
