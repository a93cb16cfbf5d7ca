"""Adapter folders of a few bytes: what the library keeps, without a training."""

import json
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from playground.adapters.card import AdapterCard
from playground.adapters.settings import TrainingSettings

CARD = AdapterCard(
    name="support tone",
    kind="extractive",
    base="all-MiniLM-L6-v2",
    base_hash="ab" * 32,
    examples=77,
    held_out=19,
    examples_hash="cd" * 32,
    labelled=False,
    settings=TrainingSettings().as_dict(),
    created="2026-03-01T10:00:00+00:00",
    seconds=12.5,
)
CONFIG = {
    "peft_type": "LORA",
    "task_type": None,
    "r": 2,
    "lora_alpha": 4,
    "target_modules": ["query"],
    "base_model_name_or_path": "/somewhere/private",
    "bias": "none",
    "init_lora_weights": True,
    "auto_mapping": None,
    "megatron_core": "megatron.core",
}
"""As much of PEFT's file as says which kind of adapter this is."""


def write_adapter(folder: Path, card: AdapterCard = CARD) -> Path:
    """A whole adapter with weights of two ranks."""
    folder.mkdir(parents=True, exist_ok=True)
    card.write(folder)
    (folder / "adapter_config.json").write_text(json.dumps(CONFIG))
    weights = {f"query.lora_{half}.weight": np.ones((2, 2), np.float32) for half in "AB"}
    save_file(weights, folder / "adapter_model.safetensors")
    return folder
