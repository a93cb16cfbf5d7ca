"""Whether a model fits into the memory that is free, before it is loaded. It does not load anything."""

import json
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from playground.errors import ModelError
from playground.model_loading import weight_files

if TYPE_CHECKING:
    import torch

MARGIN = 1.2  # for what a model keeps of the tokens that it has read, and for adapters
LEAST_MARGIN = 100_000_000


def require_memory(name: str, folder: Path, device: str, precision: "torch.dtype") -> None:
    """Raises ModelError, with both numbers, where the weights and a margin do not fit."""
    weights = parameters(folder) * precision.itemsize
    needed, free = max(MARGIN * weights, weights + LEAST_MARGIN), free_bytes(device)
    if needed > free:
        raise ModelError(
            f"{name} needs about {readable_size(needed)} of memory and {readable_size(free)} are free; "
            "close other programs, or choose a smaller model"
        )


def parameters(folder: Path) -> int:
    """The number of parameters, out of the heads of the safetensors files."""
    return sum(_parameters(path) for path in weight_files(folder))


def free_bytes(device: str) -> int:
    """What is free on the device; a processor and MPS share the machine's memory."""
    import psutil
    import torch

    if device.startswith("cuda"):
        return int(torch.cuda.mem_get_info()[0])
    return int(psutil.virtual_memory().available)


def _parameters(path: Path) -> int:
    """The format begins with the length of a JSON head (8 bytes, little-endian)."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        return sum(prod(tensor["shape"]) for name, tensor in head.items() if name != "__metadata__")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, MemoryError, OverflowError) as error:
        reason = type(error).__name__
        raise ModelError(f"{path} is no safetensors file ({reason}); fetch the model anew") from error


def readable_size(size: float) -> str:
    """1_500_000_000 bytes as "1.5 GB", in powers of ten as the hub counts them."""
    for unit, name in ((1e9, "GB"), (1e6, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}" if unit == 1e9 else f"{size / unit:.0f} {name}"
    return f"{size / 1e3:.0f} kB"
