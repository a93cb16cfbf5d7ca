"""Examples: every format reads, every bad line is listed with its reason, and what cannot be learned is left
out."""

import json
from pathlib import Path

import pytest

from playground.adapters.example_checks import check, overlap_line, overlap_with
from playground.adapters.examples import (
    BadLine,
    Example,
    ExampleFile,
    examples_from_questions,
    examples_hash,
    labelled,
    normalised,
    parse_examples,
    read_examples,
    to_jsonl,
)
from playground.documents import Document
from playground.errors import InputError
from playground.questions.lookup import Gold, LabelledQuestion

TOO_MANY = "it has 3 fields instead of 2: a text that holds a delimiter has to stand in quotation marks"
GOOD = '{"input": "q", "output": "a"}'


def parsed(text: str, name: str = "e.jsonl") -> ExampleFile:
    return parse_examples(name, text.encode())


def reason(line: str) -> str:
    """Why a line of JSON is no example."""
    return parsed(f"{GOOD}\n{line}").bad_lines[0].reason


def chat(*turns: tuple[str, object]) -> str:
    return json.dumps({"messages": [{"role": role, "content": content} for role, content in turns]})


# Reading


def test_lines_of_json_are_read_with_their_numbers_and_blank_lines_are_passed_over() -> None:
    assert parsed(GOOD + '\r\n\n{"input": " r ", "output": "b"}\n') == ExampleFile(
        (Example("q", "a", 1), Example("r", "b", 3))
    )


def test_line_separators_inside_a_text_do_not_end_a_line() -> None:
    assert parsed('{"input": "a\u2028b", "output": "c\u0085d"}').examples[0] == Example(
        "a\u2028b", "c\u0085d", 1
    )


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "this is not JSON: Expecting property name enclosed in double quotes at character 2"),
        ("[" * 100_000, "this is not JSON that can be read"),
        ("7", 'this is not an object like {"input": "...", "output": "..."}'),
        ("{}", 'there is no "input"'),
        ('{"prompt": "q", "output": "a"}', 'there is no "input", only "prompt", "output"'),
        ('{"input": "q"}', 'there is no "output", only "input"'),
        ('{"input": 7, "output": "a"}', "the input is not text"),
        ('{"input": "q", "output": null}', "the output is not text"),
        ('{"input": "q", "output": "\\ud800"}', "the output holds half a character"),
        ('{"input": " \\n ", "output": "a"}', "the input is empty"),
        ('{"messages": "hello"}', "messages is not a list of objects"),
        (chat(("user", "q")), "no message is the assistant's, so nothing says what to answer"),
        (chat(("assistant", "a")), "no user message with a text stands before the assistant's last one"),
        (chat(("user", "q"), ("tool", "t"), ("assistant", "a")), "message 2 has a role that is not system"),
        (chat(("user", "q"), ("assistant", None)), "the content of message 2 is not text"),
        (chat(("user", [{"type": "image_url"}]), ("assistant", "a")), "message 1 holds something else"),
    ],
)
def test_a_bad_line_is_listed_with_the_reason(line: str, why: str) -> None:
    assert reason(line).startswith(why)


def test_bad_lines_cost_themselves_only() -> None:
    file = parsed(f"oops\n{GOOD}\n{{}}")
    assert file.examples == (Example("q", "a", 2),)
    assert [bad.line for bad in file.bad_lines] == [1, 3]


def test_an_empty_output_is_read_and_left_to_the_checks() -> None:
    file = parsed(f'{GOOD}\n{{"input": "r", "output": " "}}')
    assert file.examples[1] == Example("r", "", 2)
    assert file.bad_lines == ()


def test_a_chat_of_one_question_is_that_question() -> None:
    assert parsed(chat(("user", "q"), ("assistant", "a"))).examples == (Example("q", "a", 1),)


