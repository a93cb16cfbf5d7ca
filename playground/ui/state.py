"""What a browser session compares: the question and up to four columns, kept across pages and in the URL.

A column's knobs may be set, one after another, to a combination that cannot work yet (a reranker that still
lacks its model); then the column keeps its last working configuration and says what is missing.
"""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from playground.config import (
    COMPARISONS,
    DEFAULT,
    ChunkingConfig,
    PipelineConfig,
    from_compact,
    to_compact,
)
from playground.errors import ConfigError, PlaygroundError
from playground.pipeline import Trace
from playground.workspace import IndexStatus

LETTERS = "ABCD"
START = "Retrieval"


@dataclass
class Column:
    """`values` are the knobs as they stand; `config` is the last combination of them that works."""

    config: PipelineConfig
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""

    def __post_init__(self) -> None:
        self.values = dict(self.config.items())

    def set(self, name: str, value: Any) -> None:
        """Turn one knob."""
        self.values[name] = value
        largest = int(self.values["chunking.size"]) // 2
        self.values["chunking.overlap"] = min(self.values["chunking.overlap"], largest)
        try:
            self.config = DEFAULT.with_values(self.values)
            self.problem = ""
        except ConfigError as error:
            self.problem = str(error)


@dataclass
class Comparison:
    """`asked` is the question whose answers are shown; `results` are by (question, configuration)."""

    columns: list[Column]
    asked: str = ""
    results: dict[tuple[str, PipelineConfig], Trace | PlaygroundError] = field(default_factory=dict)
    measured: dict[tuple[str, PipelineConfig], list[Trace]] = field(default_factory=dict)
    revision: int = -1
    problem: str = ""


@dataclass(frozen=True)
class Shown:
    """A column as it is drawn now: its result is None before it was asked."""

    index: int
    config: PipelineConfig
    status: IndexStatus
    result: Trace | PlaygroundError | None = None

    @property
    def letter(self) -> str:
        """ "a" to "d": the end of every widget's key in this column."""
        return LETTERS[self.index].lower()

    @property
    def can_answer(self) -> bool:
        """Whether there is something to answer from; what is missing is said in the column."""
        return bool(self.status.documents) and not (self.config.retrieves and self.status.empty)


def comparison() -> Comparison:
    """The session's comparison; a new session takes it from the URL."""
    if "comparison" not in st.session_state:
        st.session_state["comparison"] = _from_url()
    current: Comparison = st.session_state["comparison"]
    return current


def columns() -> list[PipelineConfig]:
    """The configurations that are compared, at least one."""
    return [column.config for column in comparison().columns]


def set_chunking(index: int, chunking: ChunkingConfig) -> None:
    """Cut the documents of a column in another way."""
    column = comparison().columns[index]
    for name in ("strategy", "size", "overlap", "prefix"):
        column.values[f"chunking.{name}"] = getattr(chunking, name)
    column.set("chunking.size", chunking.size)


def fill(configs: tuple[PipelineConfig, ...]) -> None:
    """Begin anew with these columns; the question stays."""
    comparison().columns = [Column(config) for config in configs]


def set_config(index: int, config: PipelineConfig) -> None:
    comparison().columns[index] = Column(config)


def add_column() -> None:
    """A copy of the last column, to be changed."""
    current = comparison()
    if len(current.columns) < len(LETTERS):
        current.columns.append(Column(current.columns[-1].config))


def remove_column(index: int) -> None:
    current = comparison()
    if len(current.columns) > 1:
        del current.columns[index]


def comparison_name() -> str | None:
    """Which of the ready-made comparisons this is, if any."""
    configs = tuple(columns())
    return next((name for name, ready in COMPARISONS.items() if ready == configs), None)


def write_url() -> None:
    """Let the address bar open this comparison again."""
    current = comparison()
    values = {
        letter.lower(): to_compact(c.config) for letter, c in zip(LETTERS, current.columns, strict=False)
    }
    if current.asked:  # the question first: it is what a person reads in a link
        values = {"q": current.asked} | values
    if dict(st.query_params) != values:
        st.query_params.from_dict(values)


def _from_url() -> Comparison:
    texts = [st.query_params[letter] for letter in LETTERS.lower() if letter in st.query_params]
    question = st.query_params.get("q", "")
    try:
        configs = tuple(from_compact(text) for text in texts) or COMPARISONS[START]
    except ConfigError as error:
        problem = f"The address does not open a comparison: {error}. These are the ready-made columns."
        return Comparison([Column(config) for config in COMPARISONS[START]], question, problem=problem)
    return Comparison([Column(config) for config in configs], question)
