import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.documents import Document
from playground.errors import InputError
from playground.evaluation.questions import (
    Gold,
    GoldSpan,
    LabelledQuestion,
    load_questions,
    resolve_all,
    resolve_gold,
)
from playground.evaluation.quotes import find_quote, same_text

FEES = Document("d1", "fees/2024.md", "The fee is 30 euros.\nIt rose — “slightly” — in May.")
RULES = Document("d2", "rules.txt", "Return laptops within two weeks.")
DOCUMENTS = {FEES.name: FEES, RULES.name: RULES}


def write(path: Path, *lines: str) -> Path:
    file = path / "questions.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def asked(*relevant: Gold, id: str = "q1") -> LabelledQuestion:
    return LabelledQuestion(id, "What is the fee?", relevant=relevant)


def test_a_file_of_questions_is_read(tmp_path: Path) -> None:
    full = {
        "id": "fee",
        "question": " What is the fee? ",
        "answers": ["30 euros"],
        "answerable": True,
        "relevant": [
            {"document": "fees/2024.md", "start": 4, "end": 20},
            {"document": "fees/2024.md", "quote": "in May"},
            {"document": "rules.txt"},
        ],
    }
    short = {"question": "Who pays?", "answerable": False}
    questions = load_questions(write(tmp_path, json.dumps(full), "", json.dumps(short), ""))
    assert questions == [
        LabelledQuestion(
            "fee",
            "What is the fee?",
            ("30 euros",),
            True,
            (
                Gold("fees/2024.md", 4, 20),
                Gold("fees/2024.md", quote="in May"),
                Gold("rules.txt"),
            ),
        ),
        LabelledQuestion("q3", "Who pays?", (), False, ()),
    ]


def test_the_byte_order_mark_windows_lines_and_odd_line_ends_in_texts_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes('\ufeff{"question": "a\u2028b"}\r\n{"question": "c", "id": 7}\r\n'.encode())
    assert [(question.id, question.question) for question in load_questions(path)] == [
        ("q1", "a\u2028b"),
        ("7", "c"),
    ]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("{half", "this is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("[1]", "a question is an object"),
        ("{}", "there is no question in it"),
        ('{"question": "  "}', "there is no question in it"),
        ('{"question": 3}', "question is not a text"),
        ('{"question": "a", "answers": "b"}', "answers is not a list of texts"),
        ('{"question": "a", "answers": [1]}', "answers is not a list of texts"),
        ('{"question": "a", "answerable": "no"}', "answerable is not true or false"),
        ('{"question": "a", "relevant": {}}', "relevant is not a list of places"),
        ('{"question": "a", "relevant": ["x.md"]}', "a place in relevant is an object"),
        ('{"question": "a", "relevant": [{"quote": "b"}]}', "names no document"),
        ('{"question": "a", "relevant": [{"document": "x.md", "start": 1}]}', "only one of start and end"),
        ('{"question": "a", "relevant": [{"document": "x.md", "start": 5, "end": 5}]}', "from 5 to 5"),
        ('{"question": "a", "relevant": [{"document": "x.md", "start": -1, "end": 5}]}', "from -1 to 5"),
        ('{"question": "a", "relevant": [{"document": "x.md", "start": "1", "end": 5}]}', "start is not a"),
        ('{"question": "a", "relevant": [{"document": "x.md", "start": true, "end": 5}]}', "start is not a"),
        ('{"question": "a", "relevant": [{"document": "x.md", "quote": " "}]}', "quote from x.md is empty"),
        ('{"question": "a", "id": "first"}', "the id first was used before"),
    ],
)
def test_a_bad_line_is_named_with_what_is_wrong(tmp_path: Path, line: str, problem: str) -> None:
    path = write(tmp_path, '{"id": "first", "question": "good"}', line)
    with pytest.raises(InputError) as caught:
        load_questions(path)
    assert str(caught.value).startswith(f"{path}, line 2: ")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"missing\.jsonl cannot be read as questions"):
        load_questions(tmp_path / "missing.jsonl")
    (tmp_path / "latin.jsonl").write_bytes(b'{"question": "caf\xe9"}')
    with pytest.raises(InputError, match=r"latin\.jsonl cannot be read as questions"):
        load_questions(tmp_path / "latin.jsonl")
    with pytest.raises(InputError, match="holds no questions"):
        load_questions(write(tmp_path, "", " "))


