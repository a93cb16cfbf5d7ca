from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.errors import InputError
from playground.questions.files import (
    load_questions,
    parse_questions,
    read_questions,
    to_csv,
    to_jsonl,
)
from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.tables import answers_from_words, answers_in_words

HEADER = "id,question,answers,answerable,document,start,end,quote\n"
FEE = LabelledQuestion(
    "fee",
    "What is the fee?",
    ("30 euros", "thirty euros"),
    True,
    (Gold("fees.md", 4, 20, 'The fee is "30",\neuros'), Gold("rules.txt")),
)
OPEN = LabelledQuestion("q2", "Who pays?", (), False, ())


def test_a_table_has_a_row_for_every_piece_of_evidence() -> None:
    table = to_csv([FEE, OPEN])
    assert table.splitlines()[0] + "\n" == HEADER
    assert table.splitlines()[-1] == "q2,Who pays?,,false,,,,"
    assert parse_questions("a.csv", table) == [FEE, OPEN]


def test_jsonl_is_read_back_as_it_was_written() -> None:
    assert parse_questions("a.jsonl", to_jsonl([FEE, OPEN])) == [FEE, OPEN]


def test_a_label_that_was_found_is_written_without_saying_so() -> None:
    found = LabelledQuestion("a", "b", relevant=(Gold("c.md", 1, 2, "d", found=True),))
    assert "found" not in to_jsonl([found])
    assert parse_questions("a.jsonl", to_jsonl([found]))[0].relevant == (Gold("c.md", 1, 2, "d"),)


def test_a_table_needs_only_questions() -> None:
    (question,) = parse_questions("a.csv", "Question\nWho pays?\n")
    assert question == LabelledQuestion("q2", "Who pays?")


def test_rows_with_the_same_question_are_one_question() -> None:
    table = "question;document;quote;answers\nFee?;a.md;30;x | y\n\nFee?;b.md;40;y | z\nOther?;;;\n"
    fee, other = parse_questions("a.csv", table)
    assert fee == LabelledQuestion(
        "q2", "Fee?", ("x", "y", "z"), True, (Gold("a.md", quote="30"), Gold("b.md", quote="40"))
    )
    assert other.id == "q5"


@pytest.mark.parametrize("word", ["true", "Yes", "1", "", "FALSE", "no", "0"])
def test_answerable_is_said_in_many_ways(word: str) -> None:
    (question,) = parse_questions("a.csv", f"question,answerable\nFee?,{word}\n")
    assert question.answerable == (word in ("true", "Yes", "1", ""))


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("b,,,,,,,", "there is no question in it"),
        ("b,Fee?,,maybe,,,,", "answerable is maybe; write true or false, yes or no, 1 or 0"),
        ("b,Fee?,,,,1,5,", "names no document"),
        ("b,Fee?,,,a.md,one,5,", "start is one, not a whole number"),
        ("b,Fee?,,,a.md,1,,", "only one of start and end"),
        ("b,Fee?,,,a.md,5,1,", "from 5 to 1"),
        ("b,Fee?,,,a.md,1,5,x,y,z", "it has 10 fields instead of 8"),
        ("a,Other?,,,,,,", "the id a was used before, with another question"),
        ("a,,,no,,,,", "answerable is not what an earlier row of this question says"),
        ('b,"Fee?', "this is no row of a table"),
    ],
)
def test_a_bad_row_is_named_with_what_is_wrong(row: str, problem: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_questions("set.csv", f"{HEADER}a,First?,,,,,,\n{row}\n")
    assert str(caught.value).startswith("set.csv, line 3: ")
    assert problem in str(caught.value)


def test_a_table_without_questions_says_which_columns_it_needs() -> None:
    with pytest.raises(InputError, match="its first line has to name the columns, and one of them question"):
        parse_questions("a.csv", "id,answers\n1,2\n")
    with pytest.raises(InputError, match="a row, below the names of the columns"):
        parse_questions("a.csv", HEADER)


def test_a_spreadsheets_own_encoding_is_read(tmp_path: Path) -> None:
    path = tmp_path / "set.csv"
    path.write_bytes("question;answers\r\nCafé?;über\r\n".encode("cp1252"))
    assert [(each.question, each.answers) for each in load_questions(path)] == [("Café?", ("über",))]


def test_half_a_character_and_a_bottomless_list_are_refused() -> None:
    with pytest.raises(InputError, match="line 1: it holds half a character"):
        read_questions("a.jsonl", b'{"question": "\\ud800"}')
    with pytest.raises(InputError, match="line 1: this is not JSON that can be read"):
        read_questions("a.jsonl", b"[" * 200_000)


@given(st.lists(st.text(alphabet='ab |[]"\n,', min_size=1, max_size=6), max_size=3))
def test_answers_come_back_from_their_field(answers: list[str]) -> None:
    assert answers_from_words(answers_in_words(answers)) == answers


TEXTS = st.text(alphabet="ab ,;|\"'\n\r\té[{", min_size=1, max_size=8).filter(str.strip)
NAMES = st.text(alphabet="abc.", min_size=1, max_size=4)
LABELS = st.builds(
    lambda document, start, length, quote: Gold(document, start, start + length, quote),
    NAMES,
    st.integers(0, 9),
    st.integers(1, 9),
    TEXTS | st.just(""),
)
QUESTIONS = st.lists(
    st.builds(
        LabelledQuestion,
        NAMES,
        TEXTS.map(str.strip),
        st.lists(TEXTS, max_size=2, unique=True).map(tuple),
        st.booleans(),
        st.lists(LABELS, max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda question: question.id,
)


@given(QUESTIONS)
def test_both_kinds_of_file_are_read_back_as_they_were_written(questions: list[LabelledQuestion]) -> None:
    assert read_questions("a.csv", to_csv(questions).encode()) == questions
    assert read_questions("a.jsonl", to_jsonl(questions).encode()) == questions
