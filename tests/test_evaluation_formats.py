import json
import time

import pytest

from playground.errors import InputError
from playground.evaluation.formats import SECONDS, FormatCheck

FEE = {
    "type": "object",
    "properties": {"fee": {"$ref": "#/$defs/amount"}, "month": {"enum": ["May", "June"]}},
    "required": ["fee"],
    "$defs": {"amount": {"type": "integer", "minimum": 0}},
}


def of_schema(schema: object) -> FormatCheck:
    return FormatCheck("json_schema", json.dumps(schema))


@pytest.mark.parametrize(
    ("answer", "valid"),
    [
        ('{"fee": 30, "month": "May"}', True),
        (' {"fee": 30}\n', True),
        ('```json\n{"fee": 30}\n```', True),
        ('```\n{"fee":\n30}\n```\n', True),
        ('Here it is: {"fee": 30}', False),
        ('```json\n{"fee": 30}\n```\nThat is all.', False),
        ('{"fee": -1}', False),
        ('{"fee": "30"}', False),
        ('{"month": "May"}', False),
        ('{"fee": 30', False),
        ('{"fee": NaN}', False),
        ("", False),
        ("[" * 100_000, False),
    ],
)
def test_json_fits_its_schema_or_not(answer: str, valid: bool) -> None:
    assert of_schema(FEE).valid(answer) is valid


def test_a_schema_may_name_an_older_standard() -> None:
    older = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"n": {"type": "integer"}},
        "items": {"$ref": "#/definitions/n"},
    }
    assert of_schema(older).valid("[1, 2]")
    assert not of_schema(older).valid('[1, "2"]')


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ('{"type": ', "the schema is not JSON: Expecting value in line 1, column 10"),
        ("[]", 'the schema is not an object, like {"type": "object"}'),
        ('{"properties": {"fee": {"type": "money"}}}', "the schema is not valid at properties.fee.type: "),
        ('{"minimum": "0"}', "the schema is not valid at minimum: '0' is not of type 'number'"),
        ('{"pattern": "("}', "the schema is not valid at pattern: "),
        ('{"$ref": "#/$defs/gone"}', "the schema refers to #/$defs/gone, which is not in it"),
        ('{"items": {"$ref": "http://localhost:1/fee.json"}}', "the schema refers to http://localhost:1/"),
    ],
)
def test_a_schema_that_cannot_be_used_says_why(schema: str, complaint: str) -> None:
    with pytest.raises(InputError) as raised:
        FormatCheck("json_schema", schema)
    assert str(raised.value).startswith(complaint)
    assert "\n" not in str(raised.value)


def test_a_pattern_matches_the_whole_answer() -> None:
    check = FormatCheck("regex", r"Dear .+,.*Yours, \w+")
    assert check.valid("Dear Ann,\nthe fee rose.\nYours, Bob\n")
    assert not check.valid("Dear Ann,\nthe fee rose.\nYours, Bob Brown")
    assert not check.valid("Hello. Dear Ann, no. Yours, Bob")


def test_a_pattern_that_cannot_be_used_says_why() -> None:
    with pytest.raises(InputError, match=r"^\(fee is not a regular expression: missing \)"):
        FormatCheck("regex", "(fee")
    with pytest.raises(InputError, match="there is no pattern"):
        FormatCheck("regex", " ")


@pytest.mark.parametrize(
    ("check", "answer"),
    [
        (FormatCheck("regex", "(a|aa)+b"), "a" * 60),
        (of_schema({"pattern": "^(a|aa)+b$"}), json.dumps("a" * 60)),
    ],
)
def test_a_pattern_that_would_never_end_is_given_up(check: FormatCheck, answer: str) -> None:
    begin = time.monotonic()
    assert not check.valid(answer)
    assert time.monotonic() - begin < 5 * SECONDS


def test_a_label_is_said_alone_and_as_it_is_written() -> None:
    check = FormatCheck("labels", "card payment\n\n  cash \r\nLoan")
    assert [check.valid(answer) for answer in ("card  payment\n", "cash", "Loan")] == [True] * 3
    assert [check.valid(answer) for answer in ("loan", "cash.", "card", "", "cash Loan")] == [False] * 5


def test_no_labels_are_no_format() -> None:
    with pytest.raises(InputError, match="there are no labels; write one a line"):
        FormatCheck("labels", " \n")


def test_checks_of_the_same_text_are_the_same() -> None:
    assert FormatCheck("labels", "a") == FormatCheck("labels", "a")
    assert len({FormatCheck("labels", "a"), FormatCheck("labels", "a"), FormatCheck("regex", "a")}) == 2
