"""Step 2: the answers side by side, at most two in a row, each as large as fits into its card."""

from collections.abc import Sequence

import streamlit as st

from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.ui.compare import components as pieces
from playground.ui.compare.answer_cards import VERDICT_COLOURS, VERDICTS, notes
from playground.ui.compare.verdicts import verdict
from playground.ui.components import escape
from playground.ui.present.answering import Presented
from playground.ui.present.fitting import type_size
from playground.ui.present.layout import body, cards, head, shapes
from playground.ui.present.style import fit

CHIP = " 00"
"""A citation takes about as much room as these characters."""


def answers_step(columns: Sequence[Presented]) -> None:
    sizes = {
        f"body_{each.column.letter}": type_size(_words(each), shape)
        for each, shape in zip(columns, shapes(len(columns)), strict=True)
    }
    fit(sizes)
    for each, card in zip(columns, cards(columns), strict=True):
        with card:
            with head(each):
                _badges(each.trace)
            with body(each):
                _answer(each)
            if each.trace:
                pieces.note_lines(notes(each.trace.answer))


def _words(each: Presented) -> str:
    """What is going to stand in the card."""
    if each.trace is None:
        return why_no_answer(each)
    return each.trace.answer.text + CHIP * len(each.trace.answer.citations)


def _answer(each: Presented) -> None:
    if each.trace is None:
        st.html(f'<div class="pg answer abstained">{escape(why_no_answer(each))}</div>')
    else:
        pieces.answer_text(each.trace.answer, each.trace.hits, each.passages)


def why_no_answer(each: Presented) -> str:
    """One sentence for a column without an answer."""
    column = each.column
    if isinstance(column.result, PlaygroundError):
        return str(column.result)
    if column.missing_model:
        return f"{column.missing_model} is not on this machine."
    return "This column answers as soon as its documents are indexed."


def _badges(trace: Trace | None) -> None:
    if trace is None:
        return
    judged = None if trace.answer.stopped else verdict(trace)
    if judged in VERDICTS:
        colour = VERDICT_COLOURS[judged]
        st.markdown(f"### :{colour}-badge[{VERDICTS[judged]}]", anchors=False, width="content")
    elif trace.answer.abstained:
        st.markdown("### :orange-badge[○ no answer]", anchors=False, width="content")
    if trace.answer.stopped:
        st.markdown("### :orange-badge[■ stopped]", anchors=False, width="content")
