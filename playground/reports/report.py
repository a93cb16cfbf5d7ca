"""The report of a run for programs: what `playground evaluate` writes.

Its shape is a contract. The first contender is what the report is about; the others are compared with it.
This module does not know how a run is made nor where its traces are kept.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from playground.evaluation.metrics import mean, percentile
from playground.evaluation.records import Record, Run
from playground.evaluation.summary import ColumnSummary, differences, summarise
from playground.pipeline import Trace
from playground.questions.lookup import LabelledQuestion
from playground.reports.export import comparison_to_dict

RETRIEVAL_FIGURES = ("recall@5", "recall@10", "recall@20", "mrr@10", "ndcg@10", "evidence_recall@5")
MORE_RETRIEVAL_FIGURES = ("precision@5", "iou@5")
MORE_ANSWER_FIGURES = (
    "exact_match",
    "rouge_l",
    "similarity",
    "citation_precision",
    "citation_recall",
    "abstention_precision",
    "abstention_recall",
)

Traces = Callable[[int], Trace | None]
"""The trace of a question, by its position; None where it failed."""


def report(run: Run, traces: Sequence[Traces]) -> dict[str, Any]:
    """What report.json holds: plain values, None where a figure has no question to be measured by. `traces`
    are by contender. Questions that an adapter was trained with count, and are named as such: figures are of
    all questions of the file."""
    summaries = summarise(run, count_seen=True)
    questions = run.plan.questions
    latencies = [Latency() for _ in run.plan.contenders]
    rows = []
    for position, question in enumerate(questions):
        for number, column in enumerate(run.records):
            trace, record = traces[number](position), column[position]
            latencies[number].add(trace)
            if number == 0:
                rows.append(_row(question, record, trace))
    parts = [
        _summary(questions, column, summary, latency)
        for column, summary, latency in zip(run.records, summaries, latencies, strict=True)
    ]
    found = {"config": run.plan.contenders[0].config.to_dict(), "summary": parts[0], "questions": rows}
    return found | ({"comparisons": _comparisons(run, parts)} if len(parts) > 1 else {})


def only_reason(column: Sequence[Record | None]) -> str:
    """Why nothing was answered, where every question failed; else ""."""
    reasons = [record.reason for record in column if record is not None and record.outcome == "failed"]
    return reasons[0] if reasons and len(reasons) == len(column) else ""


class Latency:
    """Times of one contender by stage, over the runs that were neither cold nor cached."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {"total": []}

    def add(self, trace: Trace | None) -> None:
        """Count a run; a stage that it had is named even where its time says nothing."""
        if trace is None:
            return
        for stage, milliseconds in trace.timings.items():
            values = self._values.setdefault(stage, [])
            if not (trace.cold or trace.cached):
                values.append(milliseconds)

    def to_dict(self) -> dict[str, dict[str, float | None]]:
        """Stage -> p50 and p95 in milliseconds, over the runs that had the stage."""
        return {
            stage: {"p50": percentile(values, 50), "p95": percentile(values, 95)}
            for stage, values in self._values.items()
        }


def _summary(
    questions: Sequence[LabelledQuestion],
    column: Sequence[Record | None],
    summary: ColumnSummary,
    latency: Latency,
) -> dict[str, Any]:
    failed = sum(record is not None and record.outcome == "failed" for record in column)
    learned = sum(record is not None and record.seen for record in column)
    return {
        "questions": len(questions),
        "right": summary.right.share if summary.right else None,
        **{name: summary.figures.get(name) for name in RETRIEVAL_FIGURES},
        "answer_f1": summary.figures.get("answer_f1"),
        "abstention_accuracy": _abstention_accuracy(zip(questions, column, strict=True)),
        **{name: summary.figures.get(name) for name in (*MORE_RETRIEVAL_FIGURES, *MORE_ANSWER_FIGURES)},
        **{name: value for name, value in summary.figures.items() if name == "format_valid"},
        **({"failed": failed} if failed else {}),
        **({"learned": learned} if learned else {}),
        "causes": dict(summary.causes),
        "latency_ms": latency.to_dict(),
    }


def _abstention_accuracy(pairs: Iterable[tuple[LabelledQuestion, Record | None]]) -> float | None:
    """The share of questions that were answered or left unanswered as they should be."""
    return mean(
        float(record.abstained != record.to_answer(question))
        for question, record in pairs
        if record is not None and record.outcome != "failed"
    )


def _row(question: LabelledQuestion, record: Record | None, trace: Trace | None) -> dict[str, Any]:
    row: dict[str, Any] = {"id": question.id, "hits": [], "answer": "", "citations": [], "abstained": False}
    row["latency_ms"] = {}
    if trace is not None:
        row |= _traced(trace)
    if record is not None:
        row |= {"outcome": record.outcome, "cause": record.cause or None}
        row |= {"error": record.reason} if record.outcome == "failed" else {}
        row |= {"learned": True} if record.seen else {}
    return row


def _traced(trace: Trace) -> dict[str, Any]:
    answer = trace.answer
    names = {hit.chunk.document_id: hit.document_name for hit in trace.hits}
    return {
        "hits": [
            {
                "document": hit.document_name,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "score": float(hit.final.score),
            }
            for hit in trace.hits
        ],
        "answer": answer.text,
        "citations": [
            {
                "document": names.get(citation.document_id, citation.document_id),
                "start": citation.start,
                "end": citation.end,
            }
            for citation in answer.citations
        ],
        "abstained": answer.abstained,
        "latency_ms": {stage: float(value) for stage, value in trace.timings.items()},
    }


def _comparisons(run: Run, summaries: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The other contenders, each against the first one by the share of right answers."""
    found = differences(run, count_seen=True)
    return [
        {
            "name": contender.name,
            "config": contender.config.to_dict(),
            "summary": summaries[number],
            **{
                name: value
                for name, value in comparison_to_dict(comparison).items()
                if name in ("difference", "p", "verdict", "words")
            },
            **({"error": reason} if (reason := only_reason(run.records[number])) else {}),
        }
        for (number, contender), comparison in zip(
            list(enumerate(run.plan.contenders))[1:], found, strict=True
        )
    ]
