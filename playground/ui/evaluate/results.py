"""The results of a run: the matrix, quality against time, differences, failures, and all figures."""

from collections.abc import Sequence

import streamlit as st

from playground.evaluation.records import Run
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT
from playground.evaluation.summary import (
    RIGHT,
    ColumnSummary,
    bounds_in_words,
    differences,
    figure_names,
    summarise,
)
from playground.reports.figure_table import figure_title
from playground.ui.evaluate import charts
from playground.ui.evaluate.figures import best_and_worst_lists, depth_control, figures_table
from playground.ui.evaluate.matrix import cause_filter, matrix
from playground.ui.evaluate.run import run_line, warnings
from playground.ui.evaluate.runs import report_button
from playground.ui.evaluate.state import once

TALL, LOW = 500, 225
"""Pixels of the upper and the lower row: at 1920 by 1080 both are seen without scrolling."""


def results_section(run: Run | None) -> None:
    """Everything that a run says, as far as it is."""
    if run is None:
        _nothing_yet()
        return
    if not run.done:
        _nothing_asked(run)
        return
    count_seen = bool(st.session_state.get("count_seen"))
    summaries = once(summarise, count_seen)
    upper_left, upper_right = st.columns([3, 2], gap="small")
    with upper_left.container(border=True, height="stretch", key="matrix", gap="small"):
        matrix(run, TALL)
    with upper_right.container(border=True, height="stretch", key="pareto", gap="small"):
        st.markdown("**Quality against waiting time** :gray[dotted: not beaten on both]")
        if not charts.pareto_chart(summaries, TALL, "pareto_chart"):
            st.caption("Nothing was timed yet: answers of an earlier run have no time of their own.")
    lower_left, lower_right = st.columns([3, 2], gap="small")
    with lower_left.container(border=True, height="stretch", key="differences", gap="small"):
        _differences(run, count_seen)
    with lower_right.container(border=True, height="stretch", key="failures", gap="small"):
        _failures(run, summaries, count_seen)
    with st.container(border=True, key="figures", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**All figures** :gray[{run_line(run)}]", width="stretch")
            warnings(run)
            report_button(run)
            depth = depth_control()
        figures_table(run, summaries, depth)
    if len(run.plan.contenders) > 1:
        with st.container(border=True, key="best_and_worst", gap="small"):
            st.markdown("**Best and worst questions** :gray[▲ ahead of the other columns, ▼ behind them]")
            best_and_worst_lists(run)


def _failures(run: Run, summaries: Sequence[ColumnSummary], count_seen: bool) -> None:
    judged = next((each.right.of for each in summaries if each.right), 0)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown(f"**Why answers fail** :gray[of {judged} questions]", width="content")
        cause_filter(run)
    names = [each.name for each in summaries]
    right = [each.right.count if each.right else 0 for each in summaries]
    height = max(LOW - 50, 36 * len(names) + 10)
    charts.failure_chart(names, right, [each.causes for each in summaries], height, "failure_chart")
    if sentence := once(bounds_in_words, count_seen):
        st.markdown(f":gray[:material/straighten: {sentence}]")


def _differences(run: Run, count_seen: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**Differences that can be trusted** :gray[paired, 95 % interval]", width="stretch")
        names = [RIGHT, *figure_names(run, 5)]
        figure = st.selectbox(
            "Figure",
            names,
            format_func=lambda name: "Answers right" if name == RIGHT else figure_title(name),
            key="difference_figure",
            label_visibility="collapsed",
            width=240,
        )
    if len(run.plan.contenders) < 2:
        st.caption("Choose a second configuration to compare with.")
        return
    found = once(differences, figure, count_seen)
    charts.difference_chart(found, max(LOW, 56 * len(found) + 36), "difference_chart")
    if any(each.verdict == "too few questions" for each in found):
        st.caption(f"There is no verdict from fewer than {FEWEST_FOR_A_VERDICT} questions.")


def _nothing_asked(run: Run) -> None:
    """Where a run has ended without a single answer."""
    if run.unscored:
        st.warning(
            "No question could be asked: the evidence of their labels is gone from the documents. Mend it "
            "under Questions, then run again.",
            icon=":material/build:",
        )


def _nothing_yet() -> None:
    with st.container(border=True, key="no_run", horizontal_alignment="center", gap="medium"):
        st.space("medium")
        st.markdown(
            "### Which set-up is better on your questions, by how much, and is it more than chance?",
            width="content",
        )
        st.caption(
            "Choose labelled questions and configurations above, and press Run. Questions are uploaded, made "
            "from what you ask in Compare, or come with the sample documents.",
            width="content",
        )
        st.space("medium")
