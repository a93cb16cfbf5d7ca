"""What an evaluation is made of: contenders, and what each of them made of each question.

This module does not know how a question is asked, nor how a figure is computed.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, Self

from playground.config import PipelineConfig
from playground.pipeline import Trace
from playground.questions.labels import Absence as Absence
from playground.questions.lookup import GoldSpan, LabelledQuestion

Outcome = Literal["right", "partly", "wrong", "silent", "unjudged", "failed"]
"""Of one answer: `silent` is a right abstention, `unjudged` has nothing to judge it by, `failed` is no
answer at all."""


SIGNS: dict[Outcome, str] = {
    "right": "✓",
    "partly": "–",
    "wrong": "✗",
    "silent": "○",
    "unjudged": "?",
    "failed": "!",
}
OUTCOMES: dict[Outcome, str] = {
    "right": "right",
    "partly": "partly right",
    "wrong": "wrong",
    "silent": "rightly silent",
    "unjudged": "nothing to judge it by",
    "failed": "failed",
}
"""How a person reads an outcome."""


@dataclass(frozen=True)
class Contender:
    """A configuration that is measured, with the name of its column. With `gold_passages` nothing is
    searched: the engine is given the chunks in which the evidence stands, which bounds what better retrieval
    can win."""

    name: str
    config: PipelineConfig
    gold_passages: bool = False


@dataclass(frozen=True)
class QuestionResult:
    """A question, where its evidence stands, and what the pipeline made of it. `absent` are its labels that
    never stood anywhere; `hidden` is evidence that the person who asks may not see."""

    question: LabelledQuestion
    gold: tuple[GoldSpan, ...]
    trace: Trace
    absent: tuple[Absence, ...] = ()
    hidden: tuple[GoldSpan, ...] = ()

    @classmethod
    def seen_by(
        cls,
        readable: Collection[str] | None,
        question: LabelledQuestion,
        gold: Sequence[GoldSpan],
        trace: Trace,
        absent: tuple[Absence, ...] = (),
    ) -> Self:
        """As it is for somebody who may see these documents; None is all of them."""
        hidden = tuple(each for each in gold if readable is not None and each.document_id not in readable)
        return cls(question, tuple(each for each in gold if each not in hidden), trace, absent, hidden)

    @property
    def withheld(self) -> bool:
        """Whether the person who asks may see none of the evidence."""
        return bool(self.hidden) and not self.gold

    @property
    def answerable(self) -> bool:
        """Whether an answer is wanted: the documents say it, and not only to others."""
        return self.question.answerable and not self.withheld

    @property
    def timed(self) -> bool:
        """Whether its latency counts: loading a model and reading a stored answer say nothing about it."""
        return not (self.trace.cold or self.trace.cached)


@dataclass(frozen=True)
class FailedQuestion:
    """A question that a contender could not be asked, and the reason in one line."""

    question: LabelledQuestion
    reason: str


Cell = QuestionResult | FailedQuestion


def answered(cells: Sequence[Cell]) -> list[QuestionResult]:
    """Those that have an answer."""
    return [cell for cell in cells if isinstance(cell, QuestionResult)]
