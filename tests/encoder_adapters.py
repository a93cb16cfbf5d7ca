"""Adapters of the built-in encoder with random weights: they are made in a moment and change every vector."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from playground.adapters.card import AdapterCard
from playground.adapters.outputs import LearnedOutputs
from playground.embedding import BUILTIN_SHA256

OUTPUTS = ("refund", "delivery", "password")


def random_adapter(folder: Path, seed: int = 0, **changed: Any) -> Path:
    """An adapter as the training writes it, with LoRA of rank 2 on all matrices of the first layer. `changed`
    are fields of its card."""
    import torch
    from safetensors.torch import save_file

    folder.mkdir(parents=True)
    layer = "base_model.model.encoder.layer.0"
    shapes = {f"attention.self.{name}": (384, 384) for name in ("query", "key", "value")}
    shapes |= {"intermediate.dense": (1536, 384), "output.dense": (384, 1536)}
    chance = torch.Generator().manual_seed(seed)
    weights = {}
    for name, (rows, columns) in shapes.items():
        weights[f"{layer}.{name}.lora_A.weight"] = torch.randn(2, columns, generator=chance) * 0.1
        weights[f"{layer}.{name}.lora_B.weight"] = torch.randn(rows, 2, generator=chance) * 0.1
    save_file(weights, folder / "adapter_model.safetensors")
    config: dict[str, Any] = {"peft_type": "LORA", "r": 2, "lora_alpha": 4, "bias": "none"}
    config["target_modules"] = [f"encoder.layer.0.{name}" for name in shapes]
    (folder / "adapter_config.json").write_text(json.dumps(config), encoding="utf-8")
    card(**changed).write(folder)
    LearnedOutputs(OUTPUTS, np.eye(3, 384, dtype=np.float32), 0.5).save(folder)
    return folder


def card(**changed: Any) -> AdapterCard:
    """A card of an adapter that fits the built-in encoder."""
    fields: dict[str, Any] = {
        "name": "Tone",
        "kind": "extractive",
        "base": "all-MiniLM-L6-v2",
        "base_hash": BUILTIN_SHA256,
        "examples": 10,
        "held_out": 2,
        "examples_hash": "0" * 64,
        "labelled": True,
        "settings": {},
        "created": "2026-01-01T00:00:00+00:00",
        "seconds": 1.0,
    }
    return AdapterCard(**fields | changed)