def test_system_text_and_earlier_turns_are_paragraphs_of_the_input() -> None:
    line = chat(
        ("system", "Be brief."), ("user", "q1"), ("assistant", "a1"), ("user", "q2"), ("assistant", "a2"),
        ("user", "left out"),
    )  # fmt: skip
    assert parsed(line).examples == (Example("Be brief.\n\nUser: q1\n\nAssistant: a1\n\nUser: q2", "a2", 1),)


def test_content_in_parts_of_text_is_one_text() -> None:
    line = chat(("user", [{"type": "text", "text": "a "}, {"type": "text", "text": "b"}]), ("assistant", "c"))
    assert parsed(line).examples[0].input == "a b"


def test_a_json_array_is_read_with_the_lines_of_its_items() -> None:
    file = parsed(f'[\n {GOOD},\n {{\n  "input": "r",\n  "output": "b"}},\n 5\n]', "e.json")
    assert file.examples == (Example("q", "a", 2), Example("r", "b", 3))
    assert [bad.line for bad in file.bad_lines] == [6]


@pytest.mark.parametrize(
    ("text", "line", "why"),
    [
        (f"[{GOOD},\noops]", 2, "this is not JSON: Expecting value at character 1 and the rest of the file"),
        (f"[{GOOD}\n{GOOD}]", 2, "the list is not closed here"),
        (f"[{GOOD},\n", 2, "this is not JSON"),
    ],
)
def test_a_broken_array_gives_what_stands_before_the_break(text: str, line: int, why: str) -> None:
    file = parsed(text, "e.json")
    assert file.examples == (Example("q", "a", 1),)
    assert file.bad_lines[0].line == line and file.bad_lines[0].reason.startswith(why)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_whatever_its_delimiter_and_order_of_columns(delimiter: str) -> None:
    rows = [["Output", "id", " Input "], ["a", "1", "q"], ["", "", ""], ["b", "2", "r"]]
    text = "\ufeff" + "\r\n".join(delimiter.join(row) for row in rows)
    assert parsed(text, "e.csv").examples == (Example("q", "a", 2), Example("r", "b", 4))


def test_quoted_line_ends_and_quotation_marks_stay_in_a_csv_text() -> None:
    text = 'input,output\n"one\ntwo","say ""yes"", then go"\nr,b\n'
    assert parsed(text, "e.csv").examples == (
        Example("one\ntwo", 'say "yes", then go', 2),
        Example("r", "b", 4),
    )


def test_a_csv_column_may_hold_chats() -> None:
    messages = json.loads(chat(("user", "q"), ("assistant", "a")))["messages"]
    cell = json.dumps(messages).replace('"', '""')
    assert parsed(f'messages\n"{cell}"\noops\n', "e.csv") == ExampleFile(
        (Example("q", "a", 2),), (BadLine(3, "this is not JSON: Expecting value at character 1"),)
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (
            "a,b,c",
            TOO_MANY,
        ),
        ("lonely", 'there is no "output", only "input"'),
        (",b", "the input is empty"),
        ('a,"b', "a quotation mark is opened here and never closed"),
        ('"a"b,c', "a quotation mark inside a text has to be doubled"),
        (f"a,{'b' * 200_000}", "a field is longer than 131,072 characters"),
    ],
)
def test_a_bad_row_of_a_csv_file_is_listed_with_the_reason(row: str, why: str) -> None:
    file = parsed(f"input,output\nq,a\n{row}\n", "e.csv")
    assert file == ExampleFile((Example("q", "a", 2),), (BadLine(3, why),))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_by_itself(encoding: str) -> None:
    content = '{"input": "Größe?", "output": "Für Sie: 3 cm"}\n'.encode(encoding)
    assert parse_examples("e.jsonl", content).examples == (Example("Größe?", "Für Sie: 3 cm", 1),)


