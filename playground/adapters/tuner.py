"""The seam of everything that can be tuned: the extractive engine's encoder, and causal language models.

What trains, scores and writes reports knows this protocol only.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings

Watch = Callable[[int, int, float | None, float | None], bool]
"""(step, steps, training loss, held-out loss) after a step -> whether to go on. Either loss may be None."""


@dataclass(frozen=True)
class OutsideQuestion:
    """A question that is in no training set, with the passage that answers it and the right answers."""

    question: str
    passage: str
    answers: tuple[str, ...] = ()


class Tuner(Protocol):
    """A base model that is loaded for training, in the process that trains. Not for two threads."""

    @property
    def base(self) -> str:
        """The base model's name."""
        ...

    @property
    def base_hash(self) -> str:
        """The sha256 of the base model's weights."""
        ...

    def train(
        self,
        training: Sequence[Example],
        held_out: Sequence[Example],
        settings: TrainingSettings,
        folder: Path,
        watch: Watch,
    ) -> None:
        """Train, and write the weights of the best step into `folder` (safetensors and JSON only). Afterwards
        `answers(..., tuned=True)` is what the adapter says. Ends early, keeping the best, where `watch` says
        so."""
        ...

    def answers(self, inputs: Sequence[str], tuned: bool, done: Callable[[int], None]) -> list[str]:
        """What the model says to each input without any retrieval, with the adapter or without; `done` hears
        how many are answered."""
        ...

    def outside(self, questions: Sequence[OutsideQuestion], tuned: bool) -> tuple[str, list[float]]:
        """(what is counted, a score between 0 and 1 for each question)."""
        ...
