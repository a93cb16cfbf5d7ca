"""A scenario made ready in a data home: documents read and indexed, the adapter trained, the questions asked.

What the app's button does, and what every stored run is made of. This module does not know what is done with
it.
"""

import shutil
from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playground.adapters.examples import examples_hash, read_examples
from playground.adapters.kept_examples import keep_examples, kept_examples
from playground.adapters.registry import AdapterLibrary
from playground.adapters.settings import TrainingSettings
from playground.adapters.splitting import split
from playground.adapters.training import TrainingRequest, train_steps
from playground.adapters.training_sets import keep_training_set
from playground.config import DEFAULT, PipelineConfig
from playground.decision.matrix import matrix_plan
from playground.evaluation.running import begin, run_steps
from playground.intake import take_in
from playground.questions.lookup import load_questions
from playground.scenarios.gallery import Scenario
from playground.steps import Step
from playground.workspace import Workspace

TRAINING = TrainingSettings(rounds=8, learn_held_out=True)
"""With which the adapters of all scenarios are trained: short, and on all examples once they were scored."""


@dataclass(frozen=True)
class Prepared:
    """What is there now: the settings of its first preset, the adapter's id, and the id of the run."""

    config: PipelineConfig
    adapter: str
    run: str


def prepare_steps(workspace: Workspace, scenario: Scenario) -> Generator[Step, None, Prepared]:
    """Make everything ready; what is there already from before is used again. Raises InputError for a
    document that cannot be read."""
    yield from take_in_steps(workspace, scenario)
    config = config_of(scenario, workspace.home)
    for progress in workspace.index_steps(config):
        yield Step("indexing", progress.done, progress.total)
    adapter = yield from _trained(workspace, scenario)
    questions = load_questions(scenario.questions)
    plan = matrix_plan(scenario.title, questions, config, adapter, scenario.format)
    run = begin(workspace, plan, f"{scenario.title}: four approaches")
    for asked in run_steps(workspace, run):
        yield Step("asking the questions", asked.done, asked.total)
    return Prepared(config, adapter, run)


def take_in_steps(workspace: Workspace, scenario: Scenario) -> Generator[Step]:
    """Read the documents into the library, with who may see them."""
    files = sorted(scenario.file_names)
    paths = ((name, scenario.documents / name) for name in files)
    for done, intake in enumerate(take_in(workspace, paths, scenario.readers)):
        yield Step(f"reading {intake.name}", done, len(files))


def config_of(scenario: Scenario, home: Path, preset: str = "") -> PipelineConfig:
    """The settings of a preset, by default the first. Labelled examples that it names are kept in the home,
    and named as they are there."""
    values: Mapping[str, Any] = scenario.presets[preset or next(iter(scenario.presets))]
    if "engine.examples" not in values:
        return DEFAULT.with_values(values)
    examples = read_examples(scenario.folder / values["engine.examples"]).examples
    parts = split(examples, TRAINING.held_out, TRAINING.seed)
    all_examples = [*parts.training, *parts.held_out]  # in the order in which the adapter's card counts them
    keep_examples(home, scenario.key, all_examples, ())
    return DEFAULT.with_values(
        {**values, "engine.examples": kept_examples(home, examples_hash(all_examples))}
    )


def _trained(workspace: Workspace, scenario: Scenario) -> Generator[Step, None, str]:
    """The id of the scenario's adapter; one that was trained with the same examples before is taken."""
    library = AdapterLibrary(workspace.home)
    examples = read_examples(scenario.examples).examples
    parts = split(examples, TRAINING.held_out, TRAINING.seed)
    wanted = examples_hash([*parts.training, *parts.held_out]), TRAINING.as_dict()
    for entry in library.entries():
        if (entry.card.examples_hash, entry.card.settings) == wanted:
            return entry.id
    folder = library.new_folder(scenario.title)
    request = TrainingRequest(scenario.title, parts.training, parts.held_out, TRAINING, folder)
    try:
        with closing(train_steps(request)) as steps:
            for progress in steps:
                yield Step("training the adapter", progress.step, progress.steps)
        adapter = library.keep(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    keep_training_set(workspace.home, parts.training, parts.held_out)
    return adapter
