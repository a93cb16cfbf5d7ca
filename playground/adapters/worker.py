"""The other process: trains one adapter, says how far it is, and writes everything into one folder.

It is started as `python -m playground.adapters.worker` by `playground.adapters.training`, gets the request
over its standard input and answers over its standard output. When its input closes, whoever wanted the
adapter is gone: it deletes what it wrote and ends. It does not know what tunes the model, only the `Tuner`.
"""

import contextlib
import os
import shutil
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from playground.adapters import scoring
from playground.adapters.card import AdapterCard, CurvePoint
from playground.adapters.examples import Example, examples_hash, labelled
from playground.adapters.seen import write_learned_inputs
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuner import OutsideQuestion, Tuner
from playground.errors import PlaygroundError
from playground.reading.frames import receive_message, send_message

LoadTuner = Callable[[TrainingSettings, Sequence[str]], Tuner]
"""(settings, outputs of the examples to learn from) -> what is tuned, loaded."""

Say = Callable[[dict[str, Any]], None]
_CURVE_POINTS = 500
_SECONDS_BETWEEN_MESSAGES = 0.2


def main(load: LoadTuner | None = None) -> None:
    """Train what is asked for, and end."""
    requests, replies = take_over_pipes()
    request = receive_message(requests)
    if request is None:
        return
    job = _Job.from_message(request)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started this, whose end is noticed
    threading.Thread(target=_listen, args=(requests, job), daemon=True).start()

    def say(message: dict[str, Any]) -> None:
        try:
            send_message(replies, message)
        except OSError:  # nobody listens any more
            _vanish(job.folder)

    try:
        if job.background:
            _step_back()
        say({"done": train(job, load or load_tuner, say)})
    except PlaygroundError as error:
        say({"reason": str(error)})
    except MemoryError:
        say({"reason": "memory ran out; choose a smaller batch, shorter examples or a smaller model"})
    except Exception as error:  # libraries raise anything at all; the last words of a crash say less
        traceback.print_exc()
        say({"reason": f"the training failed: {_one_line(error)}"})
    sys.stderr.flush()
    os._exit(0)  # a thread still reads standard input, which an orderly end of Python would trip over


def _step_back() -> None:
    """Run on what others leave over: who asks a question beside a training has both cores at once."""
    if hasattr(os, "SCHED_IDLE"):
        with contextlib.suppress(OSError):  # containers may forbid it
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
            return
    if hasattr(os, "nice"):
        os.nice(19)


@dataclass
class _Job:
    name: str
    examples: list[Example]
    held_out: list[Example]
    settings: TrainingSettings
    outside: list[OutsideQuestion]
    folder: Path
    background: bool
    stop: threading.Event = field(default_factory=threading.Event)

    @classmethod
    def from_message(cls, message: dict[str, Any]) -> "_Job":
        return cls(
            message["name"],
            [Example(**each) for each in message["examples"]],
            [Example(**each) for each in message["held_out"]],
            TrainingSettings(**message["settings"]),
            [OutsideQuestion(**each | {"answers": tuple(each["answers"])}) for each in message["outside"]],
            Path(message["folder"]),
            message["background"],
        )


def load_tuner(settings: TrainingSettings, outputs: Sequence[str]) -> Tuner:
    """The base model of a training. Raises ModelError where it is not on this machine."""
    if settings.kind == "local_model":
        from playground.adapters.tune_language_model import LanguageModelTuner

        return LanguageModelTuner(settings.model, outputs)

    from playground.adapters.tune_encoder import EncoderTuner

    return EncoderTuner(outputs)


def train(job: _Job, load: LoadTuner, say: Say) -> dict[str, Any]:
    """All phases; what comes back is what the time of the next training can be estimated from."""
    began = time.monotonic()
    reporter = _Reporter(job.settings, job.stop, say)
    reporter.phase("loading", 0)
    tuner = load(job.settings, [example.output for example in job.examples])
    inputs = [example.input for example in job.held_out]

    reporter.phase("scoring before", len(inputs))
    before = tuner.answers(inputs, False, reporter.answered)
    outside_before = _outside(tuner, job.outside, False)
    scoring_seconds = reporter.in_phase

    reporter.phase("training", 0, afterwards=scoring_seconds)
    tuner.train(job.examples, job.held_out, job.settings, job.folder, reporter.watch)
    training_seconds = reporter.in_phase

    card = _card(job, tuner, reporter, began)
    learned = [example.input for example in (*job.examples, *job.held_out)]
    write_learned_inputs(job.folder, learned)
    card.write(job.folder)  # scored as everybody will use it: no adapter is switched on without its card
    reporter.phase("scoring after", len(inputs))
    after = tuner.answers(inputs, True, reporter.answered)
    outside_after = _outside(tuner, job.outside, True)
    scoring_seconds += reporter.in_phase

    rows = scoring.score_rows(job.held_out, before, after, card.labelled)
    scoring.write_rows(job.folder, rows)
    replace(
        card,
        seconds=round(time.monotonic() - began, 1),
        scores=scoring.summarise(rows, card.labelled),
        forgetting=scoring.forgetting(outside_before[0], outside_before[1], outside_after[1]),
    ).write(job.folder)
    return {
        "steps": reporter.step,
        "training_seconds": training_seconds,
        "scoring_seconds": scoring_seconds,
        "characters": _mean_characters(job.examples),
        "batch": min(job.settings.batch, len(job.examples)),
        "answers": 2 * len(inputs),
    }


