"""What was tried on the documents, in a table: what retrieval did, and what the adapter did.

This module does not know where the table is shown.
"""

from dataclasses import dataclass

from playground.decision.evidence import Evidence
from playground.decision.matrix import Matrix
from playground.decision.sentences import seconds_in_words
from playground.decision.trial_results import Behaviour, Freshness, Withdrawal
from playground.decision.verdict import Approach

NOT_TRIED = "not tried"
NOTHING = "–"


@dataclass(frozen=True)
class Tried:
    """What was done, what came of it with RAG, and what with the adapter alone."""

    what: str
    rag: str
    tuned: str

    @property
    def open(self) -> bool:
        """Whether it was not tried."""
        return self.rag == self.tuned == NOT_TRIED


def tried(evidence: Evidence) -> list[Tried]:
    """Everything that can be tried, whether it was or not."""
    return [
        _freshness(evidence.freshness),
        _withdrawal("A document was deleted", "gone at once", evidence.removal),
        _withdrawal("A document not everybody may see", "hidden from others", evidence.restriction),
        _outside(evidence.matrix),
        _source(evidence.matrix),
        _other_words(evidence.behaviour),
    ]


def _freshness(found: Freshness | None) -> Tried:
    what = "A fact was changed"
    if found is None:
        return Tried(what, NOT_TRIED, NOT_TRIED)
    rag = f"right after {seconds_in_words(found.seconds)}" if found.after.said else "the new one was not said"
    if found.update:
        took = seconds_in_words(found.update.seconds)
        changed = found.update.changed
        tuned = (
            f"right after {took} and {changed} example{'s' * (changed != 1)}"
            if found.update.answer.said
            else f"not right after {took} of training"
        )
    elif found.adapter is None:
        tuned = NOTHING
    else:
        tuned = "still says the old one" if found.adapter.said else "never said it"
    return Tried(what, rag, tuned)


def _withdrawal(what: str, done: str, found: Withdrawal | None) -> Tried:
    if found is None:
        return Tried(what, NOT_TRIED, NOT_TRIED)
    rag = done if not found.left else f"{found.left} passages still found"
    asked = sum(each.adapter is not None for each in found.asked)
    told = found.told_by_adapter
    tuned = f"still told in {told} of {asked}" if told else f"told in none of {asked}" if asked else NOTHING
    return Tried(what, rag, tuned)


def _outside(matrix: Matrix | None) -> Tried:
    return Tried("A question outside", _silent(matrix, "rag"), _silent(matrix, "fine_tuning"))


def _silent(matrix: Matrix | None, approach: Approach) -> str:
    if matrix is None or approach not in matrix.silent:
        return NOTHING if matrix else NOT_TRIED
    count = matrix.silent[approach]
    return f"silent in {count.count} of {count.of}" if count.of else NOT_TRIED


def _source(matrix: Matrix | None) -> Tried:
    what = "A source was asked for"
    if matrix is None:
        return Tried(what, NOT_TRIED, NOT_TRIED)
    cited = matrix.cited.get("rag")
    return Tried(what, f"cited in {cited.count} of {cited.of}" if cited and cited.of else NOTHING, "none")


def _other_words(found: Behaviour | None) -> Tried:
    what = "The same in other words"
    if found is None:
        return Tried(what, NOT_TRIED, NOT_TRIED)
    return Tried(what, _alike(found, "rag"), _alike(found, "fine_tuning"))


def _alike(found: Behaviour, approach: Approach) -> str:
    column = found.columns.get(approach)
    return f"{column.consistent:.0%} alike" if column and column.consistent is not None else NOTHING
