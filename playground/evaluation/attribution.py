"""A wrong answer -> the first stage that lost it, with what may help.

The stages are followed in the order of the data: document, reading, chunking, retrieval, reranking, and then
the engine that had all it needed. This module does not know how an answer was judged, nor how anything is
searched: `chunks_of` and `deep_search` come from outside.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from playground.chunking.chunk import Chunk
from playground.evaluation.answer_metrics import exact_match, says_answer
from playground.evaluation.judging import outcome
from playground.evaluation.metrics import Span, evidence_recall, overlap
from playground.evaluation.results import Outcome, QuestionResult
from playground.questions.labels import GoldSpan
from playground.retrieval import Hit

if TYPE_CHECKING:
    from playground.evaluation.formats import FormatCheck

Cause = Literal[
    "not_in_documents",
    "hidden",
    "lost_in_reading",
    "split_by_chunking",
    "not_looked_up",
    "not_retrieved",
    "dropped_by_reranking",
    "abstained",
    "not_used",
    "wrong_format",
    "answered_unanswerable",
    "told_hidden",
    "failed",
]


@dataclass(frozen=True)
class CauseWords:
    """How a person reads a cause: a label, and what to try."""

    label: str
    remedy: str


CAUSES: dict[str, CauseWords] = {
    "not_in_documents": CauseWords(
        "not in the documents", "Add the document that the label names, or mend the label."
    ),
    "hidden": CauseWords(
        "hidden from who asks", "Let this person see the document too, if the answer is meant for them."
    ),
    "lost_in_reading": CauseWords(
        "lost in reading", "See in Documents what was read; scanned pages need text recognition (OCR) first."
    ),
    "split_by_chunking": CauseWords(
        "split by chunking", "Try larger chunks, an overlap, or structural chunking."
    ),
    "not_looked_up": CauseWords(
        "not looked up", "Switch retrieval on, or train an adapter with such questions."
    ),
    "not_retrieved": CauseWords(
        "not retrieved", "Try hybrid search, a larger top k, or the words that the document uses."
    ),
    "dropped_by_reranking": CauseWords(
        "dropped by reranking", "Switch reranking off, try another reranker, or raise top k."
    ),
    "abstained": CauseWords("retrieved, but abstained", "Try another engine or prompt, or fewer passages."),
    "not_used": CauseWords(
        "retrieved, not used",
        "Try another engine or prompt, fewer passages, or an adapter that is trained with such questions.",
    ),
    "wrong_format": CauseWords(
        "wrong format", "Show the format in the prompt's examples, or train an adapter with it."
    ),
    "answered_unanswerable": CauseWords(
        "answered the unanswerable", "Tell the engine in the prompt to say when the passages hold no answer."
    ),
    "told_hidden": CauseWords(
        "told what is hidden",
        "An adapter knows no rights: train it without documents that not everybody may see.",
    ),
    "failed": CauseWords("failed", "Read the reason, mend it, and run the question again."),
}
"""By `Cause`, in the order of the stages."""


@dataclass(frozen=True)
class Failure:
    """The stage that lost an answer. `rank` (1 is first) is where the evidence was found, below what the
    engine was given; None where it was nowhere, or where no rank belongs to the cause."""

    cause: Cause
    rank: int | None = None


@dataclass(frozen=True)
class _Evidence:
    """What the engine needed: one gold item, or else a text that says an expected answer. `chunks` are all of
    the item's document."""

    item: GoldSpan | None
    answers: Sequence[str]
    chunks: Sequence[Chunk] = ()

    def held(self, passages: Sequence[Chunk]) -> bool:
        """Whether the passages hold it whole, together. Characters that no chunk of the document has, such as
        the white space between two, are not asked for. A gold item that is longer than every chunk, as a
        whole document is, cannot be whole in one: any passage with a part of it will do."""
        if self.item is None:
            return any(says_answer(chunk.text, self.answers) for chunk in passages)
        if self._longer_than_chunks:
            return any(overlap(chunk, self.item) for chunk in passages)
        return _share(passages, self.item) >= self._most

    @property
    def split(self) -> bool:
        """Whether chunks have parts of it, and none has it whole."""
        return bool(self._parts) and not any(self.held([chunk]) for chunk in self._parts)

    @cached_property
    def _parts(self) -> list[Chunk]:
        item = self.item
        return [chunk for chunk in self.chunks if item is not None and overlap(chunk, item)]

    @cached_property
    def _most(self) -> float:
        """The share of the item that chunks can hold; all of it where they have nothing to say."""
        return (_share(self._parts, self.item) if self.item else 0.0) or 1.0

    @cached_property
    def _longer_than_chunks(self) -> bool:
        longest = max((chunk.end - chunk.start for chunk in self.chunks), default=0)
        return self.item is not None and 0 < longest < self.item.end - self.item.start


