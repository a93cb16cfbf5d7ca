"""All figures of one question, by name: what is kept in a record and averaged over a column.

Retrieval has a figure at each of a few depths, so that the depth is chosen when the figures are read. This
module does not know how a figure is averaged or compared.
"""

from collections.abc import Callable, Mapping, Sequence

from playground.documents import Document
from playground.embedding import Encoder
from playground.evaluation.answer_metrics import (
    Score,
    best_score,
    citation_precision,
    citation_recall,
    exact_match,
    rouge_l,
    token_f1,
)
from playground.evaluation.formats import FormatCheck
from playground.evaluation.metrics import (
    evidence_recall,
    ndcg,
    recall,
    reciprocal_rank,
    token_overlap,
    token_starts,
)
from playground.evaluation.results import QuestionResult

DEPTHS = (1, 3, 5, 10, 20)
"""Of the retrieval figures: how many hits count."""

DEPTH = max(DEPTHS)
"""How many hits a run has to bring, where there are as many."""

SIMILARITY = "similarity"
"""The encoder's, of answer and expected answer: measured for a whole column at once."""

AT_DEPTH = {
    "recall": "gold items that some hit overlaps",
    "evidence_recall": "characters of the evidence that the hits hold",
    "token_recall": "tokens of the evidence that the hits hold",
    "precision": "tokens of the hits that are evidence",
    "iou": "tokens that hits and evidence share, of all that either has",
    "mrr": "1 / rank of the first hit with evidence",
    "ndcg": "how near the top the evidence stands",
}
"""Names of the retrieval figures, without their depth, and what each one is."""

OF_ANSWERS = {
    "exact_match": "the answer is an expected one, word for word",
    "answer_f1": "words shared with the expected answer (SQuAD 2.0)",
    "rouge_l": "longest common subsequence with the expected answer",
    SIMILARITY: "cosine of the encoder's vectors of answer and expected answer",
    "citation_precision": "citations that point at evidence",
    "citation_recall": "pieces of evidence that are cited",
    "format_valid": "answers in the format that was asked for",
}


def figures_of(
    result: QuestionResult, token_starts: Mapping[str, Sequence[int]], check: FormatCheck | None = None
) -> dict[str, float]:
    """Name -> value, without those that this question cannot be measured by. Nothing is searched, nothing is
    measured of retrieval: 0 would say that the search found nothing."""
    found = _of_answer(result, check)
    if result.trace.config.retrieves:
        found |= _of_retrieval(result, token_starts)
    return {name: value for name, value in found.items() if value is not None}


def _of_retrieval(result: QuestionResult, starts: Mapping[str, Sequence[int]]) -> dict[str, float | None]:
    hits, gold = [hit.chunk for hit in result.trace.hits], result.gold
    found: dict[str, float | None] = {}
    for depth in DEPTHS if gold else ():
        tokens = token_overlap(hits, gold, depth, starts)
        found |= {
            f"recall@{depth}": recall(hits, gold, depth),
            f"evidence_recall@{depth}": evidence_recall(hits, gold, depth),
            f"token_recall@{depth}": tokens.recall,
            f"precision@{depth}": tokens.precision,
            f"iou@{depth}": tokens.iou,
            f"mrr@{depth}": reciprocal_rank(hits, gold, depth),
            f"ndcg@{depth}": ndcg(hits, gold, depth),
        }
    return found


def _of_answer(result: QuestionResult, check: FormatCheck | None) -> dict[str, float | None]:
    """Words are scored as SQuAD 2.0 does it: an abstention counts as an answer, right or wrong. What is left
    out would flatter an engine that abstains."""
    answer = result.trace.answer
    cites = result.answerable and result.trace.config.retrieves
    recalled = citation_recall(() if answer.abstained else answer.citations, result.gold)
    precise = None if answer.abstained else citation_precision(answer.citations, result.gold)
    return {
        "exact_match": _scored(exact_match, result),
        "answer_f1": _scored(token_f1, result),
        "rouge_l": _scored(rouge_l, result),
        "citation_precision": precise if cites else None,
        "citation_recall": recalled if cites else None,
        "format_valid": float(check.valid(answer.text)) if check and not answer.abstained else None,
    }


def _scored(score: Score, result: QuestionResult) -> float | None:
    answer, question = result.trace.answer, result.question
    if not result.answerable:
        return float(answer.abstained)
    if not question.answers:
        return None
    return 0.0 if answer.abstained else best_score(score, answer.text, question.answers)


class TokenStarts(dict[str, Sequence[int]]):
    """Document id -> the offsets at which the encoder's tokens start in its text, found when they are first
    asked for: most documents hold neither hits nor evidence."""

    def __init__(self, document: Callable[[str], Document], encoder: Encoder) -> None:
        super().__init__()
        self._document = document
        self._encoder = encoder

    def __missing__(self, document_id: str) -> Sequence[int]:
        self.update(token_starts([self._document(document_id)], self._encoder))
        return self[document_id]
