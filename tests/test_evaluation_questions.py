import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.documents import Document
from playground.errors import InputError
from playground.questions.lookup import (
    Gold,
    GoldSpan,
    LabelledQuestion,
    anchored,
    load_questions,
    resolve_all,
    resolve_gold,
    resolve_set,
)
from playground.questions.quotes import find_quote, same_text

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


def test_a_label_whose_text_has_moved_is_followed_by_its_quote() -> None:
    old = Gold("rules.txt", 0, 7, "laptops", found=True)
    resolution = resolve_set([asked(old)], DOCUMENTS)
    assert resolution.gold == {"q1": (GoldSpan("d2", 7, 14),)}
    assert (resolution.absent, resolution.repairs) == ({"q1": ()}, [])
    assert anchored(asked(old), DOCUMENTS).relevant == (Gold("rules.txt", 7, 14, "laptops", found=True),)


def test_of_several_places_the_nearest_to_the_old_one_counts() -> None:
    text = Document("d", "a.md", "the fee, and the fee, and  the\nfee")
    old = Gold("a.md", 12, 15, "fee", found=True)
    assert resolve_set([asked(old)], {"a.md": text}).gold == {"q1": (GoldSpan("d", 17, 20),)}
    typeset = Gold("a.md", 24, 31, "the fee,", found=True)
    assert resolve_set([asked(typeset)], {"a.md": text}).gold == {"q1": (GoldSpan("d", 13, 21),)}


def test_a_question_whose_evidence_is_gone_is_listed_and_not_scored() -> None:
    gone = Gold("rules.txt", 7, 14, "tablets", found=True)
    resolution = resolve_set([asked(Gold("rules.txt", quote="two weeks"), gone)], DOCUMENTS)
    assert (resolution.gold, resolution.absent) == ({}, {})
    (repair,) = resolution.repairs
    assert (repair.question_id, repair.index, repair.label, repair.kind) == ("q1", 1, gone, "gone")
    assert repair.reason == "rules.txt does not say this any longer; find the place, or remove the label"


def test_a_label_of_a_deleted_document_is_gone_too() -> None:
    (repair,) = resolve_set([asked(Gold("old.md", 0, 3, "old", found=True))], DOCUMENTS).repairs
    assert (repair.kind, repair.reason) == (
        "gone",
        "old.md is no longer in the library; add it, or remove the label",
    )


def test_labels_that_never_stood_anywhere_are_absent_and_the_rest_is_scored() -> None:
    question = asked(Gold("rules.txt", 0, 6), Gold("fee.md"), Gold("rules.txt", quote="three weeks"))
    resolution = resolve_set([question], DOCUMENTS)
    assert resolution.gold == {"q1": (GoldSpan("d2", 0, 6),)}
    assert resolution.absent == {"q1": ("no_document", "not_read")}
    assert [repair.kind for repair in resolution.repairs] == ["no_document", "not_read"]


def test_labels_of_an_unanswerable_question_are_passed_over() -> None:
    question = LabelledQuestion("q1", "Who?", answerable=False, relevant=(Gold("fee.md", quote="x"),))
    resolution = resolve_set([question], DOCUMENTS)
    assert (resolution.gold, resolution.absent, resolution.repairs) == ({"q1": ()}, {"q1": ()}, [])


def test_anchoring_says_where_each_label_stands() -> None:
    question = asked(
        Gold("./rules.txt", quote="two  weeks"),
        Gold("fees\\2024.md", 4, 7),
        Gold("rules.txt"),
        Gold("nowhere.md", quote="x"),
    )
    assert anchored(question, DOCUMENTS).relevant == (
        Gold("rules.txt", 22, 31, "two weeks", found=True),
        Gold("fees/2024.md", 4, 7, "fee", found=True),
        Gold("rules.txt", found=True),
        Gold("nowhere.md", quote="x"),
    )


@given(st.text(alphabet="ab ", max_size=30), st.data())
def test_anchored_evidence_is_found_again_when_text_is_put_before_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    if not text[start:end].strip():
        return
    question = anchored(asked(Gold("a.md", start, end)), {"a.md": Document("d", "a.md", text)})
    longer = {"a.md": Document("e", "a.md", f"xyz. {text}")}
    (span,) = resolve_set([question], longer).gold["q1"]
    assert same_text(longer["a.md"].text[span.start : span.end], text[start:end])


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


def test_the_place_nearest_to_a_wanted_one_counts() -> None:
    assert find_quote("fee fee fee", "fee", 5) == (4, 7)
    assert find_quote("fee fee fee", "fee", 7) == (8, 11)
    assert find_quote("fee fee fee", "fee", 99) == (8, 11)
    assert find_quote("a  b, a  b", "a b", 4) == (6, 10)


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
