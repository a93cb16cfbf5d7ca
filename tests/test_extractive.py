"""The extractive engine and what it may quote, on an encoder whose vectors are written by hand."""

import threading
from collections.abc import Sequence
from math import log

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.adapters.outputs import LearnedOutputs
from playground.chunking.chunk import Chunk
from playground.engines import calibration, extractive
from playground.engines.calibration import confidence
from playground.engines.engine import Citation
from playground.engines.extractive import (
    NO_PASSAGES,
    NOT_ANSWERED,
    NOT_LEARNED,
    NOTHING_TO_QUOTE,
    ExtractiveEngine,
)
from playground.engines.quotable import quotable_sentences, readable
from playground.retrieval import Hit
from tests.fakes import FakeEncoder

SALARY = "Salaries are paid on the 27th."
OFFICE = "The office is in Leer."
QUESTION = "When are salaries paid?"


class HandEncoder(FakeEncoder):
    """Two axes: texts that speak of pay lie on the first, all others on the second."""

    def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
        self.encoded.append(list(texts))
        return np.array([[1, 0] if "paid" in text else [0, 1] for text in texts], np.float32)


def hit(text: str, start: int = 0, document: str = "d", heading: tuple[str, ...] = ()) -> Hit:
    return Hit(Chunk(document, start, start + len(text), text, 9, (), heading), f"{document}.md")


def texts_of(*passages: Hit) -> list[str]:
    return [sentence.text for sentence in quotable_sentences(passages)]


def test_the_best_sentence_is_quoted_with_its_place_in_the_document() -> None:
    document = f"Long ago.\n\n{OFFICE} {SALARY} Nobody knows more."
    passage = hit(document[11:], start=11)

    answer = ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit("Elsewhere.", document="e"), passage])

    assert answer.text == SALARY
    assert answer.citations == (Citation("d", 34, 64, passage=1, position=30),)
    assert document[34:64] == SALARY
    assert (answer.abstained, answer.engine) == (False, "extractive")


def test_a_score_is_cosine_and_weighted_share_and_share_above() -> None:
    sentences = quotable_sentences([hit(f"{SALARY} It is the law. {OFFICE}")])

    scores = ExtractiveEngine(HandEncoder()).scores(QUESTION, sentences)

    # Both words asked for, salaries and paid, stand in the first sentence, and above the second. The question
    # asks for a figure, and only the first sentence has one.
    assert scores == pytest.approx([1 + 0.8, 0.3 - 0.1, 0.0 - 0.1])


def test_a_word_in_a_heading_counts_less_than_in_the_sentence_and_more_than_above_it() -> None:
    sentences = quotable_sentences([hit("# Salaries\n\nOn the 27th.", heading=("Money", "Salaries"))])
    below = quotable_sentences([hit("Of salaries there are two.\n\nOn the 27th.")])

    scores = ExtractiveEngine(HandEncoder()).scores("salaries", [*sentences, *below])

    assert sentences[0].heading == "Money Salaries"
    assert scores == pytest.approx([1.6, 1.8, 1.3])


def test_only_a_question_for_a_figure_misses_one() -> None:
    sentences = quotable_sentences([hit("It snows. It snows twice a year.")])
    engine = ExtractiveEngine(HandEncoder())

    assert engine.scores("How often?", sentences) == pytest.approx([0.9, 1])
    assert engine.scores("Where?", sentences) == [1, 1]


def test_a_rare_word_counts_more_than_a_common_one() -> None:
    sentences = quotable_sentences([hit("Moor is wet. Moor has peat. Moor is old.")])
    rare, common = log(1 + 2.5 / 1.5), log(1 + 0.5 / 3.5)

    scores = ExtractiveEngine(HandEncoder()).scores("moor peat", sentences)

    assert scores == pytest.approx(
        [1 + 0.8 * common / (rare + common), 1 + 0.8, 1 + (0.8 * common + 0.3 * rare) / (rare + common)]
    )


def test_words_that_only_ask_do_not_count() -> None:
    sentences = quotable_sentences([hit("What does it do? It measures. Moor is wet.")])

    assert ExtractiveEngine(HandEncoder()).scores("What does moor do?", sentences) == pytest.approx(
        [1.0, 1.8]
    )


