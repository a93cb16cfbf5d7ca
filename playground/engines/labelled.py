"""The engine for labelled messages: an input -> one of few outputs, by any of the four approaches.

    prompt only    the output whose text is nearest to the input
    RAG            a vote among the labelled examples that are nearest to the input
    fine-tuned     the learned output that is nearest to the input as the tuned encoder sees it
    both           the shares of RAG and fine-tuned, interpolated

An input unlike all examples is answered with none of the outputs. The engine searches no documents, and does not
know how an adapter is trained.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.adapters.examples import Example, examples_hash
from playground.adapters.outputs import (
    LearnedOutputs,
    calibrate_threshold,
    output_vectors,
    readable,
    sums_by_output,
    unlike_scores,
)
from playground.embedding import Encoder
from playground.engines.engine import Answer, LabelledNeighbour
from playground.errors import InputError
from playground.retrieval import Hit, timed

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = 30  # examples that vote; chosen, as the next three, on messages that are in no benchmark's test
VOTE_TEMPERATURE = 0.06
OUTPUT_TEMPERATURE = 0.05
ADAPTER_WEIGHT = 0.6  # of the fine-tuned side where both sides answer
PROBES = 1000  # examples that thresholds are calibrated on
KEPT = 4  # sets of examples with their vectors

NONE_OF_THESE = "None of these."
NEAREST = "The nearest would be:"


@dataclass(frozen=True)
class Decision:
    """What an approach says about one input. `output` is the best one even where it abstains.

    `score` is a cosine similarity, higher is better: to the output, to the nearest example, or the interpolation
    of the two; below `threshold` the input is like none of the outputs. `timings` are milliseconds.
    """

    output: str
    score: float
    threshold: float
    neighbours: tuple[LabelledNeighbour, ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def abstained(self) -> bool:
        return self.score < self.threshold


class LabelledEngine:
    """Answers from `examples`; without `retrieval` they only say which outputs there are. With an adapter comes
    all of `query_encoder`, `learned` and `adapter_name`. Safe to use from several threads.

    Raises InputError without examples, unless there are learned outputs and nothing is looked up.
    """

    name = "extractive"

    def __init__(
        self,
        encoder: Encoder,
        examples: Sequence[Example],
        retrieval: bool,
        query_encoder: Encoder | None = None,
        learned: LearnedOutputs | None = None,
        adapter_name: str = "",
    ) -> None:
        if (query_encoder is None) != (learned is None):
            raise ValueError("a tuned encoder and its learned outputs belong together")
        if not examples and (retrieval or learned is None):
            raise InputError("there are no labelled examples to choose an output from; give a file of them")
        self._encoder = encoder
        self._examples = tuple(examples)
        self._retrieval = retrieval
        self._query_encoder = query_encoder
        self._learned = learned
        self._adapter_name = adapter_name

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """The output as the text; where it abstains the text says so, and names the nearest as no more than that.
        `confidence` is the decision's score. Passages are not looked at."""
        decision = self.decide(question)
        text = f"{NONE_OF_THESE}\n{NEAREST} {decision.output}" if decision.abstained else decision.output
        if on_text:
            on_text(text)
        return Answer(
            text,
            abstained=decision.abstained,
            engine=self.name,
            adapter=self._adapter_name,
            confidence=decision.score,
            neighbours=decision.neighbours,
            timings=decision.timings,
        )

    def decide(self, question: str) -> Decision:
        """One input by the approach that the engine was made for."""
        timings: dict[str, float] = {}
        if self._learned is None:
            decide = self._by_vote if self._retrieval else self._by_text
            return decide(self._embed(self._encoder, question, timings), timings)
        assert self._query_encoder is not None
        tuned = self._embed(self._query_encoder, question, timings)
        if not self._retrieval:
            with timed(timings, "generation"):
                nearest = self._learned.nearest(tuned)
            return Decision(nearest.text, nearest.score, self._learned.threshold, timings=timings)
        return self._by_both(self._learned, tuned, self._embed(self._encoder, question, timings), timings)

    def prepare(self) -> None:
        """Embed the examples now, rather than with the first question that needs them."""
        if self._learned is None or self._retrieval:
            labelled_vectors(self._encoder, self._examples)

    def _embed(self, encoder: Encoder, question: str, timings: dict[str, float]) -> "np.ndarray":
        with timed(timings, "embed_query"):
            vector: np.ndarray = encoder.encode([question], query=True)[0]
        return vector

    def _by_text(self, vector: "np.ndarray", timings: dict[str, float]) -> Decision:
        known = labelled_vectors(self._encoder, self._examples)
        with timed(timings, "generation"):
            scores = known.texts @ vector
            best = int(scores.argmax())
        return Decision(known.outputs[best], float(scores[best]), known.text_threshold, timings=timings)

    def _by_vote(self, vector: "np.ndarray", timings: dict[str, float]) -> Decision:
        known = labelled_vectors(self._encoder, self._examples)
        with timed(timings, "dense"):
            nearest, scores = known.nearest(vector, NEIGHBOURS)
        with timed(timings, "generation"):
            shares = known.shares(nearest, scores)
            output = max(shares, key=lambda each: shares[each])
        neighbours = self._neighbours(nearest, scores)
        return Decision(output, float(scores[0]), known.vote_threshold, neighbours, timings)

    def _by_both(
        self,
        learned: LearnedOutputs,
        tuned: "np.ndarray",
        vector: "np.ndarray",
        timings: dict[str, float],
    ) -> Decision:
        known = labelled_vectors(self._encoder, self._examples)
        with timed(timings, "dense"):
            nearest, scores = known.nearest(vector, NEIGHBOURS)
        with timed(timings, "generation"):
            cosines = learned.scores(tuned)
            shares = {
                output: ADAPTER_WEIGHT * share
                for output, share in zip(learned.texts, softmax(cosines / OUTPUT_TEMPERATURE), strict=True)
            }
            for output, share in known.shares(nearest, scores).items():
                shares[output] = shares.get(output, 0.0) + (1 - ADAPTER_WEIGHT) * share
            output = max(shares, key=lambda each: shares[each])
        return Decision(
            output,
            _interpolated(float(cosines.max()), float(scores[0])),
            _interpolated(learned.threshold, known.vote_threshold),
            self._neighbours(nearest, scores),
            timings,
        )

    def _neighbours(self, nearest: "np.ndarray", scores: "np.ndarray") -> tuple[LabelledNeighbour, ...]:
        return tuple(
            LabelledNeighbour(self._examples[place].input, self._examples[place].output, float(score))
            for place, score in zip(nearest.tolist(), scores, strict=True)
        )


