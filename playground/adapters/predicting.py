"""Many inputs, one after another, by one of the four approaches: what `playground predict` writes.

This is the extractive engine's side. This module does not know files, nor how the answer is found.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from playground.adapters.card import AdapterCard
from playground.adapters.examples import Example
from playground.config import EncoderConfig
from playground.errors import InputError

if TYPE_CHECKING:
    from playground.engines.labelled import LabelledEngine

Approach = Literal["prompt", "rag", "adapter", "both"]


@dataclass(frozen=True)
class Prediction:
    """What an approach says about one input. `output` is the best output even where it abstains, so that it
    can be held against the right one; `score` is what was held against the threshold. `latency_ms` is the
    time of this input alone, from its text to its output."""

    input: str
    output: str
    score: float
    abstained: bool
    latency_ms: float


def predict_steps(
    inputs: Sequence[str], adapter: Path | None, examples: Sequence[Example] | None, approach: Approach
) -> Iterator[Prediction]:
    """A prediction for each input, in their order. What is the same for all inputs, the models and the
    vectors of the examples, is loaded before the first and in no latency.

    Raises InputError where the approach lacks its adapter or its examples, or the adapter is not for the
    built-in encoder.
    """
    engine = load_labelled_engine(adapter, examples, approach)
    engine.prepare()
    if inputs:
        engine.decide(inputs[0])  # the first run of a model takes longer than all others
    for text in inputs:
        begin = perf_counter()
        decision = engine.decide(text)
        latency = (perf_counter() - begin) * 1000
        yield Prediction(text, decision.output, decision.score, decision.abstained, latency)


def load_labelled_engine(
    adapter: Path | None, examples: Sequence[Example] | None, approach: Approach
) -> "LabelledEngine":
    """The engine that decides by this approach; an adapter or examples that it does not need are not read."""
    from playground.embedding import load_encoder
    from playground.engines.labelled import LabelledEngine

    if approach in ("adapter", "both") and adapter is None:
        raise InputError(f"the approach {approach} needs the folder of an adapter")
    if approach != "adapter" and not examples:
        raise InputError(f"the approach {approach} needs labelled examples")
    encoder = load_encoder(EncoderConfig())
    retrieval = approach in ("rag", "both")
    looked_up = examples or () if approach != "adapter" else ()
    if adapter is None or approach not in ("adapter", "both"):
        return LabelledEngine(encoder, looked_up, retrieval)

    from playground.adapters.outputs import LearnedOutputs
    from playground.adapters.tuned_encoder import tuned_encoder

    tuned = tuned_encoder(adapter)
    learned = LearnedOutputs.load(adapter)
    return LabelledEngine(encoder, looked_up, retrieval, tuned, learned, AdapterCard.read(adapter).name)
