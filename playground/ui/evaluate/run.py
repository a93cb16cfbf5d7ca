"""The head of the Evaluate page: which questions, which configurations, and the run that works on them."""

import tomllib
from typing import Literal

import streamlit as st

from playground.config import PipelineConfig
from playground.errors import ConfigError, InputError
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Price, Run
from playground.presets import PRESETS
from playground.questions.sets import AvailableSet, anchor_set, set_questions
from playground.ui import resources, state
from playground.ui.background import about, draw_job
from playground.ui.components import plain
from playground.ui.evaluate import state as evaluate

POPOVER_WIDTH = 460
_CHECKS: dict[Literal["none", "labels", "regex", "json_schema"], str] = {
    "none": "Any",
    "labels": "One of these labels",
    "regex": "A regular expression",
    "json_schema": "A JSON schema",
}
_HELP = {
    "labels": "one label a line",
    "regex": r"the whole answer has to match, like \d{4}-\d{2}-\d{2}",
    "json_schema": '{"type": "object", "required": ["amount"]}',
}


def configurations() -> None:
    """The popover: what is measured, against what, and what a right answer has to look like."""
    with (
        st.popover("Configurations", icon=":material/tune:", key="configurations"),
        st.container(width=POPOVER_WIDTH),
    ):
        _columns()
        _files()
        st.toggle(
            "Closed book and gold passages too",
            value=evaluate.evaluation().bounds,
            key="bounds",
            on_change=_set_bounds,
            help="Two columns that bound what can be gained: without any retrieval, and with the passages in "
            "which the evidence stands given directly",
        )
        _baseline()
        _format_check()
        _prices()


def _columns() -> None:
    """Compare's columns, each on or off, and presets on top of them."""
    compared = list(zip(state.LETTERS, state.columns(), strict=False))
    chosen = evaluate.evaluation().columns
    st.pills(
        "Columns of Compare",
        [letter for letter, _ in compared],
        selection_mode="multi",
        default=[letter for letter, _ in compared if chosen is None or letter in chosen],
        format_func=lambda letter: f"{letter} {state.title(dict(compared)[letter])}",
        key="measured_columns",
        on_change=_set_columns,
    )
    st.pills(
        "Presets",
        list(PRESETS),
        selection_mode="multi",
        default=evaluate.evaluation().presets,
        key="measured_presets",
        on_change=_set_presets,
    )


def _set_columns() -> None:
    evaluate.evaluation().columns = list(st.session_state["measured_columns"])


def _set_presets() -> None:
    evaluate.evaluation().presets = list(st.session_state["measured_presets"])


def _set_bounds() -> None:
    evaluate.evaluation().bounds = st.session_state["bounds"]


def _files() -> None:
    """Configurations that were exported before, or written by hand; they stay until they are taken out."""
    st.file_uploader(
        "Configuration files (TOML)",
        type="toml",
        accept_multiple_files=True,
        key="configuration_files",
        on_change=_take_files,
    )
    current = evaluate.evaluation()
    if current.file_problem:
        st.error(plain(current.file_problem), icon=":material/error:")
    if current.files:
        names = list(current.files)
        st.pills(
            "Files that are measured",
            names,
            selection_mode="multi",
            default=names,
            key=f"measured_files_{'/'.join(names)}",
            on_change=_keep_files,
            args=(f"measured_files_{'/'.join(names)}",),
        )


