"""What the Decide page is about: the answers, the evidence, the verdict, and the jobs that add to it.

All of it is kept in the data home, so every session of it sees the same decision. Nothing is drawn here.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from playground.config import PipelineConfig
from playground.decision.conclusion import Conclusion, conclude
from playground.decision.evidence import Evidence
from playground.decision.gathering import Gathered, gather
from playground.decision.matrix import matrix_plan
from playground.decision.store import DecisionStore, Kept
from playground.evaluation.running import begin, run_steps
from playground.presets import four_approaches
from playground.questions.labels import LabelledQuestion
from playground.questions.sets import anchor_set, set_questions
from playground.steps import Step
from playground.ui import resources
from playground.ui.compare.adapter_toggle import four_approaches_now
from playground.ui.evaluate import state as evaluate

SECTIONS = ("Verdict", "Your task", "Trials", "Costs", "Scenarios")
MEASURING = "measure the four approaches"


def store() -> DecisionStore:
    return resources.workspace().decision


def answers() -> dict[str, str]:
    """What was answered of the questionnaire."""
    return store().answers()


def answer(key: str, value: str | None) -> None:
    """Keep one answer, or take it back."""
    kept = answers()
    kept.pop(key, None)
    store().keep_answers({**kept, key: value} if value else kept)


def gathered() -> Gathered:
    """All that is known; read again only where something has changed."""
    workspace = resources.workspace()
    stamp = workspace.runs.revision, store().revision, workspace.revision
    known = st.session_state.get("decide_evidence")
    if known is None or known[0] != stamp:
        known = stamp, gather(workspace)
        st.session_state["decide_evidence"] = known
    found: Gathered = known[1]
    return found


def evidence() -> Evidence:
    """All that was measured."""
    return gathered().evidence


def conclusion() -> Conclusion:
    """The verdict as it stands."""
    return conclude(answers(), evidence())


def trial(kind: str) -> Kept[Any] | None:
    return store().trial(kind)


def questions(question_set: str) -> list[LabelledQuestion]:
    """The questions of a set; none where there is no such set."""
    return set_questions(question_set, resources.workspace(), resources.questions())


@dataclass(frozen=True)
class Setting:
    """The person's settings as they stand on Compare, looking up, and the adapter that goes with them, ""
    where none fits."""

    config: PipelineConfig
    adapter: str

    @property
    def closed_book(self) -> PipelineConfig | None:
        """The adapter alone, None without one."""
        return four_approaches(self.config, self.adapter)[2] if self.adapter else None


def setting() -> Setting:
    """What is measured and tried with; it reads the adapters from disk, so ask once a rerun."""
    configs = four_approaches_now()
    return Setting(next(each for each in configs if each.grounded and not each.adapter), configs[-1].adapter)


def measure(question_set: str) -> None:
    """Ask the questions by all approaches that there are, in the background; Evaluate shows the run too."""
    workspace = resources.workspace()
    now = setting()
    asked = anchor_set(question_set, workspace, resources.questions())
    plan = matrix_plan(question_set, asked, now.config, now.adapter, evaluate.evaluation().check)
    run = begin(workspace, plan, f"{question_set}: four approaches")
    evaluate.evaluation().run = run
    resources.evaluations().start(MEASURING, "Measuring", partial(run_steps, workspace, run))


def try_out(kind: str, title: str, steps: Callable[[], Generator[Any, None, Any]]) -> None:
    """Make a trial in the background and keep what it brings."""
    workspace = resources.workspace()

    def kept() -> Generator[Step]:
        result = yield from steps()
        ids = workspace.library.names()
        if result.quoted <= ids.keys():  # else it quotes what was deleted meanwhile
            workspace.decision.keep_trial(kind, result, {ids[name] for name in result.quoted})

    resources.evaluations().start(job_key(kind), title, kept)


def job_key(kind: str) -> str:
    return f"trial of {kind}"


def is_working(kind: str) -> bool:
    """Whether a trial of this kind waits or runs."""
    job = resources.evaluations().get(job_key(kind))
    return job is not None and job.active
