"""LoRA adapters on one causal language model: loaded when they are first used, a few kept, one on or none.

PEFT changes the model in place, and which adapter is on is a state of the model: whoever uses this holds a
lock from `use` to the last token. This module does not know that lock, nor what the model says.
"""

import json
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playground.adapters.card import AdapterCard
from playground.errors import ModelError

KEPT = 4
WEIGHTS = "adapter_model.safetensors"
_Key = tuple[Path, int, int]
_TOUCHES_THE_BASE = (
    "modules_to_save",
    "trainable_token_indices",
    "target_parameters",
    "layer_replication",
    "auto_mapping",
    "alora_invocation_tokens",
    "arrow_config",
    "megatron_config",
)
"""Settings of PEFT's LoRA with which an adapter is more than layers beside the model's own."""


class AdapterSwitch:
    """`model` is changed in place. With no adapter on, its logits are bit for bit those that it had before:
    the adapters' layers are passed over, and nothing is merged into its weights.

    `broken` says that loading failed half-way and the model must not be used any more.
    """

    def __init__(self, model: Any, base: str, base_hash: Callable[[], str]) -> None:
        self.broken = False
        self._model = model
        self._base = base
        self._base_hash = base_hash
        self._peft: Any = None
        self._names: OrderedDict[_Key, str] = OrderedDict()
        self._loaded = 0
        self._on = ""

    def use(self, folder: Path | None) -> None:
        """Switch to an adapter, or off. Raises ModelError where it cannot be used with this model."""
        name = self.load(folder) if folder else ""
        if name == self._on:
            return
        if name and self._peft.active_adapter != name:  # what takes longest is left out where it can be
            self._peft.set_adapter(name, inference_mode=True)
        if bool(name) != bool(self._on):
            switch = self._peft.base_model
            (switch.enable_adapter_layers if name else switch.disable_adapter_layers)()
        self._on = name

    def load(self, folder: Path) -> str:
        """The name under which PEFT has the adapter; the model stays switched as it is."""
        key = _key(folder)
        if key not in self._names:
            _require_plain_lora(folder)
            self._require_base(AdapterCard.read(folder))
            self._make_room()
            self._names[key] = self._add(folder)
        self._names.move_to_end(key)
        return self._names[key]

    def _add(self, folder: Path) -> str:
        from peft import PeftModel

        self._loaded += 1
        name = f"adapter_{self._loaded}"
        settings: dict[str, Any] = {"low_cpu_mem_usage": True, "torch_device": str(self._model.device)}
        self.broken = True  # until it is whole, whatever comes in between
        try:
            if self._peft is None:
                self._peft = PeftModel.from_pretrained(self._model, folder, adapter_name=name, **settings)
            else:
                self._peft.load_adapter(folder, adapter_name=name, **settings)
            if any(parameter.is_meta for parameter in self._model.parameters()):
                raise ValueError("weights are missing in it")
        except Exception as error:  # by what is wrong with its files
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            raise ModelError(f"the adapter in {folder} cannot be loaded: {reason}; train it anew") from error
        if self._on:
            self._peft.set_adapter(self._on, inference_mode=True)
        else:
            self._peft.base_model.disable_adapter_layers()
        self.broken = False
        return name

    def _make_room(self) -> None:
        for key, name in list(self._names.items()):
            if len(self._names) < KEPT:
                return
            if name != self._on:
                self._peft.delete_adapter(name)
                del self._names[key]

    def _require_base(self, card: AdapterCard) -> None:
        if card.kind != "local_model":
            raise ModelError(
                f"the adapter {card.name} was trained for the {card.kind} engine; choose another"
            )
        if card.base_hash != self._base_hash():
            raise ModelError(
                f"the adapter {card.name} was trained on other weights ({card.base}) than {self._base} has; "
                "choose one of this model, or train it anew"
            )


def _key(folder: Path) -> _Key:
    try:
        status = (folder / WEIGHTS).stat()
    except OSError:
        raise ModelError(f"{folder} is not an adapter of a language model: it holds no {WEIGHTS}") from None
    return folder.resolve(), status.st_size, status.st_mtime_ns


def _require_plain_lora(folder: Path) -> None:
    """Refuse what would change the model's own weights when it is loaded, or is more than LoRA's layers."""
    from safetensors import SafetensorError, safe_open

    path = folder / "adapter_config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
        plain = (
            config["peft_type"] == "LORA"
            and config.get("bias", "none") == "none"
            and isinstance(config.get("init_lora_weights", True), bool)
            and not any(config.get(name) for name in _TOUCHES_THE_BASE)
        )
        with safe_open(folder / WEIGHTS, framework="pt") as weights:
            plain = plain and all("lora_" in name for name in list(weights.keys()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        raise ModelError(f"the adapter in {folder} cannot be read ({error}); train it anew") from error
    if not plain:
        raise ModelError(
            f"the adapter in {folder} is not plain LoRA: it would change weights of its base model, and "
            "could not be switched off; train one here"
        )
