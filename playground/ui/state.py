"""What a browser session compares: the question and up to four columns, kept across pages and in the URL.

A column's knobs may be set, one after another, to a combination that cannot work yet (a reranker that still
lacks its model); then the column keeps its last working configuration and says what is missing.
"""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from playground import settings
from playground.config import DEFAULT, ChunkingConfig, PipelineConfig
from playground.engines.downloads import SUGGESTED
from playground.engines.engine import Answer
from playground.engines.prompts import few_shot
from playground.errors import ConfigError, PlaygroundError
from playground.pipeline import Trace
from playground.presets import COMPARISONS, PRESETS, four_approaches, from_compact, preset_name, to_compact
from playground.workspace import IndexStatus

LETTERS = "ABCD"
START = "Retrieval"
FOUR_APPROACHES = "Four approaches"
OF_THE_ENGINE = ("engine.model", "engine.address", "engine.examples", "adapter")
"""Knobs whose values belong to one engine and mean nothing to another."""


@dataclass
class Column:
    """`values` are the knobs as they stand; `config` is the last combination of them that works, `problem`
    says why it is not that of `values`. `left` are the knobs of engines that were chosen before. `generation`
    is another number for every column that takes a place: its widgets have keys of their own, so that what a
    browser still sends for those that stood there before changes nothing."""

    config: PipelineConfig
    values: dict[str, Any] = field(default_factory=dict)
    problem: str = ""
    left: dict[str, dict[str, Any]] = field(default_factory=dict)
    generation: int = 0

    def __post_init__(self) -> None:
        self.values = dict(self.config.items())

    def set(self, name: str, value: Any) -> None:
        """Turn one knob."""
        if name == "engine.name" and value != self.values[name]:
            self._change_engine(value)
        self.values[name] = value
        largest = int(self.values["chunking.size"]) // 2
        self.values["chunking.overlap"] = min(self.values["chunking.overlap"], largest)
        try:
            config = DEFAULT.with_values(self.values)
            few_shot(config.prompt)
            self.config, self.problem = config, ""
        except PlaygroundError as error:
            self.problem = str(error)

    def _change_engine(self, engine: str) -> None:
        """Put away what belongs to the old engine, and take out what the new one had."""
        self.left[self.values["engine.name"]] = {name: self.values[name] for name in OF_THE_ENGINE}
        model = (settings.local_model() or SUGGESTED) if engine == "local_model" else ""
        fresh = dict.fromkeys(OF_THE_ENGINE, "") | {"engine.model": model}
        self.values.update(self.left.get(engine, fresh))


@dataclass(frozen=True)
class Partial:
    """An answer that is being generated, as far as it is. `trace` is the whole run where the engine has
    ended it properly after it was stopped."""

    question: str
    config: PipelineConfig
    text: str = ""
    trace: Trace | None = None

    @property
    def stopped(self) -> Trace:
        """What to show of it once the person has stopped it."""
        engine = self.config.engine
        answer = Answer(self.text, engine=engine.name, model=engine.model, stopped=True)
        return self.trace or Trace(self.question, self.config, (), answer)


@dataclass
class Comparison:
    """`asked` is the question whose answers are shown; `results` are by (question, configuration)."""

    columns: list[Column]
    asked: str = ""
    results: dict[tuple[str, PipelineConfig], Trace | PlaygroundError] = field(default_factory=dict)
    measured: dict[tuple[str, PipelineConfig], list[Trace]] = field(default_factory=dict)
    revision: int = -1
    problem: str = ""
    partial: Partial | None = None


@dataclass(frozen=True)
class Shown:
    """A column as it is drawn now: its result is None before it was asked. `missing_model` is the model that
    has to be downloaded before it can answer, or ""; `problem` says why newer settings cannot work."""

    index: int
    config: PipelineConfig
    status: IndexStatus
    result: Trace | PlaygroundError | None = None
    missing_model: str = ""
    problem: str = ""

    @property
    def letter(self) -> str:
        """ "a" to "d": the end of every widget's key in this column."""
        return LETTERS[self.index].lower()

    @property
    def can_answer(self) -> bool:
        """Whether there is something to answer from; what is missing is said in the column."""
        if self.missing_model:
            return False
        return not self.config.retrieves or bool(self.status.documents and not self.status.empty)

    @property
    def title(self) -> str:
        """What the column is called."""
        return title(self.config)


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
    generation = _next_generation()
    comparison().columns = [Column(config, generation=generation) for config in configs]


def replace_column(column: Column, config: PipelineConfig) -> None:
    """Begin anew with this configuration in the place of `column`, if that is still compared."""
    places = comparison().columns
    for index, each in enumerate(places):
        if each is column:
            places[index] = Column(config, generation=_next_generation())


def add_column() -> None:
    """A copy of the last column, to be changed."""
    current = comparison()
    if len(current.columns) < len(LETTERS):
        current.columns.append(Column(current.columns[-1].config, generation=_next_generation()))


def remove_column(index: int) -> None:
    current = comparison()
    if len(current.columns) > 1:
        generation = _next_generation()
        del current.columns[index]
        for moved in current.columns[index:]:
            moved.generation = generation


def _next_generation() -> int:
    return max(column.generation for column in comparison().columns) + 1


def comparison_name() -> str | None:
    """Which of the ready-made comparisons this is, if any."""
    configs = tuple(columns())
    if _are_four_approaches(configs):
        return FOUR_APPROACHES
    return next((name for name, ready in COMPARISONS.items() if ready == configs), None)


def base_config() -> PipelineConfig:
    """What to vary: what the person has set up in the first column; the default where the columns are a
    ready-made comparison, whose first one may be there only to be beaten."""
    return columns()[0] if comparison_name() in (None, FOUR_APPROACHES) else DEFAULT


def title(config: PipelineConfig) -> str:
    """A preset's name, or which of the four approaches it is; always that where the four are compared."""
    name = preset_name(config)
    if name not in PRESETS or _are_four_approaches(tuple(columns())):
        return config.approach
    return name


def _are_four_approaches(configs: tuple[PipelineConfig, ...]) -> bool:
    """Two are enough, as long as there is no adapter for the other two."""
    return len(configs) in (2, 4) and configs == four_approaches(configs[1], configs[-1].adapter)


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
