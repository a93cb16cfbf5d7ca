"""Training examples: read from JSONL, a JSON array, chat messages or CSV, every bad line with its reason.

This module does not judge the examples (see `playground.adapters.example_checks`) and does not know what is
trained with them.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from playground.adapters.example_rows import SHAPE, rows_of
from playground.documents import Document
from playground.errors import InputError, ReadError
from playground.questions.lookup import LabelledQuestion, resolve_all
from playground.reading.decoding import decode

SHOWN_REASONS = 3
LABELLED_FROM = 3
ROLES = ("system", "developer", "user", "assistant")
_NAMES = {"user": "User", "assistant": "Assistant"}
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Example:
    """What is asked and what is to be said. `line` is where the file has it, from 1; 0 without a file."""

    input: str
    output: str
    line: int = 0


@dataclass(frozen=True)
class BadLine:
    """A line that is no example, and why, in words for the person."""

    line: int
    reason: str


@dataclass(frozen=True)
class ExampleFile:
    """What a file holds, in its order. An example's output may still be empty; its input never is."""

    examples: tuple[Example, ...]
    bad_lines: tuple[BadLine, ...] = ()


def read_examples(path: Path) -> ExampleFile:
    """Read a file of examples. Raises InputError, naming it, where it cannot be read or where no line is
    usable."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read as examples: {error.strerror or error}") from error
    return parse_examples(str(path), content)


def parse_examples(name: str, content: bytes) -> ExampleFile:
    """The examples of a file's bytes, whose kind the name says. Raises InputError, naming the file, where no
    line is usable."""
    try:
        text = decode(content)
    except ReadError as error:
        raise InputError(f"{name} cannot be read as examples: it is no text") from error
    examples: list[Example] = []
    bad_lines: list[BadLine] = []
    for line, row in rows_of(name, text):
        try:
            examples.append(_example(row, line))
        except ValueError as error:
            bad_lines.append(BadLine(line, str(error)))
    if not any(example.output for example in examples):
        raise InputError(_nothing_usable(name, examples, bad_lines))
    return ExampleFile(tuple(examples), tuple(bad_lines))


def examples_from_questions(
    questions: Sequence[LabelledQuestion], documents: Mapping[str, Document]
) -> list[Example]:
    """Labelled questions as examples: the question, and the text of its evidence, several places joined by a
    line end. `documents` are keyed by their names; `line` is the question's place in the list, from 1.

    Questions without evidence are left out, and those whose label is a whole document: it is no answer that
    could be learned. Raises InputError where labels do not fit the documents or nothing is left.
    """
    texts = {document.id: document.text for document in documents.values()}
    gold = resolve_all(questions, documents)
    examples = []
    for line, question in enumerate(questions, start=1):
        spans = [
            span
            for span, label in zip(gold[question.id], question.relevant, strict=True)
            if label.quote or label.start is not None
        ]
        evidence = "\n".join(texts[span.document_id][span.start : span.end].strip() for span in spans)
        if evidence:
            examples.append(Example(question.question, evidence, line))
    if not examples:
        raise InputError(
            f"none of the {len(questions)} questions says which passage answers it; label some with a quote "
            "from a document"
        )
    return examples


def examples_hash(examples: Sequence[Example]) -> str:
    """sha256 of the inputs and outputs; their order and their lines do not count."""
    pairs = sorted((example.input, example.output) for example in examples)
    return hashlib.sha256(json.dumps(pairs).encode()).hexdigest()


def normalised(text: str) -> str:
    """The form in which two texts are the same: compatible characters, letter case and white space do not
    count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def labelled(examples: Sequence[Example]) -> bool:
    """Whether the outputs are few and stand for labels: there are at least two, and the median output has at
    least `LABELLED_FROM` examples, so that one is left to train with when others are held out. The median,
    because a single answer that is given to very many inputs makes no label of all the others."""
    counts = Counter(example.output for example in examples)
    return len(counts) >= 2 and median(counts.values()) >= LABELLED_FROM


def to_jsonl(examples: Sequence[Example]) -> str:
    """The examples as a file that `read_examples` reads."""
    rows = ({"input": example.input, "output": example.output} for example in examples)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _example(row: Any, line: int) -> Example:
    """Raises ValueError with the reason why `row` is none."""
    if isinstance(row, ValueError):
        raise row
    if not isinstance(row, dict):
        raise ValueError(f"this is not an object like {SHAPE}")
    if "messages" in row and "input" not in row:
        return _chat_example(row["messages"], line)
    for name in ("input", "output"):
        if name not in row:
            others = ", ".join(f'"{other}"' for other in list(row)[:4])
            raise ValueError(f'there is no "{name}"' + (f", only {others}" if others else ""))
    example = Example(_text(row["input"], "input"), _text(row["output"], "output"), line)
    if not example.input:
        raise ValueError("the input is empty")
    return example


def _chat_example(messages: Any, line: int) -> Example:
    """The last assistant message is the output, and what follows it is left out. One user message alone is
    the input as it is; otherwise the input is the system text and the turns before, a paragraph each, the
    turns behind "User: " or "Assistant: "."""
    if isinstance(messages, ValueError):
        raise messages
    if not isinstance(messages, list) or not all(isinstance(each, dict) for each in messages):
        raise ValueError('messages is not a list of objects like {"role": "user", "content": "..."}')
    turns = []
    for number, message in enumerate(messages, start=1):
        if message.get("role") not in ROLES:
            raise ValueError(f"message {number} has a role that is not system, user or assistant")
        turns.append((message["role"], _content(message.get("content"), number)))
    answers = [index for index, (role, _) in enumerate(turns) if role == "assistant"]
    if not answers:
        raise ValueError("no message is the assistant's, so nothing says what to answer")
    before = [(role, text) for role, text in turns[: answers[-1]] if text]
    if not any(role == "user" for role, _ in before):
        raise ValueError("no user message with a text stands before the assistant's last one")
    if len(before) == 1:
        return Example(before[0][1], turns[answers[-1]][1], line)
    paragraphs = (f"{_NAMES[role]}: {text}" if role in _NAMES else text for role, text in before)
    return Example("\n\n".join(paragraphs), turns[answers[-1]][1], line)


def _content(content: Any, number: int) -> str:
    """A message's text; some tools write it as a list of parts."""
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else None for part in content]
        if not all(isinstance(part, str) for part in parts):
            raise ValueError(f"message {number} holds something else than text")
        content = "".join(str(part) for part in parts)
    return _text(content, f"content of message {number}")


def _text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"the {name} is not text")
    if _HALF_CHARACTER.search(value):
        raise ValueError(f"the {name} holds half a character (a lone surrogate)")
    return value.strip()


def _nothing_usable(name: str, examples: Sequence[Example], bad_lines: Sequence[BadLine]) -> str:
    if not examples and not bad_lines:
        return f"{name} holds no examples; write one a line, like {SHAPE}"
    reasons = [BadLine(example.line, "the output is empty") for example in examples] + list(bad_lines)
    reasons.sort(key=lambda each: each.line)
    shown = "; ".join(f"line {each.line}: {each.reason}" for each in reasons[:SHOWN_REASONS])
    rest = len(reasons) - SHOWN_REASONS
    return f"{name} holds no usable example. {shown}" + (
        f"; and {rest} more lines like these" if rest > 0 else ""
    )
