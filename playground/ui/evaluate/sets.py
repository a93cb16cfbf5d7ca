"""The choice of a question set, in the head of the Evaluate page."""

import streamlit as st

from playground.evaluation.records import Run
from playground.questions.sets import AvailableSet, available_sets
from playground.ui import resources


def question_set(shown: Run | None) -> AvailableSet | None:
    """The set that is chosen; at first that of the run that is shown. None where there is none."""
    known = {each.name: each for each in available_sets(resources.workspace(), resources.questions())}
    if not known:
        st.caption("No questions yet", width="content")
        return None
    if st.session_state.get("question_set") not in known:
        wanted = shown.plan.question_set if shown else ""
        st.session_state["question_set"] = wanted if wanted in known else next(iter(known))
    chosen = st.selectbox(
        "Questions",
        list(known),
        key="question_set",
        label_visibility="collapsed",
        width=270,
        persist_state="session",
    )
    return known[chosen]
