"""The Search and Claims sections of the Evaluate page, without a browser."""

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.config import DEFAULT, PipelineConfig
from playground.evaluation.records import Plan, Record
from playground.evaluation.results import Contender
from playground.presets import to_compact
from playground.questions.lookup import LabelledQuestion
from playground.search.claims import claims_plan
from playground.search.plan import YOURS
from playground.ui import resources
from tests.evaluations import questions
from tests.homes import put

KNOBS = {"retrieval.mode": ["dense", "hybrid"], "retrieval.top_k": [3, 5]}
DENSE = DEFAULT.with_values({"retrieval.mode": "dense"})
SHORT = DEFAULT.with_values({"retrieval.top_k": 3})
MINE = "My questions"
FEES = tuple(
    LabelledQuestion(f"q{number}", f"What is the fee ({number})?", ("30 euros",)) for number in range(4)
)


def section(kind: str, name: str, count: int, column: str) -> None:
    import streamlit as st

    from playground.presets import from_compact
    from playground.questions.sets import AvailableSet
    from playground.ui import state
    from playground.ui.evaluate.claims import claims_section
    from playground.ui.evaluate.search import search_section

    if column and "filled" not in st.session_state:
        st.session_state["filled"] = True
        state.fill((from_compact(column),))
    draw = {"search": search_section, "claims": claims_section}[kind]
    draw(AvailableSet(name, count, count) if name else None)


def open_section(
    kind: str, name: str = MINE, count: int = 4, column: PipelineConfig | None = None
) -> AppTest:
    compact = to_compact(column) if column else ""
    page = AppTest.from_function(section, args=(kind, name, count, compact), default_timeout=60).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(
        str(element.value) for kind in ("markdown", "caption", "html") for element in page.get(kind)
    )


@pytest.fixture(autouse=True)
def library(home: Path) -> None:
    put(resources.workspace(), "fees.md", "The fee is 30 euros. It rose in May.")
    resources.questions().put(MINE, FEES)


def keep_run(kind: Any, count: int, columns: dict[str, tuple[PipelineConfig, str]], ms: float = 100.0) -> str:
    """A run whose records are by sign: ✓ right, ✗ wrong."""
    store = resources.workspace().runs
    contenders = tuple(Contender(name, config) for name, (config, _) in columns.items())
    id = store.begin(MINE, Plan(MINE, questions(count), contenders, kind=kind), {}, {})
    for place, (_, signs) in enumerate(columns.values()):
        for question, sign in enumerate(signs):
            record = Record("right" if sign == "✓" else "wrong", latency={"total": ms * (place + 1)})
            store.keep(id, place, question, "", record, None)
    store.end(id, "done", 3.0)
    return id


def keep_search(signs: Sequence[str] = ("✗✗✗✗", "✓✓✓✗", "✓✗✗✗"), **about: Any) -> None:
    names = dict(zip((YOURS, "dense · top 5", "hybrid · top 3"), (DEFAULT, DENSE, SHORT), strict=True))
    columns = {name: (config, each) for (name, config), each in zip(names.items(), signs, strict=True)}
    held_out = {YOURS: (DEFAULT, "✗" * 12), "dense · top 5": (DENSE, "✓" * 12)}
    values = {
        "target": {"figure": "right", "limit": None},
        "knobs": KNOBS,
        "budget": 600.0,
        "base": DEFAULT.to_dict(),
        "grid": 4,
        "planned": 3,
        "run": keep_run("search", 4, columns),
        "report": keep_run("report", 12, held_out),
        "chosen": "dense · top 5",
        "state": "done",
    }
    resources.workspace().runs.keep_search("s1", MINE, values | about)


# Search


def test_before_a_search_the_estimate_says_what_it_would_take() -> None:
    page = open_section("search")
    assert "All 108 combinations" in said(page)
    assert "for 2 of 4 questions" in said(page)
    assert "from these next to nothing follows. Label at least 20." in said(page)
    assert "Every combination becomes a point here" in said(page)
    assert not page.button(key="search_start").disabled