def test_a_code_counts_whole_and_not_only_in_its_parts() -> None:
    sentences = quotable_sentences([hit("AX-204-K is sold out. AX-204-M follows the K in May.")])

    scores = ExtractiveEngine(HandEncoder()).scores("AX-204-K", sentences)

    # ax, 204 and k stand in both, and the code itself only in the first, which is above the second.
    parts, whole = 3 * log(1 + 0.5 / 2.5), 3 * log(1 + 1.5 / 1.5)
    assert scores == pytest.approx([1.8, 1 + (0.8 * parts + 0.3 * whole) / (parts + whole)])


def test_without_passages_it_says_that_it_only_quotes() -> None:
    answer = ExtractiveEngine(HandEncoder()).answer(QUESTION, [])

    assert (answer.text, answer.citations, answer.abstained) == (NO_PASSAGES, (), True)
    assert answer.confidence == 0


def test_passages_of_headings_alone_are_no_answer() -> None:
    answer = ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit("# When salaries are paid")])

    assert (answer.text, answer.citations, answer.abstained) == (NOTHING_TO_QUOTE, (), True)


def test_it_abstains_below_the_threshold_and_offers_the_nearest_sentence_as_such() -> None:
    answer = ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit(f"Hello. {OFFICE} Salaries differ.")])

    assert answer.abstained
    assert answer.text == f"{NOT_ANSWERED}\nSalaries differ."
    assert answer.citations == (Citation("d", 30, 46, passage=0, position=len(answer.text)),)
    salaries, paid = log(1 + 2.5 / 1.5), log(1 + 3.5 / 0.5)
    assert answer.confidence == pytest.approx(confidence(0.8 * salaries / (salaries + paid) - 0.1))


def test_two_versions_that_differ_in_a_figure_are_both_quoted() -> None:
    old, new = "Salaries are paid on the 25th.", SALARY

    answer = ExtractiveEngine(HandEncoder()).answer(
        QUESTION, [hit(old, document="2024"), hit(new, document="2026")]
    )

    assert answer.text == f"{old}\n{new}"
    assert [(each.document_id, each.position) for each in answer.citations] == [("2024", 30), ("2026", 61)]


def test_the_same_sentence_in_two_documents_is_quoted_once() -> None:
    answer = ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit(SALARY), hit(SALARY, document="copy")])

    assert [each.document_id for each in answer.citations] == ["d"]


def test_no_more_than_three_sentences_are_quoted() -> None:
    days = " ".join(f"Salaries are paid on the {day}th." for day in range(24, 29))

    assert ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit(days)]).text.count("\n") == 2


def test_what_overlapping_chunks_share_is_there_once_and_whole() -> None:
    text = f"{OFFICE} {SALARY}"
    cut, whole = hit(text[:40]), hit(text[23:], start=23)

    sentences = quotable_sentences([cut, whole])

    assert [(each.text, each.passage, each.start) for each in sentences] == [(OFFICE, 0, 0), (SALARY, 1, 23)]


def test_frames_and_questions_are_context_and_the_rest_reads_cleanly() -> None:
    text = (
        "# Fees\n\nHow much is it?\nIt depends on the plan.\n\n"
        "| Plan | Price |\n|---|---|\n| **Basic** | 20 EUR |\n\n"
        "You may claim:\n\n- [Trains](https://x.example) in *second* class\n1. Buses\n\n---\n"
    )

    sentences = quotable_sentences([hit(text)])

    assert [(each.text, each.context) for each in sentences] == [
        ("It depends on the plan.", "d.md"),
        ("Plan: Basic; Price: 20 EUR", "d.md It depends on the plan."),
        ("Trains in second class", "d.md You may claim:"),
        ("Buses", "d.md You may claim:"),
    ]
    assert {each.heading for each in sentences} == {"Fees How much is it?"}
    assert text[sentences[1].start : sentences[1].end] == "| **Basic** | 20 EUR |"


def test_the_heads_of_mails_are_not_quoted_and_a_date_alone_is() -> None:
    mail = "Subject: Fees\nFrom: Ada <a@x.example>\nDate: 1 May 2026\n\nDear all,\n\nFees rise to 20 EUR."

    assert texts_of(hit(mail)) == ["Fees rise to 20 EUR."]
    assert texts_of(hit("Date: 1 May 2026\n\nFees rise.")) == ["Date: 1 May 2026", "Fees rise."]


