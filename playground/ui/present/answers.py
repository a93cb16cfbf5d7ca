"""Step 2: the answers side by side, at most two in a row, each as large as fits into its card."""

from collections.abc import Sequence

import streamlit as st

from playground.pipeline import Trace
from playground.ui.compare import components as pieces
from playground.ui.compare.answer_cards import VERDICT_COLOURS, VERDICTS, notes
from playground.ui.compare.verdicts import verdict
from playground.ui.components import escape
from playground.ui.present.answering import Presented, why_no_answer
from playground.ui.present.layout import body, cards, head

CHIP = " 00"
"""A citation takes about as much room as these characters."""


def answers_step(columns: Sequence[Presented]) -> None:
    texts = [_words(each) for each in columns]
    for each, card in zip(columns, cards(columns, texts), strict=True):
        with card:
            with head(each):
                _badges(each.trace)
            with body(each):
                _answer(each)
            if each.trace and (lines := notes(each.trace.answer)):
                pieces.note_lines([" ".join(lines)])


def _words(each: Presented) -> str:
    """What is going to stand in the card."""
    if each.trace is None:
        return why_no_answer(each.column)
    below = "\n" + " ".join(lines) if (lines := notes(each.trace.answer)) else ""
    return each.trace.answer.text + CHIP * len(each.trace.answer.citations) + below


def _answer(each: Presented) -> None:
    if each.trace is None:
        st.html(f'<div class="pg answer abstained">{escape(why_no_answer(each.column))}</div>')
    else:
        pieces.answer_text(each.trace.answer, each.trace.hits, each.passages)


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
