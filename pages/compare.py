"""Compare: one question, up to four configurations, their answers, sources and times side by side."""

from dataclasses import replace

import streamlit as st

from playground import startup
from playground.comparison import number_passages
from playground.config import COMPARISONS, PipelineConfig
from playground.errors import PlaygroundError
from playground.intake import scenarios
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.answer_cards import answer_cards
from playground.ui.background import background_status
from playground.ui.latency_card import latency_card
from playground.ui.source_cards import open_chosen_document, source_cards
from playground.ui.state import Shown


def ask_bar() -> None:
    with st.container(key="ask_bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        if "question" not in st.session_state:
            st.session_state["question"] = state.comparison().asked
        st.text_input(
            "Question",
            key="question",
            placeholder="Ask your documents",
            width="stretch",
            persist_state="session",
        )
        st.button(
            "Ask",
            key="ask",
            type="primary",
            icon=":material/send:",
            shortcut="Ctrl+Enter",
            on_click=ask_typed,
            width="content",
        )


def ask_typed() -> None:
    ask(st.session_state["question"])


def ask(question: str) -> None:
    """Make this the question; asking it once more runs it once more."""
    current = state.comparison()
    current.asked = question.strip()
    current.results.clear()
    st.session_state["question"] = current.asked
    if current.asked:
        resources.workspace().library.note_question(current.asked)


def toolbar() -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        gap="small",
        key="presets",
    ):
        st.session_state["preset"] = state.comparison_name() or "Own"
        st.segmented_control(
            "Compare",
            [*COMPARISONS, "Own"],
            key="preset",
            label_visibility="collapsed",
            on_change=choose_comparison,
            width="content",
        )
        samples()
        with st.container(horizontal=True, width="content", gap="small"):
            history()
            st.button(
                "Column",
                key="add_column",
                icon=":material/add:",
                type="tertiary",
                disabled=len(state.columns()) == len(state.LETTERS),
                help="Four columns at most",
                on_click=state.add_column,
                width="content",
            )


def choose_comparison() -> None:
    chosen = st.session_state["preset"]
    if chosen in COMPARISONS:
        state.fill(COMPARISONS[chosen])


def samples() -> None:
    """Questions to click, where the sample documents are in the library."""
    names = resources.workspace().library.names()
    for scenario in scenarios().values():
        if scenario.file_names & names.keys():
            st.pills(
                "Try",
                scenario.sample_questions[:3],
                key="sample",
                label_visibility="collapsed",
                on_change=ask_sample,
                width="content",
            )


def ask_sample() -> None:
    chosen = st.session_state["sample"]
    if chosen:
        ask(chosen)


def history() -> None:
    asked = resources.workspace().library.questions(limit=20)
    with st.popover("History", icon=":material/history:", type="tertiary", disabled=not asked):
        for number, question in enumerate(asked):
            st.button(question, key=f"history_{number}", type="tertiary", on_click=ask, args=(question,))


def run_columns() -> list[Shown]:
    """Answer the question in every column that can, one after another, so that none slows another."""
    current, workspace = state.comparison(), resources.workspace()
    if current.revision != workspace.revision:
        current.results.clear()
        current.measured.clear()
        current.revision = workspace.revision
    columns = []
    for index, config in enumerate(state.columns()):
        column = Shown(index, config, workspace.status(config))
        key = (current.asked, config)
        if current.asked and key not in current.results and column.can_answer:
            with st.spinner("Asking …"):
                current.results[key] = answer(current.asked, config)
        columns.append(replace(column, result=current.results.get(key)))
    return columns


def answer(question: str, config: PipelineConfig) -> Trace | PlaygroundError:
    try:
        return resources.workspace().run(question, config)
    except PlaygroundError as error:
        return error


def empty_library() -> None:
    with st.container(border=True, key="empty", horizontal_alignment="center", gap="medium"):
        st.space("medium")
        st.markdown("### Bring your documents, ask a question, see which set-up answers it", width="content")
        st.caption("Everything runs on this machine: no key, no GPU, no internet.", width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button(
                "Load the sample handbook",
                key="load_samples",
                type="primary",
                icon=":material/library_books:",
                on_click=load_samples,
            )
            if st.button("Upload documents", key="go_upload", icon=":material/upload:"):
                st.switch_page("../../pages/documents.py")
        st.space("medium")


def load_samples() -> None:
    startup.load_sample(resources.workspace(), resources.jobs(), "handbook")


ask_bar()
toolbar()
background_status()
if state.comparison().problem:
    st.warning(state.comparison().problem, icon=":material/link_off:")
if not resources.workspace().library.ids() and not resources.jobs().active_key(startup.SAMPLES):
    empty_library()
else:
    shown = run_columns()
    passages = number_passages(
        [each.result.passages if isinstance(each.result, Trace) else () for each in shown],
        [each.result.quoted if isinstance(each.result, Trace) else () for each in shown],
    )
    answer_cards(shown, passages)
    if any(each.result for each in shown):
        source_cards(shown, passages)
        latency_card(shown)
state.write_url()
open_chosen_document()
