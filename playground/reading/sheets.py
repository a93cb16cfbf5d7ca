"""Workbooks and CSV files as lines that can be understood alone: "Item: Desk | Price: 120".

A search finds a row, not a table, so every row repeats what its columns are called. This module does not
know how a text is decoded, nor formulas: it takes the values that the spreadsheet program saved.
"""

import csv
import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO, StringIO
from itertools import zip_longest
from typing import Any

import openpyxl

from playground.documents import Heading
from playground.reading.decoding import decode
from playground.reading.draft import Draft, PageText, clean, join_pages
from playground.reading.limits import Limits

_UNNAMED = re.compile(r"(sheet|tabelle|feuil|hoja|foglio|blad|планш|лист|シート|工作表)\s*\d*", re.IGNORECASE)
_ERRORS = {"#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NULL!", "#NUM!"}
_DELIMITERS = ",;\t|"
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBER = re.compile(r"[-+(]?[$€£¥]?\s?[\d.,\s]*\d[)%]?")


def read_xlsx(data: bytes, limits: Limits) -> Draft:
    """Every sheet is a page under its own name."""
    book = openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=True)
    left = limits.rows
    pieces: list[PageText] = []
    cut: list[str] = []
    for number, sheet in enumerate(book.worksheets, start=1):
        sheet.reset_dimensions()  # what a file says about its own size is often wrong
        rows = []
        for row in sheet.iter_rows(max_col=limits.columns):
            if left <= 0:
                cut.append(sheet.title)
                break
            left -= 1
            rows.append([_value(cell.value, cell.number_format or "") for cell in row])
        pieces.append(_sheet(number, sheet.title, rows))
    text, pages, headings = join_pages(pieces, "sheet")
    note = f"only the first {limits.rows:,} rows were read; sheet {cut[0]} is cut" if cut else ""
    return Draft(text, pages=pages, headings=headings, note=note)


def read_csv(data: bytes, limits: Limits) -> Draft:
    """A table in a text file, whatever stands between its values."""
    text = clean(decode(data))
    csv.field_size_limit(max(len(text), csv.field_size_limit()))  # it holds for the whole process
    delimiter = _delimiter(text)
    rows: list[list[str]] = []
    try:
        for row in csv.reader(StringIO(text), delimiter=delimiter, strict=False):
            if len(rows) == limits.rows:
                return Draft("\n".join(_lines(rows)), note=f"only the first {limits.rows:,} rows were read")
            rows.append([" ".join(value.split()) for value in row[: limits.columns]])
    except csv.Error:  # quotes that never close: the lines as they are say more than nothing
        return Draft(text)
    return Draft("\n".join(_lines(rows)))


def _sheet(number: int, name: str, rows: list[list[str]]) -> PageText:
    """A sheet under a heading with its name, unless the program made the name up."""
    body = clean("\n".join(_lines(rows)))
    if not body or _UNNAMED.fullmatch(name.strip()):
        return PageText(number, body, name)
    title = " ".join(name.split())
    return PageText(number, f"# {title}\n\n{body}", name, (Heading(1, title, 0),))


def _value(value: Any, number_format: str) -> str:
    """A cell as people read it: no NaN, no midnight, no digits that only the machine has."""
    if value is None or value in _ERRORS:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, float):
        return f"{value * 100:.10g}%" if number_format.endswith("%") else f"{value:.15g}"
    return " ".join(str(value).split())


def _lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The rows of each table as lines, with an empty line between tables; empty rows part them."""
    table: list[Sequence[str]] = []
    first = True
    for row in [*rows, []]:
        if any(row):
            table.append(row)
        elif table and not _ends_in_header(table):
            if not first:
                yield ""
            yield from _table_lines(table)
            first, table = False, []
    yield from _table_lines(table)


def _ends_in_header(table: list[Sequence[str]]) -> bool:
    """Whether all that came so far are captions and the names of columns: an empty row after those parts
    nothing."""
    wide = [row for row in table if sum(map(bool, row)) > 1]
    grouped = len(wide) == 2 and _is_header(wide[0]) and _is_wider_header(wide[1], wide[0])
    return wide[-1:] == table[-1:] and (grouped or (len(wide) == 1 and _is_header(wide[0])))


def _table_lines(table: list[Sequence[str]]) -> Iterator[str]:
    """Captions (one value) as they are, then the columns' names before the values of every row below."""
    header: Sequence[str] = ()
    for position, row in enumerate(table):
        values = [value for value in row if value]
        below = table[position + 1] if position + 1 < len(table) else ()
        if not header and len(values) > 1 and below and _is_header(row) and not _is_wider_header(below, row):
            header = row
        else:
            named = zip_longest(row, header[: len(row)], fillvalue="")
            yield " | ".join(f"{name}: {value}" if name else value for value, name in named if value)


def _is_header(row: Sequence[str]) -> bool:
    """Names: at least two, all different; no numbers but years, and not only those."""
    names = [value for value in row if value]
    words = [name for name in names if not _NUMBER.fullmatch(name)]
    others = set(names) - set(words)
    return (
        len(names) >= 2
        and len(set(names)) == len(names)
        and bool(words)
        and all(len(name) <= 80 for name in words)
        and all(_YEAR.fullmatch(name) for name in others)
    )


def _is_wider_header(row: Sequence[str], above: Sequence[str]) -> bool:
    """Whether the names of the columns are in `row` rather than in the row above it, which groups them."""
    return _is_header(row) and sum(map(bool, row)) > sum(map(bool, above))


def _delimiter(text: str) -> str:
    """The one that cuts most of the first lines into the same number of columns, more than one."""

    def evenness(delimiter: str) -> tuple[float, int]:
        counts = [len(row) for row in csv.reader(StringIO(sample), delimiter=delimiter) if row]
        usual = max(set(counts), key=lambda count: (counts.count(count), count), default=1)
        return (counts.count(usual) / len(counts), usual) if usual > 1 else (0.0, 0)

    sample = "\n".join(text.split("\n", 50)[:50])
    return max(_DELIMITERS, key=evenness)
