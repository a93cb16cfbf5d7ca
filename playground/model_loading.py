"""A model by local path or hub name, with every way that this fails said in one line; where its files lie.

What is on this machine is used as it is, without asking the hub: without a network the hub's client tries
again for about 23 seconds a file before it looks into its own cache.
"""

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from playground.errors import ModelError

Model = TypeVar("Model")
ReadJson = Callable[[str], Any]
"""A file's name in the model -> what its JSON holds, or None where the model has no such file."""

HUB_TIMEOUT_SECONDS = 10.0


def load_model(
    name: str,
    require: Callable[[str, ReadJson], None],
    build: Callable[[str, bool], Model],
    download: bool = True,
) -> Model:
    """The model called `name`: a folder, else out of the hub's cache, else, with `download`, from the hub.

    `require(name, read)` raises ModelError where the model's own description is of the wrong kind; weights
    are not touched before. `build(name, local_files_only)` loads. Raises ModelError.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return _load(str(folder), True, require, build)
    if folder.exists() or _looks_like_path(name):
        raise ModelError(f"there is no model folder at {name}; give a folder, or a hub name like owner/model")
    if _in_cache(name):
        try:
            return _load(name, True, require, build)
        except _Incomplete:
            if not download:
                raise  # else a download broke off: the hub has the rest
    if not download:
        raise ModelError(
            f"{name} is not on this machine; download it first (the app asks before it does, and shows the "
            f"size; in a terminal: hf download {name}), or give the path of a model folder"
        )
    _require_on_hub(name)
    return _load(name, False, require, build)


class _Incomplete(ModelError):
    """Files of the model are missing or damaged."""


def _load(
    name: str, local: bool, require: Callable[[str, ReadJson], None], build: Callable[[str, bool], Model]
) -> Model:
    from safetensors import SafetensorError

    try:
        require(name, lambda filename: _read_json(name, filename, local))
        return build(name, local)
    # Which of these a broken model raises depends on which of its files is broken, and how.
    except (OSError, ValueError, RuntimeError, KeyError, ImportError, SafetensorError) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise _Incomplete(
            f"{name} cannot be loaded: {reason}; choose another model or fetch it anew"
        ) from error


def _read_json(name: str, filename: str, local: bool) -> Any:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError

    path = Path(name) / filename
    if not Path(name).is_dir():
        try:
            path = Path(hf_hub_download(name, filename, local_files_only=local))
        except EntryNotFoundError:
            return None
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _looks_like_path(name: str) -> bool:
    return name.startswith((".", "~", "/")) or "\\" in name or name.count("/") > 1


def _in_cache(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except HFValidationError as error:
        raise ModelError(f"{name} is neither a folder nor a hub name; a hub name is owner/model") from error


def _require_on_hub(name: str) -> None:
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=HUB_TIMEOUT_SECONDS)
    except Exception as error:  # the hub's client does not say which library's network errors it passes on
        raise hub_error(name, error) from error


def hub_error(name: str, error: Exception) -> ModelError:
    """What the hub's client raised for the model called `name`, said in one line."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )

    remedy = "give the path of a model folder"
    if isinstance(error, HFValidationError):
        return ModelError(f"{name} is neither a folder nor a hub name; a hub name is owner/model")
    if isinstance(error, GatedRepoError):
        return ModelError(f"the hub gives {name} only to accounts that accepted its terms; {remedy}")
    if isinstance(error, RepositoryNotFoundError):
        return ModelError(f"there is no model {name} here or on the hub; check its name, or {remedy}")
    if isinstance(error, OfflineModeIsEnabled):
        return ModelError(f"{name} is not on this machine, and the hub is switched off; {remedy}")
    return ModelError(f"{name} is not on this machine, and the hub cannot be reached; connect, or {remedy}")


def model_folder(name: str) -> Path | None:
    """Where the files of a model lie on this machine: a folder, or a snapshot in the hub's cache, which may
    be incomplete. None where there is neither."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    folder = Path(name).expanduser()
    if not name or folder.is_dir():
        return folder if name else None
    try:
        config = try_to_load_from_cache(name, "config.json")
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None


def weight_files(folder: Path) -> list[Path]:
    """The safetensors files that a model's weights are read from, in order, whether or not they are there."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return [folder / "model.safetensors"]
    try:
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    except (ValueError, KeyError, AttributeError) as error:
        raise ModelError(f"{index} cannot be read ({error}); fetch the model anew") from error
    return [folder / name for name in sorted(names)]


def weights_hash(folder: Path) -> str:
    """The sha256 of a model's weights, read from disk once for as long as the files stay what they are."""
    files = weight_files(folder)
    if missing := [path.name for path in files if not path.is_file()]:
        raise ModelError(f"{folder} holds no whole model: there is no {missing[0]} in it; fetch it anew")
    return _hash(tuple((path, path.stat().st_size, path.stat().st_mtime_ns) for path in files))


@lru_cache(maxsize=16)
def _hash(files: tuple[tuple[Path, int, int], ...]) -> str:
    digest = hashlib.sha256()
    for path, _, _ in files:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()
