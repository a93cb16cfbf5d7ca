"""The answers that are presented: those that the session has, and those that it still has to ask for."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from playground.comparison import Passage, number_passages
from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.compare.adapter_toggle import adapter_name
from playground.ui.compare.components import settings_in_words
from playground.ui.compare.streaming import Stream, is_waiting, shown_columns
from playground.ui.state import Shown


@dataclass(frozen=True)
class Presented:
    """A column with its passages, numbered as everywhere. `apart` says what sets it apart from the columns of
    the same name, or ""."""

    column: Shown
    passages: tuple[Passage, ...]
    apart: str = ""

    @property
    def letter(self) -> str:
        """The capital that a person reads; `column.letter` is that of the keys."""
        return self.column.letter.upper()

    @property
    def name(self) -> str:
        return self.column.title

    @property
    def trace(self) -> Trace | None:
        """None where there is no answer."""
        return self.column.result if isinstance(self.column.result, Trace) else None


def answered() -> list[Presented]:
    """All columns; those without an answer are asked first, one after another, with a line that says so."""
    columns = shown_columns()
    waiting = [column for column in columns if is_waiting(column)]
    if waiting:
        _ask(waiting)
        columns = shown_columns()
    return _presented(columns)


def _ask(waiting: Sequence[Shown]) -> None:
    """One after another; the line is gone when all have answered, and so is what was generated below it."""
    line, text = st.empty(), st.empty()
    current = state.comparison()
    for number, column in enumerate(waiting, start=1):
        line.caption(f"Asking {column.letter.upper()} {column.title}: {number} of {len(waiting)} …")
        stream = Stream(current.asked, column.config, text)
        try:
            result: Trace | PlaygroundError = resources.workspace().run(
                current.asked, column.config, on_text=stream
            )
        except PlaygroundError as error:
            result = error
        if stream.interrupted is not None:  # a key was pressed meanwhile: the engine has ended properly
            raise stream.interrupted
        current.partial = None
        current.results[(current.asked, column.config)] = result
        text.empty()
    line.empty()


def _presented(columns: Sequence[Shown]) -> list[Presented]:
    traces = [column.result if isinstance(column.result, Trace) else None for column in columns]
    numbered = number_passages(
        [trace.passages if trace else () for trace in traces],
        [trace.quoted if trace else () for trace in traces],
    )
    names = [column.title for column in columns]
    apart = differing_settings(columns) if len(set(names)) < len(names) else [""] * len(columns)
    return [
        Presented(column, tuple(passages), words)
        for column, passages, words in zip(columns, numbered, apart, strict=True)
    ]


def differing_settings(columns: Sequence[Shown]) -> list[str]:
    """For each column the settings in which not all are alike: "fixed 100, overlap 20"."""
    entries = resources.adapters().entries()
    settings = [
        dict(settings_in_words(column.config, adapter_name(column.config, entries))) for column in columns
    ]
    differing = [name for name in settings[0] if len({each[name] for each in settings}) > 1]
    return [" · ".join(_with_name(name, each[name]) for name in differing) for each in settings]


def _with_name(name: str, value: str) -> str:
    """A value that says nothing by itself has its setting's name before it."""
    return f"{name.lower()} {value}" if value in ("off", "none") else value


def why_no_answer(column: Shown) -> str:
    """One sentence for a column without an answer."""
    if isinstance(column.result, PlaygroundError):
        return str(column.result)
    if column.missing_model:
        return f"{column.missing_model} is not on this machine."
    return "This column answers as soon as its documents are indexed."
