"""Do a search over the settings, and keep it: the trials on one half of the questions, then the report on the
other.

Both are ordinary runs, so that chunks, embeddings and answers are shared with all other runs, and a search
that was left is cheap to begin again. This module does not know how a search is drawn.
"""

import secrets
import time
from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from playground.config import PipelineConfig
from playground.errors import ConfigError
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Run
from playground.evaluation.results import Contender
from playground.evaluation.run_store import KeptSearch, RunStore
from playground.evaluation.running import RunProgress, begin, run_steps
from playground.search.estimate import REPORTED
from playground.search.plan import Knobs, SearchPlan, Target
from playground.search.results import SearchResult, Trial, choose, front, search_result, trials
from playground.workspace import Workspace

SearchState = Literal["running", "done", "cancelled"]


@dataclass(frozen=True)
class Search:
    """A search as it is kept. `run` and `report` are the ids of its runs, `chosen` is the name of a trial;
    both are "" before it has come so far. `budget` is in seconds, `grid` counts all combinations, of which
    `planned` fitted in. `created` is an ISO time in UTC."""

    id: str
    question_set: str
    target: Target
    knobs: Knobs
    budget: float
    base: PipelineConfig
    grid: int
    planned: int
    run: str
    report: str = ""
    chosen: str = ""
    state: SearchState = "running"
    created: str = ""


def search_steps(
    workspace: Workspace,
    plan: SearchPlan,
    question_set: str,
    target: Target,
    budget: float,
    check: FormatCheck | None = None,
) -> Generator[RunProgress]:
    """Try the trials of `plan` on its first half, choose, and ask the second half.

    The trials stop between two answers when only the time for the report is left of `budget` seconds, or
    after half of them where the report takes more; never before one was tried besides the base. A trial that
    was not asked everything does not count. The report is always asked to its end: a choice that nothing else
    was asked about is worth little. Nothing is reported where no trial is within the target's limit.
    """
    trying = Plan(question_set, plan.first, plan.contenders, 0, check, kind="search")
    search = Search(
        secrets.token_hex(4),
        question_set,
        target,
        plan.knobs,
        budget,
        plan.base,
        plan.grid,
        plan.planned,
        begin(workspace, trying, question_set),
    )
    _keep(workspace.runs, search)
    state: SearchState = "cancelled"
    try:
        done = yield from _try(workspace, plan, search)
        found = trials(workspace.runs.run(search.run), target)
        chosen = choose(found, target)
        if chosen and plan.second:
            contenders = _reported(found, chosen)
            reporting = Plan(question_set, plan.second, contenders, 0, check, kind="report")
            search = replace(search, chosen=chosen.name, report=begin(workspace, reporting, question_set))
            _keep(workspace.runs, search)
            for step in run_steps(workspace, search.report):
                what = f"the other half: {step.what}"
                yield replace(step, what=what, done=done + step.done, total=done + step.total)
        state = "done"
    finally:
        _keep(workspace.runs, replace(search, state=state))


def kept_searches(store: RunStore) -> list[Search]:
    """All searches, the newest first; one whose settings this version does not know any more is left out."""
    found = []
    for kept in store.searches():
        try:
            found.append(_read(kept))
        except (ConfigError, KeyError, TypeError):
            continue
    return found


def load_result(store: RunStore, search: Search) -> SearchResult:
    """What a search has found so far. Raises InputError where its runs were deleted."""
    report: Run | None = store.run(search.report) if search.report else None
    return search_result(store.run(search.run), report, search.target, search.knobs, search.chosen)


def _try(workspace: Workspace, plan: SearchPlan, search: Search) -> Generator[RunProgress, None, int]:
    """The trials, as far as the budget goes; gives how many answers there are."""
    reporting = plan.estimate.reporting
    deadline = time.monotonic() + max(search.budget / 2, search.budget - reporting)
    names = [contender.name for contender in plan.contenders]
    more, done = min(len(names), REPORTED) * len(plan.second), 0
    with closing(run_steps(workspace, search.run)) as steps:
        for step in steps:
            done = step.done
            finished = step.done * len(names) // max(step.total, 1)
            working = finished < len(names) and step.what.partition(":")[0] == names[finished]
            left = deadline - time.monotonic()
            if left <= 0 and working and finished >= 2:
                break
            what = f"{min(finished + 1, len(names)):,} of {len(names):,}, {step.what}"
            seconds = step.seconds_left
            if seconds is not None:
                seconds = min(seconds, max(left, 0.0)) + reporting
            yield replace(step, what=what, total=step.total + more, seconds_left=seconds)
    return done


def _reported(found: Sequence[Trial], chosen: Trial) -> tuple[Contender, ...]:
    """The base first, then the chosen one, then the best others of the front."""
    others = sorted(front(found), key=lambda trial: -(trial.quality or 0.0))
    ordered = dict.fromkeys([found[0], chosen, *others])
    return tuple(Contender(trial.name, trial.config) for trial in ordered)[:REPORTED]


def _keep(store: RunStore, search: Search) -> None:
    about = asdict(search) | {"base": search.base.to_dict()}
    for name in ("id", "question_set", "created"):
        del about[name]
    store.keep_search(search.id, search.question_set, about)


def _read(kept: KeptSearch) -> Search:
    values: dict[str, Any] = dict(kept.about)
    values["target"] = Target(**values["target"])
    values["knobs"] = {knob: tuple(several) for knob, several in values["knobs"].items()}
    values["base"] = PipelineConfig.from_dict(values["base"])
    return Search(id=kept.id, question_set=kept.name, created=kept.created, **values)
