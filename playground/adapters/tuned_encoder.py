"""The toggle of the built-in encoder: an adapter's folder -> an encoder with the adapter in its weights.

The base encoder is never touched. A tuned one is a second encoder, which shares with the base what LoRA
leaves alone and has of its own only the matrices that LoRA changes, added up once when it is switched on. So
nothing has to be switched between two questions: no lock, no cost for each question, and no way for one
person's question to meet another person's adapter. Which encoder embeds what is not known here.
"""

import hashlib
import json
import threading
from collections import OrderedDict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.adapters.card import AdapterCard
from playground.config import EncoderConfig
from playground.embedding import BUILTIN_SHA256, BuiltinEncoder, builtin_model_folder, load_encoder
from playground.errors import InputError

if TYPE_CHECKING:
    import torch

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
KEPT = 4  # tuned encoders; each has about 42 MB of its own in fp32

# Kinds of LoRA whose product is not all that is added to a matrix.
_NOT_PLAIN = (
    "use_dora",
    "lora_bias",
    "fan_in_fan_out",
    "modules_to_save",
    "use_qalora",
    "alora_invocation_tokens",
)
_PREFIX = "base_model.model."

_encoders: OrderedDict[tuple[Path, str], BuiltinEncoder] = OrderedDict()
_lock = threading.Lock()


def tuned_encoder(folder: Path) -> BuiltinEncoder:
    """The built-in encoder with the adapter in `folder`, for the query side.

    Loaded once and kept while the files are the same; safe to call and to use from several threads. Raises
    InputError where the folder holds no whole adapter for this encoder.
    """
    folder = folder.resolve()
    key = folder, _files_hash(folder)
    _require_own_base(AdapterCard.read(folder), folder)
    with _lock:
        if key not in _encoders:
            _encoders[key] = _load(folder, key[1])
            while len(_encoders) > KEPT:
                _encoders.popitem(last=False)
        _encoders.move_to_end(key)
        return _encoders[key]


def merged_weights(config: dict[str, Any], adapter: "dict[str, torch.Tensor]") -> "dict[str, torch.Tensor]":
    """The base's matrices with the adapter added, by their names in the base's file: W + s B A, in fp32 (Hu
    et al., LoRA, 2021), where s is alpha / r, or alpha / sqrt(r) with `use_rslora`.

    Raises ValueError where the adapter is of another kind of LoRA, KeyError or RuntimeError where it does not
    fit the base.
    """
    import torch
    from safetensors import safe_open

    if config.get("peft_type") != "LORA" or any(config.get(name) for name in _NOT_PLAIN):
        raise ValueError("it is not plain LoRA")
    if config.get("rank_pattern") or config.get("alpha_pattern") or config.get("bias", "none") != "none":
        raise ValueError("it is not plain LoRA")
    rank = int(config["r"])
    scale = float(config["lora_alpha"]) / (rank**0.5 if config.get("use_rslora") else rank)
    merged = {}
    left = dict(adapter)
    with safe_open(builtin_model_folder() / "model.safetensors", framework="pt") as base:
        for name in adapter:
            if name.endswith(".lora_A.weight"):
                module = name.removesuffix(".lora_A.weight")
                down, up = left.pop(name).float(), left.pop(module + ".lora_B.weight").float()
                if down.shape[0] != rank:
                    raise ValueError(f"{module} has rank {down.shape[0]}, not {rank}")
                weight = module.removeprefix(_PREFIX) + ".weight"
                # By numpy, on one core: torch would wait for all cores, which others may be using.
                sum_of_both = (up * scale).numpy() @ down.numpy()
                sum_of_both += base.get_tensor(weight).numpy()
                merged[weight] = torch.from_numpy(sum_of_both)
    if left or not merged:
        raise ValueError(f"{next(iter(left), WEIGHTS)} is no part of a LoRA")
    return merged


def _load(folder: Path, digest: str) -> BuiltinEncoder:
    from safetensors import SafetensorError
    from safetensors.torch import load

    base = load_encoder(EncoderConfig())
    assert isinstance(base, BuiltinEncoder)
    try:
        config = json.loads((folder / CONFIG).read_bytes())
        changed = merged_weights(config, load((folder / WEIGHTS).read_bytes()))
        return base.with_weights(f"{base.id}+{digest[:12]}", changed)
    # Which of these damaged files raise depends on what is damaged.
    except (
        OSError,
        ValueError,
        ArithmeticError,
        TypeError,
        LookupError,
        AttributeError,
        RuntimeError,
        SafetensorError,
    ) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InputError(
            f"the adapter in {folder} is damaged ({reason}); import it again or train it anew"
        ) from error


def _require_own_base(card: AdapterCard, folder: Path) -> None:
    if card.kind != "extractive":
        raise InputError(
            f"the adapter in {folder} tunes a language model, {card.base}, not the built-in encoder"
        )
    if card.base_hash != BUILTIN_SHA256:
        raise InputError(
            f"the adapter in {folder} was trained on another encoder ({card.base}, {card.base_hash[:12]}) "
            f"than the built-in one ({BUILTIN_SHA256[:12]}); train it anew"
        )


def _files_hash(folder: Path) -> str:
    """sha256 of what makes the tuned encoder; 2.7 MB at rank 16, which costs about two milliseconds."""
    digest = hashlib.sha256()
    for name in (CONFIG, WEIGHTS):
        try:
            digest.update((folder / name).read_bytes())
        except OSError as error:
            raise InputError(
                f"{folder} is not a whole adapter: {name} cannot be read ({error.strerror}); import it again "
                "or train it anew"
            ) from error
    return digest.hexdigest()
