"""Labelled questions as a table: a row for every piece of evidence, in the columns of a spreadsheet.

Rows come and go as objects in the shape of the JSONL file. This module does not know what makes an object a
question.
"""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from playground.csv_columns import csv_columns
from playground.errors import InputError

COLUMNS = ("id", "question", "answers", "answerable", "document", "start", "end", "quote")
PARTED_BY = " | "
_YES = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def table_rows(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """The rows with their lines, from 1: objects with one place at most, or the ValueError that says what is
    wrong with one. Empty rows are passed over. Raises InputError, naming the file, for a table without the
    column question."""
    delimiter, columns = _columns(name, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        line = reader.line_num + 1  # its first one: texts may hold line ends
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, ValueError(f"this is no row of a table: {error}; double the marks in a text")
            continue
        if any(field.strip() for field in fields):
            yield line, _row_or_error(columns, fields)


def table_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The inverse: a table of objects."""
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS)
    writer.writeheader()
    for row in rows:
        known = {
            "id": row["id"],
            "question": row["question"],
            "answers": answers_in_words(row["answers"]),
            "answerable": "true" if row["answerable"] else "false",
        }
        for place in row["relevant"] or [{}]:
            writer.writerow({**known, **place})
            known = {"id": row["id"], "question": row["question"]}
    return out.getvalue()


def answers_in_words(answers: Sequence[str]) -> str:
    """Several answers in one field: parted by bars, or as a JSON list where that would not be read back."""
    text = PARTED_BY.join(answers)
    if answers_from_words(text) == list(answers):
        return text
    return json.dumps(list(answers), ensure_ascii=False)


def answers_from_words(text: str) -> list[str]:
    """The inverse of `answers_in_words`; what a person typed is read as generously as it can be."""
    if text.lstrip().startswith("["):
        try:
            values = json.loads(text)
        except (ValueError, RecursionError):
            values = None
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return values
    return [part.strip() for part in text.split(PARTED_BY) if part.strip()]


def _columns(name: str, text: str) -> tuple[str, list[str]]:
    if found := csv_columns(text, lambda columns: "question" in columns):
        return found
    raise InputError(
        f"{name} holds no questions: its first line has to name the columns, and one of them question; the "
        f"others are {', '.join(each for each in COLUMNS if each != 'question')}"
    )


def _row_or_error(columns: Sequence[str], fields: Sequence[str]) -> dict[str, Any] | ValueError:
    if any(field.strip() for field in fields[len(columns) :]):
        return ValueError(
            f"it has {len(fields)} fields instead of {len(columns)}: a text that holds a delimiter has to "
            "stand in quotation marks"
        )
    cells = dict.fromkeys(COLUMNS, "") | dict(zip(columns, fields, strict=False))
    try:
        return _row(cells)
    except ValueError as error:
        return error


def _row(cells: Mapping[str, str]) -> dict[str, Any]:
    answerable = cells["answerable"].strip().lower()
    if answerable and answerable not in _YES:
        raise ValueError(
            f"answerable is {cells['answerable'].strip()}; write true or false, yes or no, 1 or 0"
        )
    place: dict[str, Any] = {"document": cells["document"].strip()}
    place |= {name: _number(name, cells[name]) for name in ("start", "end") if cells[name].strip()}
    if cells["quote"].strip():
        place["quote"] = cells["quote"]
    return {
        "id": cells["id"].strip() or None,
        "question": cells["question"],
        "answers": answers_from_words(cells["answers"]),
        "answerable": _YES[answerable] if answerable else None,
        "relevant": [place] if any(place.values()) else [],
    }


def _number(name: str, text: str) -> int:
    try:
        return int(text.strip())
    except ValueError:
        raise ValueError(f"{name} is {text.strip()}, not a whole number") from None
