"""The CLIP model of a session: its name, whether it is on this machine, and the job in which it looks at the
pictures. Nothing is downloaded before the person has seen how much that is."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from playground import settings
from playground.errors import PlaygroundError
from playground.jobs import Job
from playground.pictures import clip
from playground.pictures.listing import Picture
from playground.pictures.looking import Looked, look_steps
from playground.pictures.vectors import PictureVectors
from playground.ui import resources
from playground.ui.background import in_words
from playground.ui.components import plain

NAME = "clip_model"


def chosen() -> str:
    """The name or path that stands in the field; PLAYGROUND_CLIP where nobody has changed it."""
    return str(st.session_state.setdefault(NAME, settings.clip_model())).strip()


def ready() -> str:
    """The chosen model where it is loaded, also while it looks at more pictures, else ""."""
    job = _job(chosen())
    looking = job and job.state == "running" and isinstance(job.progress, Looked) and job.progress.total
    return chosen() if job and (job.state == "done" or looking) else ""


def keep_up(pictures: Sequence[Picture]) -> None:
    """Let the chosen model look at what is new, in the background, unless it has to be downloaded first. What
    failed or was cancelled waits for the person."""
    name = chosen()
    if not name or _has_to_be_downloaded(name):
        return
    job = _job(name)
    try:
        if job is None or (job.state == "done" and _new(name, pictures)):
            start(name)
    except PlaygroundError:  # the weights of a folder are gone: loading it says so
        start(name)


def start(name: str, download: bool = False) -> None:
    """Load the model and let it look at the pictures, in the background."""
    steps = partial(look_steps, resources.workspace(), name, download)
    resources.jobs().start(_key(name), f"Looking at the pictures with {name}", steps)


def popover() -> None:
    """The field for the model, and its state in one line."""
    label = "CLIP model" if not ready() else "CLIP model ✓"
    with st.popover(label, icon=":material/visibility:", type="tertiary", width=150, key="clip_popover"):
        st.markdown(
            "With a CLIP model pictures are found by what they show. Give a sentence-transformers model by "
            "its hub name, or the path of a folder.",
            width=420,
        )
        st.text_input(
            "CLIP model",
            key=NAME,
            placeholder=clip.SUGGESTED,
            label_visibility="collapsed",
            width=420,
            persist_state="session",
        )
        if name := chosen():
            _state(name)


def _state(name: str) -> None:
    job = _job(name)
    if job and job.active:
        st.caption(":material/hourglass_top: It is loaded and looks at the pictures.")
    elif job and job.state == "done":
        st.caption(":material/check_circle: It has looked at the pictures.")
    elif job:
        st.caption(f":material/error: {plain(job.error or 'Cancelled')}")
        again = partial(start, name, _has_to_be_downloaded(name))
        st.button("Try again", key="clip_again", icon=":material/refresh:", on_click=again)
    else:
        _download(name)


def _download(name: str) -> None:
    """How large it is, when the person asks; then the button that fetches it."""
    lookups, key = resources.lookups(), ("size of CLIP", name)
    st.caption(":material/cloud_download: Not on this machine. Nothing is downloaded before you say so.")
    size = lookups.known(key)
    if size is None:
        st.button(
            "How large is it?",
            key="clip_size",
            icon=":material/straighten:",
            on_click=lookups.begin,
            args=(key, partial(clip.download_size, name)),
        )
        return
    if not size.done():
        st.caption("Asking for its size …")
        return
    try:
        label = f"Download at most {in_words(size.result())}"
    except PlaygroundError as error:
        st.caption(f":material/error: {plain(str(error))}")
        st.button("Ask again", key="clip_size_again", on_click=lookups.forget, args=(key,))
        return
    st.button(
        label,
        key="clip_download",
        icon=":material/download:",
        type="primary",
        on_click=start,
        args=(name, True),
    )


def _has_to_be_downloaded(name: str) -> bool:
    return clip.is_hub_name(name) and not clip.is_on_machine(name)


def _new(name: str, pictures: Sequence[Picture]) -> bool:
    vectors = PictureVectors(resources.workspace().home)
    return bool(vectors.missing(clip.clip_id(name), pictures))


def _job(name: str) -> Job | None:
    return resources.jobs().get(_key(name))


def _key(name: str) -> str:
    return f"look at pictures with {name}"
