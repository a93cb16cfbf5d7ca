"""Labelled questions: read from a JSONL file, their gold looked up in the documents.

Gold is a place in a document, never a chunk, so that scores stay comparable when chunking changes. This
module does not know what is measured with it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.documents import Document
from playground.errors import InputError
from playground.evaluation.quotes import find_quote, same_text

SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Gold:
    """Where an answer stands, as a label says it: offsets, a quote, or the whole of a document."""

    document: str
    start: int | None = None
    end: int | None = None
    quote: str = ""


@dataclass(frozen=True)
class GoldSpan:
    """Where an answer stands, looked up: characters `start` to `end` of a document's text."""

    document_id: str
    start: int
    end: int


@dataclass(frozen=True)
class LabelledQuestion:
    """A question with the answers that count as right, and where the evidence stands."""

    id: str
    question: str
    answers: tuple[str, ...] = ()
    answerable: bool = True
    relevant: tuple[Gold, ...] = ()


def load_questions(path: Path) -> list[LabelledQuestion]:
    """Read a JSONL file, a question a line; blank lines are passed over.

    A question without an id is called q<line>. Raises InputError naming the file, the line, and what is
    wrong with it.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read as questions: {error}") from error
    return parse_questions(str(path), text)


def parse_questions(name: str, text: str) -> list[LabelledQuestion]:
    """The same of a file's text; `name` is what errors call the file."""
    lines = text.split("\n")  # JSON texts may hold other line ends
    questions: dict[str, LabelledQuestion] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            question = _question(_parsed(line), number)
            if question.id in questions:
                raise ValueError(f"the id {question.id} was used before")
        except ValueError as error:
            raise InputError(f"{name}, line {number}: {error}") from error
        questions[question.id] = question
    if not questions:
        raise InputError(f'{name} holds no questions; write one a line, like {{"question": "..."}}')
    return list(questions.values())


def resolve_gold(question: LabelledQuestion, documents: Mapping[str, Document]) -> tuple[GoldSpan, ...]:
    """Where the evidence stands, in the order of the labels; `documents` are keyed by their names.

    A quote is looked up as it is, then without regard to white space and the shape of quotation marks and
    dashes; the first place counts. Raises InputError naming the question and all labels that fit nowhere.
    """
    spans, problems = _resolve(question, _by_path(documents))
    if problems:
        raise InputError("; ".join(problems))
    return spans


def resolve_all(
    questions: Iterable[LabelledQuestion], documents: Mapping[str, Document]
) -> dict[str, tuple[GoldSpan, ...]]:
    """Question id -> gold, for all questions. Raises one InputError that lists the labels that fit
    nowhere, so that a file is mended in one go."""
    gold: dict[str, tuple[GoldSpan, ...]] = {}
    problems: list[str] = []
    by_path = _by_path(documents)
    for question in questions:
        gold[question.id], found = _resolve(question, by_path)
        problems += found
    if problems:
        rest = len(problems) - SHOWN_PROBLEMS
        more = f"; and {rest} more like these" if rest > 0 else ""
        noun = "label does" if len(problems) == 1 else "labels do"
        shown = "; ".join(problems[:SHOWN_PROBLEMS])
        raise InputError(f"{len(problems)} {noun} not fit the documents: {shown}{more}")
    return gold


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"this is not JSON: {error.msg} at character {error.pos + 1}") from error


def _question(row: Any, line: int) -> LabelledQuestion:
    if not isinstance(row, dict):
        raise ValueError('a question is an object like {"question": "..."}')
    text = _field(row, "question", str, "a text", "")
    if not text.strip():
        raise ValueError("there is no question in it")
    answers = _field(row, "answers", list, "a list of texts", [])
    if not all(isinstance(answer, str) for answer in answers):
        raise ValueError("answers is not a list of texts")
    relevant = _field(row, "relevant", list, "a list of places", [])
    name = row.get("id")
    return LabelledQuestion(
        id=f"q{line}" if name is None else str(name),
        question=text.strip(),
        answers=tuple(answers),
        answerable=_field(row, "answerable", bool, "true or false", True),
        relevant=tuple(_gold(item) for item in relevant),
    )


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


def _resolve(
    question: LabelledQuestion, by_path: Mapping[str, Document]
) -> tuple[tuple[GoldSpan, ...], list[str]]:
    spans: list[GoldSpan] = []
    problems: list[str] = []
    for gold in question.relevant:
        try:
            spans.append(_place(gold, by_path))
        except ValueError as error:
            problems.append(f"question {question.id}: {error}")
    return tuple(spans), problems


def _place(gold: Gold, by_path: Mapping[str, Document]) -> GoldSpan:
    document = by_path.get(_plain_path(gold.document))
    if document is None:
        raise ValueError(f"there is no document {gold.document}")
    length = len(document.text)
    if gold.start is not None and gold.end is not None:
        if gold.end > length:
            raise ValueError(f"{gold.document} ends at {length}, before {gold.start} to {gold.end}")
        if gold.quote and not same_text(document.text[gold.start : gold.end], gold.quote):
            raise ValueError(f"{gold.document} says something else than the quote at {gold.start}")
        return GoldSpan(document.id, gold.start, gold.end)
    if gold.quote:
        found = find_quote(document.text, gold.quote)
        if found is None:
            raise ValueError(f"{gold.document} does not say {_shortened(gold.quote)}")
        return GoldSpan(document.id, *found)
    if not length:
        raise ValueError(f"{gold.document} is empty")
    return GoldSpan(document.id, 0, length)


def _by_path(documents: Mapping[str, Document]) -> dict[str, Document]:
    return {_plain_path(name): document for name, document in documents.items()}


def _plain_path(name: str) -> str:
    """ "./a\\\\b.md" as "a/b.md": labels are written on every system."""
    path = name.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def _shortened(quote: str) -> str:
    text = " ".join(quote.split())
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'
