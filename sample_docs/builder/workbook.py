"""Tables as an XLSX: a sheet for each file, or the price list of one year with a sheet for each group."""

import csv
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from sample_docs.builder.archive import FIXED_TIME, freeze

ACCENT = PatternFill("solid", fgColor="1F5F5B")


def write_workbook(sheets: Mapping[str, Path], path: Path, author: str) -> None:
    """A sheet for each CSV file (parted by "|"), by the sheet's name; numbers become numbers."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title = path.stem.replace("-", " ").capitalize()
    workbook.properties.creator = author
    workbook.properties.created = datetime(*FIXED_TIME)
    for name, file in sheets.items():
        rows = _rows(file)
        sheet = _sheet(workbook, name, list(rows[0]))
        for row in rows:
            sheet.append([_cell(value) for value in row.values()])
    workbook.save(path)
    freeze(path)


def write_price_list(prices: Path, terms: Path, year: str, path: Path, author: str) -> None:
    """Write what is sold in `year`: a code without a price in that year is left out."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    workbook.properties.title = f"Quellmoor price list {year}"
    workbook.properties.creator = author
    workbook.properties.created = datetime(*FIXED_TIME)
    for row in _rows(prices):
        if row[year]:
            sheet = _sheet(
                workbook, row["sheet"], ["Code", "Description", "Unit", f"Price {year} (EUR)", "Note"]
            )
            note = "" if "2026" in row["note"] and year == "2025" else row["note"]
            sheet.append(
                [row["code"], _description(row["name"], year), row["unit"], _number(row[year]), note]
            )
    for row in _rows(terms):
        _sheet(workbook, row["sheet"], ["Topic", f"Rule {year}"]).append([row["topic"], row[year]])
    workbook.save(path)
    freeze(path)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="|"))


def _description(name: str, year: str) -> str:
    """ "cable 10 m from 2026" says nothing true about 2025, and nothing new in 2026."""
    return name.replace(", cable 10 m from 2026", ", cable 5 m" if year == "2025" else ", cable 10 m")


def _number(price: str) -> float | int:
    return float(price) if "." in price else int(price)


def _cell(value: str) -> str | float | int:
    return _number(value) if re.fullmatch(r"-?\d+(\.\d+)?", value) else value


def _sheet(workbook: Workbook, name: str, head: list[str]) -> Worksheet:
    if name in workbook.sheetnames:
        return workbook[name]
    sheet: Worksheet = workbook.create_sheet(name)
    sheet.append(head)
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), ACCENT
    widths = [16, 48, 14, 18, 36] if len(head) == 5 else [44, 80]
    widths += [20] * (len(head) - len(widths))
    for column, width in zip("ABCDEFGHIJKLMNOP", widths, strict=False):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "A2"
    return sheet
