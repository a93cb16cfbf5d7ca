"""What a session is about to train: the examples, the settings, the adapter's name. Kept across pages.

The draft's values are the truth; the widgets follow them. Settings may stand, one after another, at a
combination that cannot work; then the draft says why. Nothing is drawn here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from playground import settings as environment
from playground.adapters.card import Kind
from playground.adapters.examples import Example, ExampleFile, examples_from_questions, parse_examples
from playground.adapters.settings import TrainingSettings, defaults_for_language_model
from playground.documents import Document
from playground.engines.downloads import SUGGESTED
from playground.errors import ConfigError
from playground.evaluation.questions import LabelledQuestion, parse_questions
from playground.ui.fine_tune_job import RunStep, training_job


@dataclass(frozen=True)
class ExampleSource:
    """Examples with the name of the file that they came from. `questions` are the labelled questions that
    they were made of, where they were."""

    name: str
    file: ExampleFile
    questions: tuple[LabelledQuestion, ...] = ()


@dataclass
class Draft:
    """`values` are the training settings as they stand, `left` those of the kind that is not chosen now.
    `problem` is one line on the last file that could not be used."""

    source: ExampleSource | None = None
    name: str = ""
    problem: str = ""
    values: dict[str, Any] = field(default_factory=lambda: TrainingSettings().as_dict())
    left: dict[Kind, dict[str, Any]] = field(default_factory=dict)
    uploads: int = 0

    @property
    def settings(self) -> TrainingSettings:
        """Raises ConfigError where the values cannot work together."""
        return TrainingSettings(**self.values)

    @property
    def settings_problem(self) -> str:
        """Why the values cannot work, or ""."""
        try:
            _ = self.settings
        except ConfigError as error:
            return str(error)
        return ""

    def choose_kind(self, kind: Kind) -> None:
        """Tune something else: its own settings come back, or good defaults; the held-out share stays."""
        if kind == self.values["kind"]:
            return
        self.left[self.values["kind"]] = dict(self.values)
        fresh = TrainingSettings() if kind == "extractive" else _fresh_language_model()
        values = self.left.get(kind) or fresh.as_dict()
        self.values = {**values, "held_out": self.values["held_out"]}

    def set_source(self, source: ExampleSource) -> None:
        """Train on these from now on; the adapter is named after them until it is named otherwise."""
        if not self.name or (self.source and self.name == proposed_name(self.source.name)):
            self.name = proposed_name(source.name)
        self.source, self.problem = source, ""

    def refuse(self, reason: str) -> None:
        """The last file could not be used; the examples from before stay."""
        self.problem = reason


def draft() -> Draft:
    """The session's draft. A session that begins while something is being trained begins with that: after a
    reload of the page the cards say what the curve is of."""
    if "fine_tune_draft" not in st.session_state:
        st.session_state["fine_tune_draft"] = _from_running() or Draft()
    current: Draft = st.session_state["fine_tune_draft"]
    return current


def proposed_name(file_name: str) -> str:
    """ "support_tone.jsonl" as "support tone"."""
    stem = file_name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return " ".join(stem.replace("_", " ").replace("-", " ").split())[:60]


def read_source(name: str, content: bytes, documents: Mapping[str, Document]) -> ExampleSource:
    """Examples, or labelled questions whose evidence stands in `documents` (by name): what the file holds
    decides. Raises InputError, in one line, for what is neither."""
    if not holds_questions(content):
        return ExampleSource(name, parse_examples(name, content))
    questions = parse_questions(name, content.decode("utf-8-sig", "replace"))
    examples = examples_from_questions(questions, documents)
    return ExampleSource(name, ExampleFile(tuple(examples)), tuple(questions))


def holds_questions(content: bytes) -> bool:
    """Whether the first line is a labelled question and no example."""
    lines = content.decode("utf-8-sig", "replace").lstrip().splitlines()
    try:
        first = json.loads(lines[0]) if lines else None
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "question" in first and not {"input", "messages"} & first.keys()


def _fresh_language_model() -> TrainingSettings:
    return defaults_for_language_model(environment.local_model() or SUGGESTED)


def _from_running() -> Draft | None:
    job = training_job()
    if job is None or not job.active or not isinstance(job.progress, RunStep):
        return None
    run = job.progress.run
    examples: list[Example] = [*run.request.examples, *run.request.held_out]
    ordered = tuple(sorted(examples, key=lambda example: example.line))
    source = ExampleSource(run.source, ExampleFile(ordered))
    return Draft(source, run.name, values=run.request.settings.as_dict())

