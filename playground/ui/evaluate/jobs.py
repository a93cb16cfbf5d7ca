"""What searching and testing claims share: the job in the background, and how long it will take."""

import streamlit as st

from playground.config import PipelineConfig
from playground.evaluation.formats import FormatCheck
from playground.jobs import Job
from playground.questions.lookup import LabelledQuestion
from playground.questions.sets import AvailableSet, set_questions
from playground.search.estimate import known_costs
from playground.ui import resources, state
from playground.ui.background import EVERY, about, draw_job
from playground.ui.components import plain
from playground.ui.evaluate import state as evaluate_state
from playground.ui.model_download import missing_model

_LOOKED_AT = 5  # runs, of which the newest says most about how long a question takes


def questions_of(chosen: AvailableSet | None) -> list[LabelledQuestion]:
    """The questions of the set that is chosen; none where there is none."""
    if chosen is None:
        return []
    return set_questions(chosen.name, resources.workspace(), resources.questions())


def seconds_known() -> dict[str, float]:
    """Seconds a question that were measured before; read anew when there is another run."""
    store = resources.workspace().runs
    ids = [entry.id for entry in store.entries() if entry.state != "running"][:_LOOKED_AT]
    known = st.session_state.get("seconds_known")
    if known is None or known[0] != ids:
        known = ids, known_costs([store.run(id) for id in ids])
        st.session_state["seconds_known"] = known
    costs: dict[str, float] = known[1]
    return costs


def check() -> FormatCheck | None:
    """What an answer has to look like, as it is set for runs."""
    return evaluate_state.evaluation().check


def base_in_words() -> str:
    """Where all settings come from that are not varied."""
    if state.columns()[0] == state.base_config():
        return f"column A of Compare, {state.title(state.base_config())}"
    return "the default settings"


def cannot_answer(config: PipelineConfig) -> str:
    """Why nothing can be asked with these settings now, or ""."""
    if not resources.workspace().library.ids() and config.retrieves:
        return "There are no documents yet."
    model = config.engine.model
    if config.engine.name == "local_model" and missing_model(model):
        return f"The model {model} is not on this machine yet: download it in Compare."
    return ""


def duration(seconds: float) -> str:
    """ "4 s", "3 min"."""
    return about(seconds).removeprefix("about ")


def active_job(key: str) -> Job | None:
    """The job with this key, as long as it waits or runs."""
    job = resources.evaluations().get(key)
    return job if job and job.active else None


def job_status(key: str) -> None:
    """How far a job is while it works; why it failed. The page is drawn anew when it has ended."""
    job = resources.evaluations().get(key)
    if job and job.active:
        _working(key)
    elif job and job.state == "failed":
        st.error(plain(job.error), icon=":material/error:")


@st.fragment(run_every=EVERY)
def _working(key: str) -> None:
    job = active_job(key)
    if job is None:
        st.rerun()
        return
    draw_job(job, f"_{key}")