@dataclass(frozen=True, eq=False)
class LabelledVectors:
    """Examples as a plain encoder sees them. `owners[i]` is the index in `outputs` of the output of input i;
    `inputs` has shape (examples, dimension), `texts` (outputs, dimension). Thresholds are cosine similarities."""

    outputs: tuple[str, ...]
    owners: "np.ndarray"
    inputs: "np.ndarray"
    texts: "np.ndarray"
    text_threshold: float
    vote_threshold: float

    def nearest(self, vector: "np.ndarray", count: int) -> "tuple[np.ndarray, np.ndarray]":
        """(indices of the nearest examples, their cosine similarities), nearest first; searches all of them."""
        import numpy as np

        scores = self.inputs @ vector
        count = min(count, len(scores))
        found = np.argpartition(-scores, count - 1)[:count]
        found = found[np.argsort(-scores[found], kind="stable")]
        return found, scores[found]

    def shares(self, nearest: "np.ndarray", scores: "np.ndarray") -> dict[str, float]:
        """What part of the vote each output has: examples weigh exp(cosine / temperature)."""
        shares: dict[str, float] = {}
        for place, weight in zip(nearest.tolist(), softmax(scores / VOTE_TEMPERATURE), strict=True):
            output = self.outputs[self.owners[place]]
            shares[output] = shares.get(output, 0.0) + float(weight)
        return shares


def labelled_vectors(encoder: Encoder, examples: Sequence[Example]) -> LabelledVectors:
    """Vectors of the examples, kept by what they say and by the encoder; who comes while they are made waits."""
    key = encoder.id, examples_hash(examples), tuple(example.input for example in examples[:1])
    with _lock:
        if key not in _kept:
            _kept[key] = _embedded(encoder, examples)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def softmax(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    powers = np.exp(values - values.max())
    result: np.ndarray = powers / powers.sum()
    return result
