"""Every knob of the pipeline, in one frozen value: the cache key, the row of a sweep, the exported file.

Dotted names ("chunking.size") are the same in `--set`, in an exported TOML file and in the address bar.
This module does not know what the knobs do.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from string import Formatter
from typing import Any
from urllib.parse import urlsplit

import tomli_w

from playground.errors import ConfigError

STRATEGIES = ("fixed", "structural", "semantic")
MODES = ("none", "dense", "keyword", "hybrid")
FUSIONS = ("weighted", "rrf")
RERANKERS = ("none", "late_interaction", "colbert", "cross_encoder", "server")
ENGINES = ("extractive", "local_model", "endpoint")
BUILTIN_ENCODER = "builtin"
DEFAULT_SYSTEM_PROMPT = (
    "You answer questions from numbered passages. Use only what they say, put the number of the passage that "
    "supports a sentence behind it in square brackets, like [1], and be brief. If the passages do not answer "
    "the question, say that you cannot answer it from the documents."
)
DEFAULT_PASSAGE = "[{number}] {document}\n{text}"


def _choice(name: str, value: str, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ConfigError(f"{name}={value} is not one of {', '.join(choices)}")


def _address(name: str, value: str) -> None:
    """An address is kept, shown and shared, so it must not carry a key."""
    if not value:
        return
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{name} is not an address like http://localhost:8000/v1")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigError(f"{name} must not hold a key or a password; give the key in its own field")


def _between(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise ConfigError(f"{name}={value} is not between {low} and {high}")


@dataclass(frozen=True)
class ChunkingConfig:
    """How documents are cut. Sizes are tokens of the encoder; `prefix` puts title and headings before
    the text for embedding and keyword search, never into the offsets."""

    strategy: str = "structural"
    size: int = 200
    overlap: int = 0
    prefix: bool = True

    def __post_init__(self) -> None:
        _choice("chunking.strategy", self.strategy, STRATEGIES)
        _between("chunking.size", self.size, 20, 2000)
        _between("chunking.overlap", self.overlap, 0, self.size // 2)


@dataclass(frozen=True)
class EncoderConfig:
    """Which encoder: the built-in one, or a sentence-transformers model by hub name or local path."""

    name: str = BUILTIN_ENCODER


@dataclass(frozen=True)
class RetrievalConfig:
    """How passages are found. `dense_weight` counts in the weighted fusion only; keyword has the rest.
    `pool` is how many hits each list brings to the fusion. `reader` is who asks: passages of documents that
    this person may not see are left out. "" is nobody in particular, and then nothing is checked: everyone's
    documents and all restricted ones are searched."""

    mode: str = "hybrid"
    fusion: str = "weighted"
    dense_weight: float = 0.4
    top_k: int = 5
    pool: int = 100
    reader: str = ""

    def __post_init__(self) -> None:
        _choice("retrieval.mode", self.mode, MODES)
        _choice("retrieval.fusion", self.fusion, FUSIONS)
        _between("retrieval.dense_weight", self.dense_weight, 0.0, 1.0)
        _between("retrieval.top_k", self.top_k, 1, 100)
        _between("retrieval.pool", self.pool, 1, 1000)


@dataclass(frozen=True)
class RerankingConfig:
    """How the first `candidates` hits are put in a new order. `model` is a hub name, a local path, or the
    name that a rerank server has for it; `address` is that server's ("" is Cohere's own). Keys are no
    settings: see `playground.credentials`."""

    method: str = "none"
    model: str = ""
    candidates: int = 20
    address: str = ""

    def __post_init__(self) -> None:
        _choice("reranking.method", self.method, RERANKERS)
        _between("reranking.candidates", self.candidates, 1, 200)
        if self.method in ("colbert", "cross_encoder", "server") and not self.model:
            what = (
                "the server's name for it" if self.method == "server" else "a hub name or the path of a model"
            )
            raise ConfigError(f"reranking.method={self.method} needs reranking.model: {what}")
        if self.method == "server":
            _address("reranking.address", self.address)


@dataclass(frozen=True)
class PromptConfig:
    """What a language model is told. `passage` says how one passage is written: {number}, {document} and
    {text} are filled in. `examples` are shown before the question, a line of JSON each, as in a file of
    training examples: {"input": ..., "output": ...}. The extractive engine reads none of it."""

    system: str = DEFAULT_SYSTEM_PROMPT
    passage: str = DEFAULT_PASSAGE
    examples: str = ""

    def __post_init__(self) -> None:
        try:
            names = {name for _, name, _, _ in Formatter().parse(self.passage) if name is not None}
        except ValueError:  # a bracket that is opened and not closed
            names = set()
        if not {"number", "text"} <= names <= {"number", "document", "text"}:
            raise ConfigError(
                "prompt.passage has to hold {number} and {text}, and may hold {document}; other curly "
                "brackets are written twice"
            )


@dataclass(frozen=True)
class EngineConfig:
    """Who answers; with `retrieval` off the engine gets no passages, and nothing is searched.

    `model` is a hub name or a path for the local model ("" is PLAYGROUND_MODEL), a name on the server for an
    endpoint, whose `address` is needed too. `examples` names labelled examples (a file, or a set that the
    library keeps): the extractive engine then answers with one of their outputs, and retrieval votes among
    them instead of searching documents. Keys are no settings: see `playground.credentials`.
    """

    name: str = "extractive"
    retrieval: bool = True
    model: str = ""
    address: str = ""
    examples: str = ""
    max_tokens: int = 256
    temperature: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        _choice("engine.name", self.name, ENGINES)
        _between("engine.max_tokens", self.max_tokens, 1, 8192)
        _between("engine.temperature", self.temperature, 0.0, 2.0)
        _between("engine.seed", self.seed, 0, 2**31 - 1)
        if self.examples and self.name != "extractive":
            raise ConfigError(
                f"engine.examples works with engine.name=extractive, not with {self.name}; leave it empty"
            )
        if self.name == "endpoint":
            if not self.model:
                raise ConfigError("engine.name=endpoint needs engine.model: the server's name for it")
            if not self.address:
                raise ConfigError("engine.name=endpoint needs engine.address, like http://localhost:11434/v1")
            _address("engine.address", self.address)


@dataclass(frozen=True)
class PipelineConfig:
    """All settings of one column, one command, or one row of a sweep. `adapter` is a folder, the id of one in
    the adapter library, for an endpoint the name of the tuned model there, or empty."""

    chunking: ChunkingConfig = field(default_factory=ChunkingConfig)
    encoder: EncoderConfig = field(default_factory=EncoderConfig)
    retrieval: RetrievalConfig = field(default_factory=RetrievalConfig)
    reranking: RerankingConfig = field(default_factory=RerankingConfig)
    prompt: PromptConfig = field(default_factory=PromptConfig)
    engine: EngineConfig = field(default_factory=EngineConfig)
    adapter: str = ""

    @property
    def grounded(self) -> bool:
        """Whether the answer may rest on something that is looked up: passages, or labelled examples."""
        return self.engine.retrieval and self.retrieval.mode != "none"

    @property
    def retrieves(self) -> bool:
        """Whether documents are searched for a question at all."""
        return self.grounded and not self.engine.examples

    @property
    def approach(self) -> str:
        """Which of the four approaches this is."""
        return APPROACHES[self.grounded, bool(self.adapter)]

    def items(self) -> Iterator[tuple[str, Any]]:
        """Dotted names with their values, in the order of the way of the data."""
        for section in fields(self):
            part = getattr(self, section.name)
            if is_dataclass(part):
                for knob in fields(part):
                    yield f"{section.name}.{knob.name}", getattr(part, knob.name)
            else:
                yield section.name, part

    def with_values(self, values: Mapping[str, Any]) -> "PipelineConfig":
        """A copy with dotted names set; strings are read as the knob's type.

        Raises ConfigError for an unknown name, a value of the wrong type, or one that cannot work.
        """
        known = dict(self.items())
        changes: dict[str, Any] = {}
        for name, value in values.items():
            if name not in known:
                raise ConfigError(f"there is no setting {name}; the settings are {', '.join(known)}")
            section, _, knob = name.partition(".")
            typed = _typed(name, value, type(known[name]))
            if knob:
                changes.setdefault(section, {})[knob] = typed
            else:
                changes[section] = typed
        return replace(
            self,
            **{
                name: replace(getattr(self, name), **change) if isinstance(change, dict) else change
                for name, change in changes.items()
            },
        )

    def differences(self, other: "PipelineConfig") -> dict[str, tuple[Any, Any]]:
        """Dotted names whose values differ, each with (this value, the other's value)."""
        theirs = dict(other.items())
        return {name: (value, theirs[name]) for name, value in self.items() if value != theirs[name]}

    def to_dict(self) -> dict[str, Any]:
        """Nested plain values, as in a report or a TOML file."""
        result: dict[str, Any] = {}
        for name, value in self.items():
            section, _, knob = name.partition(".")
            if knob:
                result.setdefault(section, {})[knob] = value
            else:
                result[section] = value
        return result

    def to_toml(self) -> str:
        """The file that `playground ask --config` takes."""
        plain = self.to_dict()
        scalars = {name: value for name, value in plain.items() if not isinstance(value, dict)}
        return tomli_w.dumps(scalars | {name: value for name, value in plain.items() if name not in scalars})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "PipelineConfig":
        """The inverse of `to_dict`; what is not named keeps its default. Raises ConfigError."""
        flat: dict[str, Any] = {}
        for name, value in values.items():
            if isinstance(value, Mapping):
                flat.update({f"{name}.{knob}": inner for knob, inner in value.items()})
            else:
                flat[name] = value
        return cls().with_values(flat)

    @classmethod
    def from_toml(cls, path: Path) -> "PipelineConfig":
        """Read an exported file. Raises ConfigError, naming the file."""
        try:
            return cls.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ConfigError) as error:
            raise ConfigError(f"{path} cannot be used as settings: {error}") from error


def parse_settings(pairs: list[str]) -> dict[str, str]:
    """["chunking.size=300"] as {"chunking.size": "300"}. Raises ConfigError where there is no "="."""
    values: dict[str, str] = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise ConfigError(f"--set {pair} has no value; write it as NAME=VALUE, like chunking.size=300")
        values[name.strip()] = value.strip()
    return values


def _typed(name: str, value: Any, kind: type) -> Any:
    if kind is bool:
        words = {"true": True, "false": False, "on": True, "off": False, "1": True, "0": False}
        if str(value).lower() not in words:
            raise ConfigError(f"{name}={value} is not true or false")
        return words[str(value).lower()]
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    if kind is str and isinstance(value, bool | int | float):
        return str(value)
    if kind is str:
        raise ConfigError(f"{name}={value} is not a text")
    try:
        return kind(str(value))
    except ValueError:
        noun = "a whole number" if kind is int else "a number"
        raise ConfigError(f"{name}={value} is not {noun}") from None


APPROACHES = {
    (False, False): "Prompt only",
    (True, False): "RAG",
    (False, True): "Fine-tuned",
    (True, True): "RAG + fine-tuned",
}
"""By (looks something up, has an adapter)."""

DEFAULT = PipelineConfig()
