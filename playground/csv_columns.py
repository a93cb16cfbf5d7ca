"""The first line of a CSV file: which delimiter it uses, and which columns it names.

It does not know what the columns are for.
"""

import csv
import io
from collections.abc import Callable


def csv_columns(text: str, is_wanted: Callable[[set[str]], bool]) -> tuple[str, list[str]] | None:
    """(delimiter, names in lower case): the delimiter is what makes wanted columns of the first line. None
    where none does."""
    for delimiter in (",", ";", "\t"):
        try:
            header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        except csv.Error:
            continue
        columns = [column.strip().lower() for column in header]
        if is_wanted(set(columns)):
            return delimiter, columns
    return None
