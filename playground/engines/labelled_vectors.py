"""Labelled examples as a plain encoder sees them: their vectors, the vote among them, and thresholds.

This module does not know how an input is decided (see `playground.engines.labelled`).
"""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.adapters.examples import Example
from playground.adapters.outputs import (
    calibrate_threshold,
    output_vectors,
    readable,
    sums_by_output,
    unlike_scores,
)
from playground.embedding import Encoder

if TYPE_CHECKING:
    import numpy as np

VOTE_TEMPERATURE = 0.06  # of the weights in the vote; tried on messages that are in no benchmark's test
PROBES = 1000  # examples that thresholds are calibrated on
KEPT = 4  # sets of examples with their vectors


@dataclass(frozen=True, eq=False)
class LabelledVectors:
    """Examples as a plain encoder sees them. Voters are the inputs of the examples, in their order, and after
    them the texts of the outputs: a name that says what it stands for is one example more. `voters` has shape
    (examples + outputs, dimension); `owners[i]` is the index in `outputs` of voter i's output. Thresholds are
    cosine similarities."""

    outputs: tuple[str, ...]
    owners: "np.ndarray"
    voters: "np.ndarray"
    text_threshold: float
    vote_threshold: float

    @property
    def texts(self) -> "np.ndarray":
        """The vectors of the outputs' texts, of shape (outputs, dimension)."""
        return self.voters[-len(self.outputs) :]

    def nearest(self, vector: "np.ndarray", count: int) -> "tuple[np.ndarray, np.ndarray]":
        """(indices of the nearest voters, their cosine similarities), nearest first. An exact search."""
        import numpy as np

        scores = self.voters @ vector
        count = min(count, len(scores))
        found = np.argpartition(-scores, count - 1)[:count]
        found = found[np.argsort(-scores[found], kind="stable")]
        return found, scores[found]

    def shares(self, nearest: "np.ndarray", scores: "np.ndarray") -> dict[str, float]:
        """What part of the vote each output has: voters weigh exp(cosine / temperature)."""
        shares: dict[str, float] = {}
        for place, weight in zip(nearest.tolist(), softmax(scores / VOTE_TEMPERATURE), strict=True):
            output = self.outputs[self.owners[place]]
            shares[output] = shares.get(output, 0.0) + float(weight)
        return shares


_kept: OrderedDict[tuple[str, tuple[tuple[str, str], ...]], LabelledVectors] = OrderedDict()
_lock = threading.Lock()


def labelled_vectors(encoder: Encoder, examples: Sequence[Example]) -> LabelledVectors:
    """Vectors of the examples, kept for the same texts and encoder; who comes while they are made waits."""
    pairs = tuple((example.input, example.output) for example in examples)
    key = encoder.id, pairs
    with _lock:
        if key not in _kept:
            _kept[key] = _embedded(encoder, pairs)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
        _kept.move_to_end(key)
        return _kept[key]


def softmax(values: "np.ndarray") -> "np.ndarray":
    import numpy as np

    powers = np.exp(values - values.max())
    result: np.ndarray = powers / powers.sum()
    return result


def _embedded(encoder: Encoder, pairs: Sequence[tuple[str, str]]) -> LabelledVectors:
    import numpy as np

    places = {output: place for place, output in enumerate(dict.fromkeys(output for _, output in pairs))}
    owners = np.array([places[output] for _, output in pairs])
    texts = encoder.encode([readable(output) for output in places])
    inputs = encoder.encode([text for text, _ in pairs])
    vectors = output_vectors(texts, sums_by_output(inputs, owners, len(places)))
    probes = np.unique(np.linspace(0, len(pairs) - 1, min(PROBES, len(pairs))).astype(int))
    own = vectors[owners[probes]]
    every_output = np.arange(len(places))
    voters, owners_of_voters = np.concatenate([inputs, texts]), np.concatenate([owners, every_output])
    return LabelledVectors(
        tuple(places),
        owners_of_voters,
        voters,
        _threshold(inputs[probes] @ texts.T, owners[probes], every_output, own, vectors),
        _threshold(
            _without_itself(voters, probes), owners[probes], owners_of_voters, own, vectors[owners_of_voters]
        ),
    )


def _without_itself(voters: "np.ndarray", probes: "np.ndarray") -> "np.ndarray":
    """Cosines of some voters to all, shape (probes, voters), where none is like itself."""
    import numpy as np

    scores: np.ndarray = voters[probes] @ voters.T
    scores[np.arange(len(probes)), probes] = -1.0
    return scores


def _threshold(
    scores: "np.ndarray",
    owners: "np.ndarray",
    of_columns: "np.ndarray",
    own: "np.ndarray",
    others: "np.ndarray",
) -> float:
    """What best tells inputs whose best column has the right output from the same inputs when nothing near
    their output is known. Leave-one-out where columns are examples: the file holds no others."""
    right = of_columns[scores.argmax(axis=1)] == owners
    return calibrate_threshold(scores.max(axis=1)[right], unlike_scores(scores, own, others))