def test_a_file_without_a_known_ending_is_what_it_begins_with() -> None:
    assert parsed(GOOD, "e.txt").examples == parsed(f"[{GOOD}]", "e").examples
    assert parsed("input,output\nq,a", "e.txt").examples == (Example("q", "a", 2),)


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("e.jsonl", b"", "e.jsonl holds no examples; write one a line"),
        ("e.json", b"[]", "e.json holds no examples"),
        ("e.csv", b"question,answer\nq,a\n", "has to name the columns input and output"),
        ("e.csv", b"input,output\n", "e.csv holds no examples"),
        ("e.jsonl", b"{}\n{}\n{}\n{}\n{}", 'line 1: there is no "input"; line 2'),
        ("e.jsonl", b"{}\n{}\n{}\n{}\n{}", "; and 2 more lines like these"),
        ("e.jsonl", b'{"input": "q", "output": ""}', "line 1: the output is empty"),
        ("e.jsonl", bytes(range(32)) * 9, "e.jsonl cannot be read as examples: it is no text"),
    ],
)
def test_a_file_without_one_usable_line_is_refused_by_name(name: str, content: bytes, why: str) -> None:
    with pytest.raises(InputError) as error:
        parse_examples(name, content)
    assert why in str(error.value) and "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.jsonl cannot be read as examples: No such file"):
        read_examples(tmp_path / "gone.jsonl")


def test_what_is_written_reads_as_the_same(tmp_path: Path) -> None:
    examples = (Example("a\nb\u2028c", 'say "ü"', 1), Example("c", "d", 2))
    (tmp_path / "e.jsonl").write_text(to_jsonl(examples), encoding="utf-8")
    assert read_examples(tmp_path / "e.jsonl").examples == examples


def test_the_hash_counts_texts_and_not_their_order_or_lines() -> None:
    first, second = Example("a", "b", 1), Example("c", "d", 2)
    known = examples_hash([first, second])
    assert known == examples_hash([second, Example("a", "b", 9)])
    assert len({known, examples_hash([first]), examples_hash([Example("ab", "", 1), second])}) == 3


def test_case_width_and_white_space_do_not_tell_texts_apart() -> None:
    assert normalised(" Ｈello\u00a0 STRASSE\n") == normalised("hello straße")


# From labelled questions

TEXT = "Rods are steel. Cables are black."
DOCUMENTS = {"a.md": Document("id", "a.md", TEXT)}


def test_a_labelled_question_becomes_the_question_and_its_evidence() -> None:
    both = (Gold("a.md", quote="Rods are steel."), Gold("a.md", 16, 33))
    questions = [LabelledQuestion("1", "nothing?"), LabelledQuestion("2", "what?", relevant=both)]
    assert examples_from_questions(questions, DOCUMENTS) == [
        Example("what?", "Rods are steel.\nCables are black.", 2)
    ]


def test_questions_whose_evidence_is_a_whole_document_teach_nothing() -> None:
    whole = LabelledQuestion("1", "what?", relevant=(Gold("a.md"),))
    with pytest.raises(InputError, match="none of the 1 questions says which passage answers it"):
        examples_from_questions([whole], DOCUMENTS)


def test_a_label_that_fits_no_document_is_refused() -> None:
    wrong = LabelledQuestion("1", "what?", relevant=(Gold("b.md", quote="x"),))
    with pytest.raises(InputError, match=r"question 1: there is no document b\.md"):
        examples_from_questions([wrong], DOCUMENTS)


# Checks


def test_good_examples_are_all_usable_and_said_to_be_fine() -> None:
    examples = (Example("q", "a", 1), Example("r", "a", 2))
    report = check(ExampleFile(examples))
    assert report.usable == examples
    assert report.lines == [("ok", "No duplicates, empty outputs or contradictions")]


def test_a_duplicate_is_left_out_and_the_first_one_kept() -> None:
    report = check(ExampleFile((Example("Q  r", "a", 1), Example("x", "y", 2), Example("q R", "A", 3))))
    assert [example.line for example in report.usable] == [1, 2]
    assert report.duplicates == ((3, 1),)
    assert report.lines == [("warning", "1 duplicate left out")]


