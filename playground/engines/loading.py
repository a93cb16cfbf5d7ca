"""A configuration -> the engine that answers and the encoder that embeds questions, each with its adapter.

This is the one place that knows all engines. It does not know documents, indexes or rerankers.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from playground import settings
from playground.adapters.card import AdapterCard
from playground.adapters.registry import AdapterLibrary
from playground.config import BUILTIN_ENCODER, EncoderConfig, PipelineConfig
from playground.embedding import Encoder, load_encoder
from playground.engines.engine import Engine
from playground.errors import ConfigError

if TYPE_CHECKING:
    from playground.adapters.outputs import LearnedOutputs


@dataclass(frozen=True)
class _Adapter:
    """An adapter that is switched on. `version` changes when its files do."""

    folder: Path
    version: int
    name: str


def load_engine(config: PipelineConfig, home: Path) -> Engine:
    """The engine of a configuration. `home` is the data home, whose adapters and examples may be named.

    Raises ConfigError where an adapter or examples cannot be had or are for another engine, ModelError where
    a model cannot.
    """
    if config.engine.name == "endpoint":
        from playground.engines.endpoint import EndpointEngine

        return EndpointEngine(config.engine, config.prompt, config.adapter)
    adapter = _adapter(config, home)
    if config.engine.name == "local_model":
        from playground.engines.language_model import load_language_model
        from playground.engines.local_model import LocalModelEngine

        model = load_language_model(config.engine.model or settings.local_model())
        folder, name = (adapter.folder, adapter.name) if adapter else (None, "")
        return LocalModelEngine(model, config.engine, config.prompt, folder, name)
    if config.engine.examples:
        examples = examples_file(config.engine.examples, home)
        return _labelled_engine(
            config.encoder, adapter, examples, examples.stat().st_mtime_ns, config.grounded
        )
    return _extractive_engine(config.encoder, adapter)


def load_query_encoder(config: PipelineConfig, home: Path) -> Encoder:
    """What embeds questions: the encoder of the index, or that encoder with the adapter on its query side."""
    adapter = _adapter(config, home) if config.engine.name == "extractive" else None
    return load_encoder(config.encoder) if adapter is None else _tuned(adapter)[0]


def adapter_version(config: PipelineConfig, home: Path) -> int:
    """A number that changes when the files of the configuration's adapter do; 0 without an adapter."""
    adapter = _adapter(config, home) if config.engine.name != "endpoint" else None
    return adapter.version if adapter else 0


def examples_file(name: str, home: Path) -> Path:
    """Labelled examples by the path of a file, or by the name under which the data home keeps them."""
    for path in (examples_folder(home) / f"{name}.jsonl", Path(name).expanduser()):
        if path.is_file():
            return path
    raise ConfigError(f"engine.examples={name} is neither a file nor a set of examples that is kept here")


def examples_folder(home: Path) -> Path:
    """Where the data home keeps example sets, a JSONL file each."""
    return home / "examples"


def _adapter(config: PipelineConfig, home: Path) -> _Adapter | None:
    if not config.adapter:
        return None
    folder = AdapterLibrary(home).find(config.adapter)
    card = AdapterCard.read(folder)
    if card.kind != config.engine.name:
        raise ConfigError(
            f"the adapter {card.name} was trained for engine.name={card.kind}, not for {config.engine.name}; "
            "choose another adapter or that engine"
        )
    if card.kind == "extractive" and config.encoder.name != BUILTIN_ENCODER:
        raise ConfigError(
            f"the adapter {card.name} was trained on the built-in encoder; set "
            f"encoder.name={BUILTIN_ENCODER} or switch the adapter off"
        )
    version = max(path.stat().st_mtime_ns for path in folder.iterdir())
    return _Adapter(folder, version, card.name)


@lru_cache(maxsize=4)
def _extractive_engine(encoder: EncoderConfig, adapter: _Adapter | None) -> Engine:
    """Kept, because it remembers the sentences that it has read."""
    from playground.engines.extractive import ExtractiveEngine

    if adapter is None:
        return ExtractiveEngine(load_encoder(encoder))
    return ExtractiveEngine(load_encoder(encoder), *_tuned(adapter), adapter.name)


@lru_cache(maxsize=8)
def _labelled_engine(
    encoder: EncoderConfig, adapter: _Adapter | None, examples: Path, version: int, retrieval: bool
) -> Engine:
    """Kept, because it has calibrated itself on the examples. `version` is the file's."""
    from playground.adapters.examples import read_examples
    from playground.engines.labelled import LabelledEngine

    labelled = read_examples(examples).examples
    if adapter is None:
        return LabelledEngine(load_encoder(encoder), labelled, retrieval)
    return LabelledEngine(load_encoder(encoder), labelled, retrieval, *_tuned(adapter), adapter.name)


def _tuned(adapter: _Adapter) -> "tuple[Encoder, LearnedOutputs]":
    from playground.adapters.outputs import LearnedOutputs
    from playground.adapters.tuned_encoder import tuned_encoder

    return tuned_encoder(adapter.folder), LearnedOutputs.load(adapter.folder)
