"""What runs in the background, drawn while it runs; the page is drawn anew when the last job has ended."""

import streamlit as st

from playground.index import IndexProgress
from playground.intake import Intake
from playground.jobs import Job
from playground.startup import Loading
from playground.ui import resources

EVERY = 0.7
"""Seconds between two looks at the jobs."""


def background_status() -> None:
    """One line for the job that runs, as long as there is one; nothing else."""
    if resources.jobs().active():
        _lines()


@st.fragment(run_every=EVERY)
def _lines() -> None:
    active = resources.jobs().active()
    if not active:
        st.rerun()
    _line(active[0], len(active) - 1)


def _line(job: Job, waiting: int) -> None:
    progress = job.progress
    more = f" · {waiting} more waiting" if waiting else ""
    with st.container(horizontal=True, vertical_alignment="center", key=f"job_{job.key.replace(' ', '_')}"):
        if isinstance(progress, IndexProgress) and progress.total:
            st.progress(progress.done / progress.total, f"{job.title}: {describe(progress)}{more}")
        else:
            st.markdown(f":material/hourglass_top: {job.title}{_detail(job)}{more}", width="stretch")
        if isinstance(progress, IndexProgress):
            st.button(
                "Cancel",
                key=f"cancel_{job.key.replace(' ', '_')}",
                type="tertiary",
                on_click=job.cancel,
                width="content",
            )


def describe(progress: IndexProgress) -> str:
    """ "148 of 214 chunks · 92 a second · about 2 s left" """
    text = f"{progress.done:,} of {progress.total:,} chunks"
    if progress.done:
        text += f" · {progress.chunks_per_second:,.0f} a second · about {progress.seconds_left:,.0f} s left"
    return text


def _detail(job: Job) -> str:
    if isinstance(job.progress, Intake):
        return f" · {job.progress.name}"
    if isinstance(job.progress, Loading):
        return " …"
    return " · starting"