def test_a_small_budget_tries_less() -> None:
    page = open_section("search")
    page.number_input(key="search_budget").set_value(1).run()
    assert " of 108 combinations" in said(page)
    assert "All 108" not in said(page)


def test_values_can_be_chosen() -> None:
    page = open_section("search")
    page.segmented_control(key="search_values").set_value("Choose myself").run()
    for key, several in (
        ("chunking_strategy", ["structural"]),
        ("chunking_size", []),
        ("retrieval_mode", ["dense", "hybrid"]),
        ("retrieval_top_k", [1, 20]),
        ("reranking_method", []),
    ):
        page.multiselect(key=f"search_{key}").set_value(several)
    page.run()
    assert "All 4 combinations" in said(page)


def test_what_cannot_be_searched_says_why() -> None:
    assert "Choose labelled questions above" in said(open_section("search", ""))
    examples = DEFAULT.with_values({"engine.examples": "queues"})
    page = open_section("search", column=examples)
    assert "answers from labelled examples" in said(page)
    assert page.button(key="search_start").disabled


def test_one_value_of_everything_is_no_search() -> None:
    page = open_section("search")
    page.segmented_control(key="search_values").set_value("Choose myself").run()
    for widget in page.multiselect:
        widget.set_value(widget.value[:1])
    page.run()
    assert "Choose at least two values of a setting." in said(page)
    assert page.button(key="search_start").disabled


def test_a_search_is_done_and_shown() -> None:
    page = open_section("search")
    page.segmented_control(key="search_values").set_value("Choose myself").run()
    for widget in page.multiselect:
        widget.set_value([] if widget.key != "search_retrieval_mode" else ["dense", "keyword"])
    page.run()
    page.button(key="search_start").click().run()
    resources.evaluations().wait()
    page.run()
    assert not page.exception
    assert "2 of 2 combinations tried" in said(page)
    assert "On 2 questions that had no part in the choice" in said(page)


def test_a_kept_search_says_what_was_chosen_and_what_the_other_half_says() -> None:
    keep_search()
    page = open_section("search")
    assert r"dense · top 5\: 75 % right, p95 200 ms, on the half that chose" in said(page)
    assert r"100 % right, \+100 points against your settings\: better" in said(page)
    figure = json.loads(page.get("plotly_chart")[0].proto.spec)
    front = next(trace for trace in figure["data"] if trace["mode"] == "lines")
    assert (front["x"], front["y"]) == ([100.0, 200.0], [0.0, 0.75])


def test_the_chart_marks_the_choice_the_persons_own_settings_and_the_limit() -> None:
    keep_search(target={"figure": "right", "limit": 250.0})
    figure = json.loads(open_section("search").get("plotly_chart")[0].proto.spec)
    words = [each["text"] for each in figure["layout"]["annotations"]]
    assert words == ["limit", "your settings", "<b>chosen</b>"]
    assert figure["layout"]["shapes"][0]["x0"] == 250.0


def test_effects_and_trials_are_tables() -> None:
    keep_search()
    page = open_section("search")
    assert "<td>dense</td>" in said(page)
    table = page.dataframe[0].value
    assert list(table.columns) == ["", "Retrieval", "Top k", "1st half", "2nd half", "p95"]
    assert table.iloc[0].tolist() == ["★", "dense", 5, 75.0, 100.0, 200.0]
    assert table.iloc[2][""] == "◆ yours"


def test_a_search_that_was_stopped_says_so() -> None:
    keep_search(state="cancelled", report="", chosen="")
    page = open_section("search")
    assert "stopped before its end" in said(page)
    assert "was not asked to its end" in said(page)


def test_a_search_whose_runs_are_gone_says_so() -> None:
    keep_search(run="gone")
    assert "Its runs are not there any more" in said(open_section("search"))


def test_a_search_can_be_deleted() -> None:
    keep_search()
    page = open_section("search")
    page.button(key="search_delete").click().run()
    assert "Every combination becomes a point here" in said(page)
    assert resources.workspace().runs.entries() == []


