"""One cell of the matrix with everything that happened, and a second one beside it."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from playground.comparison import Passage, number_passages
from playground.evaluation.attribution import CAUSES
from playground.evaluation.records import Record, Run
from playground.evaluation.results import OUTCOMES, SIGNS
from playground.pipeline import Trace
from playground.questions.lookup import LabelledQuestion
from playground.ui import resources
from playground.ui.charts import shown_stages
from playground.ui.compare import components as pieces
from playground.ui.compare.answer_cards import notes
from playground.ui.components import escape, plain
from playground.ui.evaluate.charts import LETTERS

COLOURS: dict[str, Literal["green", "orange", "red", "gray"]] = {
    "right": "green",
    "silent": "green",
    "partly": "orange",
    "wrong": "red",
    "failed": "red",
    "unjudged": "gray",
}


def open_chosen_cell(run: Run) -> None:
    """Call it once, at the end of the page."""
    if "open_cell" not in st.session_state:
        return
    question, contender = st.session_state.pop("open_cell")
    if question >= len(run.plan.questions) or contender >= len(run.plan.contenders):
        return
    title = plain(run.plan.questions[question].question)
    st.dialog(title, width="large")(_two_cells)(run, question, contender)


def _two_cells(run: Run, question: int, contender: int) -> None:
    """What was expected, and two contenders' ways to their answers, each to be chosen."""
    _expected(run.plan.questions[question])
    names = [f"{letter} {each.name}" for letter, each in zip(LETTERS, run.plan.contenders, strict=False)]
    others = [number for number in range(len(names)) if number != contender]
    second = run.plan.baseline if run.plan.baseline != contender else next(iter(others), contender)
    chosen = []
    places = st.columns(2, gap="small") if others else [st.container()]
    for side, place, first in zip(("left", "right"), places, (contender, second), strict=False):
        chosen.append(
            place.selectbox(
                "Configuration",
                range(len(names)),
                index=first,
                format_func=names.__getitem__,
                key=f"cell_{side}_{run.id}_{question}_{contender}",
                label_visibility="collapsed",
            )
        )
    traces = [resources.workspace().runs.trace(run.id, each, question) for each in chosen]
    numbered = number_passages(
        [trace.passages if trace else () for trace in traces],
        [trace.quoted if trace else () for trace in traces],
    )
    for place, each, trace, passages in zip(places, chosen, traces, numbered, strict=False):
        with place.container(border=True):
            _cell(run.records[each][question], trace, passages)


def _expected(question: LabelledQuestion) -> None:
    if not question.answerable:
        st.markdown(":gray[Expected: no answer; the documents do not say it.]")
        return
    if question.answers:
        st.markdown(f":gray[Expected:] {plain(' / '.join(question.answers))}")
    for gold in question.relevant:
        quote = f": “{plain(_shortened(gold.quote))}”" if gold.quote else ""
        st.caption(f":material/verified: {plain(gold.document)}{quote}")


def _cell(record: Record | None, trace: Trace | None, passages: Sequence[Passage]) -> None:
    if record is None:
        st.caption("Not asked yet.")
        return
    with st.container(horizontal=True, gap="xsmall"):
        st.badge(f"{SIGNS[record.outcome]} {OUTCOMES[record.outcome]}", color=COLOURS[record.outcome])
        if record.cause and record.outcome != "failed":
            rank = f", rank {record.rank}" if record.rank else ""
            st.badge(f"{CAUSES[record.cause].label}{rank}", color="orange", help=CAUSES[record.cause].remedy)
        if record.cached:
            st.badge("from an earlier run", color="gray", icon=":material/history:")
        if record.seen:
            st.badge("learned by its adapter", color="orange", icon=":material/school:")
        if record.withheld:
            st.badge("hidden from who asks: silence is right", color="gray", icon=":material/lock:")
        if record.latency:
            st.badge(f"{record.latency['total']:,.0f} ms", color="gray", icon=":material/timer:")
    if record.outcome == "failed":
        st.error(plain(record.reason), icon=":material/error:")
        return
    if trace is None:
        st.markdown(plain(record.answer))
        return
    pieces.answer_text(trace.answer, trace.hits, passages)
    pieces.note_lines(notes(trace.answer))
    _figures(record)
    _stages(record)
    _passages(trace, passages)
    if trace.answer.prompt:
        with st.expander("Prompt", icon=":material/notes:", type="compact"):
            pieces.prompt_text(trace.answer.prompt)


def _figures(record: Record) -> None:
    shown = {name: value for name, value in record.figures.items() if "@" not in name or name.endswith("@5")}
    if not shown:
        return
    cells = "".join(
        f"<div><dt>{escape(name.replace('_', ' '))}</dt><dd>{value:.2f}</dd></div>"
        for name, value in shown.items()
    )
    with st.expander("Figures", icon=":material/query_stats:", type="compact"):
        st.html(f'<div class="pg"><dl>{cells}</dl></div>')


def _stages(record: Record) -> None:
    if record.latency:
        told = " · ".join(f"{stage} {value:,.0f}" for stage, value in shown_stages(record.latency).items())
        st.caption(f"ms by stage: {told}")


def _passages(trace: Trace, passages: Sequence[Passage]) -> None:
    """What the engine was given, best first, each with what every stage said of it."""
    for rank, (hit, passage) in enumerate(zip(trace.passages, passages, strict=True)):
        citations = [citation for citation in trace.answer.citations if citation.passage == rank]
        pieces.source_head(hit, passage, False, citations[0].start if citations else None)
        pieces.source_body(hit, passage, citations)


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= 220 else words[:217] + "…"
