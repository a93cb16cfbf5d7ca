"""Adapters as zip archives, and whether a folder holds a whole adapter that is safe to load.

An archive comes from anybody: it may hold JSON and safetensors only, side by side, and its settings may
neither load code nor change the base model. This module does not know where adapters are kept.
"""

import io
import json
import math
import stat
import struct
import zipfile
import zlib
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.adapters.card import FILE, AdapterCard, Forgetting, Scores
from playground.adapters.settings import TrainingSettings
from playground.errors import InputError

if TYPE_CHECKING:
    from pydantic import TypeAdapter

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
SUFFIXES = (".json", ".safetensors")
MAX_BYTES = 500 * 1024 * 1024
"""The most that an archive may hold when it is unpacked."""

MAX_JSON_BYTES = 50 * 1024 * 1024  # it is read into memory as a whole
MAX_FILES = 32
MAX_RANK = 1024
_BLOCK = 1024 * 1024
_TASKS = (None, "CAUSAL_LM", "FEATURE_EXTRACTION")
# What a plain LoRA may say freely; of these names none loads code or touches the base's own weights.
_PLAIN = frozenset(
    "alpha_pattern base_model_name_or_path exclude_modules fan_in_fan_out inference_mode layers_pattern "
    "layers_to_transform lora_alpha lora_dropout peft_type peft_version r rank_pattern revision "
    "target_modules task_type use_dora use_rslora".split()
)
# Everything else has to be off, or what PEFT writes where it is not used: "init_lora_weights" may name a way
# that changes the base, "bias" may train the base's own, "megatron_core" names a module to import.
_UNUSED: dict[str, tuple[Any, ...]] = {
    "bias": ("none",),
    "init_lora_weights": (True, "gaussian"),
    "megatron_core": ("megatron.core",),
    "qalora_group_size": (16,),
}


def check_folder(folder: Path) -> AdapterCard:
    """The description of a whole adapter: the weights can be read, and are a LoRA's. Raises InputError."""
    card = _typed_card(folder)
    if _config(folder).get("peft_type") != "LORA":
        raise InputError(f"{CONFIG} is not a LoRA adapter's")
    _check_weights(folder / WEIGHTS)
    return card


def check_foreign(folder: Path) -> AdapterCard:
    """`check_folder`, and for an adapter that somebody sent: its settings are those of a plain LoRA, and
    every file is what its name says. Raises InputError."""
    card = check_folder(folder)
    config = _config(folder)
    for name, value in config.items():
        if value and name not in _PLAIN and value not in _UNUSED.get(name, ()):
            raise InputError(f"{CONFIG} sets {name}, which a plain LoRA adapter does not need")
    if config.get("task_type") not in _TASKS:
        raise InputError(f"{CONFIG} is for another task: {config['task_type']}")
    ranks = [config.get("r"), *_values(config.get("rank_pattern"))]
    if not all(isinstance(rank, int) and 1 <= rank <= MAX_RANK for rank in ranks):
        raise InputError(f"{CONFIG} has a rank that is not between 1 and {MAX_RANK}")
    for path in folder.iterdir():
        if path.suffix == ".json":
            _json(path)
        elif path.name != WEIGHTS:
            _tensor_names(path)
    return card


def pack(folder: Path) -> bytes:
    """A zip of the adapter's JSON and safetensors. Where its base model lay on this machine is left out."""
    check_folder(folder)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in sorted(folder.iterdir()):
            if path.suffix not in SUFFIXES or path.is_symlink() or not path.is_file():
                continue
            if path.name == CONFIG:
                config = _config(folder) | {"base_model_name_or_path": None, "auto_mapping": None}
                archive.writestr(CONFIG, json.dumps(config, indent=1), zipfile.ZIP_DEFLATED)
            else:
                archive.write(path, path.name, zipfile.ZIP_DEFLATED)
    return content.getvalue()


