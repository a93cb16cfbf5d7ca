"""One answer -> right, partly right, wrong, rightly silent, or not to be judged.

What counts as right is the question's label alone: this module does not know which stage lost a wrong answer
(see `playground.evaluation.attribution`) nor how verdicts are counted.
"""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.engines.engine import Citation
from playground.evaluation.answer_metrics import exact_match, normalised_words, says_answer
from playground.evaluation.metrics import evidence_recall, overlap
from playground.evaluation.results import Outcome, QuestionResult
from playground.questions.labels import GoldSpan, LabelledQuestion

if TYPE_CHECKING:
    from playground.evaluation.formats import FormatCheck

PARTLY = 0.5
"""The share of an expected answer's words, or of a gold item's characters, that counts."""


def outcome(result: QuestionResult, check: "FormatCheck | None" = None) -> Outcome:
    """What the answer is worth, by the first of these that applies:

    an unanswerable question    silent where the engine abstained, else wrong; the same where who asks may
                                see none of the evidence
    abstained                   wrong
    not in the format           wrong
    expected answers            right where the text says one of them, however much else it says; partly where
                                it has half of the words of one, or cites evidence; else wrong
    gold                        right where the citations hold half of a gold item (of a gold item that is
                                a whole document: any of it), partly where they touch one, else wrong;
                                unjudged without citations
    neither                     unjudged

    An output that is chosen from labelled examples is right as a whole, or wrong: words that two labels share
    say nothing.
    """
    answer, question = result.trace.answer, result.question
    if not result.answerable:
        return "silent" if answer.abstained else "wrong"
    if answer.abstained or (check is not None and not check.valid(answer.text)):
        return "wrong"
    if result.trace.config.engine.examples and question.answers:
        return "right" if any(exact_match(answer.text, each) for each in question.answers) else "wrong"
    if question.answers:
        return _by_answers(answer.text, question.answers, result)
    return _by_citations(result)


def correct(verdict: Outcome) -> float | None:
    """1 for a right answer and a right abstention, else 0; None where nobody can say."""
    return None if verdict == "unjudged" else float(verdict in ("right", "silent"))


def _by_answers(text: str, answers: Sequence[str], result: QuestionResult) -> Outcome:
    if says_answer(text, answers):
        return "right"
    if any(_share(text, each) >= PARTLY for each in answers) or _cites_gold(result):
        return "partly"
    return "wrong"


def _by_citations(result: QuestionResult) -> Outcome:
    citations = result.trace.answer.citations
    if not result.gold or not citations:
        return "unjudged"
    if any(_cited(item, citations, result.question) for item in result.gold):
        return "right"
    return "partly" if _cites_gold(result) else "wrong"


def _cited(item: GoldSpan, citations: Sequence[Citation], question: LabelledQuestion) -> bool:
    if item.start == 0 and any(label.start is None and not label.quote for label in question.relevant):
        return any(overlap(citation, item) for citation in citations)
    return (evidence_recall(citations, [item], len(citations)) or 0.0) >= PARTLY


def _cites_gold(result: QuestionResult) -> bool:
    return any(overlap(each, item) for each in result.trace.answer.citations for item in result.gold)


def _share(text: str, answer: str) -> float:
    """The share of the words of `answer` that are in `text`, each as often as it is there."""
    wanted = normalised_words(answer)
    return sum((Counter(wanted) & Counter(normalised_words(text))).values()) / len(wanted) if wanted else 0.0
