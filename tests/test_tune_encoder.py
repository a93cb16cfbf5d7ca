"""Tuning the built-in encoder, a few steps on a dozen messages whose labels do not say what they mean."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from playground.adapters.contrastive import TEMPERATURE, Lessons
from playground.adapters.examples import Example
from playground.adapters.outputs import LearnedOutputs
from playground.adapters.settings import TrainingSettings
from playground.adapters.tune_encoder import EncoderTuner
from playground.adapters.tuned_encoder import tuned_encoder
from playground.adapters.tuner import OutsideQuestion
from playground.config import EncoderConfig
from playground.embedding import BUILTIN_SHA256, load_encoder
from playground.engines.extractive import NO_PASSAGES
from playground.errors import InputError
from tests.encoder_adapters import card

BLUE = [
    "The printer jams.",
    "Paper is stuck in the printer.",
    "My screen is black.",
    "The keyboard lost a key.",
]
GREEN = ["I want a day off.", "When is the next holiday?", "Leave for Friday, please.", "My child is ill."]
RED = ["The invoice is wrong.", "We were charged twice.", "Where is my refund?", "The bill has no date."]
TRAINING = [
    Example(text, color)
    for color, texts in (("team_blue", BLUE), ("team_green", GREEN), ("team_red", RED))
    for text in texts
]
HELD_OUT = [
    Example("The scanner makes a noise.", "team_blue"),
    Example("Holiday in May?", "team_green"),
    Example("You sent the invoice to the wrong address.", "team_red"),
]
SETTINGS = TrainingSettings(rank=4, steps=16, batch=12, learning_rate=3e-3)
QUESTIONS = ["How deep is the lake?", "Who feeds the cat?"]


@dataclass
class Watching:
    """Hears everything, and stops after `last` steps."""

    last: int = 10_000
    heard: list[tuple[int, int, float | None, float | None]] = field(default_factory=list)

    def __call__(self, step: int, steps: int, loss: float | None, held_out: float | None) -> bool:
        self.heard.append((step, steps, loss, held_out))
        return step < self.last

    @property
    def held_out(self) -> list[float]:
        return [loss for *_, loss in self.heard if loss is not None]


@dataclass(frozen=True)
class Trained:
    tuner: EncoderTuner
    folder: Path
    watching: Watching


def train(
    folder: Path,
    training: Sequence[Example] = TRAINING,
    held_out: Sequence[Example] = HELD_OUT,
    settings: TrainingSettings = SETTINGS,
    last: int = 10_000,
) -> Trained:
    folder.mkdir()
    tuner = EncoderTuner([example.output for example in training])
    watching = Watching(last)
    tuner.train(training, held_out, settings, folder, watching)
    return Trained(tuner, folder, watching)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    return train(tmp_path_factory.mktemp("adapters") / "colors")


def weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load_file

    return load_file(folder / "adapter_model.safetensors")


def ignore(count: int) -> None:
    """Nobody looks at the progress."""


def test_it_learns_what_the_words_alone_do_not_say(trained: Trained) -> None:
    inputs = [example.input for example in TRAINING]
    right = [example.output for example in TRAINING]

    before = trained.tuner.answers(inputs, False, ignore)
    after = trained.tuner.answers(inputs, True, ignore)

    assert sum(said == wanted for said, wanted in zip(before, right, strict=True)) <= 8
    assert after == right
    first, last = trained.watching.heard[0][2], trained.watching.heard[-1][2]
    assert first is not None and last is not None and last < first / 2


def test_the_folder_holds_four_files_and_no_place_on_this_machine(trained: Trained) -> None:
    names = sorted(path.name for path in trained.folder.iterdir())

    assert names == [
        "adapter_config.json",
        "adapter_model.safetensors",
        "outputs.json",
        "outputs.safetensors",
    ]
    config = json.loads((trained.folder / "adapter_config.json").read_text())
    assert (config["base_model_name_or_path"], config["r"]) == ("all-MiniLM-L6-v2", 4)
    assert len(weights(trained.folder)) == 6 * 6 * 2  # six matrices a layer, of two factors each


def test_the_toggle_makes_of_the_folder_what_was_scored(trained: Trained) -> None:
    inputs = [example.input for example in [*TRAINING, *HELD_OUT]]
    card().write(trained.folder)
    encoder, learned = tuned_encoder(trained.folder), LearnedOutputs.load(trained.folder)
    (trained.folder / "adapter.json").unlink()

    vectors = encoder.encode(inputs, query=True)

    assert [learned.nearest(vector).text for vector in vectors] == trained.tuner.answers(inputs, True, ignore)
    assert learned.texts == ("team_blue", "team_green", "team_red")


@pytest.mark.parametrize("learned", [False, True])
def test_held_out_examples_are_learned_on_request_and_only_after_scoring(
    tmp_path: Path, learned: bool
) -> None:
    base = load_encoder(EncoderConfig())
    scored = Lessons.from_examples(TRAINING, base.encode).vectors
    everything = Lessons.from_examples([*TRAINING, *HELD_OUT], base.encode).vectors
    assert np.abs(scored - everything).max() > 1e-3

    settings = TrainingSettings(rank=2, steps=2, batch=4, learn_held_out=learned)
    trained = train(tmp_path / "a", held_out=HELD_OUT, settings=settings)

    saved = LearnedOutputs.load(trained.folder).vectors
    assert np.allclose(saved, everything if learned else scored, atol=1e-6)
    assert np.allclose(trained.tuner._learned.vectors, scored, atol=1e-6)


def test_a_training_changes_nothing_of_the_base(tmp_path: Path) -> None:
    base = load_encoder(EncoderConfig())
    before = base.encode(QUESTIONS)

    train(tmp_path / "a", settings=TrainingSettings(rank=2, steps=2, batch=4))

    assert load_encoder(EncoderConfig()) is base
    assert base.encode(QUESTIONS).tobytes() == before.tobytes()


def test_the_same_examples_and_settings_give_the_same_weights(tmp_path: Path) -> None:
    short = TrainingSettings(rank=2, steps=3, batch=8)
    first, again = (weights(train(tmp_path / name, settings=short).folder) for name in ("a", "b"))
    other = weights(train(tmp_path / "c", settings=TrainingSettings(rank=2, steps=3, batch=8, seed=1)).folder)

    assert all((first[name] == again[name]).all() for name in first)
    assert any((first[name] != other[name]).any() for name in first)


def test_every_step_is_heard_and_the_held_out_loss_now_and_then(trained: Trained) -> None:
    assert [step for step, *_ in trained.watching.heard] == list(range(1, 17))
    assert {steps for _, steps, *_ in trained.watching.heard} == {16}
    assert [step for step, _, _, loss in trained.watching.heard if loss is not None] == [*range(2, 17, 2)]


def test_without_steps_the_rounds_are_counted(tmp_path: Path) -> None:
    settings = TrainingSettings(rank=2, steps=0, rounds=2, batch=5)

    assert len(train(tmp_path / "a", settings=settings).watching.heard) == 2 * 3


def test_who_says_stop_gets_the_best_weights_so_far(tmp_path: Path) -> None:
    at_two = train(tmp_path / "two", last=2)
    never_better = train(tmp_path / "rough", settings=TrainingSettings(rank=4, steps=16, learning_rate=0.5))

    assert len(at_two.watching.heard) == 2
    assert LearnedOutputs.load(at_two.folder).texts == ("team_blue", "team_green", "team_red")
    losses = never_better.watching.held_out
    model_loss = held_out_loss(never_better)
    assert model_loss == pytest.approx(min(losses), rel=0.05)
    assert max(losses) > 1.5 * min(losses)


def held_out_loss(trained: Trained) -> float:
    """Of the weights that were saved."""
    card().write(trained.folder)
    import torch

    tuned = tuned_encoder(trained.folder).encode([example.input for example in HELD_OUT], query=True)
    base = load_encoder(EncoderConfig())
    exam = Lessons.from_examples(TRAINING, base.encode).exam(HELD_OUT, base.encode)
    return float(exam.loss(torch.from_numpy(tuned), range(len(HELD_OUT)))) / len(HELD_OUT)


def test_nothing_held_out_is_no_reason_not_to_train(tmp_path: Path) -> None:
    trained = train(tmp_path / "a", held_out=[], settings=TrainingSettings(rank=2, steps=2, batch=4))

    assert trained.watching.held_out == []
    assert len(trained.watching.heard) == 2
    assert -1 < LearnedOutputs.load(trained.folder).threshold < 1


def test_an_input_unlike_all_examples_is_none_of_the_outputs(trained: Trained) -> None:
    card().write(trained.folder)
    encoder, learned = tuned_encoder(trained.folder), LearnedOutputs.load(trained.folder)
    (trained.folder / "adapter.json").unlink()

    known = encoder.encode([example.input for example in TRAINING], query=True)
    unlike = encoder.encode(["Volcanoes erupt when magma rises through the crust.", "1 2 3 4"], query=True)

    assert not any(learned.nearest(vector).abstain for vector in known)
    assert all(learned.nearest(vector).abstain for vector in unlike)


def test_outputs_that_come_once_are_learned_too(tmp_path: Path) -> None:
    pairs = [Example(f"What is {word}?", f"It is a kind of {kind}.") for word, kind in PAIRS]
    trained = train(
        tmp_path / "a", pairs[:6], pairs[6:], TrainingSettings(rank=2, steps=4, batch=6, learning_rate=1e-3)
    )

    answers = trained.tuner.answers([pair.input for pair in pairs[:6]], True, ignore)

    assert answers == [pair.output for pair in pairs[:6]]
    assert len(trained.watching.held_out) == 4
    assert set(trained.tuner.answers([pairs[7].input], True, ignore)) <= {pair.output for pair in pairs[:6]}


PAIRS = [
    ("a robin", "bird"),
    ("an oak", "tree"),
    ("granite", "stone"),
    ("a trout", "fish"),
    ("a waltz", "dance"),
    ("bourbon", "drink"),
    ("a sonnet", "poem"),
    ("a beagle", "dog"),
]


def test_before_training_the_base_has_nothing_to_say_without_outputs() -> None:
    counted: list[int] = []

    assert EncoderTuner().answers(["Hello?", "There?"], False, counted.append) == [NO_PASSAGES] * 2
    assert counted == [2]
    with pytest.raises(RuntimeError, match="train"):
        EncoderTuner().answers(["Hello?"], True, ignore)


def test_the_count_of_answers_grows_to_all(trained: Trained) -> None:
    counted: list[int] = []

    trained.tuner.answers(QUESTIONS * 40, False, counted.append)

    assert counted == sorted(counted)
    assert counted[-1] == 80
    assert trained.tuner.answers([], True, counted.append) == []


def test_outside_questions_count_where_their_passage_is_the_nearest(trained: Trained) -> None:
    questions = [
        OutsideQuestion("How deep is the lake?", "The lake is forty metres deep."),
        OutsideQuestion("Who feeds the cat?", "The neighbour feeds our cat."),
        OutsideQuestion("Which colour is the sky?", "The canteen opens at noon."),
        OutsideQuestion("Who looks after the cat?", "The neighbour feeds our cat."),
    ]

    assert trained.tuner.outside(questions, False) == ("accuracy@1", [1.0, 1.0, 0.0, 1.0])
    name, tuned = trained.tuner.outside(questions, True)
    assert (name, len(tuned)) == ("accuracy@1", 4)
    assert set(tuned) <= {0.0, 1.0}
    assert trained.tuner.outside([], True) == ("accuracy@1", [])


def test_the_base_is_named_by_its_weights() -> None:
    assert (EncoderTuner.base, EncoderTuner.base_hash) == ("all-MiniLM-L6-v2", BUILTIN_SHA256)


def test_nothing_to_train_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no example to train on"):
        train(tmp_path / "a", training=[])


def test_the_loss_is_the_cross_entropy_over_cosines_and_leaves_each_input_out_of_its_own_target() -> None:
    import torch

    axes = dict(zip(["one", "two", "x", "y", "z"], np.eye(5, dtype=np.float32), strict=True))
    examples = [Example("x", "one"), Example("y", "one"), Example("z", "two")]

    lessons = Lessons.from_examples(examples, lambda texts: np.stack([axes[text] for text in texts]))

    half = 2**-0.5
    assert lessons.outputs == ("one", "two")
    assert lessons.targets[0] == pytest.approx((axes["one"] + axes["y"]) * half)
    assert lessons.targets[2] == pytest.approx(axes["two"]), "it is the only one of its output"
    tuned = torch.tensor((axes["one"] + axes["z"]) * half)[None]
    own, other = half * half, half * half
    wanted = -np.log(np.exp(own / TEMPERATURE) / (np.exp(own / TEMPERATURE) + np.exp(other / TEMPERATURE)))
    assert lessons.loss(tuned, [0]).item() == pytest.approx(wanted, rel=1e-4)
