"""Which inputs an adapter was trained with, as hashes: a question among them is no test of that adapter.

All examples count, the held-out ones too: the command lets the adapter learn these once it is scored. This
module does not know how an adapter is trained.
"""

import hashlib
import json
from collections.abc import Collection, Iterable
from pathlib import Path

FILE = "learned.json"


def write_learned_inputs(folder: Path, inputs: Iterable[str]) -> None:
    """Into the adapter's folder. The inputs themselves stay where they are: only hashes are written."""
    hashes = sorted({_hash(each) for each in inputs})
    (folder / FILE).write_text(json.dumps(hashes), encoding="utf-8")


def learned_inputs(folder: Path) -> frozenset[str]:
    """The hashes; empty for an adapter of an older version or from elsewhere, of which nobody knows."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return frozenset()
    return (
        frozenset(filter(lambda each: isinstance(each, str), found))
        if isinstance(found, list)
        else frozenset()
    )


def was_learned(hashes: Collection[str], text: str) -> bool:
    """Whether this text is among the inputs; case, punctuation at the ends and white space do not count."""
    return bool(hashes) and _hash(text) in hashes


def _hash(text: str) -> str:
    plain = " ".join(text.casefold().split()).strip(" .!?")
    return hashlib.sha256(plain.encode("utf-8", "surrogatepass")).hexdigest()[:16]
