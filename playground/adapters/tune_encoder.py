"""LoRA on the query side of the built-in encoder, from (input, output) pairs; everything else stays frozen.

A tuned input is pulled to the vector of its output and away from those of all others (a contrastive loss). The
outputs' vectors come from the base, so that passages and outputs never have to be embedded again. This module
does not know how examples are split, nor how an adapter is used (see `playground.adapters.tuned_encoder`).
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playground.adapters.examples import Example
from playground.adapters.outputs import (
    LearnedOutputs,
    calibrate_threshold,
    output_vectors,
    readable,
    sums_by_output,
    unlike_scores,
)
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuned_encoder import CONFIG, WEIGHTS, merged_weights
from playground.adapters.tuner import OutsideQuestion, Watch
from playground.config import EncoderConfig
from playground.embedding import BUILTIN_SHA256, BuiltinEncoder, builtin_model_folder, load_encoder
from playground.engines.extractive import NO_PASSAGES
from playground.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import torch

BASE = "all-MiniLM-L6-v2"
TEMPERATURE = 1 / 20  # what the base was trained with
ALPHA_PER_RANK = 2
WARM_UP = 0.1  # of the steps
DROPPED_WORDS = 0.15  # of an input's tokens, anew each time: few examples are learned by heart otherwise
MICRO_BATCH = 8  # inputs of about the same length; larger ones only pad more
HELD_OUT_LOSSES = 10  # how often it is measured
MOST_HELD_OUT = 256  # inputs that it is measured on
MOST_GRADIENT = 1.0
FEWEST_TO_CALIBRATE = 10


class EncoderTuner:
    """The built-in encoder, loaded for training. `outputs` are what the base chooses among: without them, and
    without passages, it has nothing to say."""

    base = BASE
    base_hash = BUILTIN_SHA256

    def __init__(self, outputs: Sequence[str] = ()) -> None:
        encoder = load_encoder(EncoderConfig())
        assert isinstance(encoder, BuiltinEncoder)
        self._encoder = encoder
        self._choices = list(dict.fromkeys(outputs))
        self._frozen: dict[str, np.ndarray] = {}
        self._tuned: BuiltinEncoder | None = None
        self._outputs: LearnedOutputs | None = None

    def train(
        self,
        training: Sequence[Example],
        held_out: Sequence[Example],
        settings: TrainingSettings,
        folder: Path,
        watch: Watch,
    ) -> None:
        """LoRA on all linear layers, with the loss that `_Lessons` has; the weights of the step with the lowest
        held-out loss are kept. The same examples and settings give the same weights on the same machine.

        Raises InputError without examples.
        """
        import torch

        if not training:
            raise InputError("there is no example to train on; add some, or hold out fewer")
        lessons = _Lessons.build(training, self._vectors)
        exam = lessons.exam(held_out[: MOST_HELD_OUT * 4 : 4] if len(held_out) > MOST_HELD_OUT * 4 else held_out[:MOST_HELD_OUT], self._vectors)
        with torch.random.fork_rng():
            model = _LoraModel(self._encoder, settings.rank, settings.seed)
            _optimise(model, lessons, exam, settings, watch)
        model.save(folder)
        self._tuned = model.merged()
        self._outputs = LearnedOutputs(lessons.outputs, lessons.vectors, self._threshold(lessons, held_out))
        self._outputs.save(folder)
