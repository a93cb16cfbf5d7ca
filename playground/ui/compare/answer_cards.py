"""The row of answers: each column's settings, its answer, and what really made it.

The cards are drawn before there are answers; each answer is put into its card when it is there.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground import startup
from playground.comparison import Passage
from playground.config import PipelineConfig
from playground.engines.engine import Answer
from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.ui import resources
from playground.ui.background import about
from playground.ui.compare import components as pieces
from playground.ui.compare import knobs
from playground.ui.compare.adapter_toggle import adapter_name, adapter_toggle
from playground.ui.compare.column_settings import column_settings
from playground.ui.compare.rating import rate_answer
from playground.ui.compare.verdicts import verdict
from playground.ui.components import plain
from playground.ui.model_download import job_key
from playground.ui.state import Shown

VERDICTS = {"right": "✓ right", "partly": "– partly right", "wrong": "✗ wrong", "silent": "○ rightly silent"}
VERDICT_COLOURS: dict[str, Literal["green", "orange", "red"]] = {
    "right": "green",
    "silent": "green",
    "partly": "orange",
    "wrong": "red",
}
SETTINGS_WIDTH = 440
"""Pixels: as wide as the rows of segments, and narrow enough for four columns at 1280."""


@dataclass(frozen=True)
class Card:
    """A column's card: the places of its answer and of what stands below it."""

    column: Shown
    text: DeltaGenerator
    foot: DeltaGenerator


def answer_cards(columns: Sequence[Shown]) -> list[Card]:
    """One card a column; neighbours are equally high."""
    entries = resources.adapters().entries()
    adapters = [adapter_name(column.config, entries) for column in columns]
    asked = any(column.config.retrieves and column.config.retrieval.reader for column in columns)
    cards = []
    for place, column, adapter in zip(st.columns(len(columns), gap="small"), columns, adapters, strict=True):
        letter = column.letter
        with place.container(border=True, height="stretch", key=f"column_{letter}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                head = f"### :gray[{letter.upper()}]&ensp;{column.title}"
                st.markdown(head, anchors=False, width="stretch")
                settings = st.popover("", icon=":material/tune:", key=f"config_{letter}", type="tertiary")
                with settings.container(width=SETTINGS_WIDTH):
                    column_settings(column.index, entries)
            pieces.settings_grid(column.config, columns[0].config, adapter, adapters[0], asked)
            adapter_toggle(column.index, entries)
            text = st.empty()
            st.space("stretch")
            cards.append(Card(column, text, st.empty()))
    return cards


def draw_answer(card: Card, column: Shown, passages: Sequence[Passage]) -> None:
    """The answer, or why there is none. Holds no widget with a key, so it can be drawn again."""
    with card.text.container(gap="small"):
        if isinstance(column.result, Trace):
            pieces.answer_text(column.result.answer, column.result.hits, passages)
            pieces.note_lines(notes(column.result.answer))
            if column.result.answer.prompt:
                with st.expander("Prompt", icon=":material/notes:", type="compact"):
                    pieces.prompt_text(column.result.answer.prompt)
        elif isinstance(column.result, PlaygroundError):
            st.error(plain(str(column.result)), icon=":material/error:")
        elif column.missing_model:
            coming = resources.jobs().active_key(job_key(column.missing_model))
            what = "is being downloaded." if coming else "is not on this machine; the settings can get it."
            st.caption(f"{plain(column.missing_model)} {what}")
        elif column.can_answer:
            st.caption("Ask a question to see an answer here.")
        else:
            st.caption("This column answers as soon as its documents are indexed.")


def notes(answer: Answer) -> list[str]:
    """What the person has to know of an answer, a line each."""
    lines = list(answer.notes)
    if count := answer.dropped_citations:
        what = "1 citation points" if count == 1 else f"{count} citations point"
        lines.append(f"{what} at no passage, and {'was' if count == 1 else 'were'} dropped.")
    if count := len(answer.unsupported):
        what = "1 sentence cites" if count == 1 else f"{count} sentences cite"
        lines.append(f"{what} no passage: underlined with dots.")
    return lines


def draw_foot(card: Card, column: Shown) -> None:
    """What really made the answer, and what the column lacks. Call it once a run: there are buttons in it."""
    with card.foot.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if isinstance(column.result, Trace):
            _made_by(column.result)
        if column.problem:
            st.badge(
                "Settings incomplete", color="orange", icon=":material/warning:", help=plain(column.problem)
            )
        if column.config.retrieves and not column.status.complete:
            _to_index(column)
        if isinstance(column.result, Trace) and not column.result.answer.stopped:
            rate_answer(column.letter, column.result)


def _made_by(trace: Trace) -> None:
    """Taken from the run, not from the widgets."""
    answer = trace.answer
    judged = None if answer.stopped else verdict(trace)
    if judged and judged in VERDICTS:
        st.badge(
            VERDICTS[judged], color=VERDICT_COLOURS[judged], help="By the labelled question in the same words"
        )
    if answer.stopped:
        st.badge("Stopped", color="orange", icon=":material/stop_circle:")
    if answer.abstained:
        st.badge("No answer", color="orange", icon=":material/do_not_disturb_on:")
    st.badge(knobs.WORDS.get(answer.engine, answer.engine), color="gray", icon=":material/memory:")
    if answer.model:
        st.badge(plain(pieces.short_name(answer.model)), color="gray", help=plain(answer.model))
    if answer.adapter:
        st.badge(plain(answer.adapter), color="violet", icon=":material/extension:")
    if sure := certainty_in_words(trace):
        st.badge(sure, color="gray")
    if speed := speed_in_words(answer):
        st.badge(
            speed, color="gray", icon=":material/speed:", help="Time to the first token, then tokens a second"
        )


def certainty_in_words(trace: Trace) -> str:
    """The score that decided whether to answer: a probability for what is quoted from passages, a cosine
    similarity for what was chosen among learned or labelled outputs, "" for an engine without one."""
    score = trace.answer.confidence
    if score is None:
        return ""
    if trace.hits:
        return f"confidence {score:.0%}"
    chosen = trace.answer.adapter or trace.config.engine.examples
    return f"similarity {score:.2f}" if chosen else ""


def speed_in_words(answer: Answer) -> str:
    """Time to the first token, and the tokens a second after it; "" where the engine does not say."""
    parts = []
    if first := answer.timings.get("first_token"):
        parts.append(f"first {first / 1000:.1f} s" if first >= 100 else f"first {first:.0f} ms")
    later, rest = answer.completion_tokens - 1, answer.timings.get("generation", 0.0)
    if parts and later > 0 and rest > 0:
        parts.append(f"{later / rest * 1000:.{0 if later / rest >= 0.01 else 1}f} tokens/s")
    return " · ".join(parts)


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