def _take_files() -> None:
    current = evaluate.evaluation()
    current.file_problem = ""
    for file in st.session_state["configuration_files"]:
        try:
            values = tomllib.loads(file.getvalue().decode("utf-8"))
            current.files[file.name.removesuffix(".toml")] = PipelineConfig.from_dict(values)
        except (UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
            current.file_problem = f"{file.name} cannot be used as settings: {error}"


def _keep_files(key: str) -> None:
    current = evaluate.evaluation()
    current.files = {name: config for name, config in current.files.items() if name in st.session_state[key]}


def _baseline() -> None:
    names = [each.name for each in evaluate.contenders()]
    current = evaluate.evaluation()
    if names:
        st.selectbox(
            "Baseline: the others are compared with it",
            names,
            index=names.index(current.baseline) if current.baseline in names else 0,
            key=f"baseline_{hash(tuple(names))}",
            on_change=_set_baseline,
            args=(f"baseline_{hash(tuple(names))}",),
        )


def _set_baseline(key: str) -> None:
    evaluate.evaluation().baseline = st.session_state[key]


def _format_check() -> None:
    current = evaluate.evaluation()
    kinds = list(_CHECKS)
    kind = st.selectbox(
        "Answers have to be",
        kinds,
        index=kinds.index(current.check.kind) if current.check else 0,
        format_func=_CHECKS.__getitem__,
        key="check_kind",
        persist_state="session",
    )
    if kind == "none":
        current.check = None
        return
    text = st.text_area(
        _CHECKS[kind], key=f"check_{kind}", placeholder=_HELP[kind], persist_state="session", height=90
    )
    current.check = None
    if text.strip():
        try:
            current.check = FormatCheck(kind, text)
        except InputError as error:
            st.error(plain(str(error)), icon=":material/error:")


def _prices() -> None:
    """Only for models that somebody else runs: what runs here has no price a token."""
    current = evaluate.evaluation()
    engines = [each.config.engine for each in evaluate.contenders() if each.config.engine.name == "endpoint"]
    for model in dict.fromkeys(engine.model for engine in engines):
        known = current.prices.get(model, Price())
        st.caption(f"Price of a million tokens of {plain(model)}")
        left, right = st.columns(2)
        prompt = left.number_input("Prompt", 0.0, value=known.prompt, key=f"price_prompt_{model}")
        completion = right.number_input(
            "Completion", 0.0, value=known.completion, key=f"price_completion_{model}"
        )
        if prompt or completion:
            current.prices[model] = Price(prompt, completion)
        else:  # not known, which is not free
            current.prices.pop(model, None)


def run_button(chosen: AvailableSet | None, shown: Run | None, busy: bool) -> None:
    """Run, run again, or go on with what was stopped. `busy` says that the shown run is worked on."""
    measured = evaluate.contenders()
    if shown is not None and shown.state != "done" and not busy:
        st.button(
            "Resume",
            key="resume",
            icon=":material/resume:",
            on_click=evaluate.resume_run,
            args=(shown.id,),
            help=f"{shown.done:,} of {shown.plan.cells:,} answers are there",
        )
    again = shown is not None and chosen is not None and _is_the_same(shown, chosen)
    st.button(
        "Run again" if again else "Run",
        key="run",
        type="primary",
        icon=":material/play_arrow:",
        disabled=busy or chosen is None or not chosen.questions or not measured,
        on_click=_start,
        args=(chosen.name if chosen else "", again),
        help="Asks everything anew" if again else "What was answered before is not asked again",
    )


def _start(name: str, fresh: bool) -> None:
    questions = anchor_set(name, resources.workspace(), resources.questions())
    evaluate.start_run(name, questions, fresh)


def _is_the_same(shown: Run, chosen: AvailableSet) -> bool:
    """Whether Run would do once more what is shown."""
    if shown.state != "done" or shown.plan.contenders != tuple(evaluate.contenders()):
        return False
    questions = set_questions(chosen.name, resources.workspace(), resources.questions())
    asked = [(each.question, each.answers) for each in shown.plan.questions]
    return asked == [(each.question, each.answers) for each in questions]


def run_status(run: Run, busy: bool) -> None:
    """Progress while it works; the page is drawn anew when it has ended."""
    job = evaluate.run_job(run.id)
    if busy:
        _running(run.id)
    elif job and job.state == "failed":
        st.error(plain(job.error), icon=":material/error:")


@st.fragment(run_every=0.7)
def _running(run: str) -> None:
    job = evaluate.run_job(run)
    if job is None or not job.active:
        st.rerun()
        return
    draw_job(job, "_run")


def run_line(run: Run) -> str:
    """One line on what the run is: how many of how many, and how long it took."""
    count = len(run.plan.questions)
    answerable = sum(question.answerable for question in run.plan.questions)
    took = about(run.seconds).removeprefix("about ")
    done = f"finished in {took}" if run.state == "done" else f"{run.done:,} of {run.plan.cells:,} answers"
    return f"{count} questions · {answerable} answerable · {done}"


def warnings(run: Run) -> None:
    """What a person has to know before believing the figures."""
    seen = {
        question.id
        for column in run.records
        for question, record in zip(run.plan.questions, column, strict=True)
        if record and record.seen
    }
    if seen:
        st.toggle(
            f"Count the {len(seen)} question{'s' * (len(seen) > 1)} that an adapter was trained with",
            key="count_seen",
            help="A model remembers what it was trained with: that says nothing about new questions",
            persist_state="session",
        )
    if run.unscored:
        st.badge(
            f"{len(run.unscored)} not scored: labels to repair",
            color="orange",
            icon=":material/build:",
            help="Their evidence is gone from the documents: mend it under Questions, then run again",
        )
