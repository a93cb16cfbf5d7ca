"""The gallery: what articles say of each kind of task, what was measured here, and a button to begin with
it."""

from collections.abc import Generator
from functools import partial

import streamlit as st

from playground.decision.matrix import NAMES, ORDER
from playground.decision.verdict import NAMES as VERDICTS
from playground.decision.verdict import Approach
from playground.evaluation.statistics import signed
from playground.presets import four_approaches
from playground.scenarios.gallery import Scenario, open_scenarios, scenarios
from playground.scenarios.measuring import StoredRun, stored_run
from playground.scenarios.preparing import config_of, prepare_steps, take_in_steps
from playground.steps import Step
from playground.ui import resources, state
from playground.ui.background import about
from playground.ui.components import escape, palette, plain
from playground.ui.decide import state as decide
from playground.ui.evaluate import state as evaluate
from playground.ui.evaluate.jobs import active_job, job_status

COLUMNS = 4
JOB = "scenario"

AGREES: dict[bool, tuple[str, str]] = {
    True: ("green", ":material/check:"),
    False: ("orange", ":material/compare_arrows:"),
}


def scenarios_section() -> None:
    """All cards, with what every opening does."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "**Scenarios** :gray[documents, labelled questions and examples for kinds of task, all invented]",
            width="stretch",
        )
        alone = st.toggle(
            "Take other samples out",
            value=True,
            key="scenario_alone",
            help="Deletes the documents of other scenarios from the library; your own stay",
            persist_state="session",
        )
    job_status(JOB)
    every, opened = list(scenarios().values()), open_scenarios(resources.workspace().library.names().keys())
    for begin in range(0, len(every), COLUMNS):
        for column, scenario in zip(st.columns(COLUMNS, gap="small"), every[begin:], strict=False):
            with column.container(border=True, height="stretch", key=f"scenario_{scenario.key}", gap="small"):
                _card(scenario, alone, scenario.key in opened)


def _card(scenario: Scenario, alone: bool, opened: bool) -> None:
    kept = stored_run(scenario)
    note = " :green-badge[:material/check: open]" if opened else ""
    st.markdown(f"**{plain(scenario.title)}**{note}  \n:gray[{plain(scenario.task)}]")
    st.caption(plain(scenario.description))
    st.badge(f"Articles: {VERDICTS[scenario.usually]}", color="blue", icon=":material/menu_book:")
    st.markdown(plain(scenario.why))
    if kept:
        _measured(scenario, kept)
    else:
        st.badge("Not measured yet", color="gray", icon=":material/hourglass_empty:")
    st.space("stretch")
    busy = active_job(JOB) is not None
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Open",
            key=f"scenario_open_{scenario.key}",
            icon=":material/folder_open:",
            disabled=busy,
            on_click=open_scenario,
            args=(scenario, alone, False),
            help="Documents, questions, settings and the answers about the task",
        )
        st.button(
            "Measure here",
            key=f"scenario_measure_{scenario.key}",
            icon=":material/play_arrow:",
            type="tertiary",
            disabled=busy,
            on_click=open_scenario,
            args=(scenario, alone, True),
            help="Opens it, trains its adapter and asks all its questions in four ways, which takes "
            + (about(2 * kept.seconds + 30) if kept else "some minutes"),
        )


def _measured(scenario: Scenario, kept: StoredRun) -> None:
    """Four bars, and whether the evidence says what articles say."""
    bars = "".join(
        f'<div class="muted">{escape(NAMES[name])}</div><div class="range" style="--c:{palette()[3]}">'
        f'<i style="left:{figures.low:.1%};width:{figures.high - figures.low:.1%}"></i>'
        f'<b style="left:{figures.share:.1%}"></b></div><div>{figures.share:.0%}</div>'
        for name in ORDER
        if (figures := kept.approaches.get(name))
    )
    st.html(f'<div class="pg"><div class="four">{bars}</div></div>')
    colour, icon = AGREES[kept.measured == scenario.usually]
    st.badge(f"Measured here: {_name(kept.measured)}", color=colour, icon=icon)  # type: ignore[arg-type]
    if kept.measured != scenario.usually:
        st.caption(_why_other(scenario, kept))


def _name(measured: Approach | None) -> str:
    return VERDICTS[measured] if measured else "too close to call"


def _why_other(scenario: Scenario, kept: StoredRun) -> str:
    """Where what was measured is not what articles say: what that rests on."""
    about_it = [each for each in kept.differences if each.verdict == "too close to call"]
    text = f"{kept.questions} questions with the built-in engine, which quotes and picks and does not write"
    if scenario.usually in ("fine_tuning", "both") and kept.measured in (None, "rag", "prompt"):
        text += ": with a language model measure again"
    if about_it:
        first = about_it[0]
        text += (
            f". {NAMES[first.approach]} against {NAMES[first.against]}: {signed(first.mean)} points, "
            f"{signed(first.low)} to {signed(first.high)}: too close to call"
        )
        if first.low > 0 or first.high < 0:  # by itself it would be clear
            text += f" among {len(kept.differences)} comparisons"
    return plain(text + ".")


def open_scenario(scenario: Scenario, alone: bool, measured: bool) -> None:
    """Bring the scenario into the library and to all pages, in the background; with `measured` its adapter is
    trained and all its questions are asked too."""
    workspace = resources.workspace()
    decide.store().keep_answers(scenario.answers)
    evaluate.evaluation().check = scenario.format
    config = config_of(scenario, workspace.home)
    state.fill(four_approaches(config, ""))
    state.comparison().asked = scenario.sample_questions[0]
    st.session_state["question"] = scenario.sample_questions[0]
    st.session_state["measured_set"] = st.session_state["trial_set"] = scenario.title
    steps = partial(_steps, scenario, alone, measured)
    resources.evaluations().start(JOB, scenario.title, steps)


def _steps(scenario: Scenario, alone: bool, measured: bool) -> Generator[object]:
    workspace = resources.workspace()
    if alone:
        yield Step("taking other samples out")
        others = {
            name for each in scenarios().values() if each.key != scenario.key for name in each.file_names
        }
        workspace.drop_names((workspace.library.names().keys() & others) - scenario.file_names)
    if measured:
        yield from prepare_steps(workspace, scenario)
        return
    yield from take_in_steps(workspace, scenario)
    yield from workspace.index_steps(config_of(scenario, workspace.home))
