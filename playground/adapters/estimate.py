"""How long a training will take and how much memory it needs, before it starts.

The speed is what the last training of the same model on this machine had; before the first one it is a sober
guess from the model's size and the processor's cores. No model is loaded for it, and this module does not
know how a training works.
"""

import json
import math
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playground import settings as environment_settings
from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
from playground.index.index import write_at_once

FILE = "training-speed.json"
TOKENS_AT_ONCE = 4096
"""The most tokens that go through a language model together in a training; larger batches go in parts."""

_LOADING_SECONDS = 10.0
_CHARACTERS_PER_TOKEN = 4
_ENCODER_PARAMETERS = 22_700_000
_PROGRAM_BYTES = 900_000_000  # Python with torch and transformers, measured
_FLOPS = {"cpu": 30e9, "mps": 1e12, "cuda": 10e12}  # a core of a processor, or the whole accelerator
_BYTES_PER_SECOND = {"cpu": 8e9, "mps": 60e9, "cuda": 400e9}


@dataclass(frozen=True)
class Estimate:
    """`measured` says that the seconds come from an earlier training here, else they are a guess."""

    seconds: float
    memory_bytes: int
    measured: bool


@dataclass(frozen=True)
class Speed:
    """Characters of examples that are trained a second, and seconds that one answer takes."""

    characters_per_second: float
    seconds_per_answer: float


def steps_of(settings: TrainingSettings, training_examples: int) -> int:
    """How many steps a training takes where nothing ends it early."""
    return settings.steps or settings.rounds * max(1, math.ceil(training_examples / settings.batch))


def estimate(
    settings: TrainingSettings,
    examples: Sequence[Example],
    background: bool = False,
    home: Path | None = None,
) -> Estimate | None:
    """For a training with `examples`, of which `settings.held_out` are set aside. None where the language
    model is not on this machine, or where there are no examples. `home` is the data home."""
    size = _model_size(settings)
    if size is None or not examples:
        return None
    held_out = round(len(examples) * settings.held_out)
    training = max(1, len(examples) - held_out)
    characters = [len(example.input) + len(example.output) for example in examples]
    known = _speeds(home or environment_settings.home()).get(_key(settings, background))
    speed = known or _guess(size, examples, background)
    trained = steps_of(settings, training) * min(settings.batch, training) * sum(characters) / len(characters)
    seconds = trained / speed.characters_per_second + 2 * held_out * speed.seconds_per_answer
    tokens = min(max(characters) // _CHARACTERS_PER_TOKEN + 1, settings.max_tokens)
    memory = size.memory(min(settings.batch, training) * tokens)
    return Estimate(_LOADING_SECONDS + seconds, memory, known is not None)


def note_speed(home: Path, settings: TrainingSettings, background: bool, measured: dict[str, Any]) -> None:
    """Keep what the process that trained has measured: "steps", "training_seconds", "scoring_seconds",
    "answers", "characters" (of an example, on average) and "batch"."""
    if not measured["steps"] or measured["training_seconds"] <= 0:
        return
    characters = measured["steps"] * measured["batch"] * measured["characters"]
    answers = measured["answers"]
    speeds = _speeds(home)
    key = _key(settings, background)
    # Without held-out examples nothing was answered: what an earlier training took is the best that is known.
    answer = measured["scoring_seconds"] / answers if answers else None
    if answer is None:
        answer = speeds[key].seconds_per_answer if key in speeds else 0.0
    speeds[key] = Speed(max(characters / measured["training_seconds"], 1.0), answer)
    home.mkdir(parents=True, exist_ok=True)
    write_at_once(home / FILE, json.dumps({key: asdict(speed) for key, speed in speeds.items()}, indent=1))


def cores() -> int:
    """Processors that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Size:
    """Of a model: its parameters, and its layers times the width of one."""

    parameters: int
    layers_by_width: int

    def memory(self, tokens: int) -> int:
        """Bytes for a training with batches of `tokens` tokens: weights, and what the layers remember for
        the way back, 34 bytes a token, layer and unit of width at two bytes a number (Korthikanti et al.
        2022, "Reducing activation recomputation", without the attention's part)."""
        number = _number_bytes()
        remembered = 17 * number * min(tokens, TOKENS_AT_ONCE) * self.layers_by_width
        return _PROGRAM_BYTES + self.parameters * number + remembered


def _guess(size: _Size, examples: Sequence[Example], background: bool) -> Speed:
    """Two operations a parameter and token forward, and as many back (the weights themselves stay)."""
    device = _device()
    flops = _FLOPS[device] * ((max(1, cores() // 2) if background else cores()) if device == "cpu" else 1)
    tokens_per_second = flops / (4 * size.parameters)
    said = sum(len(example.output) for example in examples) / len(examples) / _CHARACTERS_PER_TOKEN
    # A language model reads all its weights for every token that it says; the encoder reads them once.
    passes = said if size.parameters != _ENCODER_PARAMETERS else 1
    per_pass = size.parameters * _number_bytes() / _BYTES_PER_SECOND[device]
    return Speed(tokens_per_second * _CHARACTERS_PER_TOKEN, passes * per_pass)


def _model_size(settings: TrainingSettings) -> _Size | None:
    if settings.kind == "extractive":
        return _Size(_ENCODER_PARAMETERS, 6 * 384)
    folder = _folder_of(settings.model)
    files = sorted(folder.glob("*.safetensors")) if folder else []
    if folder is None or not files:
        return None
    try:
        described = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        shape = described.get("text_config", described)
        width = int(shape["num_hidden_layers"]) * int(shape["hidden_size"])
        return _Size(sum(map(_parameters_in, files)), width)
    except (OSError, ValueError, KeyError, TypeError):
        return None  # the model cannot be loaded either, and loading says why


def _folder_of(model: str) -> Path | None:
    """Where a model lies on this machine."""
    if (folder := Path(model).expanduser()).is_dir():
        return folder
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    return Path(found).parent if isinstance(found, str) else None


def _parameters_in(path: Path) -> int:
    """A safetensors file begins with the length of a JSON header, in eight bytes, which has all shapes."""
    with path.open("rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")


def _device() -> str:
    """Where torch would train, where it is loaded already; importing it takes seconds."""
    if "torch" not in sys.modules:
        return "cpu"
    from playground.embedding import best_device

    return best_device()[0]


def _number_bytes() -> int:
    if "torch" not in sys.modules:
        return 4
    from playground.embedding import best_device

    return best_device()[1].itemsize


def _key(settings: TrainingSettings, background: bool) -> str:
    return f"{settings.model or settings.kind}, {'half' if background else 'all'} cores"


def _speeds(home: Path) -> dict[str, Speed]:
    try:
        values = json.loads((home / FILE).read_text(encoding="utf-8"))
        return {key: Speed(**value) for key, value in values.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}  # measured again by the next training
