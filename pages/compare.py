"""Compare: one question, up to four configurations, their answers, sources and times side by side."""

import streamlit as st

from playground import startup
from playground.presets import COMPARISONS
from playground.scenarios.gallery import scenarios
from playground.ui import guide, resources, state
from playground.ui.background import background_status
from playground.ui.compare.adapter_toggle import fill_four_approaches, prepare_adapters
from playground.ui.compare.answer_cards import answer_cards
from playground.ui.compare.engine_settings import generates
from playground.ui.compare.latency_card import latency_card
from playground.ui.compare.source_cards import open_chosen_document, source_cards
from playground.ui.compare.streaming import answer_all, is_waiting, shown_columns
from playground.ui.components import plain
from playground.ui.labelling import open_labelling, request_label
from playground.ui.lookups import watch_lookups


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
            [state.FOUR_APPROACHES, *COMPARISONS, "Own"],
            key="preset",
            label_visibility="collapsed",
            on_change=choose_comparison,
            width="content",
        )
        samples()
        with st.container(horizontal=True, horizontal_alignment="right", width="content", gap="small"):
            history()
            st.button(
                "Label",
                key="label",
                icon=":material/verified:",
                type="tertiary",
                help="Say what the right answer to this question is, or that the documents do not answer it",
                on_click=label,
                width="content",
            )
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
            present_button()
            guide_button()


def present_button() -> None:
    asked = state.comparison().asked
    st.button(
        "Present",
        key="present",
        icon=":material/slideshow:",
        type="tertiary",
        disabled=not asked,
        help="In large type, step by step" if asked else "Ask a question first: its answers are presented",
        on_click=begin_presenting,
        width="content",
    )


def guide_button() -> None:
    """Calls the guide back."""
    if not guide.is_shown():
        st.button(
            "",
            key="guide_again",
            icon=":material/help:",
            type="tertiary",
            help="What to do next: a guide in five steps",
            on_click=guide.call_back,
            width="content",
        )


def begin_presenting() -> None:
    """The frame draws the presentation as soon as the address asks for it."""
    st.query_params["present"] = "1"
    st.query_params["step"] = "1"


def label() -> None:
    request_label(state.comparison().asked or st.session_state["question"])


def choose_comparison() -> None:
    chosen = st.session_state["preset"]
    if chosen == state.FOUR_APPROACHES:
        fill_four_approaches()
    elif chosen in COMPARISONS:
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


def can_show_answers() -> bool:
    """Whether there are documents, soon will be, or some column needs none."""
    if resources.workspace().library.ids() or resources.jobs().active_key(startup.SAMPLES):
        return True
    return any(
        not config.retrieves and (generates(config) or config.adapter or config.engine.examples)
        for config in state.columns()
    )


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


def no_adapter_yet() -> None:
    """Where the four approaches are two, because nothing was trained for the other two."""
    if state.comparison_name() != state.FOUR_APPROACHES or len(state.columns()) == 4:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="no_adapter"):
        if state.columns()[0].engine.name == "endpoint":
            st.caption(
                ":material/extension: Choose the tuned model's name in a column, then Four approaches again, "
                "to see the other two."
            )
        else:
            st.page_link(
                "../../pages/fine_tune.py",
                label="Train an adapter to see the other two",
                icon=":material/tune:",
            )


def answers() -> None:
    """Cards first, then the answers into them; sources and times when all columns have answered."""
    columns = shown_columns()
    cards = answer_cards(columns)
    slow = any(is_waiting(column) and generates(column.config) for column in columns)
    below = st.empty() if slow else st.container()  # what stands there belongs to the question before
    if slow:
        below.caption("Sources and times follow when all columns have answered.")
    shown, passages = answer_all(cards)
    if any(each.result for each in shown):
        with below.container():
            source_cards(shown, passages)
            latency_card(shown)
    prepare_adapters()


ask_bar()
toolbar()
background_status()
no_adapter_yet()
if state.comparison().problem:
    st.warning(plain(state.comparison().problem), icon=":material/link_off:")
state.write_url()
if can_show_answers():
    answers()
else:
    empty_library()
if not open_labelling():
    open_chosen_document()
watch_lookups()
