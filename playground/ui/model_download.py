"""Whether a language model is on this machine; where it is not, its size, and the download that follows only
when the person has seen it."""

from functools import partial

import streamlit as st

from playground.engines import downloads
from playground.errors import PlaygroundError
from playground.ui import resources
from playground.ui.background import EVERY, draw_job, in_words
from playground.ui.components import plain


def missing_model(name: str) -> str:
    """`name` where it has to be downloaded first, else ""."""
    return "" if not name or downloads.on_disk(name) else name


def model_download(name: str, suffix: str) -> None:
    """One line, and a button at most. `suffix` ends the widgets' keys."""
    if not name:
        return
    if downloads.on_disk(name):
        st.caption(":material/check_circle: On this machine")
        return
    job = resources.jobs().get(job_key(name))
    if job and job.active:
        _downloading(name, suffix)
        return
    if job and job.state == "failed":
        st.caption(f":material/error: {plain(job.error)}")
    size = resources.lookups().known(("size of", name))
    if size is None:
        st.caption(":material/cloud_download: Not on this machine. Nothing is downloaded before you say so.")
        st.button(
            "How large is it?",
            key=f"size_{suffix}",
            icon=":material/straighten:",
            on_click=ask_for_size,
            args=(name,),
        )
    elif not size.done():
        st.caption("Asking for its size …")
    else:
        _confirm(name, suffix)


def _confirm(name: str, suffix: str) -> None:
    lookups = resources.lookups()
    size = lookups.get(("size of", name), partial(downloads.download_size, name))
    try:
        label = f"Download {in_words(size.result())}"
    except PlaygroundError as error:
        st.caption(f":material/error: {plain(str(error))}")
        st.button("Ask again", key=f"size_{suffix}", on_click=lookups.forget, args=(("size of", name),))
        return
    st.caption(":material/cloud_download: Not on this machine.")
    st.button(
        label,
        key=f"download_{suffix}",
        icon=":material/download:",
        type="primary",
        on_click=start_download,
        args=(name,),
    )


def ask_for_size(name: str) -> None:
    resources.lookups().get(("size of", name), partial(downloads.download_size, name))


def start_download(name: str) -> None:
    resources.jobs().start(job_key(name), f"Downloading {name}", partial(downloads.download_steps, name))


def job_key(name: str) -> str:
    return f"download {name}"


@st.fragment(run_every=EVERY)
def _downloading(name: str, suffix: str) -> None:
    job = resources.jobs().get(job_key(name))
    if job is None or not job.active:
        st.rerun()
    else:
        draw_job(job, suffix=f"_download_{suffix}")
