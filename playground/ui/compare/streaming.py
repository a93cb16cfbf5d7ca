"""Answers that appear while they are generated, one column after another, and that can be stopped.

Streamlit ends a script at the next thing that it draws once a widget was clicked. What it raises inside
`on_text` goes through the engine, which ends; the text so far is kept until the script runs again, where the
Stop button's callback makes it the answer. Any other click asks that column anew.
"""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground.comparison import Passage, number_passages
from playground.config import PipelineConfig
from playground.errors import PlaygroundError
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.compare import components as pieces
from playground.ui.compare.answer_cards import Card, draw_answer, draw_foot
from playground.ui.compare.engine_settings import generates
from playground.ui.model_download import missing_model
from playground.ui.state import Partial, Shown

EVERY = 0.05
"""Seconds between two drawings of an answer that grows."""


class Stream:
    """The `on_text` of one run: draws the text so far. `interrupted` is what drawing it has raised."""

    def __init__(self, question: str, config: PipelineConfig, place: DeltaGenerator) -> None:
        self.place = place
        self.partial = Partial(question, config)
        self.interrupted: BaseException | None = None
        self._drawn = 0.0

    def __call__(self, text: str) -> None:
        self.keep(replace(self.partial, text=text))
        if monotonic() - self._drawn < EVERY:
            return
        try:
            with self.place:
                pieces.growing_text(text)
        except BaseException as interruption:
            self.interrupted = interruption
            raise
        self._drawn = monotonic()

    def keep(self, partial: Partial) -> None:
        self.partial = state.comparison().partial = partial


def shown_columns() -> list[Shown]:
    """The columns with the results that they have already."""
    current, workspace = state.comparison(), resources.workspace()
    if current.revision != workspace.revision:
        current.results.clear()
        current.measured.clear()
        current.revision = workspace.revision
    columns = []
    for index, column in enumerate(current.columns):
        config = column.config
        missing = missing_model(config.engine.model) if config.engine.name == "local_model" else ""
        result = current.results.get((current.asked, config))
        columns.append(Shown(index, config, workspace.status(config), result, missing, column.problem))
    return columns


def answer_all(cards: Sequence[Card]) -> tuple[list[Shown], list[list[Passage]]]:
    """Answer the question in every column that can, one after another, so that none slows another.

    Returns the columns with their results, and their passages with the numbers that these have everywhere.
    """
    current = state.comparison()
    columns = [card.column for card in cards]
    waiting = [card for card in cards if is_waiting(card.column)]
    for card in waiting:
        with card.text:
            pieces.waiting_text("Waits for the columns before it …")
    _draw([card for card in cards if card not in waiting], columns)
    for card in waiting:
        index, config = card.column.index, card.column.config
        key = (current.asked, config)
        if key not in current.results:  # two columns may be the same
            current.results[key] = _answer(current.asked, card)
        columns[index] = replace(columns[index], result=current.results[key])
        _draw([card], columns)
    numbered = _numbered(columns)
    for card, column, passages in zip(cards, columns, numbered, strict=True):
        if waiting:  # later answers may have given other passages the first numbers
            draw_answer(card, column, passages)
    return columns, numbered


def is_waiting(column: Shown) -> bool:
    """Whether this column is asked in this run."""
    return bool(state.comparison().asked) and column.result is None and column.can_answer


def _draw(cards: Sequence[Card], columns: list[Shown]) -> None:
    numbered = _numbered(columns)
    for card in cards:
        column = columns[card.column.index]
        draw_answer(card, column, numbered[column.index])
        draw_foot(card, column)


def _numbered(columns: Sequence[Shown]) -> list[list[Passage]]:
    traces = [column.result if isinstance(column.result, Trace) else None for column in columns]
    return number_passages(
        [trace.passages if trace else () for trace in traces],
        [trace.quoted if trace else () for trace in traces],
    )


def _answer(question: str, card: Card) -> Trace | PlaygroundError:
    config = card.column.config
    with card.text:
        pieces.waiting_text("Asking …")
    stream = Stream(question, config, card.text)
    stream.keep(stream.partial)
    if generates(config):
        with card.foot.container():
            st.button(
                "Stop",
                key=f"stop_{card.column.letter}",
                icon=":material/stop_circle:",
                on_click=stop,
                args=(question, config),
            )
    result = _run(question, config, stream)
    if stream.interrupted is not None:  # the engine has ended properly, and now the script has to
        if isinstance(result, Trace):
            stream.keep(replace(stream.partial, trace=result))
        raise stream.interrupted
    state.comparison().partial = None
    return result


def _run(question: str, config: PipelineConfig, stream: Stream) -> Trace | PlaygroundError:
    try:
        return resources.workspace().run(question, config, on_text=stream)
    except PlaygroundError as error:
        return error


def stop(question: str, config: PipelineConfig) -> None:
    """The Stop button's callback: what there is of the answer is the answer."""
    current = state.comparison()
    partial, current.partial = current.partial, None
    if partial and (partial.question, partial.config) == (question, config):
        current.results[(question, config)] = partial.stopped