def test_examples_without_lines_are_checked_in_the_same_way() -> None:
    report = check(ExampleFile((Example("q", "a"), Example("q", "a"), Example("r", "b"))))
    assert report.usable == (Example("q", "a"), Example("r", "b"))
    assert (report.duplicates, report.contradictions) == (((0, 0),), ())


def test_an_example_without_output_is_left_out() -> None:
    report = check(ExampleFile((Example("q", "a", 1), Example("r", "", 4))))
    assert (len(report.usable), report.empty) == (1, (4,))
    assert report.lines == [("warning", "1 without an output left out: line 4")]


def test_all_that_contradict_each_other_are_left_out_with_their_lines() -> None:
    file = ExampleFile(
        (Example("q", "a", 41), Example("r", "b", 50), Example("Q", "c", 187), Example("q", "a", 200))
    )
    report = check(file)
    assert report.usable == (Example("r", "b", 50),)
    assert report.contradictions == ((41, 187),)
    assert report.duplicates == ((200, 41),)
    assert ("error", "2 contradict each other and are left out: lines 41 and 187") in report.lines


def test_many_contradictions_are_shown_by_the_first_ones() -> None:
    pairs = [Example(f"q{number // 2}", f"a{number}", number + 1) for number in range(10)]
    assert check(ExampleFile((*pairs, Example("r", "b", 11)))).lines == [
        (
            "error",
            "10 contradict each other and are left out: lines 1 and 2, 3 and 4, 5 and 6, and 2 inputs more",
        )
    ]


def test_only_a_counter_of_tokens_says_what_is_too_long() -> None:
    file = ExampleFile((Example("q", "a b c", 1), Example("r", "a", 2)))
    assert check(file).too_long == ()
    report = check(file, lambda example: len(f"{example.input} {example.output}".split()), max_tokens=3)
    assert (report.usable, report.too_long) == ((Example("r", "a", 2),), (1,))
    assert report.lines == [("warning", "1 longer than 3 tokens left out")]


def test_lines_that_cannot_be_read_are_counted() -> None:
    bad = tuple(BadLine(line, "why") for line in (2, 5, 6, 9))
    assert check(ExampleFile((Example("q", "a", 1),), bad)).lines == [
        ("error", "4 lines cannot be read: lines 2, 5, 6 and 1 more")
    ]


def test_it_is_said_when_nothing_is_left() -> None:
    report = check(ExampleFile((Example("q", "a", 1), Example("q", "b", 2))))
    assert report.usable == ()
    assert report.lines[-1] == ("error", "Nothing is left to train with")


def test_few_outputs_with_three_examples_each_are_labels() -> None:
    three = [Example(f"{label}{number}", label) for label in ("x", "y") for number in range(3)]
    assert labelled(three)
    assert check(ExampleFile(tuple(three))).labelled


@pytest.mark.parametrize(
    "counts",
    [[9], [2, 2, 2], [1, 1, 1, 90], []],
    ids=["one output", "two wordings each", "one frequent answer among many", "nothing"],
)
def test_other_outputs_are_no_labels(counts: list[int]) -> None:
    assert not labelled(
        [Example("q", str(output)) for output, count in enumerate(counts) for _ in range(count)]
    )


def test_questions_that_are_nearly_among_the_inputs_are_found() -> None:
    report = check(ExampleFile((Example("How long does a repair take?", "a", 1), Example("b", "c", 2))))
    questions = ["How long does a repair take", "How long does a repair usually take?", "How old is it?"]
    assert overlap_with(report, questions) == questions[:2]


def test_overlap_is_said_in_a_line() -> None:
    assert overlap_line([]) == ("ok", "No question of the question set is among the examples")
    assert overlap_line(["a?"]) == ("warning", "1 question of the question set is among the examples: a?")
    assert overlap_line(["a", "b", "c", "d"]) == (
        "warning",
        "4 questions of the question set are among the examples: a; b; c; ...",
    )
