"""Evaluate: labelled questions, what every configuration makes of them, and what is more than chance."""

import streamlit as st

from playground.ui.background import background_status
from playground.ui.components import plain
from playground.ui.evaluate import state as evaluate
from playground.ui.evaluate.cell import open_chosen_cell
from playground.ui.evaluate.results import results_section
from playground.ui.evaluate.run import configurations, run_button, run_status
from playground.ui.evaluate.sets import question_set
from playground.ui.evaluate.style import evaluate_style

evaluate_style()
busy = evaluate.is_working()
run = evaluate.shown_run()
with st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_bar"):
    st.markdown("## Evaluate", anchors=False, width="content")
    section = st.segmented_control(
        "Section",
        evaluate.SECTIONS,
        default="Results",
        required=True,
        key="section",
        label_visibility="collapsed",
        width="content",
        persist_state="session",
    )
    st.space("stretch")
    chosen = question_set(run)
    if section not in ("Search", "Claims"):  # they have configurations and a button of their own
        configurations()
        run_button(chosen, run, busy)
background_status()
if run is not None:
    run_status(run, busy)
if evaluate.evaluation().problem:
    st.warning(plain(evaluate.evaluation().problem), icon=":material/warning:")
    evaluate.evaluation().problem = ""
if section == "Questions":
    from playground.ui.evaluate.questions import questions_section

    questions_section(chosen.name if chosen else "")
elif section == "Search":
    from playground.ui.evaluate.search import search_section

    search_section(chosen)
elif section == "Claims":
    from playground.ui.evaluate.claims import claims_section

    claims_section(chosen)
elif section == "Runs":
    from playground.ui.evaluate.runs import runs_section

    runs_section()
elif section == "Map":
    from playground.ui.evaluate.map_section import embedding_map_section

    embedding_map_section(run)
else:
    results_section(run)
if run is not None:
    open_chosen_cell(run)
