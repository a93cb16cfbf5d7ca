"""What was measured on the person's own data, and whether it speaks for looking up and for tuning.

Evidence speaks where a difference is more than chance, and where two approaches do the same on every
question; else it is open. This module neither measures nor decides.
"""

from dataclasses import dataclass
from typing import Literal

from playground.decision.matrix import Matrix
from playground.decision.trial_results import Behaviour, Freshness, Withdrawal
from playground.evaluation.statistics import Comparison

Answer = Literal["yes", "no", "open"]
"""Whether something is worth its trouble, as far as was measured."""


@dataclass(frozen=True)
class Evidence:
    """None is what was not tried. `cheapest` names the approach that costs least at the person's volumes."""

    matrix: Matrix | None = None
    freshness: Freshness | None = None
    removal: Withdrawal | None = None
    restriction: Withdrawal | None = None
    behaviour: Behaviour | None = None
    cheapest: str = ""

    @property
    def empty(self) -> bool:
        return not (self.matrix or self.freshness or self.removal or self.restriction or self.behaviour)

    @property
    def looking_up(self) -> Answer:
        """Whether retrieval makes answers right. Where the adapter alone is better than RAG, and both
        together are not better than the adapter, it does not."""
        if self.matrix is None:
            return "open"
        against_adapter = self.matrix.effect("rag", "fine_tuning")
        adds = _says(self.matrix.effect("both", "fine_tuning"))
        if against_adapter and against_adapter.verdict == "worse" and adds != "yes":
            return "no"
        return "yes" if adds == "yes" else _says(self.matrix.effect("rag", "prompt"))

    @property
    def tuning(self) -> Answer:
        """Whether the adapter is worth it: beside retrieval where that is, else by itself; or for the form
        and the consistency of the answers, which right and wrong do not show."""
        if self.behaviour and any(
            _says(each) == "yes"
            for each in (*self.behaviour.format_effects, *self.behaviour.consistency_effects)
        ):
            return "yes"
        if self.matrix is None:
            return "open"
        if self.looking_up == "yes":
            return _says(self.matrix.effect("both", "rag"))
        return _says(self.matrix.effect("fine_tuning", "prompt"))


def _says(comparison: Comparison | None) -> Answer:
    if comparison is None:
        return "open"
    if comparison.verdict == "better":
        return "yes"
    return "no" if comparison.verdict in ("worse", "equal") else "open"
