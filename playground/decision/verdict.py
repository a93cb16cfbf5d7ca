"""From answers about a task to a verdict: a prompt, retrieval, fine-tuning or both; what would change it.

Two sums are taken: what speaks for looking things up, and what speaks for tuning. Never is a data problem
answered with tuning, nor a behaviour problem with retrieval: where the answers point there, it is said. This
module does not know how questions are asked nor what was measured.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.decision.criteria import CRITERIA, Criterion, Option

Approach = Literal["prompt", "rag", "fine_tuning", "both"]

NAMES: dict[Approach, str] = {
    "prompt": "A better prompt first",
    "rag": "Retrieval (RAG)",
    "fine_tuning": "Fine-tuning",
    "both": "Retrieval and fine-tuning",
}
ENOUGH = 4
"""Points from which looking up, or tuning, is worth its trouble: two clear reasons, or one of the strongest
with another one."""


@dataclass(frozen=True)
class Contribution:
    """What one answer adds: points for looking up and for tuning, negative where it speaks against."""

    criterion: Criterion
    option: Option

    @property
    def lookup(self) -> int:
        return self.option.lookup

    @property
    def tuning(self) -> int:
        return self.option.tuning

    @property
    def silent(self) -> bool:
        """Whether the answer speaks neither for nor against anything."""
        return not (self.lookup or self.tuning)


@dataclass(frozen=True)
class Change:
    """Another answer that would give another verdict by itself."""

    criterion: Criterion
    option: Option
    approach: Approach


@dataclass(frozen=True)
class Verdict:
    """`approach` is what the answers point to; `first_step` says that prompting comes before it. `lookup` and
    `tuning` are the sums of the contributions."""

    approach: Approach
    first_step: bool
    lookup: int
    tuning: int
    contributions: tuple[Contribution, ...]
    contradictions: tuple[str, ...]
    unanswered: tuple[Criterion, ...]

    @property
    def name(self) -> str:
        return NAMES[self.approach]

    @property
    def margin(self) -> int:
        """Points by which the nearer of the two sums is away from tipping over."""
        return min(_margin(self.lookup), _margin(self.tuning))


def decide(answers: Mapping[str, str]) -> Verdict:
    """The verdict for what was answered so far, by the key of the criterion. Raises KeyError for a criterion
    or an answer that there is not."""
    known = {criterion.key: criterion for criterion in CRITERIA}
    contributions = tuple(
        Contribution(criterion, criterion.option(answers[criterion.key]))
        for criterion in CRITERIA
        if criterion.key in answers
    )
    for key in answers:
        known[key]
    lookup = sum(each.lookup for each in contributions)
    tuning = sum(each.tuning for each in contributions)
    return Verdict(
        _approach(lookup, tuning),
        answers.get("prompting") != "yes",
        lookup,
        tuning,
        contributions,
        tuple(_contradictions(answers, lookup, tuning)),
        tuple(criterion for criterion in CRITERIA if criterion.key not in answers),
    )


def what_would_change(answers: Mapping[str, str]) -> list[Change]:
    """Every single other answer that would give another verdict, in the order of the criteria."""
    now = decide(answers).approach
    changes = []
    for criterion in CRITERIA:
        for option in criterion.options:
            if answers.get(criterion.key) == option.value:
                continue
            then = decide({**answers, criterion.key: option.value}).approach
            if then != now:
                changes.append(Change(criterion, option, then))
    return changes


def _approach(lookup: int, tuning: int) -> Approach:
    if lookup >= ENOUGH and tuning >= ENOUGH:
        return "both"
    if lookup >= ENOUGH:
        return "rag"
    return "fine_tuning" if tuning >= ENOUGH else "prompt"


def _margin(points: int) -> int:
    return points - ENOUGH + 1 if points >= ENOUGH else ENOUGH - points


def _contradictions(answers: Mapping[str, str], lookup: int, tuning: int) -> list[str]:
    """Answers that do not go together, each in a sentence."""
    found = []
    failure = answers.get("failure")
    if failure == "information" and tuning >= ENOUGH:
        found.append(
            "What goes wrong is missing information, and yet the answers point to tuning: never fine-tune "
            "for a data problem."
        )
    if failure == "behaviour" and lookup >= ENOUGH:
        found.append(
            "What goes wrong is behaviour, and yet the answers point to looking things up: never use "
            "retrieval for a behaviour problem."
        )
    if tuning >= ENOUGH and answers.get("examples") in ("none", "noisy"):
        found.append("Tuning needs consistent examples, and there are none yet: collect them first.")
    if tuning >= ENOUGH and answers.get("access") == "restricted":
        found.append(
            "An adapter says what it learned to anyone: train it on form only, and keep what is restricted "
            "in documents."
        )
    if tuning >= ENOUGH and answers.get("removal") == "yes":
        found.append(
            "What an adapter learned cannot be removed with proof: keep out of the examples whatever may "
            "have to go."
        )
    small = answers.get("change") == "never" and answers.get("breadth") == "no"
    if failure == "information" and small:
        found.append("Knowledge that is small and stable may fit into the prompt: try that before an index.")
    return found
