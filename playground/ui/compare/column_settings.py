"""The knobs of one column, in a popover. The column's values are the truth; the widgets follow them."""

from collections.abc import Sequence

import streamlit as st

from playground.access import known_readers
from playground.adapters.registry import AdapterEntry
from playground.config import FUSIONS, MODES, RERANKERS, STRATEGIES
from playground.presets import PRESETS, preset_name
from playground.ui import resources, state
from playground.ui.compare import knobs
from playground.ui.compare.adapter_toggle import refused_adapters
from playground.ui.compare.engine_settings import engine_settings
from playground.ui.compare.server_settings import rerank_server
from playground.ui.components import plain


def column_settings(index: int, entries: Sequence[AdapterEntry]) -> None:
    """Everything that can be set of column `index`; what is changed shows in the next run of the page.

    `entries` is the adapter library, read once for all columns.
    """
    column = state.comparison().columns[index]
    if column.problem:
        st.warning(plain(column.problem), icon=":material/warning:")
    _preset(index)
    engine_settings(index)
    refused_adapters(index, entries)
    if not column.values["engine.examples"]:
        _retrieval(index)
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


def _retrieval(index: int) -> None:
    values = state.comparison().columns[index].values
    if not values["engine.retrieval"]:
        knobs.toggle(index, "engine.retrieval", "Retrieval")
        return
    knobs.choice(index, "retrieval.mode", "Retrieval", MODES)
    if values["retrieval.mode"] == "hybrid":
        knobs.choice(index, "retrieval.fusion", "Fusion", FUSIONS)
        if values["retrieval.fusion"] == "weighted":
            label = "Weight of dense; keyword has the rest"
            knobs.slider(index, "retrieval.dense_weight", label, 0.0, 1.0, 0.05)
    if values["retrieval.mode"] != "none":
        knobs.slider(index, "retrieval.top_k", "Passages for the answer (top k)", 1, 20, 1)
        _asked_by(index)
        _reranking(index)
        _chunking(index)


def _asked_by(index: int) -> None:
    """Who asks: shown as soon as some document is not for everybody."""
    rules = resources.workspace().library.readers()
    if rules or state.comparison().columns[index].values["retrieval.reader"]:
        knobs.select(
            index,
            "retrieval.reader",
            "Asked by",
            ["", *known_readers(rules)],
            {"": knobs.ANYONE},
            "A name finds everyone's documents, and the restricted ones that this person may see. Anyone: "
            "everyone's documents and all restricted ones.",
        )


def _reranking(index: int) -> None:
    method = state.comparison().columns[index].values["reranking.method"]
    knobs.choice(index, "reranking.method", "Reranking", RERANKERS)
    if method in ("colbert", "cross_encoder"):
        knobs.text(index, "reranking.model", "Model", "hub name or local path")
    if method == "server":
        rerank_server(index)
    if method != "none":
        knobs.slider(index, "reranking.candidates", "Candidates that are reranked", 2, 100, 1)


def _chunking(index: int) -> None:
    knobs.choice(index, "chunking.strategy", "Chunking", STRATEGIES)
    knobs.slider(index, "chunking.size", "Chunk size (tokens)", 20, 512, 4)
    largest = max(int(state.comparison().columns[index].values["chunking.size"]) // 2, 1)
    knobs.slider(index, "chunking.overlap", "Overlap (tokens)", 0, largest, 1)
    knobs.toggle(index, "chunking.prefix", "Title and headings before each chunk")
    knobs.text(index, "encoder.name", "Encoder", "builtin, a hub name, or a local path")


def _preset(index: int) -> None:
    key = knobs.key_of(index, "column_preset")
    column = state.comparison().columns[index]
    reader = {"retrieval.reader": column.config.retrieval.reader}  # who asks is no part of a preset
    name = preset_name(column.config.with_values({"retrieval.reader": ""}))
    st.session_state[key] = name if name in PRESETS else None

    def changed() -> None:
        chosen = st.session_state[key]
        if chosen:
            state.replace_column(column, PRESETS[chosen].with_values(reader))

    st.pills("Preset", list(PRESETS), key=key, on_change=changed)
