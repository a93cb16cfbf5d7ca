"""Tuning the built-in encoder on the query side: examples -> LoRA weights and learned outputs in a folder.

Passages and outputs keep the base's vectors, so that nothing has to be embedded again. This module does not
know how examples are split, nor how an adapter is switched on (see `playground.adapters.tuned_encoder`).
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from playground.adapters.contrastive import Lessons
from playground.adapters.examples import Example
from playground.adapters.lora_encoder import BASE, LoraEncoder, optimise
from playground.adapters.outputs import LearnedOutputs, calibrate_threshold, readable, unlike_scores
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuner import OutsideQuestion, Watch
from playground.config import EncoderConfig
from playground.embedding import BATCH, BUILTIN_SHA256, BuiltinEncoder, load_encoder
from playground.engines.extractive import NO_PASSAGES
from playground.errors import InputError

if TYPE_CHECKING:
    import numpy as np

Item = TypeVar("Item")

MOST_HELD_OUT = 256  # inputs that the held-out loss is measured on, and the threshold
FEWEST_TO_CALIBRATE = 10  # held-out inputs with an output that was learned


class EncoderTuner:
    """`outputs` are what the base chooses among by its text alone (prompt only); without them, and without
    passages, the base has nothing to say. Keeps the vectors of all texts that it has embedded."""

    base = BASE
    base_hash = BUILTIN_SHA256

    def __init__(self, outputs: Sequence[str] = ()) -> None:
        encoder = load_encoder(EncoderConfig())
        assert isinstance(encoder, BuiltinEncoder)
        self._encoder = encoder
        self._choices = tuple(dict.fromkeys(outputs))
        self._known: dict[str, np.ndarray] = {}
        self._tuned: BuiltinEncoder | None = None
        self._learned: LearnedOutputs | None = None

    def train(
        self,
        training: Sequence[Example],
        held_out: Sequence[Example],
        settings: TrainingSettings,
        folder: Path,
        watch: Watch,
    ) -> None:
        """The same examples and settings give the same weights on the same machine. Raises InputError without
        examples.

        `answers` are always those of what the training examples alone taught. With `learn_held_out` the
        outputs in the folder know the held-out ones too: a fifth of ten examples for each output is worth
        half a point of accuracy.
        """
        if not training:
            raise InputError("there is no example to train on; add some, or hold fewer out")
        lessons = Lessons.from_examples(training, self._frozen)
        exam = lessons.exam(_spread(held_out, MOST_HELD_OUT), self._frozen)
        model = LoraEncoder(self._encoder, settings.rank, settings.seed)
        optimise(model, (lessons.inputs, lessons.loss), (exam.inputs, exam.loss), settings, watch)
        model.save(folder)
        self._tuned = model.merged()
        threshold = _threshold(lessons, exam, self._tuned)
        self._learned = LearnedOutputs(lessons.outputs, lessons.vectors, threshold)
        known = [*training, *held_out] if settings.learn_held_out else training
        whole = Lessons.from_examples(known, self._frozen)
        LearnedOutputs(whole.outputs, whole.vectors, threshold).save(folder)
        self._choices = self._choices or lessons.outputs

    def answers(self, inputs: Sequence[str], tuned: bool, done: Callable[[int], None]) -> list[str]:
        """The nearest output to each input, however far it is: by the tuned encoder among the learned ones,
        or by the base among the choices."""
        if tuned:
            encoder, learned = self._after_training()
        else:
            encoder = self._encoder
            if not self._choices:
                done(len(inputs))
                return [NO_PASSAGES] * len(inputs)
            vectors = self._frozen([readable(output) for output in self._choices])
            learned = LearnedOutputs(self._choices, vectors, threshold=-1.0)
        answers: list[str] = []
        for begin in range(0, len(inputs), BATCH):
            vectors = encoder.encode(inputs[begin : begin + BATCH], query=True)
            answers += [learned.nearest(vector).text for vector in vectors]
            done(len(answers))
        return answers

    def outside(self, questions: Sequence[OutsideQuestion], tuned: bool) -> tuple[str, list[float]]:
        """Whether each question's own passage is the nearest among those of all questions (accuracy@1). The
        passages have the base's vectors in both cases."""
        if not questions:
            return "accuracy@1", []
        encoder = self._after_training()[0] if tuned else self._encoder
        passages = list(dict.fromkeys(question.passage for question in questions))
        vectors = encoder.encode([question.question for question in questions], query=True)
        nearest = (vectors @ self._frozen(passages).T).argmax(axis=1)
        return "accuracy@1", [
            float(passages[place] == question.passage)
            for place, question in zip(nearest, questions, strict=True)
        ]

    def _after_training(self) -> tuple[BuiltinEncoder, LearnedOutputs]:
        if self._tuned is None or self._learned is None:
            raise RuntimeError("train() has to be called before the tuned encoder can answer")
        return self._tuned, self._learned

    def _frozen(self, texts: Sequence[str]) -> "np.ndarray":
        """Vectors by the base, of shape (texts, dimension); each text is embedded once."""
        import numpy as np

        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._known[text] for text in texts])


def _threshold(lessons: Lessons, exam: Lessons, tuned: BuiltinEncoder) -> float:
    """Below which score an input is like none of the outputs: what best tells held-out inputs that are
    answered rightly from the same inputs when nothing near their own output is known (see `unlike_scores`).

    Where too few held-out inputs have an output that was learned, training inputs stand in for them, each
    scored against its own output as it is without this input.
    """
    import numpy as np

    learned = [index for index, owner in enumerate(exam.owners) if owner < len(lessons.outputs)]
    probes = exam
    if len(learned) < FEWEST_TO_CALIBRATE:
        probes, learned = lessons, _spread(range(len(lessons.inputs)), MOST_HELD_OUT)
    rows = np.arange(len(learned))
    owners = np.array([probes.owners[index] for index in learned])
    vectors = tuned.encode([probes.inputs[index] for index in learned], query=True)
    scores = vectors @ lessons.vectors.T
    scores[rows, owners] = (vectors * probes.targets[learned]).sum(axis=1)
    right = scores.argmax(axis=1) == owners
    known = scores[rows, owners][right]
    return calibrate_threshold(known, unlike_scores(scores, lessons.vectors[owners], lessons.vectors))


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many, evenly out of the whole."""
    step = max(1, -(-len(items) // most))
    return list(items[::step])
