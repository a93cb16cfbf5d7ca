"""Training in another process, seen from outside; what trains here is the fake of `tests.fake_tuner`."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from playground.adapters import training
from playground.adapters.card import AdapterCard, CurvePoint
from playground.adapters.estimate import FILE as SPEED_FILE
from playground.adapters.estimate import estimate, steps_of
from playground.adapters.examples import Example, examples_hash
from playground.adapters.progress import TrainingProgress
from playground.adapters.scoring import read_rows
from playground.adapters.settings import TrainingSettings
from playground.adapters.training import TrainingRequest, environment, train_steps
from playground.adapters.tuner import OutsideQuestion
from playground.adapters.worker import thinned
from playground.errors import InputError, PlaygroundError
from tests.fake_tuner import BASE_HASH

EXAMPLES = [Example(f"say {word}", word.upper()) for word in ("one", "two", "three", "four", "five", "six")]
HELD_OUT = [Example("say seven", "SEVEN"), Example("say eight", "EIGHT")]
OUTSIDE = [OutsideQuestion("Which?", "This one.", ("one",)), OutsideQuestion("Who?", "She.", ("she",))]
SETTINGS = TrainingSettings(steps=4, batch=2, early_stop=False)
CODE = "from playground.adapters.worker import main; from tests.fake_tuner import load; main(load)"
ENDLESS_APP = f"""
import sys, pathlib
from playground.adapters import training
from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
training._COMMAND = (sys.executable, "-c", {CODE!r})
examples = [Example("say one", "ONE")]
settings = TrainingSettings("local_model", "endless")
request = training.TrainingRequest("x", examples, examples, settings, pathlib.Path(sys.argv[1]))
told = False
for progress in training.train_steps(request):
    if progress.phase == "training" and progress.step > 1 and not told:
        told = True
        print("training", flush=True)
