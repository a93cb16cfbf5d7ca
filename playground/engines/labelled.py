"""The engine for labelled messages: an input -> one of few outputs, by any of the four approaches.

    prompt only    the output whose text is nearest to the input
    RAG            a vote among the labelled examples that are nearest to the input, and the outputs' names
    fine-tuned     the learned output that is nearest to the input as the tuned encoder sees it
    both           the shares of RAG and fine-tuned, interpolated

An input unlike all examples is answered with none of the outputs. The engine searches no documents, and does
not know how an adapter is trained.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from playground.adapters.examples import Example
from playground.adapters.outputs import LearnedOutputs
from playground.embedding import Encoder
from playground.engines.engine import Answer, LabelledNeighbour
from playground.engines.labelled_vectors import LabelledVectors, labelled_vectors, softmax
from playground.errors import InputError
from playground.retrieval import Hit, timed

if TYPE_CHECKING:
    import numpy as np

NEIGHBOURS = 30  # that vote; tried, as the next two, on messages that are in no benchmark's test
OUTPUT_TEMPERATURE = 0.05
ADAPTER_WEIGHT = 0.5  # of the fine-tuned side where both sides answer

NONE_OF_THESE = "None of these."
NEAREST = "The nearest would be:"


@dataclass(frozen=True)
class Decision:
    """What an approach says about one input. `output` is the best one even where it abstains.

    `score` is a cosine similarity, higher is better: to the output, to the nearest voter, or the
    interpolation of the two; below `threshold` the input is like none of the outputs. `timings` are
    milliseconds.
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
    """Answers from `examples`; without `retrieval` they only say which outputs there are. With an adapter
    comes all of `query_encoder`, `learned` and `adapter_name`. Safe to use from several threads.

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
        self._examples = tuple(example for example in examples if example.output)
        if not self._examples and (retrieval or learned is None):
            raise InputError("there are no labelled examples to choose an output from; give a file of them")
        self._encoder = encoder
        self._retrieval = retrieval
        self._query_encoder = query_encoder
        self._learned = learned
        self._adapter_name = adapter_name
        self._vectors: LabelledVectors | None = None

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """The output as the text; where it abstains the text says so, and names the nearest as no more than
        that. `confidence` is the decision's score. Passages are not looked at."""
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
        """Embed the examples now, rather than with the first input that needs them."""
        if self._retrieval or self._learned is None:
            self._known()

    def _known(self) -> LabelledVectors:
        if self._vectors is None:
            self._vectors = labelled_vectors(self._encoder, self._examples)
        return self._vectors

    def _embed(self, encoder: Encoder, question: str, timings: dict[str, float]) -> "np.ndarray":
        with timed(timings, "embed_query"):
            vector: np.ndarray = encoder.encode([question], query=True)[0]
        return vector

    def _by_text(self, vector: "np.ndarray", timings: dict[str, float]) -> Decision:
        known = self._known()
        with timed(timings, "generation"):
            scores = known.texts @ vector
            best = int(scores.argmax())
        return Decision(known.outputs[best], float(scores[best]), known.text_threshold, timings=timings)

    def _by_vote(self, vector: "np.ndarray", timings: dict[str, float]) -> Decision:
        known = self._known()
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
        known = self._known()
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
        """The examples among the nearest voters."""
        return tuple(
            LabelledNeighbour(self._examples[place].input, self._examples[place].output, float(score))
            for place, score in zip(nearest.tolist(), scores, strict=True)
            if place < len(self._examples)
        )


def _interpolated(tuned: float, plain: float) -> float:
    return ADAPTER_WEIGHT * tuned + (1 - ADAPTER_WEIGHT) * plain
