"""What trials on the documents brought: values to be kept, shown and told in a memo.

This module does not know how a trial is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from playground.decision.verdict import Approach
from playground.evaluation.statistics import Comparison


@dataclass(frozen=True)
class Said:
    """An answer. `said` tells whether the fact in question stands in it, also where the engine adds that it
    is not sure (`abstained`); `sources` are the documents that it cites."""

    text: str
    said: bool
    abstained: bool = False
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Update:
    """What bringing the adapter up to date took: `changed` of `examples`, `seconds` of training, and what the
    new adapter says of the fact: the new one in `answer`, the old one where `still_old`."""

    examples: int
    changed: int
    seconds: float
    answer: Said
    still_old: bool


@dataclass(frozen=True)
class Freshness:
    """A fact was changed in a document. `seconds` passed from the change to RAG's new answer; `after.said` is
    the new fact, `before.said` the old one. `adapter` is what it says, not knowing of the change, None
    without one. `elsewhere` are documents that still say the old fact."""

    question: str
    document: str
    old: str
    new: str
    before: Said
    after: Said
    seconds: float
    still_old: bool
    elsewhere: tuple[str, ...] = ()
    adapter: Said | None = None
    update: Update | None = None

    @property
    def quoted(self) -> set[str]:
        """Names of the documents that the result says something of."""
        return {self.document, *self.elsewhere, *self.before.sources, *self.after.sources}


@dataclass(frozen=True)
class Asked:
    """One question of a trial: what RAG said before and after, and what the adapter says in any case."""

    question: str
    before: Said
    after: Said
    adapter: Said | None = None


@dataclass(frozen=True)
class Withdrawal:
    """A document was taken away, from everybody (removal) or from the one who asks (restriction). `found` is
    how many of its passages searches still bring, by way of searching; all must be 0. `seconds` is what it
    took. `elsewhere` are other documents with an answer in them, from which it may rightly come."""

    document: str
    asked: tuple[Asked, ...]
    found: dict[str, int]
    seconds: float
    elsewhere: tuple[str, ...] = ()

    @property
    def quoted(self) -> set[str]:
        """Names of the documents that the result says something of."""
        cited = {name for each in self.asked for said in (each.before, each.after) for name in said.sources}
        return {self.document, *self.elsewhere, *cited}

    @property
    def left(self) -> int:
        """Passages that are still found; anything but 0 is a fault."""
        return sum(self.found.values())

    @property
    def told_by_adapter(self) -> int:
        return sum(bool(each.adapter and each.adapter.said) for each in self.asked)

    @property
    def told_by_search(self) -> int:
        """Answers with the fact after it was taken away; they come from `elsewhere`."""
        return sum(each.after.said for each in self.asked)


@dataclass(frozen=True)
class BehaviourColumn:
    """One approach. `valid` is the share of answers in the wanted form, None without a form or an answer;
    `consistent` how alike the answers to one question are (mean token F1 of all pairs, 1 where all are the
    same words; two refusals are alike, a refusal and an answer are not), both as means over the questions.
    `answered` is the share of answers that are no refusal. `samples` are the answers to the first
    question."""

    valid: float | None
    consistent: float | None
    answered: float
    samples: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class Behaviour:
    """`questions` were each asked in `wordings` ways, `repeats` times each. `format_effects` and
    `consistency_effects` hold the adapter against none, with the name of what it is compared with."""

    questions: int
    wordings: int
    repeats: int
    columns: Mapping[Approach, BehaviourColumn]
    format_effects: tuple[Comparison, ...] = ()
    consistency_effects: tuple[Comparison, ...] = ()

    @property
    def quoted(self) -> set[str]:
        """Names of the documents that the result says something of."""
        return {name for column in self.columns.values() for name in column.sources}
