"""Small evaluations for tests: plans and records that are known by heart."""

from collections.abc import Sequence
from typing import Any

from playground.config import PipelineConfig
from playground.evaluation.records import Plan, Record, Run
from playground.evaluation.results import Contender
from playground.questions.lookup import LabelledQuestion

BASE = PipelineConfig()
OTHER = BASE.with_values({"retrieval.mode": "dense"})


def questions(count: int, unanswerable: int = 0) -> tuple[LabelledQuestion, ...]:
    """q1, q2, ...; the last ones have no answer."""
    return tuple(
        LabelledQuestion(f"q{number}", f"Question {number}?", ("yes",), number <= count - unanswerable)
        for number in range(1, count + 1)
    )


def plan(count: int = 2, *contenders: Contender, **values: Any) -> Plan:
    chosen = contenders or (Contender("Balanced", BASE), Contender("Fast", OTHER))
    return Plan("My questions", questions(count), chosen, **values)


def record(signs: str, **values: Any) -> Record:
    """By the matrix's sign: ✓ right, – partly, ✗ wrong, ○ rightly silent, ? unjudged, ! failed."""
    outcome = dict(zip("✓–✗○?!", ("right", "partly", "wrong", "silent", "unjudged", "failed"), strict=True))
    return Record(outcome[signs], **values)


def run(*columns: str | Sequence[Record | None], of: Plan | None = None, **values: Any) -> Run:
    """A finished run; a column is its signs, a space for what was not asked, or its records."""
    records = tuple(
        tuple(None if each == " " else record(each) if isinstance(each, str) else each for each in column)
        for column in columns
    )
    return Run(
        "r1", "My questions", of or plan(len(records[0])), "done", "2026-01-01", records=records, **values
    )