class _Reporter:
    """Says how far the training is, keeps its curve, and knows when to end it."""

    def __init__(self, settings: TrainingSettings, stop: threading.Event, say: Say) -> None:
        self.curve: list[CurvePoint] = []
        self.step = 0
        self.best_step: int | None = None
        self._settings = settings
        self._stop = stop
        self._say = say
        self._best_loss = float("inf")
        self._worse = 0
        self._phase = ""
        self._steps = 0
        self._began = self._said = 0.0
        self._afterwards = 0.0

    @property
    def in_phase(self) -> float:
        """Seconds since this phase began."""
        return time.monotonic() - self._began

    def phase(self, name: str, steps: int, afterwards: float = 0.0) -> None:
        """`afterwards` is how many seconds the phases behind this one will take."""
        self._phase, self._steps, self._afterwards = name, steps, afterwards
        self._began = time.monotonic()
        self._report(0, True)

    def answered(self, count: int) -> None:
        self._report(count, count == self._steps)

    def watch(self, step: int, steps: int, training_loss: float | None, held_out_loss: float | None) -> bool:
        """The `Watch` of a tuner."""
        self.step, self._steps = step, steps
        if self.curve and self.curve[-1].step == step:  # the losses of one step may come one by one
            known = self.curve.pop()
            training_loss = known.training_loss if training_loss is None else training_loss
            held_out_loss = known.held_out_loss if held_out_loss is None else held_out_loss
        self.curve.append(CurvePoint(step, training_loss, held_out_loss))
        self.curve = thinned(self.curve, _CURVE_POINTS)
        go_on = self._still_learning(step, held_out_loss) and not self._stop.is_set()
        self._report(step, held_out_loss is not None or step == steps or not go_on)
        return go_on

    def _still_learning(self, step: int, held_out_loss: float | None) -> bool:
        if held_out_loss is None:
            return True
        if held_out_loss < self._best_loss:
            self._best_loss, self.best_step, self._worse = held_out_loss, step, 0
        elif step != self.best_step:
            self._worse += 1
        return not self._settings.early_stop or self._worse < self._settings.patience

    def _report(self, step: int, at_once: bool) -> None:
        now = time.monotonic()
        if not at_once and now - self._said < _SECONDS_BETWEEN_MESSAGES:
            return
        self._said = now
        left = None
        if step and self._steps:
            left = self.in_phase / step * (self._steps - step) + self._afterwards
        self._say(
            {
                "phase": self._phase,
                "step": step,
                "steps": self._steps,
                "seconds_left": left,
                "curve": [asdict(point) for point in self.curve],
                "best_step": self.best_step,
            }
        )


def thinned(curve: list[CurvePoint], most: int) -> list[CurvePoint]:
    """The curve itself while it has at most `most` points; of a longer one every second, fourth, eighth ...
    step, so that half of `most` is left. The first and the last point and all with a held-out loss stay."""
    if len(curve) <= most:
        return curve
    stride, kept = 1, curve
    while len(kept) > most // 2 and stride < curve[-1].step:
        stride *= 2
        kept = [
            point
            for point in curve
            if point.step % stride == 0 or point.held_out_loss is not None or point in (curve[0], curve[-1])
        ]
    return kept


def _outside(tuner: Tuner, questions: Sequence[OutsideQuestion], tuned: bool) -> tuple[str, list[float]]:
    return tuner.outside(questions, tuned) if questions else ("", [])


def _card(job: _Job, tuner: Tuner, reporter: _Reporter, began: float) -> AdapterCard:
    everything = [*job.examples, *job.held_out]
    return AdapterCard(
        name=job.name,
        kind=job.settings.kind,
        base=tuner.base,
        base_hash=tuner.base_hash,
        examples=len(job.examples),
        held_out=len(job.held_out),
        examples_hash=examples_hash(everything),
        labelled=labelled(everything),
        settings=job.settings.as_dict(),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        seconds=round(time.monotonic() - began, 1),
        curve=tuple(reporter.curve),
    )


def _mean_characters(examples: Sequence[Example]) -> float:
    return sum(len(example.input) + len(example.output) for example in examples) / len(examples)


def _listen(requests: BinaryIO, job: _Job) -> None:
    """Hear that the training is to stop, or that nobody wants it any more."""
    while (message := receive_message(requests)) is not None:
        if message.get("stop"):
            job.stop.set()
    _vanish(job.folder)


def _vanish(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os._exit(1)


def _one_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}"[:300] if lines else type(error).__name__


def take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the messages alone; what libraries print goes to standard error, where
    the last words of a crash are looked for."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    with contextlib.suppress(AttributeError, OSError):
        import faulthandler

        faulthandler.enable()
    return sys.stdin.buffer, replies


if __name__ == "__main__":
    main()
