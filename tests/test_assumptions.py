import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.decision.assumptions import ABOUT, AS_OF, ASSUMED, Assumptions, with_values
from playground.decision.money import amount, duration, money, plain, volume
from playground.errors import ConfigError

NUMBERS = st.fixed_dictionaries(
    {name: st.floats(about.least, min(about.most, 1e9)) for name, about in ABOUT.items()}
)


@settings(deadline=None)
@given(NUMBERS, st.sampled_from(["machine", "tokens"]), st.sampled_from(["€", "$", "CHF"]))
def test_assumptions_come_back_from_json_as_they_were(
    numbers: dict[str, float], paid_by: str, currency: str
) -> None:
    assumptions = Assumptions.from_json(json.dumps({**numbers, "paid_by": paid_by, "currency": currency}))
    assert Assumptions.from_json(assumptions.to_json()) == assumptions
    assert (assumptions.paid_by, assumptions.currency) == (paid_by, currency)
    assert {name: getattr(assumptions, name) for name in ABOUT} == numbers


def test_what_is_not_said_is_as_by_default() -> None:
    assert Assumptions.from_json('{"calls": 7}') == replace(Assumptions(), calls=7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"work_price": -1}', "work_price=-1: Work cannot be below 0"),
        ('{"months": 0.5}', "months=0.5: One-time costs are spread over cannot be below 1"),
        ('{"retrained": 101}', "retrained=101: .* cannot be above 100"),
        ('{"calls": "many"}', "calls='many': Questions a month has to be a number"),
        ('{"calls": true}', "calls=True: Questions a month has to be a number"),
        ('{"calls": null}', "calls=None: Questions a month has to be a number"),
        ('{"calls": NaN}', "calls=nan: Questions a month has to be a number"),
        ('{"calls": Infinity}', "calls=inf: Questions a month cannot be above 1,000,000,000,000"),
        ('{"calls": 1' + "0" * 400 + "}", "Questions a month cannot be above"),
        ('{"currency": ""}', "currency='': put in a sign"),
        ('{"currency": "  "}', "currency"),
        ('{"currency": "doubloons"}', "currency='doubloons'"),
        ('{"currency": 5}', "currency=5"),
        ('{"paid_by": "luck"}', "paid_by='luck': answers are paid by machine or tokens"),
        ('{"paid_by": []}', "paid_by"),
        ('{"price": 5}', "there is no assumption price; there are currency, paid_by, calls"),
        ("[]", "have to be a JSON object"),
        ("{", "are no JSON"),
    ],
)
def test_what_cannot_be_is_refused_and_named(text: str, words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        Assumptions.from_json(text)


def test_of_several_values_the_good_ones_are_taken() -> None:
    before = Assumptions()
    after, wrong = with_values(before, {"calls": 500.0, "months": 0, "work_price": None})
    assert after == replace(before, calls=500.0)
    assert wrong == {"months": "cannot be below 1", "work_price": "has to be a number"}


def test_every_number_has_a_name_a_unit_and_a_sentence_and_stands_once() -> None:
    assert all(each.name and each.unit and each.meaning.endswith(".") for each in ABOUT.values())
    names = [(each.name, each.group) for each in ABOUT.values()]
    assert len(names) == len(set(names))
    assert set(ABOUT) | {"currency", "paid_by"} == set(json.loads(Assumptions().to_json()))


def test_units_are_in_the_persons_currency_and_defaults_are_called_assumed() -> None:
    assert Assumptions(currency="CHF").unit("work_price") == "CHF an hour"
    assert Assumptions(currency="CHF").unit("months") == "months"
    assert ASSUMED.startswith("assumed") and AS_OF in ASSUMED


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (0.0004, "0.0004"),
        (0.00123, "0.0012"),
        (0.045, "0.045"),
        (0.5, "0.50"),
        (1, "1"),
        (4.5, "4.50"),
        (9.994, "9.99"),
        (9.995, "10"),
        (45.3, "45"),
        (1234.5, "1,234"),
        (1_250_000, "1,250,000"),
    ],
)
def test_a_sum_has_the_digits_that_matter(number: float, words: str) -> None:
    assert money(number, "€") == f"{words}\N{NO-BREAK SPACE}€"
    assert money(number, "$") == f"${words}"


def test_a_saving_has_its_sign_before_the_sum() -> None:
    assert (money(-3, "$"), money(-0.5, "€")) == ("−$3", "−0.50\N{NO-BREAK SPACE}€")


def test_volumes_have_three_digits_and_what_was_put_in_has_all() -> None:
    assert [volume(each) for each in (20_314.7, 849_600, 999.6, 12.54, 2.4, 0.0312, 0)] == [
        *("20,300", "850,000", "1,000", "12.5", "2.4", "0.0312", "0"),
    ]
    assert [plain(each) for each in (12_345, 0.5, 4.0, 100)] == ["12,345", "0.5", "4", "100"]
    assert [amount(each) for each in (1312.4, 240, 61.44)] == ["1,312", "240", "61.4"]


def test_times_are_in_the_unit_that_people_use() -> None:
    assert [duration(each) for each in (0.0451, 5, 59, 60, 371, 3600, 5400)] == [
        *("0.0451 s", "5 s", "59 s", "1 min", "6.18 min", "1 h", "1.5 h"),
    ]


def test_the_least_and_the_most_are_values_too() -> None:
    at_the_ends = Assumptions(calls=0, months=1, retrained=100, work_price=1e12)
    assert (at_the_ends.months, at_the_ends.retrained) == (1, 100)