def unpack(content: bytes, folder: Path) -> None:
    """Write an archive's files into the empty `folder`. Raises InputError for what is no adapter's archive;
    then some files may be there already."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            infos = archive.infolist()
            _check_infos(infos)
            left = MAX_BYTES
            for info in infos:
                with archive.open(info) as source:
                    left -= _write(source, folder / info.filename, min(left, info.file_size))
    # The library raises each of these for an archive that is cut, changed or packed in an unknown way.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError, struct.error) as error:
        raise InputError("it is no zip archive, or a damaged one") from error


def _check_infos(infos: list[zipfile.ZipInfo]) -> None:
    """By what the archive says of its files, before any is opened."""
    names = [info.filename for info in infos]
    for info in infos:
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            raise InputError(f"{_shown(info)} in it is a link or another special file")
        if info.filename.startswith(".") or any(mark in info.orig_filename for mark in "/\\:\0"):
            raise InputError(f"{_shown(info)} in it does not lie beside {FILE}, but somewhere else")
        if not info.filename.endswith(SUFFIXES):
            raise InputError(f"{_shown(info)} in it is neither JSON nor safetensors")
        if info.flag_bits & 1:
            raise InputError("it is locked with a password")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError("it is packed in an unusual way; zip it again")
        if info.filename.endswith(".json") and info.file_size > MAX_JSON_BYTES:
            raise InputError(f"{_shown(info)} in it is larger than {MAX_JSON_BYTES // 2**20} MB")
    if len(infos) > MAX_FILES or len({name.casefold() for name in names}) < len(names):
        raise InputError("it holds too many files, or two of the same name")
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise _too_large()
    if FILE not in names:
        raise InputError(f"it holds no {FILE}, so it is no adapter that this app exported")


def _write(source: Any, path: Path, most: int) -> int:
    """Copy, and stop where more comes than was said. Gives the number of bytes."""
    written = 0
    with path.open("xb") as target:
        while block := source.read(_BLOCK):
            written += len(block)
            if written > most:
                raise _too_large()
            target.write(block)
    return written


def _too_large() -> InputError:
    return InputError(f"it is larger than {MAX_BYTES // 2**20} MB when it is unpacked")


def _shown(info: zipfile.ZipInfo) -> str:
    return ascii(info.orig_filename[:60])


def _typed_card(folder: Path) -> AdapterCard:
    """The card, every value of the type that it should have: what reads it does not check again."""
    from pydantic import ValidationError

    try:
        AdapterCard.read(folder)
        card = _card_type().validate_json((folder / FILE).read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InputError(f"{FILE} has a wrong value: {place} ({first['msg']})") from error
    try:
        datetime.fromisoformat(card.created)
    except ValueError as error:
        raise InputError(f"{FILE} has a wrong value: created ({error})") from error
    figures = [card.seconds, *(value for part in (card.scores, card.forgetting) for value in _figures(part))]
    if not all(map(math.isfinite, figures)):
        raise InputError(f"{FILE} has a wrong value: a score is no number")
    for name, value in TrainingSettings().as_dict().items():
        wanted = str if isinstance(value, str) else int | float
        if not isinstance(card.settings.get(name, value), wanted):
            raise InputError(f"{FILE} has a wrong value: settings.{name}")
    return card


@lru_cache(maxsize=1)
def _card_type() -> "TypeAdapter[AdapterCard]":
    from pydantic import TypeAdapter

    return TypeAdapter(AdapterCard)


def _figures(part: Scores | Forgetting | None) -> tuple[float, ...]:
    if part is None:
        return ()
    return part.before, part.after, part.difference.mean, part.difference.low, part.difference.high


def _config(folder: Path) -> dict[str, Any]:
    config = _json(folder / CONFIG)
    if not isinstance(config, dict):
        raise InputError(f"{CONFIG} is not a LoRA adapter's")
    return config


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"it holds no {path.name}") from None
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path.name} cannot be read as JSON") from error


def _values(pattern: Any) -> list[Any]:
    return list(pattern.values()) if isinstance(pattern, dict) else [pattern] if pattern else []


def _check_weights(path: Path) -> None:
    names = _tensor_names(path)
    if not names or not all("lora_" in name for name in names):
        raise InputError(f"the weights in {WEIGHTS} are not a LoRA adapter's")


def _tensor_names(path: Path) -> list[str]:
    """Names of the tensors; the header says where each lies, and has to fit the file."""
    from safetensors import SafetensorError, safe_open

    if not path.is_file():
        raise InputError(f"it holds no {path.name}")
    try:
        with safe_open(path, framework="np") as tensors:
            return list(tensors.keys())
    except (SafetensorError, OSError) as error:
        raise InputError(f"{path.name} cannot be read as safetensors") from error
