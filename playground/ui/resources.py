"""What all browser sessions share: the data home and the background jobs. Opened once a server."""

import os

import streamlit as st

from playground import settings, startup
from playground.jobs import Jobs
from playground.workspace import Workspace


@st.cache_resource(show_spinner=False)
def workspace() -> Workspace:
    return Workspace(settings.home())


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    return Jobs()


@st.cache_resource(show_spinner=False)
def begin_background_work() -> None:
    """Called by the frame after the first page is drawn; does nothing from then on."""
    startup.begin(workspace(), jobs(), os.environ.get("PLAYGROUND_SAMPLE", ""))
