"""Sets of labelled examples that the data home keeps, for retrieval to vote among.

This module does not know how an adapter is trained with them.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from playground.adapters.examples import Example, examples_hash, to_jsonl
from playground.engines.loading import examples_folder
from playground.index.index import write_at_once


def keep_examples(home: Path, source: str, training: Sequence[Example], held_out: Sequence[Example]) -> None:
    """Keep labelled examples for retrieval to vote among: only those for training, so that a held-out message
    does not find itself. The name ends like the hash of all of them, by which an adapter finds its set."""
    folder = examples_folder(home)
    folder.mkdir(parents=True, exist_ok=True)
    mark = examples_hash([*training, *held_out])[:8]
    words = re.sub(r"[^a-z0-9]+", "-", Path(source).stem.lower()).strip("-") or "examples"
    write_at_once(folder / f"{words}-{mark}.jsonl", to_jsonl(training))


def kept_examples(home: Path, hash_of_examples: str) -> str:
    """The name of the set that an adapter was trained with, or "" where it is not kept here."""
    found = sorted(examples_folder(home).glob(f"*-{hash_of_examples[:8]}.jsonl"))
    return found[0].stem if found else ""
