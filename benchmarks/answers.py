"""How often the extractive engine's first quotation is right, and how well it knows when to be silent.

    python -m benchmarks.answers [--data DIR] [--quick]

XQuAD: 1,190 questions, searching all 240 paragraphs, each asked again with its own paragraph taken away. What
is measured is in `calibrate_extractive`, which also fits the curve. --quick takes every tenth paragraph.
"""

import sys
from collections.abc import Iterator, Sequence
from statistics import mean

from benchmarks.calibrate_extractive import Outcome, ask_all, load
from benchmarks.measure import Options, Result, command
from playground.engines.calibration import ABSTAIN_BELOW, confidence

LEAST_RIGHT = 0.79
LEAST_BALANCED = 0.86


def balanced_accuracy(outcomes: Sequence[Outcome]) -> float:
    """The mean of: answered where the paragraph is there, silent where it was taken away."""
    answered = mean(confidence(outcome.score) >= ABSTAIN_BELOW for outcome in outcomes)
    silent = mean(confidence(outcome.score_without) < ABSTAIN_BELOW for outcome in outcomes)
    return (answered + silent) / 2


def run(options: Options) -> Iterator[Result]:
    """Both figures over all questions, and the second also over the articles that nothing was fitted on."""
    documents, questions = load(options.need("xquad/xquad.en.json"))
    if options.quick:
        documents = documents[::10]
        kept = {document.id for document in documents}
        questions = [asked for asked in questions if asked.document_id in kept]
    outcomes = ask_all(documents, questions)
    unseen = [outcome for outcome in outcomes if not outcome.asked.fitted]
    yield Result(
        "first quoted sentence holds a gold answer, of all questions",
        mean(outcome.right for outcome in outcomes),
        least=LEAST_RIGHT,
        note=f"{len(outcomes):,} questions, {len(documents)} paragraphs",
    )
    yield Result(
        "balanced accuracy of answering or abstaining",
        balanced_accuracy(outcomes),
        least=LEAST_BALANCED,
        note=f"{balanced_accuracy(unseen):.3f} on the articles that the curve was not fitted on",
    )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
