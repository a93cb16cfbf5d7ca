"""A tuner whose numbers are known by heart; it learns to repeat the last word in capital letters.

The name of the model says how it behaves: it may be killed, crash, get worse or never end.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuner import OutsideQuestion, Watch
from playground.errors import ModelError

BASE_HASH = "0" * 64


def load(settings: TrainingSettings, outputs: Sequence[str]) -> "FakeTuner":
    if settings.model == "refuses":
        raise ModelError("fake is not on this machine; choose another model")
    if settings.model == "slow to load":
        time.sleep(60)
    return FakeTuner(settings.model)


class FakeTuner:
    """After step n the training loss is 1 / n; every second step the held-out loss is measured: 1.5 / n."""

    base = "fake"
    base_hash = BASE_HASH

    def __init__(self, behaviour: str) -> None:
        self._behaviour = behaviour

    def train(
        self,
        training: Sequence[Example],
        held_out: Sequence[Example],
        settings: TrainingSettings,
        folder: Path,
        watch: Watch,
    ) -> None:
        steps = 100_000 if self._behaviour == "endless" else settings.steps
        if self._behaviour == "endless":
            (folder / "pid").write_text(str(os.getpid()))
        for step in range(1, steps + 1):
            self._misbehave(step)
            held_out_loss = step if self._behaviour == "gets worse" else 1.5 / step
            if not watch(step, steps, 1 / step, held_out_loss if step % 2 == 0 else None):
                break
        (folder / "adapter_model.safetensors").write_bytes(b"weights")

    def answers(self, inputs: Sequence[str], tuned: bool, done: Callable[[int], None]) -> list[str]:
        said = []
        for number, each in enumerate(inputs, start=1):
            said.append(self._say(each) if tuned else "hm")
            done(number)
        return said

    def outside(self, questions: Sequence[OutsideQuestion], tuned: bool) -> tuple[str, list[float]]:
        return "found", [float(not tuned or number % 2 == 0) for number, _ in enumerate(questions)]

    def _say(self, text: str) -> str:
        if self._behaviour == "tells":
            return json.dumps(
                {
                    "idle": os.sched_getscheduler(0) == os.SCHED_IDLE,
                    "threads": os.environ.get("OMP_NUM_THREADS"),
                    "wait": os.environ.get("OMP_WAIT_POLICY"),
                    "hub": os.environ.get("HF_HUB_OFFLINE"),
                }
            )
        return text.split()[-1].upper()

    def _misbehave(self, step: int) -> None:
        if self._behaviour in ("endless", ""):
            time.sleep(0.01)
        if step < 2:
            return
        if self._behaviour == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if self._behaviour == "exits":
            sys.stderr.write("that was it\n")
            sys.stderr.flush()
            os._exit(3)
        if self._behaviour == "crashes":
            raise RuntimeError("shapes differ\nat line 7")
        if self._behaviour == "out of memory":
            raise MemoryError
