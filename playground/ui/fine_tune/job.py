"""A training in the background: the job, what it is about, and what becomes of the adapter that it leaves.

One training at a time for all sessions, in a queue of its own, so that neither indexing nor a download waits
for it. Nothing is drawn here.
"""

import shutil
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from playground.adapters.card import CurvePoint
from playground.adapters.kept_examples import keep_examples
from playground.adapters.progress import TrainingProgress
from playground.adapters.registry import AdapterLibrary
from playground.adapters.training import TrainingRequest, train_steps
from playground.adapters.training_sets import keep_training_set
from playground.jobs import Job
from playground.ui import resources

KEY = "training"


@dataclass
class TrainingRun:
    """What is being trained. `source` names the examples, `labelled` says that their outputs are labels;
    `adapter` is the id in the library, empty until it is kept there."""

    request: TrainingRequest
    source: str
    labelled: bool
    adapter: str = ""

    @property
    def name(self) -> str:
        return self.request.name

    @property
    def steps_a_round(self) -> int:
        """Optimiser steps that it takes to see every example once."""
        return -(-len(self.request.examples) // self.request.settings.batch)

    @property
    def stopping(self) -> bool:
        """Told to end early and to keep the best."""
        return self.request.stop.is_set()


@dataclass(frozen=True)
class RunStep:
    """The job's progress: which run it is, and how far."""

    run: TrainingRun
    progress: TrainingProgress


def start_training(run: TrainingRun) -> Job:
    """Train in the background and keep what comes of it; while a training runs, that one is returned."""
    steps = partial(run_steps, run, resources.adapters(), resources.workspace().home)
    return resources.trainings().start(KEY, f"Training {run.name}", steps)


def training_job() -> Job | None:
    """The training that runs, or the last one since the server was started."""
    return resources.trainings().get(KEY)


def run_steps(run: TrainingRun, library: AdapterLibrary, home: Path) -> Generator[RunStep, None, None]:
    """Train into a folder that nobody sees before it is whole, then take it into the library."""
    yield RunStep(run, TrainingProgress("loading"))
    folder = library.new_folder(run.name)
    try:
        with closing(train_steps(replace(run.request, out=folder))) as steps:
            for progress in steps:
                yield RunStep(run, progress)
        if run.labelled:
            keep_examples(home, run.source, run.request.examples, run.request.held_out)
        run.adapter = library.keep(folder)
        keep_training_set(home, run.request.examples, run.request.held_out)
    finally:
        if not run.adapter:
            shutil.rmtree(folder, ignore_errors=True)


def lowest(curve: tuple[CurvePoint, ...]) -> CurvePoint | None:
    """The point with the lowest held-out loss, the first of them; None before one is measured."""
    measured = [point for point in curve if point.held_out_loss is not None]
    return min(measured, key=lambda point: point.held_out_loss or 0.0, default=None)
