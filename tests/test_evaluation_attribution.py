from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

import pytest

from playground.chunking import Chunk
from playground.config import DEFAULT, PipelineConfig
from playground.engines.engine import Answer, LabelledNeighbour
from playground.evaluation.attribution import CAUSES, Cause, Failure, failure, gap_in_words
from playground.evaluation.formats import FormatCheck
from playground.evaluation.results import Outcome, QuestionResult
from playground.pipeline import Trace
from playground.questions.labels import Absence, GoldSpan, LabelledQuestion
from playground.retrieval import Hit, StageScore

TEXT = "The fee is 30 euros.\n\nIt rose in May.\n\nNobody pays twice.\n\nAsk at the desk."
STARTS = [0, 22, 39, 59]
ENDS = [20, 37, 57, 75]
FEE, MAY = GoldSpan("d", 11, 19), GoldSpan("d", 33, 36)
TOP_TWO = DEFAULT.with_values({"retrieval.top_k": 2})
RERANKED = TOP_TWO.with_values({"reranking.method": "late_interaction"})
CLOSED_BOOK = TOP_TWO.with_values({"retrieval.mode": "none"})
MESSAGES = TOP_TWO.with_values({"engine.examples": "messages"})


def chunk(start: int, end: int) -> Chunk:
    return Chunk("d", start, end, TEXT[start:end], tokens=5)


PARAGRAPHS = [chunk(start, end) for start, end in zip(STARTS, ENDS, strict=True)]
FEES, RISE, TWICE, DESK = PARAGRAPHS


def hit(of: Chunk, searched: int, reranked: int | None = None) -> Hit:
    score = None if reranked is None else StageScore(1 / reranked, reranked)
    return Hit(of, "d.md", fused=StageScore(1 / searched, searched), reranked=score)


def hits(*chunks: Chunk) -> tuple[Hit, ...]:
    return tuple(hit(each, rank) for rank, each in enumerate(chunks, start=1))


def result(
    found: Sequence[Hit] = (),
    gold: Sequence[GoldSpan] = (),
    answers: Sequence[str] = (),
    text: str = "Forty.",
    config: PipelineConfig = TOP_TWO,
    abstained: bool = False,
    answerable: bool = True,
    absent: Sequence[Absence] = (),
    neighbours: Sequence[LabelledNeighbour] = (),
    given: bool = False,
) -> QuestionResult:
    question = LabelledQuestion("q", "What is the fee?", tuple(answers), answerable)
    answer = Answer(text, abstained=abstained, neighbours=tuple(neighbours))
    trace = Trace(question.question, config, tuple(found), answer, given=given)
    return QuestionResult(question, tuple(gold), trace, tuple(absent))


def lost(
    of: QuestionResult,
    chunks: Sequence[Chunk] = PARAGRAPHS,
    deep: Sequence[Hit] = (),
    check: FormatCheck | None = None,
    verdict: Outcome = "wrong",
) -> Failure | None:
    return failure(of, verdict, check, lambda document: chunks, lambda: deep)


# One case for each cause


def test_an_unanswerable_question_that_was_answered() -> None:
    assert lost(result(hits(FEES), answerable=False)) == Failure("answered_unanswerable")


def test_what_the_person_who_asks_may_not_see_is_told_all_the_same() -> None:
    told = result((), [FEE], ["30 euros"], "The fee is 30 euros.")
    assert lost(replace(told, gold=(), hidden=(FEE,))) == Failure("told_hidden")
    guess = result((), [FEE], ["30 euros"], "It rose in May.")
    assert lost(replace(guess, gold=(), hidden=(FEE,))) == Failure("answered_unanswerable")


def test_a_part_of_the_evidence_that_the_person_who_asks_may_not_see() -> None:
    half = replace(result(hits(FEES), [FEE], ["31 euros"]), hidden=(GoldSpan("secret", 0, 9),))
    assert lost(half) == Failure("hidden")
    assert lost(replace(half, gold=(FEE, MAY))) == Failure("not_retrieved")


@pytest.mark.parametrize(
    ("absent", "cause"),
    [
        (["no_document"], "not_in_documents"),
        (["not_read"], "lost_in_reading"),
        (["not_read", "no_document"], "not_in_documents"),
    ],
)
def test_evidence_that_never_stood_anywhere(absent: list[Absence], cause: Cause) -> None:
    assert lost(result(hits(FEES), absent=absent, answers=["30"])) == Failure(cause)


