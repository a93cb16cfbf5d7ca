"""What all browser sessions share: the data home and the background jobs. Opened once a server."""

import os
from typing import TYPE_CHECKING

import streamlit as st

from playground import settings, startup
from playground.jobs import Jobs
from playground.workspace import Workspace

if TYPE_CHECKING:
    from playground.adapters.registry import AdapterLibrary
    from playground.questions.store import QuestionStore
    from playground.ui.lookups import Lookups


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    return Workspace(settings.home())


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    return Jobs()


@st.cache_resource(show_spinner=False)
def adapters() -> "AdapterLibrary":
    from playground.adapters.registry import AdapterLibrary

    return AdapterLibrary(settings.home())


@st.cache_resource(show_spinner=False)
def questions() -> "QuestionStore":
    from playground.questions.store import QuestionStore

    return QuestionStore(settings.home())


@st.cache_resource(show_spinner=False)
def trainings() -> Jobs:
    """A queue of its own: a training takes minutes, and indexing goes on meanwhile."""
    return Jobs()


@st.cache_resource(show_spinner=False)
def evaluations() -> Jobs:
    """A queue of its own: what an evaluation needs indexed it indexes itself."""
    return Jobs()


@st.cache_resource(show_spinner=False)
def lookups() -> "Lookups":
    from playground.ui.lookups import Lookups

    return Lookups()


@st.cache_resource(show_spinner=False)
def begin_reading() -> None:
    """Before the first page is drawn: what another process does."""
    startup.begin_reading(workspace(), jobs(), _sample())


def begin_loading() -> bool:
    """When a page is drawn: what makes this process wait. True where that has begun just now, so that the
    page has to be drawn again to show it."""
    if jobs().get(startup.MODELS):
        return False
    startup.begin_loading(workspace(), jobs(), _sample())
    return True


def _sample() -> str:
    """The scenario that `playground --demo` asked for, or ""."""
    return os.environ.get("PLAYGROUND_SAMPLE", "")