def test_a_title_below_a_title_keeps_what_is_above_it() -> None:
    text = "# Moor\n\n### Peat\n\nIt is brown.\n\nDepth\n-----\n\nIt is deep.\n\n## Water\n\nIt is wet."

    assert [(each.text, each.heading) for each in quotable_sentences([hit(text)])] == [
        ("It is brown.", "Moor Peat"),
        ("It is deep.", "Moor Peat Depth"),
        ("It is wet.", "Moor Water"),
    ]


def test_a_term_is_the_title_of_what_is_set_in_below_it() -> None:
    sentences = quotable_sentences([hit("MH-1  INGEST LAG\n        Look at the queue.\n\nRoom 12")])

    assert [(each.text, each.heading) for each in sentences] == [
        ("Look at the queue.", "MH-1 INGEST LAG"),
        ("Room 12", "MH-1 INGEST LAG"),
    ]


def test_a_row_without_figures_is_no_title_of_the_next_ones() -> None:
    sentences = quotable_sentences([hit("Rain gauge RG-2 12 months\nLoggers none\n\nAsk the laboratory.")])

    assert [(each.text, each.heading) for each in sentences] == [
        ("Rain gauge RG-2 12 months", ""),
        ("Loggers none", ""),
        ("Ask the laboratory.", ""),
    ]


def test_a_table_of_bars_alone_names_its_columns_too() -> None:
    assert texts_of(hit("When | Who\n7 May | All\nlater | Sales")) == [
        "When: 7 May; Who: All",
        "When: later; Who: Sales",
    ]
    assert texts_of(hit("Code: A | Price: 3\nCode: B | Price: 4")) == [
        "Code: A | Price: 3",
        "Code: B | Price: 4",
    ]


def test_a_row_whose_column_names_are_in_another_chunk_shows_its_cells() -> None:
    assert texts_of(hit("| Basic | 20 EUR |\n| Pro | 30 EUR |")) == ["Basic; 20 EUR", "Pro; 30 EUR"]


def test_a_short_line_is_a_title_unless_it_has_a_figure_or_a_colon() -> None:
    lines = "Home office\n\nNotice: two weeks\n\nRoom 12\n\nSee the portal."

    assert texts_of(hit(lines)) == ["Notice: two weeks", "Room 12", "See the portal."]


def test_a_title_that_the_reader_found_is_not_quoted_even_with_a_figure() -> None:
    assert texts_of(hit("Plan for 2026\n\nWe grow.", heading=("Plan for 2026",))) == ["We grow."]


@pytest.mark.parametrize(
    ("sentence", "read"),
    [
        ("- **Free** over\n50 EUR.", "Free over 50 EUR."),
        ("> See [the list](http://x.example) and `code`.", "See the list and code."),
        ("3 * 4 * 5 is 60, and snake_case_name stays.", "3 * 4 * 5 is 60, and snake_case_name stays."),
    ],
)
def test_marks_are_left_out_for_reading(sentence: str, read: str) -> None:
    assert readable(sentence) == read


def test_the_text_is_handed_on_once() -> None:
    texts: list[str] = []

    ExtractiveEngine(HandEncoder()).answer(QUESTION, [hit(SALARY)], texts.append)

    assert texts == [SALARY]


def test_all_sentences_are_embedded_in_one_call_and_never_again() -> None:
    encoder = HandEncoder()
    engine = ExtractiveEngine(encoder)

    for _ in range(2):
        engine.answer(QUESTION, [hit(f"{OFFICE} {SALARY}"), hit(SALARY, document="copy")])

    assert encoder.encoded == [[OFFICE, SALARY], [QUESTION]]


def test_the_memory_forgets_what_was_used_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "REMEMBERED", 2)
    encoder = HandEncoder()
    engine = ExtractiveEngine(encoder)

    for text in (SALARY, OFFICE, SALARY):
        engine.answer(QUESTION, [hit(text)])

    assert encoder.encoded == [[SALARY], [QUESTION], [OFFICE], [SALARY]]


