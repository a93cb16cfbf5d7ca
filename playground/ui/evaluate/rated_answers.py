"""What people said of answers in Compare: a short list, and the corrections as training examples."""

from collections.abc import Sequence

import streamlit as st

from playground.questions.store import Rating
from playground.ui import resources
from playground.ui.components import plain

SHOWN = 5
SHOWN_TEXT = 160


def rated_answers() -> None:
    """The card's content."""
    store = resources.questions()
    ratings = store.ratings()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Rated answers** :gray[{_counts(ratings)}]", width="stretch")
        st.download_button(
            "Corrections as training examples",
            store.corrections_as_jsonl,
            "corrections.jsonl",
            "application/jsonl",
            key="corrections",
            icon=":material/download:",
            type="tertiary",
            disabled=not any(rating.correction for rating in ratings),
            on_click="ignore",
            help="JSONL with input and output, which the Fine-tune page reads",
        )
    if not ratings:
        st.markdown(
            ":gray[A thumb or a correction below an answer on Compare is listed here. Corrections make good "
            "training examples.]"
        )
    for number, rating in enumerate(ratings[:SHOWN]):
        _row(number, rating)
    if rest := ratings[SHOWN:]:
        with st.expander(f"{len(rest)} older", key="older_ratings"):
            for number, rating in enumerate(rest, start=SHOWN):
                _row(number, rating)


def _counts(ratings: Sequence[Rating]) -> str:
    if not ratings:
        return ""
    good = sum(rating.good is True for rating in ratings)
    bad = sum(rating.good is False for rating in ratings)
    corrected = sum(bool(rating.correction) for rating in ratings)
    return f"{good} good · {bad} bad · {corrected} corrected"


def _row(number: int, rating: Rating) -> None:
    sign = {True: ":material/thumb_up:", False: ":material/thumb_down:", None: ":material/edit:"}[rating.good]
    lines = [f"{sign}&ensp;**{plain(rating.question)}**", f":gray[{plain(_shortened(rating.answer))}]"]
    if rating.correction:
        lines.append(f":material/arrow_forward:&ensp;{plain(_shortened(rating.correction))}")
    with st.container(
        horizontal=True, vertical_alignment="top", gap="small", wrap=False, key=f"rated_{number}"
    ):
        st.markdown("  \n".join(lines), width="stretch")
        st.button(
            "",
            key=f"delete_rating_{number}",
            icon=":material/close:",
            type="tertiary",
            help="Forget this rating",
            on_click=resources.questions().delete_rating,
            args=(rating,),
        )


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= SHOWN_TEXT else line[: SHOWN_TEXT - 1] + "…"
