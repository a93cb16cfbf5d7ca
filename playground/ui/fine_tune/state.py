"""What a session is about to train: the examples, the settings, the adapter's name. Kept across pages.

The draft's values are the truth; the widgets follow them. Settings may stand, one after another, at a
combination that cannot work; then the draft says why. Nothing is drawn here.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from playground import settings as environment
from playground.adapters.card import Kind
from playground.adapters.example_checks import ExamplesReport, Line, check, overlap_line, overlap_with
from playground.adapters.examples import Example, ExampleFile, examples_from_questions, parse_examples
from playground.adapters.settings import TrainingSettings, defaults_for_language_model
from playground.adapters.splitting import Split, split
from playground.documents import Document
from playground.embedding import builtin_model_folder
from playground.engines.downloads import SUGGESTED
from playground.errors import ConfigError, ModelError
from playground.model_loading import model_folder
from playground.questions.lookup import LabelledQuestion, parse_questions
from playground.ui.fine_tune.job import RunStep, training_job

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True)
class ExampleSource:
    """Examples with the name of the file that they came from. `questions` are the labelled questions that
    they were made of, where they were."""

    name: str
    file: ExampleFile
    questions: tuple[LabelledQuestion, ...] = ()


@dataclass(frozen=True)
class Prepared:
    """Examples that were checked and split. `lines` say what the checks found."""

    report: ExamplesReport
    split: Split
    lines: tuple[Line, ...]


@dataclass
class Draft:
    """`values` are the training settings as they stand, `left` those of the kind that is not chosen now.
    `name` is empty until the person gives one. `problem` is one line on the last file that could not be
    used."""

    source: ExampleSource | None = None
    name: str = ""
    problem: str = ""
    values: dict[str, Any] = field(default_factory=lambda: TrainingSettings().as_dict())
    left: dict[Kind, dict[str, Any]] = field(default_factory=dict)
    uploads: int = 0
    _prepared: tuple[Any, Prepared] | None = None

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
        """Train on these from now on."""
        self.source, self.problem = source, ""

    def prepared(self, questions: Sequence[str] = ()) -> Prepared | None:
        """The examples checked and split, with what they share with a set of `questions`; None without any.
        Done again only where something has changed that counts."""
        if self.source is None:
            return None
        chosen = {name: self.values[name] for name in ("kind", "model", "max_tokens", "held_out", "seed")}
        count = token_counter(self.values["kind"], self.values["model"])
        key = (self.source, chosen, tuple(questions), count is None)
        if self._prepared is None or self._prepared[0] != key:
            self._prepared = key, self._prepare(self.source, questions, count)
        return self._prepared[1]

    def _prepare(
        self, source: ExampleSource, questions: Sequence[str], count: Callable[[Example], int] | None
    ) -> Prepared:
        values = self.values
        report = check(source.file, count, values["max_tokens"])
        parts = split(report.usable, values["held_out"], values["seed"])
        lines = list(report.lines)
        if questions:
            lines.insert(0, overlap_line(overlap_with(report, questions)))
        if parts.near_duplicates:
            lines.append(("ok", f"{parts.near_duplicates} near-duplicates stay on one side of the split"))
        lines.sort(key=lambda line: ("ok", "warning", "error").index(line[0]))
        return Prepared(report, parts, tuple(lines))

    def name_besides(self, taken: Collection[str]) -> str:
        """The adapter's name: the given one, else after the examples, with a version where that is taken."""
        if self.name or self.source is None:
            return self.name
        plain = proposed_name(self.source.name)
        versions = (f"{plain} v{number}" for number in range(2, len(taken) + 3))
        return plain if plain not in taken else next(each for each in versions if each not in taken)

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
    return " ".join(stem.replace("_", " ").replace("-", " ").split())[:60] or "adapter"


def read_source(name: str, content: bytes, documents: Callable[[], Mapping[str, Document]]) -> ExampleSource:
    """Examples, or labelled questions whose evidence stands in `documents` (by name): what the file holds
    decides. Raises InputError, in one line, for what is neither."""
    if not holds_questions(content):
        return ExampleSource(name, parse_examples(name, content))
    questions = parse_questions(name, content.decode("utf-8-sig", "replace"))
    examples = examples_from_questions(questions, documents())
    return ExampleSource(name, ExampleFile(tuple(examples)), tuple(questions))


def holds_questions(content: bytes) -> bool:
    """Whether the first line is a labelled question and no example."""
    lines = content.decode("utf-8-sig", "replace").lstrip().splitlines()
    try:
        first = json.loads(lines[0]) if lines else None
    except (ValueError, RecursionError):
        return False
    return isinstance(first, dict) and "question" in first and not {"input", "messages"} & first.keys()


def token_counter(kind: Kind, model: str) -> Callable[[Example], int] | None:
    """How many tokens an example has for what is trained, without what a chat template puts around it; None
    where its tokenizer is not here. Loads no model."""
    try:
        folder = builtin_model_folder() if kind == "extractive" else model_folder(model)
    except ModelError:
        return None
    path = folder / "tokenizer.json" if folder else None
    if path is None or not path.is_file():
        return None
    tokenizer = _tokenizer(path)

    def count(example: Example) -> int:
        pair = (tokenizer.encode(text, add_special_tokens=False) for text in (example.input, example.output))
        return sum(len(each.ids) for each in pair)

    return count


@lru_cache(maxsize=4)
def _tokenizer(path: Path) -> "Tokenizer":
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


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