"""


@pytest.fixture(autouse=True)
def _fake_tuner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_COMMAND", (sys.executable, "-c", CODE))


@pytest.fixture
def request_(tmp_path: Path) -> TrainingRequest:
    return TrainingRequest("Loud", EXAMPLES, HELD_OUT, SETTINGS, tmp_path / "adapters" / "loud", OUTSIDE)


def run(steps: Generator[TrainingProgress, None, Path]) -> tuple[list[TrainingProgress], Path]:
    """All progress, and the folder of the adapter."""
    seen = []
    while True:
        try:
            seen.append(next(steps))
        except StopIteration as end:
            return seen, end.value


def behaving(request: TrainingRequest, what: str, **more: Any) -> TrainingRequest:
    """The request of a model that the fake takes as an order."""
    settings = replace(request.settings, kind="local_model", model=what)
    return replace(request, settings=settings, **more)


def until(steps: Iterator[TrainingProgress], phase: str, step: int = 0) -> TrainingProgress:
    return next(each for each in steps if each.phase == phase and each.step >= step)


def is_alive(pid: int) -> bool:
    """Whether the process still runs; one that nobody has waited for yet does not."""
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_training_leaves_a_whole_adapter(request_: TrainingRequest) -> None:
    seen, folder = run(train_steps(request_))
    assert folder == request_.out
    assert left_in(folder) == ["adapter.json", "adapter_model.safetensors", "held_out.json", "learned.json"]
    assert left_in(folder.parent) == ["loud"]
    phases = list(dict.fromkeys(progress.phase for progress in seen))
    assert phases == ["loading", "scoring before", "training", "scoring after", "done"]


def test_the_card_says_what_was_trained_and_how_it_went(request_: TrainingRequest) -> None:
    _, folder = run(train_steps(request_))
    card = AdapterCard.read(folder)
    assert (card.name, card.kind, card.base, card.base_hash) == ("Loud", "extractive", "fake", BASE_HASH)
    assert (card.examples, card.held_out, card.labelled) == (6, 2, False)
    assert card.examples_hash == examples_hash([*EXAMPLES, *HELD_OUT])
    assert card.settings == SETTINGS.as_dict()
    assert card.curve == (
        CurvePoint(1, 1.0, None),
        CurvePoint(2, 0.5, 0.75),
        CurvePoint(3, 1 / 3, None),
        CurvePoint(4, 0.25, 0.375),
    )
    assert card.scores is not None
    assert (card.scores.name, card.scores.before, card.scores.after) == ("match", 0.0, 1.0)
    assert (card.scores.difference.mean, card.scores.moved) == (1.0, 1.0)
    assert card.forgetting is not None
    assert (card.forgetting.name, card.forgetting.questions) == ("found", 2)
    assert (card.forgetting.before, card.forgetting.after) == (1.0, 0.5)
    assert [(row.input, row.before, row.after) for row in read_rows(folder)] == [
        ("say seven", "hm", "SEVEN"),
        ("say eight", "hm", "EIGHT"),
    ]


def test_progress_counts_steps_and_draws_the_curve(request_: TrainingRequest) -> None:
    seen, _ = run(train_steps(request_))
    last = [progress for progress in seen if progress.phase == "training"][-1]
    assert (last.step, last.steps, len(last.curve), last.best_step) == (4, 4, 4, 4)
    assert last.seconds_left is not None
    assert seen[-1].phase == "done"
    assert seen[-1].seconds_left == 0.0
    assert [progress.seconds for progress in seen] == sorted(progress.seconds for progress in seen)


def test_without_held_out_examples_there_are_weights_and_no_scores(request_: TrainingRequest) -> None:
    _, folder = run(train_steps(replace(request_, held_out=[], outside=[])))
    card = AdapterCard.read(folder)
    assert (card.held_out, card.scores, card.forgetting) == (0, None, None)


def test_labelled_examples_are_scored_by_accuracy(request_: TrainingRequest) -> None:
    examples = [Example(f"say {number}", "YES" if number % 2 else "NO") for number in range(20)]
    _, folder = run(train_steps(replace(request_, examples=examples, held_out=[Example("say yes", "YES")])))
    card = AdapterCard.read(folder)
    assert card.labelled
    assert card.scores is not None
    assert (card.scores.name, card.scores.after) == ("accuracy", 1.0)


def test_training_ends_early_when_the_held_out_loss_stops_falling(request_: TrainingRequest) -> None:
    settings = replace(
        SETTINGS, kind="local_model", model="gets worse", steps=40, early_stop=True, patience=2
    )
    seen, folder = run(train_steps(replace(request_, settings=settings)))
    # Measured every second step: best at step 2, then worse at 4 and at 6.
    assert AdapterCard.read(folder).curve[-1].step == 6
    assert [progress.best_step for progress in seen if progress.phase == "training"][-1] == 2


def test_stop_ends_the_training_and_keeps_the_adapter(request_: TrainingRequest) -> None:
    stop = threading.Event()
    steps = train_steps(behaving(request_, "endless", stop=stop))
    until(steps, "training", 2)
    stop.set()
    _, folder = run(steps)
    card = AdapterCard.read(folder)
    assert card.curve[-1].step < 100_000
    assert card.scores is not None


def test_a_cancelled_training_leaves_nothing(request_: TrainingRequest) -> None:
    with closing(train_steps(behaving(request_, "endless"))) as steps:
        progress = until(steps, "training", 2)
        assert progress.seconds_left is not None
    assert left_in(request_.out.parent) == []


def test_progress_goes_on_while_the_model_says_nothing(request_: TrainingRequest) -> None:
    with closing(train_steps(behaving(request_, "slow to load"))) as steps:
        seen = [next(steps) for _ in range(4)]
        assert {progress.phase for progress in seen} == {"loading"}
    assert left_in(request_.out.parent) == []


def test_a_killed_process_is_an_error_in_one_line_and_leaves_nothing(request_: TrainingRequest) -> None:
    with pytest.raises(PlaygroundError, match="killed, most likely because memory ran out") as caught:
        run(train_steps(behaving(request_, "killed")))
    assert "\n" not in str(caught.value)
    assert left_in(request_.out.parent) == []


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("exits", "broke off with exit status 3 (last words: that was it)"),
        ("crashes", "the training failed: RuntimeError: shapes differ"),
        ("refuses", "choose another model"),
        ("out of memory", "memory ran out"),
    ],
)
def test_a_failed_training_says_why_and_leaves_nothing(
    request_: TrainingRequest, what: str, message: str
) -> None:
    with pytest.raises(PlaygroundError) as caught:
        run(train_steps(behaving(request_, what)))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    assert left_in(request_.out.parent) == []


def test_a_killed_app_leaves_nothing_and_its_training_ends(request_: TrainingRequest) -> None:
    app = subprocess.Popen([sys.executable, "-c", ENDLESS_APP, str(request_.out)], stdout=subprocess.PIPE)
    assert app.stdout is not None
    assert app.stdout.readline() == b"training\n"
    (unfinished,) = request_.out.parent.iterdir()
    pid = int((unfinished / "pid").read_text())
    app.kill()
    app.wait()
    app.stdout.close()
    deadline = time.monotonic() + 20
    while (unfinished.exists() or is_alive(pid)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left_in(request_.out.parent) == []
    assert not is_alive(pid)


def test_a_folder_that_holds_something_is_refused(request_: TrainingRequest) -> None:
    request_.out.mkdir(parents=True)
    (request_.out / "thesis.txt").write_text("dear")
    with pytest.raises(InputError, match="is not an empty folder"):
        next(train_steps(request_))
    assert left_in(request_.out) == ["thesis.txt"]


def test_an_empty_folder_is_taken(request_: TrainingRequest) -> None:
    request_.out.mkdir(parents=True)
    _, folder = run(train_steps(request_))
    assert AdapterCard.read(folder).name == "Loud"


def test_no_examples_are_an_error(request_: TrainingRequest) -> None:
    with pytest.raises(InputError, match="no example to learn from"):
        next(train_steps(replace(request_, examples=[])))


def test_what_a_power_cut_left_is_swept_a_day_later(request_: TrainingRequest) -> None:
    old, young = (request_.out.parent / f".{name}-x{training.UNFINISHED}" for name in ("old", "young"))
    for folder in (old, young):
        folder.mkdir(parents=True)
    two_days_ago = time.time() - 2 * 24 * 60 * 60
    os.utime(old, (two_days_ago, two_days_ago))
    run(train_steps(request_))
    assert left_in(request_.out.parent) == [young.name, "loud"]


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux has this class, others are asked nicely")
def test_in_the_background_a_training_steps_back(request_: TrainingRequest) -> None:
    seen = []
    for background in (False, True):
        out = request_.out.with_name(f"background-{background}")
        _, folder = run(train_steps(behaving(request_, "tells", background=background, out=out)))
        seen.append(json.loads(read_rows(folder)[0].after))
    foreground, background_ = seen
    assert (background_["idle"], foreground["idle"]) == (True, False)
    assert background_["wait"] == "PASSIVE"
    assert background_["threads"] == str(max(1, training.cores() // 2))
    assert foreground["wait"] == os.environ.get("OMP_WAIT_POLICY")
    assert (background_["hub"], foreground["hub"]) == ("1", "1")


def test_one_accelerator_at_most_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "2,3")
    assert environment(False)["CUDA_VISIBLE_DEVICES"] == "2"
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert environment(False)["CUDA_VISIBLE_DEVICES"] == ""


def test_a_long_curve_is_thinned_evenly_and_keeps_what_was_measured() -> None:
    curve: list[CurvePoint] = []
    for step in range(1, 1001):
        curve = thinned([*curve, CurvePoint(step, 1.0, 0.5 if step % 300 == 0 else None)], 100)
    assert len(curve) <= 100
    steps = [point.step for point in curve]
    assert steps == sorted(set(steps))
    assert {1, 300, 600, 900, 1000} <= set(steps)
    assert max(second - first for first, second in pairwise(steps)) <= 32


# The estimate


def test_rounds_count_where_no_steps_are_given() -> None:
    assert steps_of(TrainingSettings(steps=7), 1000) == 7
    assert steps_of(TrainingSettings(steps=0, rounds=3, batch=4), 10) == 9


def test_before_the_first_training_the_time_is_a_guess(home: Path) -> None:
    guess = estimate(TrainingSettings(), EXAMPLES * 100, home=home)
    assert guess is not None
    assert not guess.measured
    assert 10 < guess.seconds < 600
    assert 900_000_000 < guess.memory_bytes < 4_000_000_000
    more = estimate(TrainingSettings(steps=240), EXAMPLES * 100, home=home)
    assert more is not None
    assert more.seconds > guess.seconds


def test_afterwards_it_is_what_was_measured(request_: TrainingRequest, home: Path) -> None:
    run(train_steps(request_))
    (speed,) = json.loads((home / SPEED_FILE).read_text()).values()
    assert 0 < speed["characters_per_second"] < 10_000
    known = estimate(SETTINGS, EXAMPLES, home=home)
    assert known is not None
    assert known.measured
    # 4 steps of 2 examples of 11.66 characters, one of 6 held out and asked twice, and 10 seconds to load.
    characters = 8 * sum(len(each.input) + len(each.output) for each in EXAMPLES) / 6
    seconds = 10 + characters / speed["characters_per_second"] + 2 * speed["seconds_per_answer"]
    assert known.seconds == pytest.approx(seconds)
    in_background = estimate(SETTINGS, EXAMPLES, background=True, home=home)
    assert in_background is not None
    assert not in_background.measured


def test_a_damaged_speed_is_measured_anew(request_: TrainingRequest, home: Path) -> None:
    home.mkdir()
    (home / SPEED_FILE).write_text("[")
    run(train_steps(request_))
    assert len(json.loads((home / SPEED_FILE).read_text())) == 1


def test_a_model_that_is_not_here_has_no_estimate(home: Path) -> None:
    for name in ("nobody/nothing", "/no/such/folder", "not a name"):
        assert estimate(TrainingSettings("local_model", name), EXAMPLES, home=home) is None
    assert estimate(TrainingSettings(), [], home=home) is None
