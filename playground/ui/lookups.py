"""Slow look-ups, such as asking a server for its models, in threads of their own: the page is drawn at once
and drawn anew when the result is there. Nothing is drawn in those threads."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import streamlit as st

EVERY = 0.4
"""Seconds between two looks at what is not done yet."""

AWAITED = "awaited_lookups"


class Lookups:
    """Results by key, for all browser sessions. Each is looked up once, until it is forgotten."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(max_workers=4, thread_name_prefix="lookup")
        self._results: dict[Hashable, Future[Any]] = {}

    def get(self, key: Hashable, call: Callable[[], Any]) -> "Future[Any]":
        """The result, or what will hold it; `call` starts where there is neither."""
        if key not in self._results:
            self._results[key] = self._pool.submit(call)
        return _noted(self._results[key])

    def known(self, key: Hashable) -> "Future[Any] | None":
        """The same, where it has been started."""
        found = self._results.get(key)
        return _noted(found) if found else None

    def begin(self, key: Hashable, call: Callable[[], Any]) -> None:
        """Do `call` in the background, again unless it is under way or has failed; nobody waits for it."""
        found = self._results.get(key)
        if found is None or (found.done() and not found.exception()):
            self._results[key] = self._pool.submit(call)

    def forget(self, key: Hashable) -> None:
        """Look it up anew the next time."""
        self._results.pop(key, None)


def watch_lookups() -> None:
    """Call it once a page, at its end: draws the page anew when everything that it did not find yet is there,
    even where that is by now."""
    awaited: list[Future[Any]] = st.session_state.pop(AWAITED, [])
    if awaited:
        _watch(awaited)


@st.fragment(run_every=EVERY)
def _watch(awaited: "list[Future[Any]]") -> None:
    if all(each.done() for each in awaited):
        st.rerun()


def _noted(found: "Future[Any]") -> "Future[Any]":
    """Remember for the end of the page what had no result when the page looked."""
    if not found.done():
        st.session_state.setdefault(AWAITED, []).append(found)
    return found
