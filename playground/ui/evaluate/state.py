"""What the Evaluate page is about in a browser session: questions, contenders, and the run that is shown.

Nothing is drawn and nothing is measured here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from playground.config import DEFAULT, PipelineConfig
from playground.errors import InputError
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Price, Run
from playground.evaluation.results import Contender
from playground.evaluation.running import RunProgress, begin, run_steps
from playground.jobs import Job
from playground.presets import PRESETS, preset_name
from playground.questions.lookup import LabelledQuestion
from playground.ui import resources, state

CLOSED_BOOK = "Closed book"
GOLD = "Gold passages"
MOST_CONTENDERS = 8
Figures = TypeVar("Figures")
SECTIONS = ("Results", "Questions", "Search", "Claims", "Map", "Runs")


@dataclass
class Evaluation:
    """`columns` are the letters of Compare's columns that are measured, None before the person has chosen;
    `files` are configurations that were uploaded, by name. `run` is the id of the run that is shown."""

    columns: list[str] | None = None
    presets: list[str] = field(default_factory=list)
    files: dict[str, PipelineConfig] = field(default_factory=dict)
    file_problem: str = ""
    bounds: bool = False
    baseline: str = ""
    check: FormatCheck | None = None
    prices: dict[str, Price] = field(default_factory=dict)
    run: str = ""
    problem: str = ""


def evaluation() -> Evaluation:
    """The session's evaluation; a new session shows the newest run, if there is one."""
    if "evaluation" not in st.session_state:
        entries = [each for each in resources.workspace().runs.entries() if each.kind == "evaluation"]
        st.session_state["evaluation"] = Evaluation(run=entries[0].id if entries else "")
    current: Evaluation = st.session_state["evaluation"]
    return current


def contenders() -> list[Contender]:
    """What would be measured now, each under a name of its own: Compare's columns, presets, files, and where
    they are wanted the two columns that bound what can be gained."""
    current = evaluation()
    compared = dict(zip(state.LETTERS, state.columns(), strict=False))
    letters = compared if current.columns is None else [each for each in current.columns if each in compared]
    found = [Contender(state.title(compared[letter]), compared[letter]) for letter in letters]
    found += [Contender(name, PRESETS[name]) for name in current.presets]
    found += [Contender(name, config) for name, config in current.files.items()]
    found = _distinct(found)[:MOST_CONTENDERS]
    return _with_bounds(found) if current.bounds and found else found


def _with_bounds(found: Sequence[Contender]) -> list[Contender]:
    """Below and above: the first contender that looks something up, once without doing so, and once with the
    passages in which the evidence stands."""
    base = next((each.config for each in found if each.config.retrieves), found[0].config)
    closed = base.with_values({"engine.retrieval": False})
    extra = [] if any(each.config == closed for each in found) else [Contender(CLOSED_BOOK, closed)]
    return [*found, *extra, Contender(GOLD, base, gold_passages=True)]


def _distinct(found: Sequence[Contender]) -> list[Contender]:
    """The same configuration once; names that come twice are told apart by what differs."""
    by_config: dict[PipelineConfig, str] = {}
    for each in found:
        by_config.setdefault(each.config, each.name)
    names = list(by_config.values())
    result: list[Contender] = []
    used: set[str] = set()
    for config, name in by_config.items():
        wanted = name if names.count(name) == 1 and name != "Own" else _described(config)
        while wanted in used:
            wanted += "′"
        used.add(wanted)
        result.append(Contender(wanted, config))
    return result


def _described(config: PipelineConfig) -> str:
    """What sets a configuration apart from the default: "dense, top_k 3"."""
    if preset_name(config) in PRESETS:
        return preset_name(config)
    told = []
    for name, (value, _) in config.differences(DEFAULT).items():
        knob = name.rpartition(".")[2]
        short = str(value).replace("\\", "/").rpartition("/")[2]
        told.append(short if isinstance(value, str) and value else f"{knob} {value}")
    return ", ".join(told[:3]) + (" …" if len(told) > 3 else "")


def plan_of(question_set: str, questions: Sequence[LabelledQuestion]) -> Plan:
    """What pressing Run would measure."""
    current, measured = evaluation(), contenders()
    names = [each.name for each in measured]
    baseline = names.index(current.baseline) if current.baseline in names else 0
    models = {each.config.engine.model for each in measured if each.config.engine.name == "endpoint"}
    prices = {model: price for model, price in current.prices.items() if model in models}
    return Plan(question_set, tuple(questions), tuple(measured), baseline, current.check, prices)


def start_run(question_set: str, questions: Sequence[LabelledQuestion], fresh: bool) -> None:
    """Measure in the background; the page shows this run from now on."""
    workspace = resources.workspace()
    plan = plan_of(question_set, questions)
    evaluation().run = begin(workspace, plan, question_set)
    resume_run(evaluation().run, fresh)


def resume_run(run: str, fresh: bool = False) -> None:
    """Go on with a run that was cancelled or killed."""
    steps = partial(run_steps, resources.workspace(), run, fresh)
    resources.evaluations().start(job_key(run), "Evaluating", steps)


def job_key(run: str) -> str:
    return f"run {run}"


def is_working() -> bool:
    """Whether the shown run is worked on. Ask before the run is read: what ends in between is then drawn as
    if it went on, and once more when that is noticed; the other way round nobody would notice."""
    job = run_job(evaluation().run)
    return job is not None and job.active


def run_job(run: str) -> Job | None:
    """The job of this run since the server was started."""
    return resources.evaluations().get(job_key(run))


def progress_of(job: Job | None) -> RunProgress | None:
    return job.progress if job and isinstance(job.progress, RunProgress) else None


def shown_run() -> Run | None:
    """The run that is shown, as it stands now."""
    current = evaluation()
    if not current.run:
        return None
    try:
        return _loaded(current.run)
    except InputError as error:
        current.run, current.problem = "", str(error)
        return None


def _loaded(run: str) -> Run:
    """Read once as long as nothing changes it: filters and clicks draw the same run again and again."""
    store = resources.workspace().runs
    stamp = run, store.revision
    known = st.session_state.get("loaded_run")
    if known is None or known[0] != stamp:
        known = stamp, store.run(run)
        st.session_state["loaded_run"] = known
        st.session_state["known_figures"] = {}
    loaded: Run = known[1]
    return loaded


def once(compute: Callable[..., Figures], *arguments: Any) -> Figures:
    """What `compute` says of the shown run and these arguments: worked out once, as long as the run stays as
    it is. A click on a filter draws the page anew, and resampling is the slowest part of it."""
    known = st.session_state["known_figures"]
    key = compute.__name__, arguments
    if key not in known:
        known[key] = compute(st.session_state["loaded_run"][1], *arguments)
    found: Figures = known[key]
    return found
