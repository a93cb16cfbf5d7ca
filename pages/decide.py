"""Decide: what the task asks for, what was measured, what it costs, and the verdict that follows."""

import streamlit as st

from playground.ui.background import background_status
from playground.ui.decide import state as decide
from playground.ui.decide.costs import break_even_card, costs_section
from playground.ui.decide.measured import measured_card
from playground.ui.decide.needs import needs_card, task_section
from playground.ui.decide.style import decide_style
from playground.ui.decide.tried import tried_card
from playground.ui.decide.verdict import verdict_card

decide_style()
known = decide.gathered()
found = decide.conclusion()
with st.container(horizontal=True, vertical_alignment="center", gap="small", key="decide_bar"):
    st.markdown("## Decide", anchors=False, width="content")
    section = st.segmented_control(
        "Section",
        decide.SECTIONS,
        default="Verdict",
        required=True,
        key="decide_section",
        label_visibility="collapsed",
        width="content",
        persist_state="session",
    )
    st.space("stretch")
background_status()
if section == "Your task":
    task_section(found)
elif section == "Trials":
    from playground.ui.decide.trials import trials_section

    trials_section()
elif section == "Costs":
    assumed = costs_section(known.usage, known.assumptions)
    if assumed != known.assumptions:
        decide.store().keep_assumptions(assumed)
elif section == "Scenarios":
    from playground.ui.decide.scenarios import scenarios_section

    scenarios_section()
else:
    left, middle, right = st.columns(3, gap="small")
    with right.container(border=True, height="stretch", key="verdict", gap="small"):
        verdict_card(found)
    with middle.container(border=True, height="stretch", key="measured", gap="small"):
        measured_card(known.evidence.matrix)
    with left.container(border=True, height="stretch", key="needs", gap="small"):
        needs_card(found.asked)
    chart, tried = st.columns([2.024, 1], gap="small")
    with chart:
        break_even_card(known.usage, known.assumptions)
    with tried.container(border=True, height="stretch", key="tests", gap="small"):
        tried_card(known.evidence)
