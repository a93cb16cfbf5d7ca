"""Text in a picture, recognised by rapidocr, whose models lie in its package: nothing is ever downloaded.

Only the worker process loads it; the models stay loaded for as long as that process lives. This module does
not know what the text becomes part of.
"""

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.errors import ReadError

if TYPE_CHECKING:
    from PIL.Image import Image

_PACKAGES = ("rapidocr", "onnxruntime")
HOW_TO_GET_IT = f"pip install {' '.join(_PACKAGES)}"
_PARTS = {"Det": "*_det_*.onnx", "Cls": "*_cls_*.onnx", "Rec": "*_rec_*.onnx"}
"""What finds lines, turns and reads them, each with the name of its model."""

NARROWEST = 3
"""How many times as long as it is wide a picture may be at most."""

FEW_SIGNS, SURE = 2, 0.8
"""A line of so few signs counts only where rapidocr is so sure of it: many a round shape is an O to it."""


class NotRecognised(ReadError):
    """Why text in a picture was not recognised, in one line; the picture itself is not at fault."""


def is_installed() -> bool:
    """Whether there is something that recognises text, found without loading it."""
    return all(importlib.util.find_spec(name) for name in _PACKAGES)


def recognise(picture: "Image") -> str:
    """The text in a picture, a line a line, from top to bottom; empty where there is none.

    Raises NotRecognised where rapidocr is missing or fails.
    """
    if not is_installed():
        raise NotRecognised(f"text in the picture was not recognised; {HOW_TO_GET_IT} adds that")
    try:
        found = _engine()(_not_too_narrow(picture))
    except Exception as error:  # OpenCV and onnxruntime raise anything at all, a lack of memory too
        detail = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise NotRecognised(f"text in the picture was not recognised ({detail})") from error
    # Where no line is found, or none can be read, it is another type without texts.
    lines = zip(getattr(found, "txts", None) or (), getattr(found, "scores", None) or (), strict=True)
    return "\n".join(line.strip() for line, score in lines if len(line) > FEW_SIGNS or score >= SURE)


@lru_cache(maxsize=1)
def _engine() -> Any:
    """rapidocr with its own models by their paths: without them it would look for others on the network.

    One thread: each further one takes address space, which is limited, and there may be many processors.
    """
    import cv2
    import rapidocr

    cv2.setNumThreads(1)
    folder = Path(rapidocr.__file__).parent / "models"
    models = {f"{part}.model_path": str(_only(folder, name)) for part, name in _PARTS.items()}
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return rapidocr.RapidOCR(params={"Global.log_level": "critical"} | models | threads)


def _not_too_narrow(picture: "Image") -> "Image":
    """With an edge around a strip: rapidocr enlarges every picture until its shorter side has 736 pixels."""
    from PIL import ImageOps

    least = max(picture.size) // NARROWEST
    across, down = (max(least - side, 0) // 2 for side in picture.size)
    nothing = (0, 0, 0, 0) if picture.mode == "RGBA" else "white"
    return ImageOps.expand(picture, (across, down), nothing) if across or down else picture


def _only(folder: Path, name: str) -> Path:
    found = next(folder.glob(name), None)
    if found is None:
        raise FileNotFoundError(f"there is no {name} in {folder}; reinstall rapidocr")
    return found