def test_the_chosen_settings_go_to_compare_as_another_column(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_search()
    went: list[str] = []
    monkeypatch.setattr("streamlit.switch_page", went.append)
    page = open_section("search", column=SHORT)
    page.button(key="search_use_chosen").click().run()
    compared = [column.config for column in page.session_state["comparison"].columns]
    assert compared == [SHORT, DENSE]
    assert went == ["../../pages/compare.py"]
    page.button(key="search_use_chosen").click().run()
    assert len(page.session_state["comparison"].columns) == 2


def test_with_four_columns_the_last_one_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_search()
    monkeypatch.setattr("streamlit.switch_page", lambda page: None)
    page = open_section("search")  # a new session compares four
    before = [column.config for column in page.session_state["comparison"].columns]
    page.session_state["comparison"].columns[1].config = SHORT
    page.button(key="search_use_chosen").click().run()
    after = [column.config for column in page.session_state["comparison"].columns]
    assert after == [before[0], SHORT, before[2], DENSE]


def test_the_exported_settings_are_exactly_those_of_the_trial(tmp_path: Path) -> None:
    path = tmp_path / "dense.toml"
    path.write_text(DENSE.to_toml(), encoding="utf-8")
    assert PipelineConfig.from_toml(path) == DENSE
    assert tomllib.loads(DENSE.to_toml())["retrieval"]["mode"] == "dense"


# Claims


def keep_claims(signs: dict[str, str], adapted: PipelineConfig | None = None) -> None:
    plan = claims_plan(MINE, questions(12), DEFAULT, adapted)
    columns = {each.name: (each.config, signs.get(each.name, "✓" * 12)) for each in plan.contenders}
    store = resources.workspace().runs
    id = store.begin(MINE, plan, {}, {})
    for place, (_, column) in enumerate(columns.values()):
        for question, sign in enumerate(column):
            record = Record("right" if sign == "✓" else "wrong", latency={"total": 100.0})
            store.keep(id, place, question, "", record, None)
    store.end(id, "done", 3.0)


def test_before_a_test_all_claims_are_listed_and_the_adapters_say_what_they_need() -> None:
    page = open_section("claims")
    assert said(page).count("not tested yet") == 5
    assert said(page).count("needs an adapter") == 3
    assert page.button(key="claims_train").label == "Train an adapter"
    assert "6 configurations on 4 questions" in said(page)
    assert "no verdict from fewer than 10 questions" in said(page)


def test_the_claims_are_tested_with_one_click() -> None:
    page = open_section("claims")
    page.button(key="claims_start").click().run()
    resources.evaluations().wait()
    page.run()
    assert not page.exception
    assert said(page).count("Not known: 4 questions are too few.") == 5
    assert "not tested yet" not in said(page)


def test_every_claim_has_its_sign_its_verdict_and_its_interval() -> None:
    keep_claims({"dense, structural": "✗" * 12})
    page = open_section("claims")
    assert "Yes, on these questions: +100 points." in said(page)
    assert '<td class="sign">✓</td>' in said(page)
    assert "+100 (+47 to +100) points" in said(page)
    assert "100 against 100 ms" in said(page)
    assert said(page).count("No, both do equally well on every question, 0 ms more at p95.") == 1


def test_an_adapter_that_fits_can_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.adapter_folders import CARD, write_adapter

    library = resources.adapters()
    folder = library.new_folder("queues")
    write_adapter(folder, CARD)
    library.keep(folder)
    monkeypatch.setattr(type(library), "why_not", lambda *arguments: None)
    page = open_section("claims")
    (adapter,) = [each for each in page.selectbox if each.label == "Adapter"]
    assert adapter.value == library.entries()[0].id
    assert "9 configurations on 4 questions" in said(page)
    assert "claims_train" not in {each.key for each in page.button}


def test_without_questions_nothing_is_tested() -> None:
    page = open_section("claims", "")
    assert "Choose labelled questions above" in said(page)
    assert page.button(key="claims_start").disabled
