"""The adapter of one column: none, or one that fits its engine; for an endpoint the tuned model's name there.

What an adapter is and where it lies is the library's business.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import streamlit as st

from playground.adapters.card import AdapterCard
from playground.adapters.kept_examples import kept_examples
from playground.adapters.registry import AdapterEntry
from playground.config import BUILTIN_ENCODER, PipelineConfig
from playground.embedding import BUILTIN_SHA256
from playground.engines.adapter_switch import KEPT
from playground.engines.language_model import language_model_hash, prepare_adapter
from playground.presets import four_approaches
from playground.ui import resources, state
from playground.ui.compare import knobs
from playground.ui.compare.server_settings import known_models
from playground.ui.components import plain
from playground.ui.model_download import missing_model


@dataclass(frozen=True)
class AdapterChoice:
    """An adapter of the library, seen from one column: `reason` says why it cannot be used there, or ""."""

    id: str
    name: str
    reason: str = ""


def adapter_choices(config: PipelineConfig, entries: Sequence[AdapterEntry]) -> list[AdapterChoice]:
    """The entries of the library, in their order: the newest first."""
    return [AdapterChoice(each.id, each.card.name, _reason(each, config)) for each in entries]


def _reason(entry: AdapterEntry, config: PipelineConfig) -> str:
    if entry.card.kind == "extractive" and config.encoder.name != BUILTIN_ENCODER:
        return "it was trained on the built-in encoder"
    base = _base_hash(entry.card, config)
    return resources.adapters().why_not(entry, config.engine.name, base) or ""


def _base_hash(card: AdapterCard, config: PipelineConfig) -> str:
    """The sha256 of the weights that the column's engine has; "" where they are not here.

    Reading a large model takes a while: until that is done, one of the right name is taken for the right one.
    """
    if config.engine.name == "extractive":
        return BUILTIN_SHA256
    model = config.engine.model
    if missing_model(model):
        return "" if card.base == model else "unknown"
    found = resources.lookups().get(("weights of", model), partial(language_model_hash, model))
    if found.done() and not found.exception():
        return str(found.result())
    return card.base_hash if card.base == model else "unknown"


def newest_adapter(config: PipelineConfig, entries: Sequence[AdapterEntry]) -> str:
    """The id of the newest one that fits, or "". An endpoint's are not in the library."""
    if config.engine.name == "endpoint":
        return ""
    return next((each.id for each in adapter_choices(config, entries) if not each.reason), "")


def fill_four_approaches() -> None:
    """The same settings in all four columns; in two as long as no adapter fits them."""
    state.fill(four_approaches_now())


def four_approaches_now() -> tuple[PipelineConfig, ...]:
    """The person's settings in the four approaches, with the adapter that they compare or the newest that
    fits; two of them as long as none does."""
    config, entries = state.base_config(), resources.adapters().entries()
    same = [each for each in state.columns() if each.engine.name == config.engine.name]
    own = next((each.adapter for each in same if each.adapter), "")
    adapter = own or newest_adapter(config, entries)
    return four_approaches(_with_its_examples(config, adapter, entries), adapter)


def _with_its_examples(
    config: PipelineConfig, adapter: str, entries: Sequence[AdapterEntry]
) -> PipelineConfig:
    """With an adapter for labelled messages: votes among the examples that it was trained with, if kept."""
    card = next((each.card for each in entries if each.id == adapter), None)
    if config.engine.examples or card is None or not card.labelled or card.kind != "extractive":
        return config
    kept = kept_examples(resources.workspace().home, card.examples_hash)
    return config.with_values({"engine.examples": kept})


def adapter_name(config: PipelineConfig, entries: Sequence[AdapterEntry]) -> str:
    """What the adapter of a configuration is called, or ""."""
    names = {each.id: each.card.name for each in entries}
    return names.get(config.adapter, config.adapter)


def adapter_toggle(index: int, entries: Sequence[AdapterEntry]) -> None:
    """A list to pick from, right in the column; nothing where there is nothing to pick."""
    config = state.comparison().columns[index].config
    key, changed = knobs.show(index, "adapter")
    current = st.session_state[key]
    if config.engine.name == "endpoint":
        names = {each: each for each in known_models(config.engine.address) if each != config.engine.model}
        nothing = "No tuned model"
    else:
        names = {each.id: each.name for each in adapter_choices(config, entries) if not each.reason}
        nothing = "No adapter"
    names = {"": nothing, **names}
    if current not in names:
        names[current] = adapter_name(config, entries) if current == config.adapter else current
    if len(names) == 1 and config.engine.name != "endpoint":
        return
    st.selectbox(
        "Adapter",
        list(names),
        key=key,
        on_change=changed,
        format_func=lambda each: names.get(each, each),
        label_visibility="collapsed",
        icon=":material/extension:",
        accept_new_options=config.engine.name == "endpoint",
    )


def prepare_adapters() -> None:
    """Call it when the answers are there: reads the newest adapters of a language model that is in memory, so
    that switching to one of them takes no longer than switching between two."""
    local = [config for config in state.columns() if config.engine.name == "local_model"]
    entries = resources.adapters().entries() if local else []
    for config in local:
        fitting = {each.id for each in adapter_choices(config, entries) if not each.reason}
        folders = tuple(each.folder for each in entries if each.id in fitting)[:KEPT]
        model = config.engine.model
        resources.lookups().begin(("adapters of", model, folders), partial(_prepare, model, folders))


def _prepare(model: str, folders: Sequence[Path]) -> None:
    for folder in folders:
        prepare_adapter(model, folder)


def refused_adapters(index: int, entries: Sequence[AdapterEntry]) -> None:
    """Those of the library that cannot be switched on in this column, each with its reason."""
    config = state.comparison().columns[index].config
    refused = [] if config.engine.name == "endpoint" else adapter_choices(config, entries)
    lines = [f"**{plain(each.name)}** ({plain(each.reason)})" for each in refused if each.reason]
    if lines:
        st.caption(":material/extension_off: Not for this column: " + "; ".join(lines))
