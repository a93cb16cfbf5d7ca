"""The Search section of the Evaluate page: what is varied, for what, and how long that may take."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from playground.config import FUSIONS, STRATEGIES, PipelineConfig
from playground.errors import InputError
from playground.evaluation.summary import RIGHT
from playground.questions.sets import AvailableSet, anchor_set
from playground.reports.figure_table import figure_title
from playground.search.plan import (
    FEWEST,
    Knobs,
    SearchPlan,
    Target,
    plan_search,
    sensible,
    value_in_words,
)
from playground.search.searching import search_steps
from playground.ui import resources, state
from playground.ui.components import escape, plain
from playground.ui.evaluate import jobs
from playground.ui.evaluate.search_results import search_results
from playground.ui.evaluate.search_tables import KNOBS

JOB = "search"
FIGURES = (
    RIGHT,
    "recall@5",
    "evidence_recall@5",
    "ndcg@5",
    "mrr@5",
    "answer_f1",
    "exact_match",
    "rouge_l",
    "similarity",
    "citation_recall",
    "citation_precision",
)
"""What can be searched for: of all of them more is better."""

_OWN = "Choose myself"
_OFFERED: dict[str, tuple[Any, ...]] = {
    "chunking.strategy": STRATEGIES,
    "chunking.size": (50, 100, 150, 200, 300, 400, 500),
    "chunking.overlap": (0, 20, 40, 80),
    "chunking.prefix": (True, False),
    "retrieval.mode": ("dense", "keyword", "hybrid"),
    "retrieval.fusion": FUSIONS,
    "retrieval.dense_weight": (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8),
    "retrieval.top_k": (1, 3, 5, 8, 10, 15, 20),
    "reranking.method": ("none", "late_interaction"),
}


def search_section(chosen: AvailableSet | None) -> None:
    """What is searched on the left, what was found on the right and below."""
    left, right = st.columns([2, 3], gap="small")
    with left.container(border=True, height="stretch", key="search_setup", gap="small"):
        _setup(chosen)
    search_results(right, busy=jobs.active_job(JOB) is not None)


def _setup(chosen: AvailableSet | None) -> None:
    base = state.base_config()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "**Search over the settings** :gray[half of the questions choose, half report]",
            width="stretch",
        )
        own = st.segmented_control(
            "Values",
            ["Sensible", _OWN],
            default="Sensible",
            required=True,
            key="search_values",
            label_visibility="collapsed",
            width="content",
            persist_state="session",
        )
    knobs = _choose(base) if own == _OWN else sensible(base)
    if own != _OWN:
        _listed(knobs)
    target, budget = _wanted()
    reason = _why_not(chosen, base, knobs)
    plan = None
    if not reason:
        try:
            plan = _plan(chosen, base, knobs, budget)
            _estimate(plan, budget)
        except InputError as error:
            reason = f"{str(error)[0].upper()}{str(error)[1:]}."
    if reason:
        st.caption(plain(reason))
    if jobs.active_job(JOB) is None:
        st.button(
            "Start",
            key="search_start",
            type="primary",
            icon=":material/search:",
            disabled=plan is None,
            on_click=_start,
            args=(chosen.name if chosen else "", base, knobs, target, budget),
            help="What was answered before is not asked again",
        )
    jobs.job_status(JOB)


def _listed(knobs: Knobs) -> None:
    rows = "".join(
        f"<tr><td>{KNOBS[knob]}</td><td>{escape(' · '.join(_said(knob, each) for each in several))}</td></tr>"
        for knob, several in knobs.items()
    )
    st.html(f'<div class="pg"><table class="values">{rows}</table></div>')


def _choose(base: PipelineConfig) -> dict[str, tuple[Any, ...]]:
    """A list of values for every knob; one that stays empty is not varied."""
    found: dict[str, tuple[Any, ...]] = {}
    places = st.columns(2, gap="small")
    for number, (knob, offered) in enumerate(_OFFERED.items()):
        if knob == "reranking.method":
            offered = sensible(base)[knob]
        several = places[number % 2].multiselect(
            KNOBS[knob],
            offered,
            default=[each for each in sensible(base).get(knob, ()) if each in offered],
            format_func=partial(_said, knob),
            key=f"search_{knob.replace('.', '_')}",
            placeholder=_said(knob, dict(base.items())[knob]),
            persist_state="session",
        )
        if several:
            found[knob] = tuple(each for each in offered if each in several)
    return found


def _said(knob: str, value: Any) -> str:
    """A value behind the name of its knob: there "200" is enough."""
    return (
        str(value)
        if isinstance(value, int | float) and not isinstance(value, bool)
        else value_in_words(knob, value)
    )


def _wanted() -> tuple[Target, float]:
    """What is searched for, and how many seconds that may take."""
    left, middle, right = st.columns([3, 2, 2], gap="small", vertical_alignment="bottom")
    figure = left.selectbox(
        "The best",
        FIGURES,
        format_func=lambda name: "Answers right" if name == RIGHT else figure_title(name),
        key="search_figure",
        persist_state="session",
    )
    limit = middle.number_input(
        "p95 at most, ms",
        min_value=1.0,
        value=None,
        step=50.0,
        format="%.0f",
        placeholder="any",
        key="search_limit",
        help="95 of 100 answers have to come within this time",
        persist_state="session",
    )
    minutes = right.number_input(
        "Budget, minutes",
        min_value=1,
        value=10,
        key="search_budget",
        help="So many combinations are drawn at random as fit in; the report is asked to its end",
        persist_state="session",
    )
    return Target(figure, limit), 60.0 * (minutes or 1)


def _why_not(chosen: AvailableSet | None, base: PipelineConfig, knobs: Knobs) -> str:
    if chosen is None or not chosen.questions:
        return "Choose labelled questions above; under Questions they are made."
    if base.engine.examples:
        return (
            "Column A answers from labelled examples: no documents are searched, so there is nothing to vary."
        )
    if not any(len(several) > 1 for several in knobs.values()):
        return "Choose at least two values of a setting."
    return jobs.cannot_answer(base)


def _plan(chosen: AvailableSet | None, base: PipelineConfig, knobs: Knobs, budget: float) -> SearchPlan:
    """Computed once as long as nothing changes it: every click draws the page anew."""
    workspace, questions = resources.workspace(), jobs.questions_of(chosen)
    stamp = questions, base, knobs, budget, workspace.revision, jobs.seconds_known()
    known = st.session_state.get("search_plan")
    if known is None or known[0] != stamp:
        known = stamp, plan_search(workspace, questions, base, knobs, budget, jobs.seconds_known())
        st.session_state["search_plan"] = known
    plan: SearchPlan = known[1]
    return plan


def _estimate(plan: SearchPlan, budget: float) -> None:
    """What would be tried, how long that takes, and what it is worth."""
    st.markdown(f"**{_combinations(plan)}**, {estimate_in_words(plan)}")
    st.caption(f"Everything else as in {plain(jobs.base_in_words())}.")
    total = len(plan.first) + len(plan.second)
    if total < FEWEST:
        st.caption(
            f":material/warning: {total} questions make two halves of {len(plan.first)} and "
            f"{len(plan.second)}: from these next to nothing follows. Label at least {FEWEST}."
        )
    elif plan.estimate.seconds > 1.1 * budget:
        st.caption(":material/timer: Longer than the budget: one combination at least is tried.")


def _combinations(plan: SearchPlan) -> str:
    if plan.planned == plan.grid:
        return f"All {plan.grid:,} combinations"
    return f"{plan.planned:,} of {plan.grid:,} combinations"


def estimate_in_words(plan: SearchPlan) -> str:
    """ "about 6 min: 2 min indexing, 3 min for 20 of 40 questions, 1 min for the other 20"."""
    first, second, time = len(plan.first), len(plan.second), plan.estimate
    parts = [f"{jobs.duration(time.indexing)} indexing"] if time.indexing else []
    parts.append(f"{jobs.duration(time.asking)} for {first} of {first + second} questions")
    parts.append(f"{jobs.duration(time.reporting)} for the other {second}")
    return f"about {jobs.duration(time.seconds)}: {', '.join(parts)}"


def _start(name: str, base: PipelineConfig, knobs: Knobs, target: Target, budget: float) -> None:
    """In the background, with the labels where they stand now."""
    workspace = resources.workspace()
    questions: Sequence[Any] = anchor_set(name, workspace, resources.questions())
    plan = plan_search(workspace, questions, base, knobs, budget, jobs.seconds_known())
    steps = partial(search_steps, workspace, plan, name, target, budget, jobs.check())
    resources.evaluations().start(JOB, "Searching", steps)
