"""Which language models are on this machine, how large the others are, and how they get here: only when the
person says so, step by step.

Only what loading needs is fetched: safetensors weights, JSON, and the tokenizer's files, never pickles. This
module does not load anything.
"""

import errno
import shutil
import threading
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.engines.memory import readable_size
from playground.errors import ModelError
from playground.model_loading import HUB_TIMEOUT_SECONDS, hub_error, model_folder, weight_files

SUGGESTED = "Qwen/Qwen2.5-0.5B-Instruct"
"""A small instruct model, offered where the person has none: 1 GB, and answers on a processor."""

STEP_SECONDS = 0.2
_TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "spiece.model")
_SMALL_FILES = (".json", ".jinja", ".model")
_WORD_LISTS = ("merges.txt", "vocab.txt")


@dataclass(frozen=True)
class DownloadProgress:
    """Bytes that have arrived, of all that are needed."""

    done_bytes: int
    total_bytes: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.done_bytes / self.total_bytes if self.total_bytes else 1.0


def on_disk(name: str) -> bool:
    """Whether a model can be loaded without the hub: a folder, or whole in the hub's cache."""
    try:
        folder = model_folder(name)
        return folder is not None and _is_whole(folder)
    except ModelError:
        return False


def download_size(name: str) -> int:
    """Bytes of what loading needs, as the hub says (asked within seconds); of a model folder, its own.

    Raises ModelError where the hub does not know the model, does not give it, or cannot be reached.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return sum(path.stat().st_size for path in folder.iterdir() if _is_needed(path.name))
    return sum(_files(name).values())


def download_steps(name: str) -> Generator[DownloadProgress, None, None]:
    """Bring a model here, saying several times a second how far it is.

    Closing the generator stops the download; files that are whole stay in the hub's cache, so that the next
    attempt begins with the one that was broken off. Raises ModelError.
    """
    if on_disk(name):
        size = download_size(str(model_folder(name)))
        yield DownloadProgress(size, size)
        return
    files = _files(name)
    _require_space(name, sum(files.values()))
    transfer = _Transfer(name, files)
    thread = threading.Thread(target=transfer.run, name=f"download {name}", daemon=True)
    thread.start()
    try:
        while thread.is_alive():
            thread.join(STEP_SECONDS)
            yield DownloadProgress(transfer.done_bytes, transfer.total_bytes)
    finally:
        transfer.cancelled.set()
        thread.join(HUB_TIMEOUT_SECONDS)
    if transfer.error:
        raise transfer.error
    if not on_disk(name):
        raise ModelError(f"{name} is not whole after its download; try again, or choose another model")


class _Cancelled(Exception):
    """The person does not want the model any more."""


class _Transfer:
    """The thread that downloads. `done_bytes` grows while `run` runs; `error` is what ended it."""

    def __init__(self, name: str, files: Mapping[str, int]) -> None:
        self.total_bytes = sum(files.values())
        self.cancelled = threading.Event()
        self.error: ModelError | None = None
        self._name = name
        self._files = files
        self._whole = 0
        self._current = 0

    @property
    def done_bytes(self) -> int:
        return min(self._whole + self._current, self.total_bytes)

    def run(self) -> None:
        from huggingface_hub import constants, hf_hub_download

        # Its downloads cannot be stopped; over HTTP the hub gives the same files.
        constants.HF_HUB_DISABLE_XET = True
        try:
            for filename, size in self._files.items():
                hf_hub_download(self._name, filename, tqdm_class=self._bar())
                self._whole, self._current = self._whole + size, 0
        except _Cancelled:
            pass
        except Exception as error:  # the hub's client passes on the errors of the libraries below it
            self.error = _download_error(self._name, error)

    def _bar(self) -> type[Any]:
        """What the hub's client takes for a progress bar: counts, draws nothing, and can stop it."""
        transfer = self

        class Bar:
            def __init__(self, *arguments: Any, initial: int = 0, **settings: Any) -> None:
                transfer._current = initial

            def __enter__(self) -> "Bar":
                return self

            def __exit__(self, *error: object) -> None:
                self.close()

            def close(self) -> None:
                """Nothing was drawn."""

            def update(self, n: float | None = 1) -> None:
                transfer._current += int(n or 0)
                if transfer.cancelled.is_set():
                    raise _Cancelled

        return Bar


def _files(name: str) -> dict[str, int]:
    """Names and bytes of the files that loading needs, weights last: a download that broke off has none."""
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(name, files_metadata=True, timeout=HUB_TIMEOUT_SECONDS)
    except Exception as error:  # the hub's client does not say which library's network errors it passes on
        raise hub_error(name, error) from error
    sizes = {file.rfilename: file.size or 0 for file in info.siblings or () if _is_needed(file.rfilename)}
    if not any(file.endswith(".safetensors") for file in sizes):
        raise ModelError(
            f"{name} has no model.safetensors on the hub, and other formats are not loaded here; choose "
            f"another model, such as {SUGGESTED}"
        )
    return dict(sorted(sizes.items(), key=lambda file: (file[0].endswith(".safetensors"), file[0])))


def _is_needed(filename: str) -> bool:
    if "/" in filename:
        return False  # other formats lie in folders
    if filename.endswith(".safetensors"):
        return filename == "model.safetensors" or filename.startswith("model-")
    return filename.endswith(_SMALL_FILES) or filename in _WORD_LISTS


def _is_whole(folder: Path) -> bool:
    weights = all(path.is_file() for path in weight_files(folder))
    tokenizer = any((folder / filename).is_file() for filename in _TOKENIZER_FILES)
    return weights and tokenizer and (folder / "config.json").is_file()


def _require_space(name: str, needed: int) -> None:
    from huggingface_hub import constants

    cache = Path(constants.HF_HUB_CACHE)
    cache.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(cache).free
    if needed > free:
        raise ModelError(
            f"{name} needs {readable_size(needed)} on disk and {readable_size(free)} are free in {cache}; "
            "make room, or choose a smaller model"
        )


def _download_error(name: str, error: Exception) -> ModelError:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EACCES, errno.EPERM, errno.EROFS):
        return ModelError(f"{name} cannot be written to disk ({error.strerror}); make room, then try again")
    return hub_error(name, error)
