"""The knobs of a training. This module does not know what they do."""

from dataclasses import asdict, dataclass
from typing import Any

from playground.adapters.card import Kind
from playground.errors import ConfigError


@dataclass(frozen=True)
class TrainingSettings:
    """`kind` says what is tuned; `model` is the causal LM's hub name or path, "" for the extractive engine.

    `steps` optimiser steps of `batch` examples each, at most `rounds` over the examples where `steps` is 0.
    `rank` is LoRA's. `held_out` is the share of examples that is set aside. `max_tokens` is the longest
    example that is used. With `early_stop` training ends when the held-out loss has not fallen `patience`
    times in a row; the best weights are kept in any case. With `learn_held_out` the held-out examples join
    what the extractive engine knows once the scores are taken; they are then no measure of it any more.
    """

    kind: Kind = "extractive"
    model: str = ""
    rank: int = 16
    rounds: int = 12
    steps: int = 0
    batch: int = 64
    learning_rate: float = 1e-3
    held_out: float = 0.2
    max_tokens: int = 1024
    early_stop: bool = True
    patience: int = 3
    seed: int = 0
    learn_held_out: bool = False

    def __post_init__(self) -> None:
        for name, low, high in (
            ("rank", 1, 256),
            ("rounds", 1, 1000),
            ("steps", 0, 100_000),
            ("batch", 1, 1024),
            ("learning_rate", 1e-7, 1.0),
            ("held_out", 0.0, 0.5),
            ("max_tokens", 16, 32_768),
            ("patience", 1, 100),
        ):
            value = getattr(self, name)
            if not low <= value <= high:
                raise ConfigError(f"training setting {name}={value} is not between {low} and {high}")
        if self.kind not in ("extractive", "local_model"):
            raise ConfigError(f"training setting kind={self.kind} is not extractive or local_model")
        if self.kind == "local_model" and not self.model:
            raise ConfigError("tuning a language model needs its hub name or path")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def defaults_for_language_model(model: str) -> TrainingSettings:
    """Good defaults for a small causal LM."""
    return TrainingSettings("local_model", model, rank=8, rounds=3, batch=4, learning_rate=2e-4)
