"""The text of an examples file as rows: lines of JSON, the items of a JSON array, or a CSV file's records.

A row is (line, what stands there, or the ValueError that says why it cannot be read). This module does not
know what makes a row an example.
"""

import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from playground.csv_columns import csv_columns
from playground.errors import InputError

SHAPE = '{"input": "...", "output": "..."}'
_LINE_END = re.compile(r"\r\n|\n|\r")  # JSON texts may hold the other characters that end a line
_BLANK = re.compile(r"\s*")


def rows_of(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """The rows with their lines, from 1; blank lines are passed over. The ending of `name` says what the text
    is; for an ending that is neither CSV nor JSON the first character does. Raises InputError, naming the
    file, for a CSV file without the columns."""
    if _is_csv(name, text):
        return _csv_rows(name, text)
    return _array_rows(text) if text.lstrip().startswith("[") else _lines(text)


def _is_csv(name: str, text: str) -> bool:
    suffix = Path(name).suffix.lower()
    if suffix in (".csv", ".tsv", ".json", ".jsonl", ".ndjson"):
        return suffix in (".csv", ".tsv")
    return text.lstrip()[:1] not in ("{", "[")


def _lines(text: str) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(_LINE_END.split(text), start=1):
        if line.strip():
            yield number, _parsed(line)


def _array_rows(text: str) -> Iterator[tuple[int, Any]]:
    """The items of a JSON array one by one, so that each has its line and those before an error count."""
    decoder = json.JSONDecoder()
    position = _skip_blank(text, text.index("[") + 1)
    while text[position : position + 1] != "]":
        line = text.count("\n", 0, position) + 1
        try:
            item, position = decoder.raw_decode(text, position)
        except (ValueError, RecursionError) as error:
            yield line, _not_json(error, " and the rest of the file is not read")
            return
        yield line, item
        position = _skip_blank(text, position)
        if text[position : position + 1] == ",":
            position = _skip_blank(text, position + 1)
        elif text[position : position + 1] != "]":
            here = text.count("\n", 0, position) + 1
            yield here, ValueError("the list is not closed here with ] or continued with a comma")
            return


def _skip_blank(text: str, position: int) -> int:
    found = _BLANK.match(text, position)
    return found.end() if found else position


def _parsed(line: str) -> Any:
    """The line's value, or the error that says why it has none."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError) as error:
        return _not_json(error)


def _not_json(error: ValueError | RecursionError, rest: str = "") -> ValueError:
    if isinstance(error, json.JSONDecodeError):
        return ValueError(f"this is not JSON: {error.msg} at character {error.colno}{rest}")
    return ValueError(f"this is not JSON that can be read: {error}{rest}")


def _csv_rows(name: str, text: str) -> Iterator[tuple[int, Any]]:
    """Rows as objects by the first line's names. A row's line is its first one: texts may hold line ends."""
    delimiter, columns = _csv_columns(name, text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    next(reader)
    while True:
        line = reader.line_num + 1
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, _not_csv(error)
            continue
        while len(fields) > len(columns) and not fields[-1].strip():
            fields.pop()
        if len(fields) > len(columns):
            count = f"{len(fields)} fields instead of {len(columns)}"
            remedy = "a text that holds a delimiter has to stand in quotation marks"
            yield line, ValueError(f"it has {count}: {remedy}")
        elif any(field.strip() for field in fields):
            row = dict(zip(columns, fields, strict=False))
            chat = row.get("messages", "").strip()
            yield line, {"messages": _parsed(chat)} if chat else row


def _csv_columns(name: str, text: str) -> tuple[str, list[str]]:
    if found := csv_columns(text, lambda columns: {"input", "output"} <= columns or "messages" in columns):
        return found
    raise InputError(
        f"{name} holds no examples: the first line of a CSV file has to name the columns input and output; "
        f"or write a line of JSON each, like {SHAPE}"
    )


def _not_csv(error: csv.Error) -> ValueError:
    if "unexpected end of data" in str(error):
        return ValueError("a quotation mark is opened here and never closed")
    if "field limit" in str(error):
        return ValueError(f"a field is longer than {csv.field_size_limit():,} characters")
    return ValueError("a quotation mark inside a text has to be doubled")
