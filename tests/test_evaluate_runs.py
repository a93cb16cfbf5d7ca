"""The Runs section of the Evaluate page, without a browser."""

import csv
import io
import json
from collections.abc import Sequence

import pytest
from streamlit.testing.v1 import AppTest

from playground.evaluation.records import Plan
from playground.evaluation.results import Contender
from playground.evaluation.run_store import RunStore
from playground.ui import resources
from playground.ui.evaluate import run_comparison as evaluate_run_comparison
from playground.ui.evaluate.runs import exported, table_key
from tests.evaluations import BASE, OTHER, plan, questions, record

ALONE = (Contender("Balanced", BASE),)


def section() -> None:
    from playground.ui.evaluate.runs import runs_section

    runs_section()


def head() -> None:
    from playground.ui import resources
    from playground.ui.evaluate.runs import report_button

    store = resources.workspace().runs
    report_button(store.run(store.entries()[0].id))


def keep(name: str, signs: str, *, kind: str = "evaluation", state: str = "done", **about: dict) -> str:
    """A run of one contender in the store, a sign a question."""
    store = resources.workspace().runs
    wanted = Plan("Mine", questions(len(signs)), ALONE, kind=kind)  # type: ignore[arg-type]
    run = store.begin(name, wanted, about.get("documents", {}), about.get("versions", {}))
    for number, sign in enumerate(signs):
        if sign != " ":
            store.keep(run, 0, number, f"{run} {number}", record(sign, answer="=yes"), None)
    store.end(run, state, 65.0)  # type: ignore[arg-type]
    return run


def open_section() -> AppTest:
    page = AppTest.from_function(section, default_timeout=60).run()
    assert not page.exception
    return page


def choose(page: AppTest, *rows: int) -> AppTest:
    """Click rows of the table, the newest is 0."""
    shown = [each for each in resources.workspace().runs.entries() if each.kind == "evaluation"]
    page.session_state[table_key(shown)] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    page.run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(element.value for element in (*page.markdown, *page.caption))


def names(page: AppTest) -> list[str]:
    return list(page.dataframe[0].value["Run"])


def labels(page: AppTest, kind: str) -> Sequence[str]:
    return [element.label for element in page.get(kind)]


def test_without_runs_it_says_what_to_do() -> None:
    assert "Nothing was measured yet" in said(open_section())


def test_runs_are_a_table_with_the_newest_first() -> None:
    keep("Monday", "✓✗")
    keep("Tuesday", "✓ ", state="cancelled")
    table = open_section().dataframe[0].value
    assert list(table["Run"]) == ["Tuesday", "Monday"]
    assert list(table["Questions"]) == ["Mine, 2"] * 2
    assert list(table["Configurations"]) == ["Balanced"] * 2
    assert list(table["State"]) == ["stopped, 1 of 2", "done"]
    assert list(table["Took"]) == ["65 s"] * 2
    assert "Kind" not in table


def test_runs_of_searches_are_shown_when_they_are_wanted() -> None:
    keep("Monday", "✓")
    keep("Try", "✓", kind="search")
    page = open_section()
    assert names(page) == ["Monday"]
    page.toggle(key="all_runs").set_value(True).run()
    assert names(page) == ["Try", "Monday"]
    assert list(page.dataframe[0].value["Kind"]) == ["search", "evaluation"]


def test_only_searches_leave_the_table_empty_until_they_are_wanted() -> None:
    keep("Try", "✓", kind="search")
    assert "No evaluation was run yet." in said(open_section())


def test_a_run_is_opened() -> None:
    run = keep("Monday", "✓")
    keep("Tuesday", "✓")
    page = choose(open_section(), 1)
    page.button(key="run_open").click().run()
    assert page.session_state["evaluation"].run == run
    assert page.session_state["section"] == "Results"


def test_a_run_is_renamed() -> None:
    run = keep("Monday", "✓")
    page = choose(open_section(), 0)
    page.text_input(key=f"run_name_{run}").set_value(" First try ")
    page.button(key="rename_run").click().run()
    assert names(page) == ["First try"]


