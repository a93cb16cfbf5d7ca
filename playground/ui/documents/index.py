"""The state of the indexes, and the work in the background: what runs, how far it is, Cancel, Try again."""

from collections.abc import Sequence

import streamlit as st

from playground import startup
from playground.index_overview import IndexNeed, index_needs, restart
from playground.jobs import Job
from playground.ui import resources, state
from playground.ui.background import EVERY, about, draw_job
from playground.ui.components import escape, plain
from playground.ui.documents.upload import draw_lines, uploads


def open_page() -> list[IndexNeed]:
    """The indexes that the session's columns need.

    What runs in the background is noted before the state is read: a job that ends in between is then seen by
    the next look, and the page is drawn anew.
    """
    st.session_state["active_jobs"] = _active_keys()
    return index_needs(resources.workspace(), resources.jobs(), state.columns())


def top_line(found: Sequence[IndexNeed]) -> None:
    """Title, what is in the library, the state of every index, and the button that brings them up to date."""
    lacking = [need for need in found if not need.status.complete]
    with st.container(horizontal=True, vertical_alignment="center", key="index_status", gap="small"):
        st.markdown("## Documents", anchors=False, width="content")
        st.badge(_contents(found[0]), color="gray", icon=":material/inventory_2:")
        if found[0].status.documents:
            _index_badges(found)
        st.space("stretch")
        if found[0].status.documents:
            _index_button(lacking)


def _contents(first: IndexNeed) -> str:
    documents, chunks = first.status.documents, first.status.chunks
    return f"{documents:,} document{'s' * (documents != 1)} · {chunks:,} chunk{'s' * (chunks != 1)}"


def _index_badges(found: Sequence[IndexNeed]) -> None:
    """One badge where all is well, else one for every index that lacks something."""
    lacking = [need for need in found if not need.status.complete]
    if not lacking:
        words = f"All {len(found)} indexes are" if len(found) > 1 else "Index is"
        st.badge(f"{words} up to date", color="green", icon=":material/check:")
    for need in lacking:
        name = f"Index of {_letters(need)}" if need.columns and len(found) > 1 else "Index"
        if need.indexing:
            st.badge(f"{name} is being built", color="blue", icon=":material/sync:")
        else:
            st.badge(f"{name} is out of date: {need.reason}", color="orange", icon=":material/sync_problem:")


def _letters(need: IndexNeed) -> str:
    return ", ".join(state.LETTERS[column] for column in need.columns)


def index_table(found: Sequence[IndexNeed]) -> None:
    """Every index that the columns need, with its state."""
    rows = [
        f"<tr><td>{_letters(need) or '–'}</td><td>{escape(need.name)}</td><td>{need.status.chunks:,}</td>"
        f"<td>{_state(need)}</td></tr>"
        for need in found
    ]
    head = "<tr><th>Column</th><th>Chunking (tokens)</th><th>Chunks</th><th>Index</th></tr>"
    st.html(f'<div class="pg"><table class="indexes">{head}{"".join(rows)}</table></div>')


def _state(need: IndexNeed) -> str:
    if need.indexing:
        return "◐ is being built"
    if need.status.complete:
        return "✓ up to date"
    failed = "✗ failed, " if need.job else "○ "
    missing = len(need.status.missing)
    return f"{failed}{missing} of {need.status.documents} documents missing"


def _index_button(lacking: Sequence[IndexNeed]) -> None:
    idle = [need for need in lacking if not need.indexing]
    if idle:
        label = f"Index now, {about(sum(need.status.seconds for need in idle))}"
    else:
        label = "Indexing" if lacking else "Nothing to index"
    st.button(
        label,
        key="index_now",
        type="primary" if idle else "secondary",
        icon=":material/sync:" if lacking else ":material/check:",
        disabled=not idle,
        on_click=_start,
        args=(idle,),
    )


def _start(lacking: Sequence[IndexNeed]) -> None:
    for need in lacking:
        startup.start_indexing(resources.workspace(), resources.jobs(), need.config)


def background_work(found: Sequence[IndexNeed]) -> None:
    """What is being read, loaded and indexed, and what became of the uploads. Looks again by itself while
    something is active, and draws the whole page anew when a job has ended."""
    every = EVERY if st.session_state["active_jobs"] else None
    st.fragment(_background_work, run_every=every)(found)


def _active_keys() -> set[str]:
    return {job.key for jobs in (resources.jobs(), uploads()) for job in jobs.active()}


def _background_work(found: Sequence[IndexNeed]) -> None:
    if _active_keys() != st.session_state.get("active_jobs"):
        st.rerun()
    draw_lines()
    with st.container(key="index_progress", gap="small"):
        for number, job in enumerate(resources.jobs().active()):
            draw_job(job, "" if number == 0 else f"_{number}")
        for number, job in enumerate(_failed(found)):
            _failed_job(job, number)


def _failed(found: Sequence[IndexNeed]) -> list[Job]:
    keys = (startup.SAMPLES, startup.MODELS)
    jobs = [resources.jobs().get(key) for key in keys] + [need.job for need in found]
    return [job for job in jobs if job is not None and job.state == "failed"]


def _failed_job(job: Job, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        st.error(plain(f"{job.title} failed: {job.error}"), icon=":material/error:", width="stretch")
        st.button(
            "Try again",
            key=f"retry_{number}",
            icon=":material/refresh:",
            on_click=restart,
            args=(resources.jobs(), job),
        )