def test_evidence_that_chunking_has_split() -> None:
    halves = [chunk(0, 15), chunk(15, 37)]
    assert lost(result(hits(halves[0]), [FEE]), halves) == Failure("split_by_chunking")


def test_nothing_is_looked_up() -> None:
    assert lost(result((), [FEE], config=CLOSED_BOOK)) == Failure("not_looked_up")


def test_evidence_that_was_found_below_what_the_engine_reads() -> None:
    assert lost(result(hits(RISE, TWICE, DESK, FEES), [FEE])) == Failure("not_retrieved", rank=4)


def test_evidence_that_reranking_has_dropped() -> None:
    found = [hit(TWICE, 3, 1), hit(DESK, 4, 2), hit(RISE, 1, 3), hit(FEES, 2, 4)]
    assert lost(result(found, [FEE], config=RERANKED)) == Failure("dropped_by_reranking", rank=4)


def test_silence_although_the_evidence_was_there() -> None:
    assert lost(result(hits(RISE, FEES), [FEE], abstained=True)) == Failure("abstained")


def test_evidence_that_the_engine_had_and_did_not_use() -> None:
    assert lost(result(hits(RISE, FEES), [FEE])) == Failure("not_used")


def test_a_right_answer_in_the_wrong_format() -> None:
    digits = FormatCheck("regex", r"\d+")
    assert lost(result(answers=["30"], text="It is 30."), check=digits) == Failure("wrong_format")
    assert lost(result(hits(FEES), answers=["30"], text="Forty."), check=digits) == Failure("not_used")


def test_no_answer_at_all() -> None:
    assert lost(result(), verdict="failed") == Failure("failed")


@pytest.mark.parametrize("verdict", ["right", "silent", "unjudged"])
def test_what_is_not_wrong_has_lost_nothing(verdict: Outcome) -> None:
    assert lost(result(), verdict=verdict) is None


def test_every_cause_has_its_words() -> None:
    assert set(CAUSES) == set(get_args(Cause))
    for words in CAUSES.values():
        assert words.remedy.endswith(".") and not words.label.endswith(".")


# Evidence


def test_of_several_gold_items_the_first_that_is_missing_is_followed() -> None:
    both = [FEE, MAY]
    assert lost(result(hits(FEES, TWICE, RISE), both)) == Failure("not_retrieved", rank=3)
    assert lost(result(hits(FEES, RISE), both)) == Failure("not_used")


def test_labels_that_are_nowhere_do_not_hide_what_happened_to_the_others() -> None:
    assert lost(result(hits(FEES), [FEE], absent=["not_read"])) == Failure("not_used")


def test_two_passages_hold_together_what_stands_in_both() -> None:
    halves = [chunk(0, 15), chunk(15, 37)]
    assert lost(result(hits(*halves), [FEE]), halves) == Failure("not_used")


def test_white_space_between_two_chunks_is_not_asked_for() -> None:
    sentences = GoldSpan("d", 11, 30)  # over the empty line behind the fee
    assert lost(result(hits(FEES, RISE), [sentences])) == Failure("not_used")
    assert lost(result(hits(FEES, TWICE), [sentences])) == Failure("split_by_chunking")


def test_of_gold_that_is_longer_than_every_chunk_a_part_will_do() -> None:
    whole = GoldSpan("d", 0, len(TEXT))
    assert lost(result(hits(TWICE), [whole])) == Failure("not_used")
    elsewhere = Chunk("other", 0, 20, "Something else here.", tokens=3)
    assert lost(result(hits(elsewhere, elsewhere, DESK), [whole])) == Failure("not_retrieved", rank=3)


def test_without_gold_a_passage_that_says_the_answer_is_the_evidence() -> None:
    assert lost(result(hits(RISE, FEES), answers=["30 euros"])) == Failure("not_used")
    assert lost(result(hits(RISE, DESK, FEES), answers=["30 euros"])) == Failure("not_retrieved", rank=3)
    assert lost(result(hits(RISE), answers=["31 euros"])) == Failure("not_retrieved")


