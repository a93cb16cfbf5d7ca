"""A kept evaluation as a file: CSV for a spreadsheet, JSON for a program, HTML for people.

This module does not know where files are written. For the page see `playground.reports.html_report`.
"""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from playground.evaluation.figures import AT_DEPTH, DEPTHS, OF_ANSWERS
from playground.evaluation.records import Record, Run, plan_to_dict
from playground.evaluation.statistics import Comparison, in_words
from playground.evaluation.summary import ColumnSummary, Row, differences, rows, summarise
from playground.questions.tables import answers_in_words
from playground.reports.html_report import to_html as to_html

FORMAT = 1
"""Of the JSON file; another number where a reader of the old one would go wrong."""

_FIELDS = ("id", "question", "contender", "outcome", "answer", "expected", "found", "cause", "rank", "reason")
_COUNTS = ("cached", "seen", "withheld", "prompt_tokens", "completion_tokens", "total_ms")
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def to_csv(run: Run) -> str:
    """A row for every question and contender, every figure in a column of its own; a field is empty where
    there is nothing. Texts that a spreadsheet would take for a formula begin with an apostrophe."""
    names = _figures_of(run)
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, (*_FIELDS, *_COUNTS, *names), restval="")
    writer.writeheader()
    for row in rows(run):
        for number, record in enumerate(row.records):
            cells = _cells(row, run.plan.contenders[number].name, record)
            writer.writerow({name: _guarded(value) for name, value in cells.items()})
    return out.getvalue()


def to_json(run: Run, count_seen: bool = False) -> str:
    """Everything that is kept but the traces: plan, documents' hashes, versions, a summary for each
    contender, the comparisons with the baseline, and all records (by contender, then by question; null where
    it was not asked). With `count_seen` questions that an adapter learned count."""
    content = {
        "format": FORMAT,
        "id": run.id,
        "name": run.name,
        "created": run.created,
        "state": run.state,
        "seconds": run.seconds,
        "plan": plan_to_dict(run.plan),
        "documents": dict(run.documents),
        "versions": dict(run.versions),
        "unscored": list(run.unscored),
        "summaries": [summary_to_dict(each) for each in summarise(run, count_seen)],
        "comparisons": [comparison_to_dict(each) for each in differences(run, count_seen=count_seen)],
        "records": [[asdict(record) if record else None for record in column] for column in run.records],
    }
    return json.dumps(content, ensure_ascii=False, indent=1)


def summary_to_dict(summary: ColumnSummary) -> dict[str, Any]:
    """Plain values of one contender; latency in milliseconds."""
    return {
        "name": summary.name,
        "right": asdict(summary.right) | {"share": summary.right.share} if summary.right else None,
        "figures": dict(summary.figures),
        "latency_ms": {stage: {"p50": p50, "p95": p95} for stage, (p50, p95) in summary.latency.items()},
        "timed": summary.timed,
        "prompt_tokens": summary.prompt_tokens,
        "completion_tokens": summary.completion_tokens,
        "cost": summary.cost,
        "causes": dict(summary.causes),
        "outcomes": dict(summary.outcomes),
    }


def comparison_to_dict(comparison: Comparison) -> dict[str, Any]:
    """Plain values; `p` is corrected for how many contenders are compared. The difference is between -1
    and 1."""
    return {
        "name": comparison.name,
        "baseline": comparison.baseline,
        "difference": asdict(comparison.difference) if comparison.difference else None,
        "discordance": asdict(comparison.discordance) if comparison.discordance else None,
        "p": comparison.p_adjusted,
        "verdict": comparison.verdict,
        "more_questions": comparison.more_questions,
        "words": in_words(comparison),
    }


def _figures_of(run: Run) -> list[str]:
    """The names of all figures that somebody has, retrieval first."""
    known = {name for column in run.records for record in column if record for name in record.figures}
    in_order = [f"{name}@{depth}" for name in AT_DEPTH for depth in DEPTHS] + list(OF_ANSWERS)
    return [name for name in in_order if name in known] + sorted(known - set(in_order))


def _cells(row: Row, contender: str, record: Record | None) -> dict[str, Any]:
    question = row.question
    known = {
        "id": question.id,
        "question": question.question,
        "contender": contender,
        "expected": answers_in_words(question.answers) if question.answerable else "(no answer)",
    }
    return known | (dict(_measured(record)) if record else {"outcome": "not asked"})


def _measured(record: Record) -> Iterator[tuple[str, Any]]:
    for name in ("outcome", "answer", "found", "cause", "rank", "reason", *_COUNTS[:-1]):
        yield name, getattr(record, name)
    yield "total_ms", record.latency.get("total")
    yield from record.figures.items()


def _guarded(value: Any) -> Any:
    """Numbers stay numbers, also where they begin with a minus."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return "" if value is None else value
