"""The row of answers: each column's settings, its answer, and what really made it."""

from collections.abc import Sequence

import streamlit as st

from playground import startup
from playground.comparison import Passage
from playground.config import PipelineConfig, preset_name
from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.ui import compare_components as pieces
from playground.ui import resources
from playground.ui.background import about
from playground.ui.column_settings import column_settings
from playground.ui.components import plain
from playground.ui.state import Shown


def answer_cards(columns: Sequence[Shown], numbered: Sequence[Sequence[Passage]]) -> None:
    """One card a column; neighbours are equally high."""
    for place, column, passages in zip(st.columns(len(columns), gap="small"), columns, numbered, strict=True):
        letter = column.letter
        with place.container(border=True, height="stretch", key=f"column_{letter}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                name = preset_name(column.config)
                st.markdown(f"### :gray[{letter.upper()}]&ensp;{name}", anchors=False, width="stretch")
                with st.popover("", icon=":material/tune:", key=f"config_{letter}", type="tertiary"):
                    column_settings(column.index)
            pieces.settings_grid(column.config, columns[0].config)
            if isinstance(column.result, Trace):
                pieces.answer_text(column.result.answer, column.result.hits, passages)
            elif isinstance(column.result, PlaygroundError):
                st.error(plain(str(column.result)), icon=":material/error:")
            elif column.can_answer:
                st.caption("Ask a question to see an answer here.")
            else:
                st.caption("This column answers as soon as its documents are indexed.")
            st.space("stretch")
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                if isinstance(column.result, Trace):
                    _made_by(column.result)
                if column.config.retrieves and not column.status.complete:
                    _to_index(column)


def _made_by(trace: Trace) -> None:
    """Taken from the run, not from the widgets."""
    answer = trace.answer
    if answer.abstained:
        st.badge("No answer", color="orange", icon=":material/do_not_disturb_on:")
    st.badge(answer.engine, color="gray", icon=":material/memory:")
    if answer.adapter:
        st.badge(answer.adapter, color="violet", icon=":material/extension:")
    if answer.confidence is not None:
        st.badge(f"confidence {answer.confidence:.0%}", color="gray")


def _to_index(column: Shown) -> None:
    status = column.status
    missing = f"{len(status.missing)} of {status.documents} documents to index"
    st.badge(missing, color="orange", icon=":material/sync_problem:")
    job = resources.jobs().get(startup.indexing_key(resources.workspace(), column.config))
    if job and job.active:
        st.badge("indexing", color="blue", icon=":material/sync:")
        return
    st.button(
        f"Index now, {about(status.seconds)}",
        key=f"index_{column.letter}",
        icon=":material/sync:",
        on_click=_start_indexing,
        args=(column.config,),
    )
    if job and job.state == "failed":
        st.badge(plain(job.error), color="red", icon=":material/error:")


def _start_indexing(config: PipelineConfig) -> None:
    startup.start_indexing(resources.workspace(), resources.jobs(), config)
