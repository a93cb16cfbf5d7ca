"""What runs in the background, drawn while it runs; the page is drawn anew when the last job has ended."""

import streamlit as st

from playground import startup
from playground.engines.downloads import DownloadProgress
from playground.evaluation.running import RunProgress
from playground.index import IndexProgress
from playground.intake import Intake
from playground.jobs import Job
from playground.steps import Step
from playground.ui import resources
from playground.ui.components import plain

EVERY = 0.7
"""Seconds between two looks at the jobs."""


def background_status() -> None:
    """One line for the job that runs, as long as there is one; nothing else."""
    if resources.jobs().active():
        _running()


@st.fragment(run_every=EVERY)
def _running() -> None:
    active = resources.jobs().active()
    if not active:
        st.rerun()
    draw_job(active[0], waiting=len(active) - 1)


def draw_job(job: Job, suffix: str = "", waiting: int = 0) -> None:
    """How far a job is, with the button that cancels it. `suffix` keeps the buttons of several jobs apart."""
    share, text = job_line(job)
    if job.cancelling:
        text += " · stops after this step"
    if waiting:
        text += f" · {waiting} more waiting"
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        if share is None:
            st.markdown(f":gray[:material/hourglass_top: {text}]", width="stretch")
        else:
            st.progress(share, text)
        if job.key != startup.MODELS:  # nothing works without it, and it is one step
            st.button(
                "Cancel", key=f"cancel{suffix}", type="tertiary", disabled=job.cancelling, on_click=job.cancel
            )


def job_line(job: Job) -> tuple[float | None, str]:
    """The share that is done, where it is known, and a line that says how far a job is."""
    if job.state == "waiting":
        return None, f"{job.title}: waits for its turn"
    step = job.progress
    if isinstance(step, IndexProgress):
        if not step.done:
            return 0.0, f"{job.title}: 0 of {step.total:,} chunks"
        left = f" · {about(step.seconds_left)} left" if step.done < step.total else ""
        speed = f"{step.chunks_per_second:,.0f} chunks a second"
        return step.done / step.total, f"{job.title}: {step.done:,} of {step.total:,} chunks · {speed}{left}"
    if isinstance(step, DownloadProgress):
        done, total = in_words(step.done_bytes), in_words(step.total_bytes)
        return step.share, f"{plain(job.title)}: {done} of {total}"
    if isinstance(step, RunProgress):
        left = f" · {about(step.seconds_left)} left" if step.seconds_left and step.done < step.total else ""
        failed = f" · {step.failed:,} failed" if step.failed else ""
        text = f"{job.title}: {step.done:,} of {step.total:,} answers · {plain(step.what)}{failed}{left}"
        return step.done / max(step.total, 1), text
    if isinstance(step, Step):
        share = step.done / step.total if step.total else None
        count = f", {step.done:,} of {step.total:,}" if step.total else ""
        return share, plain(f"{job.title}: {step.what}{count}")
    if isinstance(step, Intake):
        return None, plain(f"{job.title}: {step.name}")
    return None, f"{job.title} …"


def about(seconds: float) -> str:
    """A duration as a person says it: "about 4 s", "about 3 min"."""
    if seconds < 90:
        return f"about {max(seconds, 1):.0f} s"
    return f"about {seconds / 60:.0f} min" if seconds < 5400 else f"about {seconds / 3600:.1f} h"


def in_words(size: int) -> str:
    """Bytes as a person says them: "988 MB", "3.1 GB"."""
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{max(round(size / 1e6), 1)} MB"
