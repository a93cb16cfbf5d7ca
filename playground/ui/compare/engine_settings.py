"""Who answers in one column: the engine, its model or server, and how it generates."""

import streamlit as st

from playground.config import ENGINES, PipelineConfig
from playground.engines.downloads import SUGGESTED
from playground.engines.loading import examples_folder
from playground.ui import resources, state
from playground.ui.compare import knobs
from playground.ui.compare.prompt_settings import prompt_settings
from playground.ui.compare.server_settings import endpoint_server
from playground.ui.model_download import model_download

GENERATING = ("local_model", "endpoint")
"""Engines that are told a prompt and write their answer word by word."""


def generates(config: PipelineConfig) -> bool:
    return config.engine.name in GENERATING


def engine_settings(index: int) -> None:
    """The engine and what belongs to it; then, for one that generates, its prompt and how it decodes."""
    values = state.comparison().columns[index].values
    knobs.choice(index, "engine.name", "Engine", ENGINES)
    if values["engine.name"] == "extractive":
        _labelled_examples(index)
        return
    if values["engine.name"] == "local_model":
        knobs.pick_or_type(
            index, "engine.model", "Model: hub name or path", [SUGGESTED], "a causal language model"
        )
        model_download(values["engine.model"], state.LETTERS[index].lower())
    else:
        endpoint_server(index)
    prompt_settings(index)
    with st.expander("Advanced", icon=":material/settings:"):
        knobs.number(index, "engine.max_tokens", "Longest answer (tokens)", 1, 8192)
        label = "Temperature; at 0 always the likeliest token"
        knobs.number(index, "engine.temperature", label, 0.0, 2.0, 0.1)
        knobs.number(index, "engine.seed", "Seed", 0, 2**31 - 1)


def _labelled_examples(index: int) -> None:
    """Nothing where no labelled examples are kept."""
    folder = examples_folder(resources.workspace().home)
    kept = sorted(path.stem for path in folder.glob("*.jsonl")) if folder.is_dir() else []
    key, changed = knobs.show(index, "engine.examples")
    current = st.session_state[key]
    if not (kept or current):
        return
    st.selectbox(
        "Answers from",
        list(dict.fromkeys(["", *kept, current])),
        key=key,
        on_change=changed,
        format_func=lambda each: each or "the documents",
        help="Labelled examples: the answer is one of their outputs, and retrieval votes among them.",
    )
