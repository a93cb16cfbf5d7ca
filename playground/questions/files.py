"""Labelled questions as files: JSONL with a question a line, or CSV with a piece of evidence a row.

This module does not know whether the labels fit any document.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from playground.errors import InputError, ReadError
from playground.questions.labels import Gold, LabelledQuestion
from playground.questions.tables import table_of, table_rows
from playground.reading.decoding import decode

SHAPE = '{"question": "..."}'
_LINE_END = re.compile(r"\r\n|\n|\r")  # JSON texts may hold the other characters that end a line
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def load_questions(path: Path) -> list[LabelledQuestion]:
    """Read a file: CSV where its name ends in .csv or .tsv, else JSONL; blank lines are passed over.

    A question without an id is called q<line>. Raises InputError naming the file, the line, and what is
    wrong with it.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read as questions: {error}") from error
    return read_questions(str(path), content)


def read_questions(name: str, content: bytes) -> list[LabelledQuestion]:
    """The same of a file's bytes. JSONL is UTF-8; a table may be in what a spreadsheet saves."""
    try:
        text = decode(content) if is_table(name) else content.decode("utf-8-sig")
    except (ReadError, UnicodeDecodeError) as error:
        raise InputError(f"{name} cannot be read as questions: {error}") from error
    return parse_questions(name, text)


def parse_questions(name: str, text: str) -> list[LabelledQuestion]:
    """The same of a file's text; `name` is what errors call the file."""
    table = is_table(name)
    questions: dict[str, LabelledQuestion] = {}
    for line, row in table_rows(name, text) if table else _json_rows(text):
        try:
            if isinstance(row, ValueError):
                raise row
            earlier = _earlier(row, questions) if table else None
            question = _continued(earlier, row, line) if earlier else _question(row, line)
            if question.id in questions and not earlier:
                raise ValueError(f"the id {question.id} was used before")
        except ValueError as error:
            raise InputError(f"{name}, line {line}: {error}") from error
        questions[question.id] = question
    if not questions:
        remedy = "a row, below the names of the columns" if table else f"a line, like {SHAPE}"
        raise InputError(f"{name} holds no questions; write one {remedy}")
    return list(questions.values())


def is_table(name: str) -> bool:
    """Whether a file of this name is a table; anything else is JSONL."""
    return Path(name).suffix.lower() in (".csv", ".tsv")


def to_jsonl(questions: Iterable[LabelledQuestion]) -> str:
    """The questions as a file that `load_questions` reads, a line each."""
    return "".join(json.dumps(as_row(question), ensure_ascii=False) + "\n" for question in questions)


def to_csv(questions: Iterable[LabelledQuestion]) -> str:
    """The same as a table: a row for every piece of evidence, one for a question without any."""
    return table_of(map(as_row, questions))


def as_row(question: LabelledQuestion) -> dict[str, Any]:
    """A question as its line in JSONL; what a label does not say is left out."""
    return {
        "id": question.id,
        "question": question.question,
        "answers": list(question.answers),
        "answerable": question.answerable,
        "relevant": [_place(gold) for gold in question.relevant],
    }


def _place(gold: Gold) -> dict[str, Any]:
    place: dict[str, Any] = {"document": gold.document}
    if gold.start is not None:
        place |= {"start": gold.start, "end": gold.end}
    return place | ({"quote": gold.quote} if gold.quote else {})


def _json_rows(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if line.strip():
            yield number, _parsed(line)


def _parsed(line: str) -> Any:
    """The line's value, or the error that says why it has none."""
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        return ValueError(f"this is not JSON: {error.msg} at character {error.pos + 1}")
    except (ValueError, RecursionError) as error:
        return ValueError(f"this is not JSON that can be read: {error}")


def _earlier(row: Mapping[str, Any], questions: Mapping[str, LabelledQuestion]) -> LabelledQuestion | None:
    """The question that a table's row goes on with: that of its id; without one, that of its words."""
    if row["id"] is not None:
        return questions.get(row["id"])
    return next((each for each in questions.values() if each.question == row["question"].strip()), None)


def _continued(earlier: LabelledQuestion, row: Mapping[str, Any], line: int) -> LabelledQuestion:
    """The question with what another row of a table says of it."""
    if row["question"].strip() not in ("", earlier.question):
        raise ValueError(f"the id {earlier.id} was used before, with another question")
    if row["answerable"] not in (None, earlier.answerable):
        raise ValueError("answerable is not what an earlier row of this question says")
    more = _question({**row, "question": earlier.question}, line)
    return replace(
        earlier,
        answers=tuple(dict.fromkeys([*earlier.answers, *more.answers])),
        relevant=earlier.relevant + more.relevant,
    )


def _question(row: Any, line: int) -> LabelledQuestion:
    if not isinstance(row, dict):
        raise ValueError(f"a question is an object like {SHAPE}")
    text = _field(row, "question", str, "a text", "")
    if not text.strip():
        raise ValueError("there is no question in it")
    answers = _field(row, "answers", list, "a list of texts", [])
    if not all(isinstance(answer, str) for answer in answers):
        raise ValueError("answers is not a list of texts")
    relevant = [_gold(item) for item in _field(row, "relevant", list, "a list of places", [])]
    name = row.get("id")
    id = f"q{line}" if name is None else str(name)
    places = (gold.document + gold.quote for gold in relevant)
    if any(map(_HALF_CHARACTER.search, [id, text, *answers, *places])):
        raise ValueError("it holds half a character (a lone surrogate)")
    answerable = _field(row, "answerable", bool, "true or false", True)
    return LabelledQuestion(id, text.strip(), tuple(answers), answerable, tuple(relevant))


def _gold(item: Any) -> Gold:
    if not isinstance(item, dict):
        raise ValueError('a place in relevant is an object like {"document": "a.md", "quote": "..."}')
    document = _field(item, "document", str, "a text", "")
    if not document:
        raise ValueError("a place in relevant names no document")
    start, end = (_field(item, name, int, "a whole number", None) for name in ("start", "end"))
    if (start is None) != (end is None):
        raise ValueError(f"a place in {document} has only one of start and end")
    if start is not None and not 0 <= start < end:
        raise ValueError(
            f"a place in {document} goes from {start} to {end}: start is at least 0, end is more"
        )
    quote = _field(item, "quote", str, "a text", "")
    if "quote" in item and item["quote"] is not None and not quote.strip():
        raise ValueError(f"a quote from {document} is empty")
    return Gold(document, start, end, quote)


def _field(row: Mapping[str, Any], name: str, kind: type, noun: str, default: Any) -> Any:
    """What `row` says under `name`; null and nothing are the default."""
    value = row.get(name)
    if value is None:
        return default
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{name} is not {noun}")
    return value
