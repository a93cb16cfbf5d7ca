from dataclasses import replace
from typing import Any

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from playground.decision.costs import Assumptions, Usage, costs_of
from playground.ui.decide.cost_tables import part_rows
from tests.pages import drawn
from tests.test_costs import BY_TOKEN, MEASURED


def page(
    usage: Usage = MEASURED, assumptions: Assumptions = BY_TOKEN, elsewhere: tuple[str, ...] = ()
) -> AppTest:
    """Both pieces of the page, with the assumptions kept as they come back."""

    def script() -> None:
        import streamlit as st

        from playground.ui.decide.costs import break_even_card, costs_section

        state, card = st.session_state, st.container()
        state.kept = costs_section(state.usage, state.kept, state.elsewhere)
        with card:
            break_even_card(state.usage, state.kept)

    shown = AppTest.from_function(script, default_timeout=60)
    shown.session_state.usage = usage
    shown.session_state.kept = assumptions
    shown.session_state.elsewhere = elsewhere
    shown.run()
    assert not shown.exception
    return shown


def table(shown: AppTest) -> dict[str, tuple[float, str]]:
    """Value and unit by the name of an assumption."""
    frame = shown.dataframe[0].value
    return {row["Assumption"]: (row["Value"], row["Unit"]) for _, row in frame.iterrows()}


def edit(monkeypatch: pytest.MonkeyPatch, values: dict[str, float]) -> None:
    """From now on these values stand in the table, as if a person had put them in."""
    original = st.data_editor

    def edited(frame: pd.DataFrame, **options: Any) -> pd.DataFrame:
        shown = original(frame, **options).set_index("Assumption", drop=False)
        shown.loc[list(values), "Value"] = list(values.values())
        return shown

    monkeypatch.setattr(st, "data_editor", edited)


def words(shown: AppTest) -> str:
    return drawn(shown).replace("\N{NO-BREAK SPACE}", " ")


def test_the_card_says_the_conclusion_in_words_over_questions_and_over_updates() -> None:
    shown = page()
    assert "RAG costs 67 € and Fine-tuned 309 €; an adapter pays off from 120,000 questions a month" in words(
        shown
    )
    shown.segmented_control(key="break_even_over").set_value("updates").run()
    assert "an adapter does not pay off at any number of updates" in words(shown)
    assert not shown.exception


def test_a_sign_that_markdown_would_read_as_a_formula_is_shown() -> None:
    shown = page(assumptions=Assumptions(currency="$"))
    assert "RAG costs \\$" in words(shown)


def test_the_section_shows_parts_sources_and_the_cheapest() -> None:
    text = words(page())
    for expected in (
        "setting up retrieval · 2 h of work",
        "901 €",
        "✓ cheapest",
        "this run",
        "assumed as of 2026-11-21",
    ):
        assert expected in text


def test_only_what_counts_can_be_edited() -> None:
    by_token, by_hour = page(), page(Usage(), Assumptions())
    assert table(by_token)["Tokens of the prompt"] == (2.0, "€ a million")
    assert "Making an answer" not in table(by_token)
    assert table(by_hour)["Making an answer"] == (1.0, "seconds")
    assert "Tokens of the prompt" not in table(by_hour)
    assert "Questions a month" not in table(page(elsewhere=("calls",)))


def test_payment_and_currency_are_chosen_and_come_back() -> None:
    shown = page()
    shown.segmented_control(key="cost_paid_by_1").set_value("machine").run()
    assert shown.session_state.kept.paid_by == "machine"
    assert "Tokens of the prompt" not in table(shown)
    shown.text_input(key="cost_currency_1").set_value("CHF").run()
    assert shown.session_state.kept.currency == "CHF"
    assert table(shown)["Work"] == (60.0, "CHF an hour")
    assert not shown.error


def test_a_currency_that_cannot_be_leaves_the_one_before_and_says_so() -> None:
    shown = page()
    shown.text_input(key="cost_currency_1").set_value(" ").run()
    assert [each.value for each in shown.error] == ["The currency needs a sign or a code; € still counts."]
    assert shown.session_state.kept == BY_TOKEN


def test_edited_values_come_back_and_what_cannot_be_is_said_while_the_last_good_one_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown = page()
    edit(monkeypatch, {"Questions a month": 500.0, "One-time costs are spread over": 24.0})
    assert shown.run().session_state.kept == replace(BY_TOKEN, calls=500, months=24)
    edit(monkeypatch, {"Work": float("nan"), "One-time costs are spread over": 0.5})
    assert shown.run().session_state.kept == replace(BY_TOKEN, calls=500, months=24)
    assert [each.value for each in shown.error] == [
        "“One-time costs are spread over” cannot be below 1; 24 still counts. "
        "“Work” has to be a number; 60 still counts."
    ]


def test_what_is_edited_lasts_when_other_rows_or_units_are_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = page()
    with monkeypatch.context() as patch:
        edit(patch, {"Questions a month": 500.0})
        shown.run()
        shown.segmented_control(key="cost_paid_by_1").set_value("machine").run()
    shown.run()
    assert shown.session_state.kept == replace(BY_TOKEN, calls=500, paid_by="machine")
    assert table(shown)["Questions a month"] == (500.0, "questions")


def test_assumptions_changed_from_elsewhere_are_shown() -> None:
    shown = page()
    shown.session_state.kept = Assumptions(calls=77, currency="$")
    shown.run()
    assert table(shown)["Questions a month"] == (77.0, "questions")
    assert shown.text_input(key="cost_currency_2").value == "$"
    assert shown.session_state.kept == Assumptions(calls=77, currency="$")


@pytest.mark.parametrize("usage", [Usage(), MEASURED])
def test_assumptions_that_nobody_edits_come_back_as_they_were(usage: Usage) -> None:
    shown = page(usage, Assumptions())
    shown.run()
    assert shown.session_state.kept == Assumptions()


def test_parts_of_one_name_are_one_row_that_says_how_they_come_about_where_they_agree() -> None:
    costs = costs_of(MEASURED, BY_TOKEN)
    rows = part_rows({key: cost.per_update for key, cost in costs.items()})
    assert [(name, how, list(own)) for name, how, own in rows] == [
        ("changing the prompt", "5 min of work", ["prompt"]),
        ("bringing the document in", "5 min of work", ["rag", "both"]),
        ("indexing it", "10 s of a machine", ["rag", "both"]),
        ("changing examples", "", ["fine_tuning", "both"]),
        ("training", "", ["fine_tuning", "both"]),
        ("checking the adapter", "", ["fine_tuning", "both"]),
    ]
