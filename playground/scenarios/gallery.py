"""The sample scenarios: documents, labelled questions, training examples, and what articles say of the task.

A scenario is a folder of sample_docs with scenario.toml in it. This module does not know what is measured on
one, nor how it comes into a library.
"""

import tomllib
from collections.abc import Mapping, Set
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from playground.decision.verdict import Approach
from playground.evaluation.formats import FormatCheck
from playground.folders import folder_files
from playground.paths import sample_docs_folder


@dataclass(frozen=True)
class Change:
    """A fact that changes: in the evidence of the question with this id, `old` becomes `new`, which is then
    the right answer."""

    question: str
    old: str
    new: str


@dataclass(frozen=True)
class Trials:
    """What to try on the documents, each by the id of a labelled question: whose fact changes, whose document
    is deleted, whose document not everybody may see."""

    change: Change | None = None
    removal: str = ""
    restricted: str = ""


@dataclass(frozen=True)
class Scenario:
    """Sample documents with questions and examples. `usually` is what articles recommend for such a task, and
    `why`; `answers` are those to the questionnaire; `presets` are settings to start from, by name, the first
    of which the stored run was made with; `readers` say who may see a document, by its name, where not
    everybody may. `format` is what answers have to look like."""

    folder: Path
    title: str
    task: str
    description: str
    usually: Approach
    why: str
    sample_questions: tuple[str, ...]
    answers: Mapping[str, str] = field(default_factory=dict, hash=False)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, hash=False)
    readers: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    trials: Trials = Trials()
    format: FormatCheck | None = None

    @property
    def key(self) -> str:
        """The folder's name."""
        return self.folder.name

    @property
    def documents(self) -> Path:
        return self.folder / "documents"

    @property
    def questions(self) -> Path:
        return self.folder / "questions.jsonl"

    @property
    def examples(self) -> Path:
        return self.folder / "examples.jsonl"

    @cached_property
    def file_names(self) -> frozenset[str]:
        """The names that the documents have in the library."""
        return frozenset(folder_files(self.documents))


@lru_cache(maxsize=1)
def scenarios() -> Mapping[str, Scenario]:
    """The sample scenarios by folder name; the handbook is the first."""
    found = [
        _read(path)
        for path in sorted(
            sample_docs_folder().glob("*/scenario.toml"),
            key=lambda path: (path.parent.name != "handbook", path),
        )
    ]
    return {each.key: each for each in found}


def open_scenarios(names: Set[str]) -> dict[str, Scenario]:
    """Those whose documents all are in a library, whose documents have these `names`, by folder name."""
    return {key: each for key, each in scenarios().items() if each.file_names <= names}


def _read(path: Path) -> Scenario:
    values = tomllib.loads(path.read_text(encoding="utf-8"))
    trials = values.get("trials", {})
    change = Change(**trials["change"]) if "change" in trials else None
    form = values.get("format")
    return Scenario(
        path.parent,
        values["title"],
        values["task"],
        values["description"],
        values["usually"],
        values["why"],
        tuple(values["sample_questions"]),
        values.get("answers", {}),
        values.get("presets", {}),
        {name: tuple(readers) for name, readers in values.get("readers", {}).items()},
        Trials(change, trials.get("removal", ""), trials.get("restricted", "")),
        FormatCheck(form["kind"], form["text"]) if form else None,
    )
