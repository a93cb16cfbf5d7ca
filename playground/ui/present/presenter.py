"""Presenter's mode: one question in five steps, in large type, gone through with the arrow keys.

The address says that it is on and at which step, so that the browser's own Back button goes back too. What is
presented are Compare's columns, whatever they are: there is nothing to configure.
"""

from typing import Literal

import streamlit as st

from playground.ui import state
from playground.ui.background import background_status
from playground.ui.compare.streaming import shown_columns
from playground.ui.components import escape
from playground.ui.decide.presented_verdict import presented_verdict
from playground.ui.present.answering import Presented, answered
from playground.ui.present.answers import answers_step
from playground.ui.present.costs import costs_step
from playground.ui.present.fitting import Box, type_size
from playground.ui.present.question import question_step
from playground.ui.present.sources import sources_step
from playground.ui.present.style import present_style

STEPS = 5
ASKED = Box(67.4, 2.3)
"""The line with the question, above all steps but the first."""


def go_to(step: int) -> None:
    st.query_params["step"] = str(step)


def leave() -> None:
    """Back to the page; only what belongs to the presentation goes from the address."""
    for name in ("present", "step"):
        st.query_params.pop(name, None)


def current_step() -> int:
    """The step that the address names, or the nearest that there is."""
    text = st.query_params.get("step", "1")
    return min(max(int(text), 1), STEPS) if text.isdecimal() else 1


def present() -> None:
    """The whole window: where one is, the stage, and nothing else."""
    present_style()
    step, asked = current_step(), state.comparison().asked
    with st.container(key="presenter"):
        _top_line(step)
        if not asked:
            st.info("There is nothing to present yet: leave, and ask a question on Compare.")
            return
        if step > 1:
            _question_line(asked)
        if not all(column.can_answer for column in shown_columns()):
            background_status()
        with st.container(key="stage"):
            _draw(step, asked, answered())


def _title(step: int) -> str:
    count = len(state.columns())
    answers = {1: "The answer", 2: "Two answers", 3: "Three answers", 4: "Four answers"}[count]
    return (
        "The question",
        answers if count == 1 else f"{answers}, side by side",
        "Where it came from" if count == 1 else "Where each came from",
        "What it cost and took",
        "The verdict",
    )[step - 1]


def _top_line(step: int) -> None:
    with st.container(key="step_title", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"## :gray[{step} of {STEPS}]&ensp;{_title(step)}", anchors=False, width="stretch")
        _go_button("Back", "Left", "tertiary", step - 1)
        _go_button("Next", "Right", "primary", step + 1)
        st.button("Leave", key="leave", shortcut="Esc", type="tertiary", on_click=leave, width="content")
    st.progress(step / STEPS)


def _go_button(label: str, shortcut: str, kind: Literal["primary", "tertiary"], to: int) -> None:
    st.button(
        label,
        key=label.lower(),
        shortcut=shortcut,
        type=kind,
        disabled=not 1 <= to <= STEPS,
        on_click=go_to,
        args=(to,),
        width="content",
    )


def _question_line(question: str) -> None:
    size = type_size(question, ASKED, 1.4)
    st.html(f'<div class="pg asked" style="font-size:{size:.3f}rem"><div>{escape(question)}</div></div>')


def _draw(step: int, question: str, columns: list[Presented]) -> None:
    if step == 1:
        question_step(question, columns)
    elif step == 2:
        answers_step(columns)
    elif step == 3:
        sources_step(columns)
    elif step == 4:
        costs_step(columns)
    else:
        presented_verdict({each.letter: each.trace for each in columns if each.trace})
