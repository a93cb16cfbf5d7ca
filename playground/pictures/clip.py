"""Text and pictures -> vectors that can be compared: any CLIP model that sentence-transformers loads, by hub
name or local path.

This module remembers no vector (see `playground.pictures.vectors`).
"""

import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from playground.config import EncoderConfig
from playground.embedding import best_device, encoder_id
from playground.errors import ModelError
from playground.model_loading import HUB_TIMEOUT_SECONDS, ReadJson, hub_error, load_model

if TYPE_CHECKING:
    import numpy as np
    from PIL.Image import Image

SUGGESTED = "sentence-transformers/clip-ViT-B-32"
LONGEST = 512
"""Pixels of a picture's longer side; the models see about half of that."""

_HUB_NAME = re.compile(r"\w[\w.-]*(/[\w.-]+)?")
_DESCRIPTIONS = ("modules.json", "config.json")
_LOADING = threading.Lock()
_KEPT: dict[str, "ClipModel"] = {}  # one at most: such a model takes some hundred megabytes


class PictureModel(Protocol):
    """What searching needs of a model. Vectors are float32 of shape (n, dimension) and of length 1, so that a
    dot product is the cosine similarity (higher is better). The same `id` means the same vectors."""

    @property
    def id(self) -> str: ...

    def encode_texts(self, texts: Sequence[str]) -> "np.ndarray":
        """A text that is longer than the model can read is cut."""
        ...

    def encode_pictures(self, pictures: "Sequence[Image]") -> "np.ndarray":
        """Pictures in RGB, of any size."""
        ...


def clip_id(name: str) -> str:
    """The id that `load_clip(name)` will have, nothing loaded: the name with the hash of a folder's weights,
    or with the commit in the hub's cache; a bare name and "@" before the first download."""
    return encoder_id(EncoderConfig(name))


def load_clip(name: str, download: bool = False) -> PictureModel:
    """Load once, keep, and share; who comes while it loads waits. Raises ModelError where the model cannot be
    had, also because it is not on this machine and there is to be no `download`."""
    with _LOADING:
        known = _KEPT.get(clip_id(name))
        if known is None:
            _KEPT.clear()
            known = ClipModel(name, download)
            _KEPT[known.id] = known
        return known


def is_on_machine(name: str) -> bool:
    """Whether the model is a folder here, or in the hub's cache; whether it is whole only loading can say."""
    return Path(name).expanduser().is_dir() or _cached_folder(name) is not None


def is_hub_name(name: str) -> bool:
    """Whether it may be a model on the hub, such as owner/model, and not a path."""
    return bool(_HUB_NAME.fullmatch(name))


def download_size(name: str) -> int:
    """Bytes that the hub has of a model, which is the most that a download takes. Raises ModelError where the
    hub does not know the model, does not give it, or cannot be reached."""
    from huggingface_hub import HfApi

    try:
        info = HfApi().model_info(name, files_metadata=True, timeout=HUB_TIMEOUT_SECONDS)
    except Exception as error:  # the hub's client does not say which library's network errors it passes on
        raise hub_error(name, error) from error
    return sum(file.size or 0 for file in info.siblings or ())


class ClipModel:
    """A CLIP model through sentence-transformers; for texts and pictures from any thread."""

    def __init__(self, name: str, download: bool = False) -> None:
        self._model = _load(name, download)
        self._lock = threading.Lock()  # the model's tokenizer cannot be used by two threads at once
        self.id = clip_id(name)

    def encode_texts(self, texts: Sequence[str]) -> "np.ndarray":
        return self._encode(list(texts))

    def encode_pictures(self, pictures: "Sequence[Image]") -> "np.ndarray":
        return self._encode(list(pictures))

    def _encode(self, inputs: "list[str] | list[Image]") -> "np.ndarray":
        import numpy as np

        with self._lock:
            vectors = self._model.encode(inputs, normalize_embeddings=True, show_progress_bar=False)
        return np.asarray(vectors, dtype=np.float32)


def _load(name: str, download: bool) -> Any:
    if cached := _cached_folder(name):
        try:
            return _model(name, str(cached), False)
        except ModelError:
            if not download:
                raise  # else a download broke off: the hub has the rest
    return _model(name, name, download)


def _model(name: str, place: str, download: bool) -> Any:
    def build(place: str, local: bool) -> Any:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()
        device, precision = best_device()
        model = SentenceTransformer(
            place, device=device, model_kwargs={"dtype": precision}, local_files_only=local
        )
        if not {"text", "image"} <= set(model.modalities):
            raise ModelError(
                f"{name} does not read both text and pictures; choose a CLIP model, such as {SUGGESTED}"
            )
        return model

    return load_model(place, _any_description, build, download)


def _any_description(name: str, read: ReadJson) -> None:
    """What a model can read is known once it is loaded: models of many kinds do, and describe it in as many
    ways."""


def _cached_folder(name: str) -> Path | None:
    """The snapshot of a hub's model on this machine. Many CLIP models have their parts in folders, and
    nothing but the list of them beside these."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    if not name or Path(name).expanduser().is_dir():
        return None
    try:
        found = [try_to_load_from_cache(name, filename) for filename in _DESCRIPTIONS]
    except HFValidationError:  # no hub name; whoever loads it says so
        return None
    return next((Path(path).parent for path in found if isinstance(path, str)), None)
