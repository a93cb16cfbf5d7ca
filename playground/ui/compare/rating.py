"""What a person says of an answer: a thumb up or down, and what it should have been."""

import hashlib
from dataclasses import replace

import streamlit as st

from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.presets import to_compact
from playground.questions.store import Rating
from playground.ui import resources
from playground.ui.components import plain


def rate_answer(letter: str, trace: Trace) -> None:
    """The thumbs and the correction of one answer. Their keys belong to this very answer, so that nothing
    that was said of one is shown at another."""
    try:
        rating = resources.questions().rating(trace.question, trace.answer.text, to_compact(trace.config))
    except PlaygroundError as error:
        st.caption(plain(str(error)))
        return
    key = f"{letter}_{_digest(rating)}"
    st.session_state[f"rate_{key}"] = None if rating.good is None else int(rating.good)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"rating_{letter}"):
        st.feedback("thumbs", key=f"rate_{key}", on_change=_rate, args=(rating, f"rate_{key}"))
        label = "Corrected" if rating.correction else "Correct"
        with st.popover(label, icon=":material/edit:", type="tertiary", key=f"correct_{key}"):
            st.text_area(
                "What the answer should be",
                rating.correction or rating.answer,
                key=f"correction_{key}",
                height=160,
                width=420,
                help="Corrections are listed on the Evaluate page, and can be exported as training examples.",
            )
            st.button(
                "Save",
                key=f"save_correction_{key}",
                type="primary",
                on_click=_correct,
                args=(rating, f"correction_{key}"),
            )


def _digest(rating: Rating) -> str:
    said = "\n".join((rating.question, rating.answer, rating.config))
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:10]


def _rate(rating: Rating, key: str) -> None:
    value = st.session_state[key]
    resources.questions().rate(replace(rating, good=None if value is None else bool(value), at=None))


def _correct(rating: Rating, key: str) -> None:
    """A text that is as it was corrects nothing."""
    text = st.session_state[key].strip()
    correction = "" if text == rating.answer.strip() else text
    resources.questions().rate(replace(rating, correction=correction, at=None))