def test_without_gold_and_answers_any_passage_is_taken_for_evidence() -> None:
    assert lost(result(hits(RISE), abstained=True)) == Failure("abstained")
    assert lost(result((), abstained=True)) == Failure("not_retrieved")


def test_given_passages_are_what_the_engine_had() -> None:
    given = hits(TWICE, RISE, FEES)
    assert lost(result(given, [FEE], given=True)) == Failure("not_used")
    assert lost(result((), answers=["30 euros"], given=True)) == Failure("not_looked_up")


# Ranks


def test_deeper_hits_are_searched_only_where_the_trace_has_none() -> None:
    shallow = hits(RISE, TWICE)
    assert lost(result(shallow, [FEE]), deep=hits(RISE, TWICE, DESK, FEES)) == Failure("not_retrieved", 4)
    assert lost(result(shallow, [FEE])) == Failure("not_retrieved")
    assert failure(result(shallow, [FEE]), "wrong", None, lambda document: PARAGRAPHS, None) == Failure(
        "not_retrieved"
    )

    def never() -> Sequence[Hit]:
        raise AssertionError("the trace has it")

    found = result(hits(RISE, TWICE, FEES), [FEE])
    assert failure(found, "wrong", None, lambda document: PARAGRAPHS, never) == Failure("not_retrieved", 3)


def test_what_reranking_put_behind_the_trace_has_no_rank() -> None:
    found = [hit(TWICE, 3, 1), hit(DESK, 4, 2)]
    deep = hits(RISE, FEES, TWICE, DESK)
    of = result(found, [FEE], config=RERANKED)
    assert lost(of, deep=deep) == Failure("dropped_by_reranking")


def test_what_the_search_had_below_was_not_dropped_by_reranking() -> None:
    found = [hit(TWICE, 1, 1), hit(DESK, 2, 2), hit(FEES, 4, 3)]
    assert lost(result(found, [FEE], config=RERANKED)) == Failure("not_retrieved", rank=3)


# Labelled examples


def voter(output: str) -> LabelledNeighbour:
    return LabelledNeighbour("Where is my card?", output, 0.9)


def test_an_example_with_the_expected_output_among_the_voters_is_evidence() -> None:
    voters = [voter("card stolen"), voter("Card lost")]
    of = result(answers=["card lost"], config=MESSAGES, neighbours=voters)
    assert lost(of) == Failure("not_used")
    of = result(answers=["card lost"], config=MESSAGES, neighbours=voters, abstained=True)
    assert lost(of) == Failure("abstained")


def test_without_such_an_example_it_was_not_found_or_not_looked_up() -> None:
    voters = [voter("card stolen"), voter("card lost abroad")]
    assert lost(result(answers=["card lost"], config=MESSAGES, neighbours=voters)) == Failure("not_retrieved")
    closed = MESSAGES.with_values({"retrieval.mode": "none"})
    assert lost(result(answers=["card lost"], config=closed)) == Failure("not_looked_up")


# The gap


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        (
            (0.2, 0.55, 0.85),
            "Of the 45 points to a perfect score, retrieval can win 30 (gold passages reach 85 %), and 15 "
            "stay with the model, whatever is retrieved. Without documents the model reaches 20 %: retrieval "
            "has won 35 points.",
        ),
        (
            (0.6, 0.55, 0.5),
            "Of the 45 points to a perfect score, giving the right passages wins nothing (it reaches 50 %): "
            "what is missing is in the model. Without documents the model reaches 60 %: what is retrieved "
            "now wins nothing.",
        ),
        (
            (None, 0.98, 0.99),
            "Of the 2 points to a perfect score, retrieval can win 1 (gold passages reach 99 %), and 1 stays "
            "with the model, whatever is retrieved.",
        ),
        (
            (None, 0.99, 1.0),
            "Of the 1 point to a perfect score, retrieval can win 1 (gold passages reach 100 %): all that is "
            "missing is in retrieval.",
        ),
        (
            (0.54, 0.55, None),
            "45 points are missing to a perfect score; give the right passages directly to see how much of "
            "that retrieval can win. Without documents the model reaches 54 %: retrieval has won 1 point.",
        ),
        ((None, 1.0, None), "Nothing is missing to a perfect score."),
    ],
)
def test_the_gap_is_said_in_words(bounds: tuple[float | None, float, float | None], words: str) -> None:
    assert gap_in_words(*bounds) == words
