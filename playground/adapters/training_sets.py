"""The examples that adapters were trained with, kept in the data home so that a training can be repeated.

A set goes when the last adapter that was trained with it is deleted; an adapter that is exported leaves its
set here. This module does not know how an adapter is trained.
"""

from collections.abc import Collection, Sequence
from pathlib import Path

from playground.adapters.examples import Example, examples_hash, read_examples, to_jsonl
from playground.errors import InputError
from playground.index.index import write_at_once

FOLDER = "training-sets"


def keep_training_set(home: Path, training: Sequence[Example], held_out: Sequence[Example]) -> None:
    """Keep all examples of a training, under the hash that the adapter's card has of them."""
    both = [*training, *held_out]
    folder = home / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    write_at_once(folder / f"{examples_hash(both)}.jsonl", to_jsonl(both))


def training_set(home: Path, hash_of_examples: str) -> tuple[Example, ...] | None:
    """The examples of an adapter's training, None where they are not here: it came from elsewhere, or from an
    older version."""
    try:
        return read_examples(home / FOLDER / f"{hash_of_examples}.jsonl").examples
    except InputError:
        return None


def forget_training_sets(home: Path, kept: Collection[str]) -> None:
    """Delete all sets but those with these hashes."""
    for path in (home / FOLDER).glob("*.jsonl"):
        if path.stem not in kept:
            path.unlink(missing_ok=True)
