"""Small decisions for tests: two by twos and evidence that are known by heart."""

from typing import Any

from playground.config import DEFAULT
from playground.decision.matrix import NAMES, Matrix, matrix_of
from playground.decision.trial_results import Asked, Freshness, Said, Update, Withdrawal
from playground.evaluation.records import Run
from playground.evaluation.results import Contender
from playground.presets import four_approaches
from tests import evaluations

PROMPT, RAG, TUNED, BOTH = four_approaches(DEFAULT, "my-adapter")
CONTENDERS = tuple(
    Contender(name, config) for name, config in zip(NAMES.values(), (PROMPT, RAG, TUNED, BOTH), strict=True)
)


def run_of(prompt: str, rag: str, tuned: str = "", both: str = "", **values: Any) -> Run:
    """A run of the approaches that have signs, all of them as many (see `tests.evaluations.record`)."""
    columns = [signs for signs in (prompt, rag, tuned, both) if signs]
    contenders = [each for each, signs in zip(CONTENDERS, (prompt, rag, tuned, both), strict=True) if signs]
    return evaluations.run(*columns, of=evaluations.plan(len(prompt), *contenders), **values)


def matrix(prompt: str, rag: str, tuned: str = "", both: str = "", **values: Any) -> Matrix:
    found = matrix_of(run_of(prompt, rag, tuned, both, **values))
    assert found is not None
    return found


def said(text: str = "It is ten.", yes: bool = True) -> Said:
    return Said(text, yes, sources=("a.md",))


def freshness(**values: Any) -> Freshness:
    """RAG said the new fact after four seconds; the adapter still said the old one."""
    known: dict[str, Any] = {
        "question": "How many?",
        "document": "a.md",
        "old": "ten",
        "new": "eleven",
        "before": said(),
        "after": said("It is eleven."),
        "seconds": 4.0,
        "still_old": False,
        "adapter": said(),
    }
    return Freshness(**{**known, **values})


def update(**values: Any) -> Update:
    known: dict[str, Any] = {
        "examples": 100, "changed": 3, "seconds": 360.0, "answer": said("It is eleven."), "still_old": False
    }  # fmt: skip
    return Update(**{**known, **values})


def withdrawal(told: int = 1, of: int = 2, left: int = 0) -> Withdrawal:
    """A document of which the adapter still tells so many facts."""
    asked = tuple(
        Asked(f"Question {number}?", said(), said("I cannot say.", False), said(yes=number < told))
        for number in range(of)
    )
    return Withdrawal("a.md", asked, {"dense": left, "keyword": 0, "hybrid": 0}, 0.1)