def test_two_sessions_may_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extractive, "REMEMBERED", 3)
    engine = ExtractiveEngine(HandEncoder())
    wrong: list[str] = []

    def ask(day: int) -> None:
        sentence = f"Salaries are paid on the {day}th."
        for number in range(50):
            answer = engine.answer(QUESTION, [hit(f"{sentence} Room {number} is free.")])
            if answer.text != sentence:
                wrong.append(answer.text)

    threads = [threading.Thread(target=ask, args=(day,)) for day in (24, 25, 26)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


@given(st.floats(-1, 3), st.floats(0.001, 1))
def test_confidence_grows_with_the_score(score: float, more: float) -> None:
    assert 0 < confidence(score) < confidence(score + more) < 1


def test_confidence_is_a_half_where_it_abstains() -> None:
    threshold = -(calibration.INTERCEPT + log(2)) / calibration.SLOPE

    assert calibration.ABSTAIN_BELOW == 0.5
    assert confidence(threshold) == pytest.approx(0.5)
    assert 0.5 < threshold < 1.0


@given(st.text(alphabet="ab .?!:|#-*\n[1]()`_", max_size=120), st.integers(0, 60), st.integers(0, 60))
def test_quotable_spans_lie_in_their_passage_and_none_holds_another(
    text: str, first: int, second: int
) -> None:
    cuts = sorted((min(first, len(text)), min(second, len(text))))
    passages = [hit(text[: cuts[1]]), hit(text[cuts[0] :], start=cuts[0])]

    sentences = quotable_sentences(passages)

    for sentence in sentences:
        chunk = passages[sentence.passage].chunk
        assert chunk.start <= sentence.start < sentence.end <= chunk.end
        assert sentence.text and any(map(str.isalnum, text[sentence.start : sentence.end]))
    for index, one in enumerate(sentences):
        for other in sentences[index + 1 :]:
            assert not (one.start <= other.start and other.end <= one.end)


class FlippedEncoder(HandEncoder):
    """A tuned query encoder that has unlearned what paid means."""

    def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
        return super().encode(texts, query)[:, ::-1].copy()


LEARNED = LearnedOutputs(("On the 27th.", "In Leer."), np.array([[1, 0], [0, 1]], np.float32), 0.5)


def test_with_an_adapter_the_question_alone_is_seen_by_the_tuned_encoder() -> None:
    base, tuned = HandEncoder(), FlippedEncoder()
    engine = ExtractiveEngine(base, tuned, LEARNED, "Tone")

    answer = engine.answer("Is it paid?", [hit(f"{OFFICE} Paid by us it is.")])

    assert (base.encoded, tuned.encoded) == ([[OFFICE, "Paid by us it is."]], [["Is it paid?"]])
    assert (answer.engine, answer.adapter) == ("extractive", "Tone")
    plain = ExtractiveEngine(HandEncoder()).scores("paid?", quotable_sentences([hit(f"{OFFICE} {SALARY}")]))
    moved = engine.scores("paid?", quotable_sentences([hit(f"{OFFICE} {SALARY}")]))
    assert np.subtract(moved, plain) == pytest.approx([1, -1])


def test_without_passages_an_adapter_answers_with_the_nearest_output_that_it_learned() -> None:
    engine = ExtractiveEngine(HandEncoder(), FlippedEncoder(), LEARNED, "Tone")

    answer = engine.answer("When is it paid?", [])

    assert (answer.text, answer.citations, answer.abstained) == ("In Leer.", (), False)
    assert (answer.confidence, answer.engine, answer.adapter) == (1.0, "extractive", "Tone")


def test_an_adapter_abstains_where_nothing_that_it_learned_is_near() -> None:
    far = LearnedOutputs(LEARNED.texts, LEARNED.vectors, 1.5)
    said: list[str] = []

    answer = ExtractiveEngine(HandEncoder(), HandEncoder(), far, "Tone").answer("paid?", [], said.append)

    assert answer.abstained
    assert said == [answer.text] == [f"{NOT_LEARNED}\nOn the 27th."]


def test_passages_without_a_sentence_are_not_answered_from_what_was_learned() -> None:
    engine = ExtractiveEngine(HandEncoder(), HandEncoder(), LEARNED, "Tone")

    answer = engine.answer(QUESTION, [hit("# When salaries are paid")])

    assert (answer.text, answer.abstained, answer.adapter) == (NOTHING_TO_QUOTE, True, "Tone")


def test_what_is_forgotten_is_embedded_again_by_both_encoders() -> None:
    base, tuned = HandEncoder(), HandEncoder()
    engine = ExtractiveEngine(base, tuned, LEARNED, "Tone")

    for _ in range(2):
        engine.answer(QUESTION, [hit(SALARY)])
        engine.forget()

    assert (base.encoded, tuned.encoded) == ([[SALARY]] * 2, [[QUESTION]] * 2)
