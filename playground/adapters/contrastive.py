"""What the built-in encoder learns from: inputs, the frozen vectors of their outputs, and the loss between
them.

A tuned input is pulled to the vector of its output and away from those of all others. This module does not
know which weights that changes, nor how many steps it takes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.adapters.examples import Example
from playground.adapters.outputs import output_vectors, readable, sums_by_output

if TYPE_CHECKING:
    import numpy as np
    import torch

TEMPERATURE = 1 / 20
"""What the base was trained with; the scale on which differences between cosines decide."""

Embed = Callable[[Sequence[str]], "np.ndarray"]
"""Texts -> their vectors by the frozen base, of shape (texts, dimension) and length 1."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """`owners[i]` is the index of the output of input i. `vectors` are those of the outputs, shape (outputs,
    dimension); `targets`, shape (inputs, dimension), are those of each input's output as it is without this
    very input: else an input would be compared with itself."""

    inputs: tuple[str, ...]
    owners: "np.ndarray"
    outputs: tuple[str, ...]
    vectors: "np.ndarray"
    targets: "np.ndarray"

    @classmethod
    def from_examples(cls, examples: Sequence[Example], embed: Embed) -> "Lessons":
        """All outputs of the examples, in the order in which they come first."""
        import numpy as np

        outputs = tuple(dict.fromkeys(example.output for example in examples))
        places = {output: place for place, output in enumerate(outputs)}
        inputs = tuple(example.input for example in examples)
        owners = np.array([places[example.output] for example in examples])
        texts = embed([readable(output) for output in outputs])
        own = embed(inputs)
        sums = sums_by_output(own, owners, len(outputs))
        targets = output_vectors(texts[owners], sums[owners] - own)
        return cls(inputs, owners, outputs, output_vectors(texts, sums), targets)

    def exam(self, held_out: Sequence[Example], embed: Embed) -> "Lessons":
        """The same task with held-out inputs: they are scored against these outputs, and against those of
        their own that are not among them, which have the vector of their text alone."""
        import numpy as np

        outputs = tuple(dict.fromkeys((*self.outputs, *(example.output for example in held_out))))
        new = outputs[len(self.outputs) :]
        places = {output: place for place, output in enumerate(outputs)}
        vectors = self.vectors
        if new:
            vectors = np.concatenate([vectors, embed([readable(output) for output in new])])
        owners = np.array([places[example.output] for example in held_out], dtype=int)
        inputs = tuple(example.input for example in held_out)
        return Lessons(inputs, owners, outputs, vectors, vectors[owners])

    def loss(self, tuned: "torch.Tensor", indices: Sequence[int]) -> "torch.Tensor":
        """The sum of the cross-entropies of these inputs' outputs, given their tuned vectors of shape
        (indices, dimension): softmax over the cosines to all outputs, divided by the temperature (InfoNCE;
        van den Oord et al., 2018)."""
        import torch

        rows = torch.arange(len(indices), device=tuned.device)
        owners = torch.from_numpy(self.owners[list(indices)]).to(tuned.device)
        vectors = torch.from_numpy(self.vectors).to(tuned.device)
        targets = torch.from_numpy(self.targets[list(indices)]).to(tuned.device)
        cosines = (tuned @ vectors.T).index_put((rows, owners), (tuned * targets).sum(dim=1))
        return torch.nn.functional.cross_entropy(cosines / TEMPERATURE, owners, reduction="sum")
