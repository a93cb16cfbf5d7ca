"""Slow look-ups, such as asking a server for its models, in threads of their own: the page is drawn at once
and drawn anew when the result is there. Nothing is drawn in those threads."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

from playground.ui import resources

EVERY = 0.4
"""Seconds between two looks at what is not done yet."""


class Lookups:
    """Results by key, for all browser sessions. Each is looked up once, until it is forgotten."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")
        self._results: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, call: Callable[[], Any]) -> "Future[Any]":
        """The result, or what will hold it; `call` starts where there is neither."""
        if key not in self._results:
            self._results[key] = self._pool.submit(call)
        return self._results[key]

    def known(self, key: Hashable) -> "Future[Any] | None":
        """The same, where it has been started."""
        return self._results.get(key)

    def forget(self, key: Hashable) -> None:
        """Look it up anew the next time."""
        self._results.pop(key, None)

    def pending(self) -> bool:
        return not all(each.done() for each in list(self._results.values()))


def watch_lookups() -> None:
    """Call it once a page: draws the page anew when everything that is looked up now has been found."""
    if resources.lookups().pending():
        _watch()


@st.fragment(run_every=EVERY)
def _watch() -> None:
    if not resources.lookups().pending():
        st.rerun()
