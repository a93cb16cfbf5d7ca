"""The outputs that an adapter of the extractive engine has learned: texts, a vector each, and a threshold.

Without retrieval the engine answers with the output whose vector is nearest, or with none. The vectors come
from the frozen base, so that the tuned side is the question's alone. This module knows neither encoders nor
how an adapter is trained.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

from playground.errors import InputError

if TYPE_CHECKING:
    import numpy as np

FILE = "outputs.json"
VECTORS = "outputs.safetensors"
_FORMAT = 1
_LENGTH_TOLERANCE = 1e-2
_THE_SAME = 0.999  # cosine similarity of an output to itself, and room for rounding


@dataclass(frozen=True)
class NearestOutput:
    """`score` is the cosine similarity, higher is better; below the threshold the engine abstains."""

    text: str
    score: float
    abstain: bool


@dataclass(frozen=True, eq=False)
class LearnedOutputs:
    """`vectors` is float32 of shape (len(texts), dimension), rows of length 1. An input whose nearest output
    has a cosine similarity below `threshold` is like none of them."""

    texts: tuple[str, ...]
    vectors: "np.ndarray"
    threshold: float

    def scores(self, vector: "np.ndarray") -> "np.ndarray":
        """Cosine similarity of a vector of shape (dimension,) to every output, in the order of `texts`."""
        scores: np.ndarray = self.vectors @ vector
        return scores

    def nearest(self, vector: "np.ndarray") -> NearestOutput:
        """The output nearest to a vector of shape (dimension,) and length 1."""
        scores = self.scores(vector)
        best = int(scores.argmax())
        score = float(scores[best])
        return NearestOutput(self.texts[best], score, score < self.threshold)

    def save(self, folder: Path) -> None:
        """Into `folder`, which has to be there: outputs.json and outputs.safetensors."""
        from safetensors.numpy import save_file

        save_file({"vectors": self.vectors}, folder / VECTORS)
        about = {"format": _FORMAT, "threshold": self.threshold, "texts": self.texts}
        (folder / FILE).write_text(json.dumps(about, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises InputError, naming the folder, where the files are not there or don't fit each other."""
        import numpy as np
        from safetensors import SafetensorError
        from safetensors.numpy import load

        try:
            about = json.loads((folder / FILE).read_text(encoding="utf-8"))
            texts, threshold = tuple(about["texts"]), float(about["threshold"])
            vectors = load((folder / VECTORS).read_bytes())["vectors"]
            if about["format"] != _FORMAT:
                raise ValueError(f"format {about['format']} is not {_FORMAT}")
            if not texts or not all(isinstance(text, str) for text in texts):
                raise ValueError("it has no outputs")
            if vectors.dtype != np.float32 or vectors.ndim != 2 or len(vectors) != len(texts):
                raise ValueError(f"{len(texts)} outputs have vectors of shape {vectors.shape}")
            if not (np.abs(np.linalg.norm(vectors, axis=1) - 1) < _LENGTH_TOLERANCE).all():
                raise ValueError("its vectors are not of length 1")
        except (OSError, ValueError, TypeError, KeyError, SafetensorError) as error:
            raise InputError(
                f"the learned outputs in {folder} cannot be read ({error}); import the adapter again or "
                "train it anew"
            ) from error
        return cls(texts, vectors, threshold)


def readable(output: str) -> str:
    """The words of an output, for embedding: names that are written for machines (card_arrival) are taken
    apart."""
    return output if any(map(str.isspace, output)) else output.replace("_", " ").strip() or output


def output_vectors(text_vectors: "np.ndarray", centroids: "np.ndarray") -> "np.ndarray":
    """A vector for each output, of length 1: the mean of its text's vector and its examples' centroid, both
    of shape (outputs, dimension). A centroid is brought to length 1 first; one of zeros (no example) is left
    out."""
    return unit(text_vectors + unit(centroids))


def sums_by_output(vectors: "np.ndarray", owners: "np.ndarray", outputs: int) -> "np.ndarray":
    """The sum of the vectors of each output, of shape (outputs, dimension): centroids, but for their length.
    `owners[i]` is the index of the output of vector i."""
    import numpy as np

    sums = np.zeros((outputs, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, owners, vectors)
    return sums


def unit(vectors: "np.ndarray") -> "np.ndarray":
    """Rows at length 1; a row of zeros stays."""
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    result: np.ndarray = (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)
    return result


def calibrate_threshold(known: "np.ndarray", unlike: "np.ndarray") -> float:
    """The threshold with the best balanced accuracy: the mean of the share of `known` scores that reach it
    and the share of `unlike` scores that stay below. Of several as good, the middle of the widest gap
    between two scores; where there is nothing to compare, below every score.
    """
    import numpy as np

    if not len(known) or not len(unlike):
        return -1.0
    right, wrong = np.sort(known), np.sort(unlike)
    points = np.unique(np.concatenate([right, wrong]))
    edges = np.concatenate([[points[0] - 1e-3], points, [points[-1] + 1e-3]])
    gaps, middles = np.diff(edges), (edges[:-1] + edges[1:]) / 2
    kept = 1 - np.searchsorted(right, middles) / len(right)
    refused = np.searchsorted(wrong, middles) / len(wrong)
    balanced = kept + refused
    best = np.flatnonzero(balanced >= balanced.max() - 1e-9)
    return float(middles[best[gaps[best].argmax()]])


def unlike_scores(scores: "np.ndarray", own: "np.ndarray", others: "np.ndarray") -> "np.ndarray":
    """What inputs would score if nothing near their own output were known: examples of inputs unlike all.

    `scores` (inputs, n) are cosine similarities of inputs to n outputs (or to n examples); `own` (inputs,
    dimension) is the vector of each input's output, `others` (n, dimension) those of the n. For each input
    the best score among the half of the n that is farthest from its own output; an input for which there is
    no such half (a single output) has none, so that the result may be shorter.
    """
    import numpy as np

    found = []
    for row, vector in zip(scores, own, strict=True):
        likeness = others @ vector
        far = (likeness <= np.median(likeness)) & (likeness < _THE_SAME)
        if far.any():
            found.append(row[far].max())
    return np.array(found, dtype=np.float32)
