"""The seam of all engines: a question and the passages that were found go in, an `Answer` comes out.

An engine does not know how the passages were found, and nothing behind it knows which engine answered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from playground.retrieval import Hit


@dataclass(frozen=True)
class Citation:
    """A quoted span: `document.text[start:end]`. `passage` is the index into the passages that the engine
    got (0 is the first); `position` is the offset in `Answer.text` behind which the citation stands."""

    document_id: str
    start: int
    end: int
    passage: int
    position: int


@dataclass(frozen=True)
class Message:
    """A part of a prompt; `role` is "system", "user" or "assistant"."""

    role: str
    content: str


@dataclass(frozen=True)
class LabelledNeighbour:
    """A labelled example that an answer rests on. `score` is its cosine similarity to the question."""

    input: str
    output: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What an engine said. `text` has no citation marks in it; `citations` say where they belong.

    `engine`, `model` and `adapter` name what really made the answer. `timings` are milliseconds of the stages
    inside the engine ("prompt", "first_token", "generation"), those that it has. `confidence` is the score
    that was held against the abstention threshold, where the engine has one.

    Of engines that generate: `prompt` is what the model was given; `notes` are lines that the person has to
    know, such as passages that did not fit; `dropped_citations` counts marks that point at no passage;
    `unsupported` are spans (start, end) of `text`, the sentences that cite nothing although there were
    passages; `stopped` says that the person stopped it. `neighbours` are the labelled examples that voted,
    nearest first.
    """

    text: str
    citations: tuple[Citation, ...] = ()
    abstained: bool = False
    engine: str = ""
    adapter: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    confidence: float | None = None
    model: str = ""
    prompt: tuple[Message, ...] = ()
    notes: tuple[str, ...] = ()
    dropped_citations: int = 0
    unsupported: tuple[tuple[int, int], ...] = ()
    neighbours: tuple[LabelledNeighbour, ...] = ()
    stopped: bool = False
    timings: Mapping[str, float] = field(default_factory=dict)


class Engine(Protocol):
    """Who answers."""

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """Answer from the passages, best first; without passages, from what the engine knows by itself.

        `on_text` receives the answer's text so far, whenever there is more of it; raising in it stops.
        """
        ...
