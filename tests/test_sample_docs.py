"""The sample handbook is what the demo stands on: every file reads, and every label is true."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pypdfium2
import pytest

from playground.adapters.example_checks import check, overlap_with
from playground.adapters.examples import read_examples

HANDBOOK = Path(__file__).parent.parent / "sample_docs" / "handbook"
DOCUMENTS = HANDBOOK / "documents"


def lines_of(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (HANDBOOK / name).read_text(encoding="utf-8").splitlines()]


def collapsed(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def questions() -> list[dict[str, Any]]:
    return lines_of("questions.jsonl")


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """What the reader makes of every document, white space collapsed."""
    from playground.reading import read_file

    results = {path.name: read_file(path) for path in sorted(DOCUMENTS.iterdir())}
    unread = [name for name, result in results.items() if result.document is None]
    assert unread == []
    return {name: collapsed(result.document.text) for name, result in results.items() if result.document}


def test_every_document_reads_and_is_long_enough_to_be_chunked(texts: dict[str, str]) -> None:
    short = {name: len(text.split()) for name, text in texts.items() if len(text.split()) < 500}
    assert len(texts) == 14
    assert short == {}


def test_the_documents_come_in_ten_formats() -> None:
    formats = {path.suffix for path in DOCUMENTS.iterdir()}
    assert formats == {
        ".csv", ".docx", ".eml", ".epub", ".html", ".md", ".pdf", ".pptx", ".txt", ".xlsx"
    }  # fmt: skip


def test_pdfs_have_two_to_eight_pages_and_an_outline() -> None:
    for path in DOCUMENTS.glob("*.pdf"):
        with pypdfium2.PdfDocument(path) as pdf:
            assert 2 <= len(pdf) <= 8, path.name
            assert len(list(pdf.get_toc())) >= 8, path.name


def test_the_whole_handbook_is_smaller_than_one_and_a_half_megabytes() -> None:
    assert sum(path.stat().st_size for path in HANDBOOK.rglob("*") if path.is_file()) < 1_500_000


def test_there_are_forty_questions_with_unique_ids_and_eight_are_unanswerable(
    questions: list[dict[str, Any]],
) -> None:
    assert len({question["id"] for question in questions}) == len(questions) == 40
    assert len({question["question"] for question in questions}) == 40
    assert sum(not question["answerable"] for question in questions) == 8
    assert Counter(question["id"].split("-")[0] for question in questions) == {
        "keyword": 7, "paraphrase": 8, "table": 4, "changed": 5, "two": 4, "plain": 4, "missing": 8
    }  # fmt: skip


def test_a_question_has_answers_and_quotes_exactly_when_it_is_answerable(
    questions: list[dict[str, Any]],
) -> None:
    for question in questions:
        assert bool(question["answers"]) == bool(question["relevant"]) == question["answerable"], question[
            "id"
        ]


def test_every_quote_stands_exactly_once_in_its_document(
    questions: list[dict[str, Any]], texts: dict[str, str]
) -> None:
    counts = {
        (question["id"], gold["quote"]): texts[gold["document"]].count(collapsed(gold["quote"]))
        for question in questions
        for gold in question["relevant"]
    }
    assert {key: count for key, count in counts.items() if count != 1} == {}


def test_an_answer_stands_in_the_quotes_of_every_answerable_question(questions: list[dict[str, Any]]) -> None:
    for question in questions:
        for gold in question["relevant"]:
            quote = gold["quote"].casefold()
            assert any(answer.casefold() in quote for answer in question["answers"]), question["id"]


def test_questions_over_two_documents_name_two(questions: list[dict[str, Any]]) -> None:
    for question in questions:
        documents = {gold["document"] for gold in question["relevant"]}
        expected = 0 if not question["answerable"] else 2 if question["id"].startswith("two") else 1
        assert len(documents) == expected, question["id"]


def test_codes_of_unanswerable_questions_stand_in_no_document(texts: dict[str, str]) -> None:
    assert not any("MH-901" in text for text in texts.values())


def test_every_answer_of_the_examples_has_two_wordings_and_is_signed_in_the_same_way() -> None:
    examples = lines_of("examples.jsonl")
    assert len(examples) >= 120
    assert all(set(example) == {"input", "output"} for example in examples)
    assert set(Counter(example["output"] for example in examples).values()) == {2}
    assert all(example["output"].endswith(". Your Quellmoor service team") for example in examples)
    assert not any("unfortunately" in example["output"].lower() for example in examples)


def test_the_examples_pass_their_own_checks_and_hold_no_labelled_question(
    questions: list[dict[str, Any]],
) -> None:
    report = check(read_examples(HANDBOOK / "examples.jsonl"))
    assert report.lines == [("ok", "No duplicates, empty outputs or contradictions")]
    assert not report.labelled
    assert overlap_with(report, [question["question"] for question in questions]) == []


def test_codes_that_the_examples_name_stand_in_the_documents(texts: dict[str, str]) -> None:
    everything = " ".join(texts.values())
    outputs = " ".join(example["output"] for example in lines_of("examples.jsonl"))
    codes = set(re.findall(r"\b[A-Z]{1,3}-[A-Z0-9]+(?:-[A-Z])?\b", outputs))
    assert len(codes) > 40
    assert {code for code in codes if code not in everything} == set()


def test_building_gives_the_very_files_that_are_kept(tmp_path: Path) -> None:
    from sample_docs.builder.__main__ import build, scenarios

    for scenario in scenarios():
        built = {path.name: path.read_bytes() for path in build(scenario, tmp_path / scenario)}
        kept = HANDBOOK.parent / scenario / "documents"
        assert [name for name, content in built.items() if content != (kept / name).read_bytes()] == []


def test_the_messages_are_spread_evenly_over_queues_whose_names_do_not_give_them_away(
    questions: list[dict[str, Any]],
) -> None:
    messages = lines_of("messages.jsonl")
    assert set(Counter(message["output"] for message in messages).values()) == {22}
    assert len({message["output"] for message in messages}) == 8
    report = check(read_examples(HANDBOOK / "messages.jsonl"))
    assert report.lines[0] == ("ok", "No duplicates, empty outputs or contradictions")
    assert report.labelled
    assert overlap_with(report, [question["question"] for question in questions]) == []
