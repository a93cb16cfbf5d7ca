import datetime

import pytest

from playground.documents import Heading
from playground.reading.limits import Limits
from playground.reading.sheets import read_csv, read_xlsx
from tests import files_for_reading as files

ANY = Limits()


def read(sheets, limits=ANY):
    return read_xlsx(files.workbook(sheets), limits)


def test_every_row_names_its_columns():
    draft = read({"Fees": [["Item", "Price"], ["Desk", 120], ["Chair", 40.1]]})
    assert draft.text == "# Fees\n\nItem: Desk | Price: 120\nItem: Chair | Price: 40.1"
    assert draft.headings == (Heading(1, "Fees", 0),)


def test_sheets_are_pages_and_a_made_up_name_is_no_heading():
    draft = read({"Sheet1": [["a", "b"], [1, 2]], "Empty": [], "Rates 2024": [["x"]]})
    assert [page.label for page in draft.pages] == ["sheet Sheet1", "sheet Empty", "sheet Rates 2024"]
    assert [draft.text[page.start : page.end] for page in draft.pages] == [
        "a: 1 | b: 2",
        "",
        "# Rates 2024\n\nx",
    ]
    assert [draft.text[heading.start :] for heading in draft.headings] == ["# Rates 2024\n\nx"]


def test_captions_stand_above_their_table_and_an_empty_row_ends_it():
    rows = [["Prices"], ["Item", "Price"], ["Desk", 120], [], ["Staff"], ["Name", "City"], ["Ada", "Rome"]]
    assert read({"Sheet": rows}).text == ("Prices\nItem: Desk | Price: 120\n\nStaff\nName: Ada | City: Rome")


def test_the_wider_of_two_header_rows_names_the_columns():
    rows = [
        ["In millions", None, "2024 and 2023"],
        [None, "Sales", "Costs", "Profit"],
        [],
        ["North", 5, 3, 2],
    ]
    assert (
        read({"Sheet": rows}).text == "In millions | 2024 and 2023\nNorth | Sales: 5 | Costs: 3 | Profit: 2"
    )


def test_years_are_names_of_columns_and_other_numbers_are_not():
    assert read({"Sheet": [["Item", 2023, 2024], ["Desk", 5, 6]]}).text == "Item: Desk | 2023: 5 | 2024: 6"
    assert read({"Sheet": [["Desk", 5], ["Chair", 6]]}).text == "Desk | 5\nChair | 6"


def test_values_read_as_people_write_them():
    moment = datetime.datetime(2024, 3, 1, 9, 30)
    row = ["x", 0.1 + 0.2, True, datetime.datetime(2024, 3, 1), moment, "#N/A", None, "two\nlines"]
    assert read({"Sheet": [row]}).text == "x | 0.3 | TRUE | 2024-03-01 | 2024-03-01 09:30 | two lines"


def test_rows_beyond_the_limit_are_left_out_and_said():
    draft = read({"A": [["x"]] * 3, "B": [["y"]] * 3}, Limits(rows=4))
    assert draft.text == "# A\n\nx\nx\nx\n\n# B\n\ny"
    assert draft.note == "only the first 4 rows were read; sheet B is cut"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_is_read_whatever_stands_between(delimiter: str):
    lines = [["Item", "Price"], ["Desk", "120"], ["Chair", "40"]]
    text = "\r\n".join(delimiter.join(line) for line in lines)
    assert (
        read_csv(text.encode("utf-16"), Limits()).text == "Item: Desk | Price: 120\nItem: Chair | Price: 40"
    )


def test_commas_in_numbers_do_not_hide_the_semicolon():
    data = b"Item;Price;Tax\nDesk;1,5;0,1\nChair;2,5;0,2\n"
    assert read_csv(data, Limits()).text.splitlines()[0] == "Item: Desk | Price: 1,5 | Tax: 0,1"


def test_quoted_lines_stay_one_value():
    assert (
        read_csv(b'Item,Note\nDesk,"two\nlines, here"\n', Limits()).text
        == "Item: Desk | Note: two lines, here"
    )


def test_a_csv_file_has_a_limit_too():
    draft = read_csv(b"a,1\n" * 9, Limits(rows=2))
    assert (draft.text, draft.note) == ("a | 1\na | 1", "only the first 2 rows were read")
