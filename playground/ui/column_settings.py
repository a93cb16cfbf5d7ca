"""The knobs of one column, in a popover. The column's values are the truth; the widgets follow them."""

from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from playground.config import FUSIONS, MODES, PRESETS, RERANKERS, STRATEGIES, preset_name
from playground.ui import state

WORDS = {
    "late_interaction": "late interaction",
    "colbert": "ColBERT",
    "cross_encoder": "cross-encoder",
    "rrf": "rank fusion (RRF)",
    "weighted": "weighted sum",
}


def column_settings(index: int) -> None:
    """Everything that can be set of column `index`; what is changed shows in the next run of the page."""
    column = state.comparison().columns[index]
    values = column.values
    _preset(index)
    _choice(index, "retrieval.mode", "Retrieval", MODES)
    if values["retrieval.mode"] == "hybrid":
        _choice(index, "retrieval.fusion", "Fusion", FUSIONS)
        if values["retrieval.fusion"] == "weighted":
            _slider(index, "retrieval.dense_weight", "Weight of dense; keyword has the rest", 0.0, 1.0, 0.05)
    if values["retrieval.mode"] != "none":
        _slider(index, "retrieval.top_k", "Passages for the answer (top k)", 1, 20, 1)
        _choice(index, "reranking.method", "Reranking", RERANKERS)
        if values["reranking.method"] in ("colbert", "cross_encoder"):
            _text(index, "reranking.model", "Model", "hub name or local path")
        if values["reranking.method"] != "none":
            _slider(index, "reranking.candidates", "Candidates that are reranked", 2, 100, 1)
        _choice(index, "chunking.strategy", "Chunking", STRATEGIES)
        _slider(index, "chunking.size", "Chunk size (tokens)", 20, 512, 4)
        largest = max(int(values["chunking.size"]) // 2, 1)
        _slider(index, "chunking.overlap", "Overlap (tokens)", 0, largest, 1)
        _toggle(index, "chunking.prefix", "Title and headings before each chunk")
        _text(index, "encoder.name", "Encoder", "builtin, a hub name, or a local path")
    if column.problem:
        st.warning(column.problem, icon=":material/warning:")
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        letter = state.LETTERS[index]
        st.download_button(
            "Export",
            column.config.to_toml(),
            file_name=f"column-{letter.lower()}.toml",
            mime="application/toml",
            key=f"export_{letter.lower()}",
            icon=":material/download:",
            type="tertiary",
            help="A file for: playground ask --config",
            on_click="ignore",
        )
        st.button(
            "Remove column",
            key=f"remove_{letter.lower()}",
            icon=":material/close:",
            type="tertiary",
            disabled=len(state.comparison().columns) == 1,
            on_click=state.remove_column,
            args=(index,),
        )


def _preset(index: int) -> None:
    key = f"column_preset_{state.LETTERS[index].lower()}"
    name = preset_name(state.comparison().columns[index].config)
    st.session_state[key] = name if name in PRESETS else None

    def changed() -> None:
        chosen = st.session_state[key]
        if chosen:
            state.set_config(index, PRESETS[chosen])

    st.pills("Preset", list(PRESETS), key=key, on_change=changed)


def _show(index: int, name: str) -> tuple[str, Callable[[], None]]:
    """The widget's key, with the column's value in it, and what to call when the person changes it."""
    key = f"{name.replace('.', '_')}_{state.LETTERS[index].lower()}"
    column = state.comparison().columns[index]
    st.session_state[key] = column.values[name]

    def changed() -> None:
        value = st.session_state[key]
        if value is not None:  # a segment that is clicked again is empty, but every knob has a value
            column.set(name, value)

    return key, changed


def _choice(index: int, name: str, label: str, options: Sequence[str]) -> None:
    key, changed = _show(index, name)
    st.segmented_control(
        label, options, key=key, on_change=changed, format_func=lambda each: WORDS.get(each, each)
    )


def _slider(index: int, name: str, label: str, low: Any, high: Any, step: Any) -> None:
    key, changed = _show(index, name)
    high = max(high, st.session_state[key])  # a link or a file may have brought a larger value
    st.slider(label, low, high, key=key, step=step, on_change=changed)


def _toggle(index: int, name: str, label: str) -> None:
    key, changed = _show(index, name)
    st.toggle(label, key=key, on_change=changed)


def _text(index: int, name: str, label: str, placeholder: str) -> None:
    key, changed = _show(index, name)
    st.text_input(label, key=key, on_change=changed, placeholder=placeholder)