@pytest.mark.parametrize(
    ("gold", "text"),
    [
        (Gold("rules.txt", 7, 14), "laptops"),
        (Gold("rules.txt"), RULES.text),
        (Gold("rules.txt", quote="two weeks"), "two weeks"),
        (Gold("./fees/2024.md", quote="30 euros. It rose"), "30 euros.\nIt rose"),
        (Gold("fees\\2024.md", quote='rose - "slightly" -'), "rose — “slightly” —"),
        (Gold(".\\fees\\2024.md", 4, 7, "fee"), "fee"),
    ],
)
def test_a_label_is_looked_up(gold: Gold, text: str) -> None:
    (span,) = resolve_gold(asked(gold), DOCUMENTS)
    document = FEES if span.document_id == "d1" else RULES
    assert document.text[span.start : span.end] == text


def test_documents_with_names_of_another_system_are_found() -> None:
    assert resolve_gold(asked(Gold("a/b.md")), {"a\\b.md": RULES}) == (GoldSpan("d2", 0, 32),)


@pytest.mark.parametrize(
    ("gold", "problem"),
    [
        (Gold("fee.md"), "question q1: there is no document fee.md"),
        (Gold("rules.txt", 30, 99), "question q1: rules.txt ends at 32, before 30 to 99"),
        (Gold("rules.txt", quote="three weeks"), 'question q1: rules.txt does not say "three weeks"'),
        (Gold("rules.txt", 0, 6, "laptops"), "question q1: rules.txt says something else than the quote"),
    ],
)
def test_a_label_that_fits_nowhere_is_named(gold: Gold, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        resolve_gold(asked(gold), DOCUMENTS)
    assert str(caught.value).startswith(problem)


def test_an_empty_document_cannot_be_evidence() -> None:
    with pytest.raises(InputError, match=r"empty\.txt is empty"):
        resolve_gold(asked(Gold("empty.txt")), {"empty.txt": Document("d", "empty.txt", "")})


def test_all_bad_labels_are_said_at_once() -> None:
    questions = [asked(Gold("rules.txt"), Gold(f"{n}.md"), id=f"q{n}") for n in range(7)]
    with pytest.raises(InputError) as caught:
        resolve_all(questions, DOCUMENTS)
    message = str(caught.value)
    assert message.startswith("7 labels do not fit the documents: question q0: there is no document 0.md; ")
    assert message.endswith("question q4: there is no document 4.md; and 2 more like these")
    good = resolve_all([asked(Gold("rules.txt"), id="a"), asked(id="b")], DOCUMENTS)
    assert good == {"a": (GoldSpan("d2", 0, 32),), "b": ()}


@pytest.mark.parametrize(
    ("text", "quote", "found"),
    [
        ("an of\u00adfice here", "office", "of\u00adfice"),
        ("the ﬁrst fee", "first", "ﬁrst"),
        ("a cafe\u0301 opens", "caf\u00e9", "cafe\u0301"),
        ("a caf\u00e9 opens", "cafe\u0301", "caf\u00e9"),
        ("one\u00a0\u00a0 two", " one two ", "one\u00a0\u00a0 two"),
        ("so on … and on", "so on ... and", "so on … and"),
        ("don’t", "don't", "don’t"),
    ],
)
def test_a_quote_is_found_through_its_typesetting(text: str, quote: str, found: str) -> None:
    place = find_quote(text, quote)
    assert place is not None
    assert text[place[0] : place[1]] == found


def test_what_is_not_said_is_not_found() -> None:
    assert find_quote("the fee", "a fee") is None
    assert find_quote("the fee", "  ") is None
    assert find_quote("", "fee") is None


def test_the_first_place_counts_and_an_exact_one_before_all() -> None:
    assert find_quote("fee fee", "fee") == (0, 3)
    assert find_quote("a  b a b", "a b") == (5, 8)


@given(st.text(alphabet="ab ﬁé“—\n\u00ad", max_size=40), st.data())
def test_every_piece_of_a_text_is_found_in_it_as_it_reads(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    retyped = "  ".join(text[start:end].replace("“", '"').replace("—", "-").replace("ﬁ", "fi").split())
    place = find_quote(text, retyped)
    if retyped.replace("\u00ad", "").strip():
        assert place is not None
        assert same_text(text[place[0] : place[1]], retyped)
