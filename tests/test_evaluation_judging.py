from collections.abc import Sequence

import pytest

from playground.config import DEFAULT, PipelineConfig
from playground.engines.engine import Answer, Citation
from playground.evaluation.formats import FormatCheck
from playground.evaluation.judging import correct, outcome
from playground.evaluation.results import Outcome, QuestionResult
from playground.pipeline import Trace
from playground.questions.labels import Gold, GoldSpan, LabelledQuestion

DIGITS = FormatCheck("regex", r"\d+")
GOLD = (GoldSpan("d", 100, 120),)
LABELLED = DEFAULT.with_values({"engine.examples": "messages"})


def result(
    text: str,
    answers: Sequence[str] = (),
    gold: Sequence[GoldSpan] = (),
    cited: Sequence[tuple[int, int]] = (),
    abstained: bool = False,
    answerable: bool = True,
    relevant: Sequence[Gold] = (),
    config: PipelineConfig = DEFAULT,
) -> QuestionResult:
    question = LabelledQuestion("q", "What is the fee?", tuple(answers), answerable, tuple(relevant))
    citations = tuple(Citation("d", start, end, passage=0, position=0) for start, end in cited)
    trace = Trace(question.question, config, (), Answer(text, citations, abstained))
    return QuestionResult(question, tuple(gold), trace)


@pytest.mark.parametrize(("abstained", "verdict"), [(True, "silent"), (False, "wrong")])
def test_an_unanswerable_question_wants_silence(abstained: bool, verdict: Outcome) -> None:
    assert outcome(result("The fee is 30.", abstained=abstained, answerable=False)) == verdict


@pytest.mark.parametrize(("abstained", "verdict"), [(True, "silent"), (False, "wrong")])
def test_who_may_not_see_the_evidence_is_rightly_told_nothing(abstained: bool, verdict: Outcome) -> None:
    told = result("The fee is 30 euros.", ["30 euros"], GOLD, abstained=abstained)
    assert outcome(QuestionResult.seen_by({"d"}, told.question, told.gold, told.trace)) != "silent"
    assert outcome(QuestionResult.seen_by({"other"}, told.question, told.gold, told.trace)) == verdict


def test_evidence_in_two_documents_is_withheld_only_where_both_are() -> None:
    gold = (*GOLD, GoldSpan("e", 0, 5))
    told = result("The fee is 30 euros.", ["30 euros"], gold)
    half = QuestionResult.seen_by({"d"}, told.question, gold, told.trace)
    assert (half.gold, half.hidden, half.withheld) == (GOLD, gold[1:], False)
    assert QuestionResult.seen_by((), told.question, gold, told.trace).withheld
    assert QuestionResult.seen_by(None, told.question, gold, told.trace).gold == gold
    assert not QuestionResult.seen_by((), told.question, (), told.trace).withheld


def test_silence_is_wrong_where_there_is_an_answer_even_if_it_names_it() -> None:
    assert outcome(result("The nearest sentence: 30 euros", ["30 euros"], abstained=True)) == "wrong"


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("30 euros", "right"),
        ("It rose in May.\nThe fee is 30 Euros.\nIt may rise again.", "right"),
        ("The fee is 30.", "partly"),  # one of two words
        ("euros, about 30", "partly"),  # both, but not one after another
        ("The fee is high.", "wrong"),
        ("130 euros", "partly"),
        ("", "wrong"),
    ],
)
def test_an_answer_is_right_where_one_of_its_sentences_says_it(text: str, verdict: Outcome) -> None:
    assert outcome(result(text, ["30 euros"])) == verdict


def test_any_of_the_expected_answers_will_do() -> None:
    assert outcome(result("It costs thirty euros.", ["30 euros", "thirty euros"])) == "right"


def test_a_word_that_is_expected_twice_has_to_be_there_twice() -> None:
    assert outcome(result("no", ["no no no"])) == "wrong"
    assert outcome(result("no no", ["no no no"])) == "partly"


def test_other_words_with_evidence_behind_them_are_partly_right() -> None:
    assert outcome(result("Thirty.", ["30 euros"], GOLD, cited=[(119, 140)])) == "partly"
    assert outcome(result("Thirty.", ["30 euros"], GOLD, cited=[(120, 140)])) == "wrong"


@pytest.mark.parametrize(
    ("cited", "verdict"),
    [
        ([(0, 50), (110, 140)], "right"),  # half of the evidence
        ([(100, 105), (115, 120)], "right"),  # half of it, by two citations
        ([(111, 140)], "partly"),
        ([(120, 140)], "wrong"),
        ([], "unjudged"),
    ],
)
def test_without_expected_answers_the_citations_are_held_against_the_evidence(
    cited: list[tuple[int, int]], verdict: Outcome
) -> None:
    assert outcome(result("Thirty.", gold=GOLD, cited=cited)) == verdict


def test_one_piece_of_the_evidence_is_enough() -> None:
    gold = (*GOLD, GoldSpan("d", 500, 520))
    assert outcome(result("Thirty.", gold=gold, cited=[(500, 520)])) == "right"


def test_of_a_whole_document_any_part_is_evidence() -> None:
    gold = [GoldSpan("d", 0, 9000)]
    assert outcome(result("Thirty.", gold=gold, cited=[(40, 60)], relevant=[Gold("d.md")])) == "right"
    assert outcome(result("Thirty.", gold=gold, cited=[(40, 60)])) == "partly"


def test_without_answers_and_evidence_nobody_can_say() -> None:
    assert outcome(result("Thirty.", cited=[(0, 10)])) == "unjudged"


def test_an_answer_in_the_wrong_format_is_wrong_whatever_it_says() -> None:
    assert outcome(result("30", ["30"]), DIGITS) == "right"
    assert outcome(result("The fee is 30", ["30"]), DIGITS) == "wrong"
    assert outcome(result("The fee is 30"), DIGITS) == "wrong"


def test_a_format_does_not_count_against_a_right_abstention() -> None:
    assert outcome(result("I cannot say.", abstained=True, answerable=False), DIGITS) == "silent"


@pytest.mark.parametrize(
    ("text", "verdict"), [("Card lost", "right"), ("card lost abroad", "wrong"), ("card stolen", "wrong")]
)
def test_an_output_of_labelled_examples_is_right_as_a_whole(text: str, verdict: Outcome) -> None:
    assert outcome(result(text, ["card lost"], config=LABELLED)) == verdict


def test_what_a_verdict_counts() -> None:
    verdicts: list[Outcome] = ["right", "silent", "partly", "wrong", "failed", "unjudged"]
    assert [correct(verdict) for verdict in verdicts] == [1.0, 1.0, 0.0, 0.0, 0.0, None]
