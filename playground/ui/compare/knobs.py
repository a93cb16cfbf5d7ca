"""Widgets for one knob of one column. The column's value is the truth; the widget follows it.

This module does not know what the knobs mean.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from playground.ui import state

WORDS = {
    "late_interaction": "late interaction",
    "colbert": "ColBERT",
    "cross_encoder": "cross-encoder",
    "rrf": "rank fusion (RRF)",
    "weighted": "weighted sum",
    "local_model": "local model",
}
"""How a value is said where its name in the settings is no word."""

ANYONE = "anyone (no check)"
"""Who asks where nobody in particular does."""


def key_of(index: int, name: str) -> str:
    """A widget's key: that of no widget of a column that stood in this place before."""
    generation = state.comparison().columns[index].generation
    ending = f"_{generation}" if generation else ""
    return f"{name.replace('.', '_')}_{state.LETTERS[index].lower()}{ending}"


def show(index: int, name: str) -> tuple[str, Callable[[], None]]:
    """The widget's key, with the column's value in it, and what to call when the person changes it."""
    key = key_of(index, name)
    column = state.comparison().columns[index]
    st.session_state[key] = column.values[name]

    def changed() -> None:
        value = st.session_state[key]
        if value is not None:  # a segment that is clicked again is empty, but every knob has a value
            column.set(name, value)

    return key, changed


def choice(index: int, name: str, label: str, options: Sequence[str]) -> None:
    key, changed = show(index, name)
    st.segmented_control(
        label, options, key=key, on_change=changed, format_func=lambda each: WORDS.get(each, each)
    )


def select(
    index: int, name: str, label: str, options: Sequence[str], words: Mapping[str, str], about: str
) -> None:
    """One of the options, or what the person types; `words` say those whose value is no word."""
    column = state.comparison().columns[index]
    key, _ = show(index, name)

    def changed() -> None:
        column.set(name, (st.session_state[key] or "").strip())

    st.selectbox(
        label,
        list(dict.fromkeys([*options, st.session_state[key]])),
        key=key,
        on_change=changed,
        format_func=lambda each: words.get(each, each),
        help=about,
        accept_new_options=True,
    )


def slider(index: int, name: str, label: str, low: Any, high: Any, step: Any) -> None:
    key, changed = show(index, name)
    high = max(high, st.session_state[key])  # a link or a file may have brought a larger value
    st.slider(label, low, high, key=key, step=step, on_change=changed)


def number(index: int, name: str, label: str, low: Any, high: Any, step: Any = 1) -> None:
    key, changed = show(index, name)
    st.number_input(label, low, high, key=key, step=step, on_change=changed)


def toggle(index: int, name: str, label: str) -> None:
    key, changed = show(index, name)
    st.toggle(label, key=key, on_change=changed)


def text(index: int, name: str, label: str, placeholder: str) -> None:
    key, changed = show(index, name)
    st.text_input(label, key=key, on_change=changed, placeholder=placeholder)


def text_area(index: int, name: str, label: str, height: int, about: str) -> None:
    key, changed = show(index, name)
    st.text_area(label, key=key, on_change=changed, height=height, help=about)


def pick_or_type(index: int, name: str, label: str, options: Sequence[str], placeholder: str) -> None:
    """A list to pick from, which also takes what is not in it."""
    column = state.comparison().columns[index]
    key, _ = show(index, name)
    current = st.session_state[key]
    st.session_state[key] = current or None

    def changed() -> None:
        column.set(name, (st.session_state[key] or "").strip())

    st.selectbox(
        label,
        list(dict.fromkeys(each for each in (*options, current) if each)),
        key=key,
        on_change=changed,
        placeholder=placeholder,
        accept_new_options=True,
    )