def failure(
    result: QuestionResult,
    verdict: Outcome,
    check: "FormatCheck | None",
    chunks_of: Callable[[str], Sequence[Chunk]],
    deep_search: Callable[[], Sequence[Hit]] | None,
) -> Failure | None:
    """The first stage that lost a wrong or partly right answer; None for any other.

    Where a question has several gold items, all are needed, and the first that the engine was not given is
    followed; those that the person who asks may not see come last. Labels that never stood anywhere decide
    only where no gold is left: else the rest is followed.
    Without gold a passage that says an expected answer is the evidence; without either, any passage.
    `chunks_of` gives a document's chunks in the contender's index; `deep_search` a longer list of hits than
    the trace's, before reranking, and is called only where the trace does not have the evidence.
    """
    answer, question = result.trace.answer, result.question
    if verdict == "failed":
        return Failure("failed")
    if verdict not in ("wrong", "partly"):
        return None
    if not result.answerable:
        told = result.withheld and says_answer(answer.text, question.answers)
        return Failure("told_hidden" if told else "answered_unanswerable")
    if check is not None and not check.valid(answer.text) and outcome(result) in ("right", "unjudged"):
        return Failure("wrong_format")
    if result.trace.config.engine.examples:
        return _among_examples(result)
    if result.absent and not result.gold:
        return Failure("not_in_documents" if "no_document" in result.absent else "lost_in_reading")
    missing = _missing(result, chunks_of)
    if missing is None and result.hidden:
        return Failure("hidden")
    if missing is None:
        return Failure("abstained" if answer.abstained else "not_used")
    if result.trace.given or not result.trace.config.grounded:
        return Failure("not_looked_up")
    if missing.split:
        return Failure("split_by_chunking")
    return _lost_in_search(result, missing, deep_search)


def _missing(result: QuestionResult, chunks_of: Callable[[str], Sequence[Chunk]]) -> _Evidence | None:
    """The first piece of evidence that the engine was not given; None where it had all."""
    passages = [hit.chunk for hit in result.trace.passages]
    answers = result.question.answers
    if not result.gold and not answers and passages:
        return None
    pieces = (
        (_Evidence(item, answers, chunks_of(item.document_id)) for item in result.gold)
        if result.gold
        else [_Evidence(None, answers)]
    )
    return next((piece for piece in pieces if not piece.held(passages)), None)


def _lost_in_search(
    result: QuestionResult, missing: _Evidence, deep_search: Callable[[], Sequence[Hit]] | None
) -> Failure:
    """Below `top_k`: by reranking where the search before it had it above, else by the search."""
    config = result.trace.config
    found = _holding(result.trace.hits, missing)
    in_trace = bool(found)
    if not found and deep_search is not None:
        found = _holding(deep_search(), missing)
    if not found:
        return Failure("not_retrieved")
    rank = found[0][0]
    before = min(_searched_rank(hit, place) for place, hit in found)
    if config.reranking.method != "none" and before <= config.retrieval.top_k:
        # A deeper list was not reranked: its rank would say that the evidence was on top.
        return Failure("dropped_by_reranking", rank if in_trace else None)
    return Failure("not_retrieved", rank)


def _holding(hits: Sequence[Hit], missing: _Evidence) -> list[tuple[int, Hit]]:
    """The hits that hold the evidence whole, each with its place, 1 is first."""
    return [(place, hit) for place, hit in enumerate(hits, start=1) if missing.held([hit.chunk])]


def _searched_rank(hit: Hit, place: int) -> int:
    """Its rank in the order that the reranker was given."""
    stage = hit.fused or hit.dense or hit.keyword
    return stage.rank if stage else place


def _among_examples(result: QuestionResult) -> Failure:
    """Labelled examples in place of documents: one with an expected output among the voters is evidence."""
    answer, config = result.trace.answer, result.trace.config
    expected = result.question.answers
    if any(exact_match(voter.output, each) for voter in answer.neighbours for each in expected):
        return Failure("abstained" if answer.abstained else "not_used")
    return Failure("not_retrieved" if config.grounded else "not_looked_up")


def _share(chunks: Sequence[Span], item: Span) -> float:
    """The share of the item's characters that the chunks hold together."""
    return evidence_recall(chunks, [item], len(chunks)) or 0.0


def gap_in_words(closed_book: float | None, measured: float, gold: float | None) -> str:
    """Whether what is missing to a perfect score is missing in retrieval or in the model.

    Shares of right answers, 0 to 1: without any passages, as measured, and with the right passages given;
    None where a bound was not measured. Points are of rounded percentages, so that they add up.
    """
    score = round(measured * 100)
    return " ".join(filter(None, [_missing_points(score, gold), _without_documents(score, closed_book)]))


def _missing_points(score: int, gold: float | None) -> str:
    gap = 100 - score
    if not gap:
        return "Nothing is missing to a perfect score."
    if gold is None:
        verb = "is" if gap == 1 else "are"
        return (
            f"{_points(gap)} {verb} missing to a perfect score; give the right passages directly to see how "
            "much of that retrieval can win."
        )
    reached = round(gold * 100)
    if reached <= score:
        return (
            f"Of the {_points(gap)} to a perfect score, giving the right passages wins nothing "
            f"(it reaches {reached} %): what is missing is in the model."
        )
    won, left = reached - score, 100 - reached
    bound = (
        f"Of the {_points(gap)} to a perfect score, retrieval can win {won} (gold passages reach {reached} %)"
    )
    if not left:
        return f"{bound}: all that is missing is in retrieval."
    stay = "stays" if left == 1 else "stay"
    return f"{bound}, and {left} {stay} with the model, whatever is retrieved."


def _without_documents(score: int, closed_book: float | None) -> str:
    if closed_book is None:
        return ""
    known = round(closed_book * 100)
    if known >= score:
        return f"Without documents the model reaches {known} %: what is retrieved now wins nothing."
    return f"Without documents the model reaches {known} %: retrieval has won {_points(score - known)}."


def _points(count: int) -> str:
    return f"{count} point{'' if count == 1 else 's'}"
