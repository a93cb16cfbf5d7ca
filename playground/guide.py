"""The guide of a first visit: five steps that follow what a person does, and the pages where they are done.

What was done is seen in the data home. Only which steps were passed over, and that the guide was left, is
kept, in a small file. This module does not know how the guide is drawn.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Self

from playground.adapters.registry import AdapterLibrary
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace

FILE = "guide.json"


@dataclass(frozen=True)
class Facts:
    """How many of each the data home holds; `own_documents` are those that came with no sample."""

    documents: int = 0
    own_documents: int = 0
    questions: int = 0
    runs: int = 0
    adapters: int = 0
    decisions: int = 0

    @property
    def first_visit(self) -> bool:
        """Whether nobody has done anything here: samples may have come by themselves."""
        return not (self.own_documents or self.questions or self.runs or self.adapters or self.decisions)


@dataclass(frozen=True)
class Step:
    """What to do next. `pages` are the names of the pages' files where it can be done, each with what a link
    to it says. The step is done when one of the facts in `shown_by` has grown; without any, when the person
    says so."""

    key: str
    title: str
    text: str
    pages: Mapping[str, str]
    shown_by: tuple[str, ...] = ()


STEPS = (
    Step(
        "documents",
        "Load the handbook",
        "Fourteen documents of an invented company to try everything on, or bring your own.",
        {"compare": "Load it", "documents": "Bring my own"},
        ("documents",),
    ),
    Step(
        "ask",
        "Ask a question",
        "Type one, or click one of those below the field. Every column answers it.",
        {"compare": "Ask now"},
        ("questions",),
    ),
    Step(
        "sources",
        "See where it comes from",
        "Every number in an answer is a passage below it. Open one to read it in its document.",
        {"compare": "Look there"},
    ),
    Step(
        "measure",
        "Measure, or train",
        "One answer says little. Run the sample questions, or train an adapter and compare again.",
        {"evaluate": "Measure", "fine_tune": "Train"},
        ("runs", "adapters"),
    ),
    Step(
        "decide",
        "Decide",
        "Say what your task needs. The verdict names what speaks for it, and what would change it.",
        {"decide": "To the verdict"},
        ("decisions",),
    ),
)


@dataclass(frozen=True)
class Guide:
    """How far the guide is. Facts count from `since`: called back later, it begins anew."""

    since: Facts = field(default_factory=Facts)
    passed: frozenset[str] = frozenset()
    left: bool = False

    def step(self, facts: Facts) -> int | None:
        """The position of the first step that is neither done nor passed over; None where there is none, or
        the guide was left."""
        if self.left:
            return None
        open_steps = (at for at, step in enumerate(STEPS) if not self._is_done(step, facts))
        return next(open_steps, None)

    def passing(self, step: Step) -> "Guide":
        """The same, with this step behind it."""
        return replace(self, passed=self.passed | {step.key})

    def _is_done(self, step: Step, facts: Facts) -> bool:
        return step.key in self.passed or any(
            getattr(facts, name) > getattr(self.since, name) for name in step.shown_by
        )

    def to_json(self) -> str:
        return json.dumps({"since": asdict(self.since), "passed": sorted(self.passed), "left": self.left})

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Raises ValueError, KeyError or TypeError for what `to_json` does not write."""
        values: Mapping = json.loads(text)
        return cls(Facts(**values["since"]), frozenset(values["passed"]), bool(values["left"]))


def facts(workspace: Workspace) -> Facts:
    """What the data home holds now."""
    names = workspace.library.names()
    samples = {name for scenario in scenarios().values() for name in scenario.file_names}
    return Facts(
        len(workspace.library.ids()),
        len(names.keys() - samples),
        len(workspace.library.questions(limit=1000)),
        len(workspace.runs.entries()),
        len(AdapterLibrary(workspace.home).entries()),
        len(workspace.decision.answers()),
    )


def kept_guide(home: Path) -> Guide | None:
    """The guide of this data home; None where it never began. What cannot be read counts as left: nobody is
    bothered twice."""
    try:
        return Guide.from_json((home / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Guide(left=True)


def keep_guide(home: Path, guide: Guide) -> None:
    """A home that cannot be written to has a guide that begins anew, which is no reason to stop."""
    with suppress(OSError):
        (home / FILE).write_text(guide.to_json(), encoding="utf-8")