def test_a_deleted_run_gives_way_to_the_newest_that_is_left() -> None:
    left = keep("Monday", "✓")
    keep("Tuesday", "✓")
    page = choose(open_section(), 0)
    page.button(key="run_open").click().run()
    page.button(key="delete_run").click().run()
    assert names(page) == ["Monday"]
    assert page.session_state["evaluation"].run == left
    page = choose(page, 0)
    page.button(key="delete_run").click().run()
    assert "Nothing was measured yet" in said(page)
    assert page.session_state["evaluation"].run == ""


def test_one_run_is_offered_in_three_formats() -> None:
    keep("Mon/day", "✓")
    page = choose(open_section(), 0)
    assert labels(page, "download_button") == ["CSV", "JSON", "Report"]


def test_what_is_downloaded_is_made_of_the_run(home: object) -> None:
    store: RunStore = resources.workspace().runs
    run = keep("Monday", "✓✗")
    table = exported(store, run, "csv", False).decode("utf-8-sig")
    assert [row["answer"] for row in csv.DictReader(io.StringIO(table))] == ["'=yes", "'=yes"]
    assert json.loads(exported(store, run, "json", False))["name"] == "Monday"
    assert exported(store, run, "html", False).startswith(b"<!doctype html>")


def test_the_results_page_offers_the_report() -> None:
    keep("Monday", "✓")
    page = AppTest.from_function(head).run()
    assert labels(page, "download_button") == ["Report"]


def test_two_runs_are_compared() -> None:
    keep("Monday", "✗✗✓", documents={"a.md": "1", "b*.md": "2"}, versions={"torch": "2.0"})
    keep("Tuesday", "✓✗✗", documents={"a.md": "1", "b*.md": "3"}, versions={"torch": "2.1"})
    page = choose(open_section(), 0, 1)
    words = said(page)
    assert "**Tuesday against Monday** :gray[3 questions in both" in words
    assert "**Balanced** :gray[1 gained, 1 lost]" in words
    assert ":green[▲] Question 1?" in words
    assert ":red[▼] Question 3?" in words
    assert "Documents changed: b\\*.md" in words
    assert "torch 2.0 → 2.1" in words
    assert "no verdict from fewer than 10 questions" in words
    (chart,) = page.get("plotly_chart")
    assert "Balanced − before" in json.loads(chart.proto.spec)["data"][0]["y"]


def test_two_runs_that_differ_in_nothing_say_so() -> None:
    for name in ("Monday", "Tuesday"):
        keep(name, "✓✗")
    words = said(choose(open_section(), 0, 1))
    assert "no answer became right, none ceased to be" in words
    assert "Nothing: the same documents, labels, settings and versions." in words


def test_two_runs_with_nothing_in_common_say_so() -> None:
    keep("Monday", "✓")
    store = resources.workspace().runs
    store.begin("Tuesday", plan(1, Contender("Fast", OTHER)), {}, {})
    words = said(choose(open_section(), 0, 1))
    assert "there is nothing to compare" in words
    assert "Only before: Balanced" in words
    assert "Only after: Fast" in words


def test_long_lists_name_the_first_ones_and_count_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate_run_comparison, "MOST", 2)
    keep("Monday", "✗✗✗✗", documents={f"{letter}.md": "1" for letter in "abcd"})
    keep("Tuesday", "✓✓✓✓")
    words = said(choose(open_section(), 0, 1))
    assert ":green[▲] Question 2?  \n:green[▲] :gray[and 2 more]" in words
    assert "Documents removed: a.md, b.md :gray[and 2 more]" in words


def test_of_three_runs_none_is_compared() -> None:
    for name in ("Monday", "Tuesday", "Friday"):
        keep(name, "✓")
    assert "3 runs are chosen; two can be compared." in said(choose(open_section(), 0, 1, 2))
