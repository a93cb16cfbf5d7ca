"""Ask labelled questions, one after another, and write down what came of it.

This module does not know what answers: `run` is a pipeline with its settings, or a fake.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from playground.config import PipelineConfig
from playground.documents import Document
from playground.evaluation.answer_metrics import answer_f1
from playground.evaluation.metrics import (
    evidence_recall,
    mean,
    ndcg,
    percentile,
    recall,
    reciprocal_rank,
)
from playground.evaluation.questions import LabelledQuestion, resolve_all
from playground.evaluation.results import QuestionResult
from playground.pipeline import Trace

RETRIEVAL_DEPTH = 20
"""How many hits a run has to bring, where there are as many, for the deepest figure."""


def _retrieval(figure: Callable[..., float | None], result: QuestionResult) -> float | None:
    return figure([hit.chunk for hit in result.trace.hits], result.gold)


def _answer_f1(result: QuestionResult) -> float | None:
    answer, question = result.trace.answer, result.question
    return answer_f1(answer.text, answer.abstained, question.answers, question.answerable)


def _abstention_accuracy(result: QuestionResult) -> float | None:
    return float(result.trace.answer.abstained != result.question.answerable)


Figure = Callable[[QuestionResult], float | None]
RETRIEVAL_FIGURES: dict[str, Figure] = {
    "recall@5": partial(_retrieval, partial(recall, k=5)),
    "recall@10": partial(_retrieval, partial(recall, k=10)),
    "recall@20": partial(_retrieval, partial(recall, k=20)),
    "mrr@10": partial(_retrieval, partial(reciprocal_rank, k=10)),
    "ndcg@10": partial(_retrieval, partial(ndcg, k=10)),
    "evidence_recall@5": partial(_retrieval, partial(evidence_recall, k=5)),
}
ANSWER_FIGURES: dict[str, Figure] = {
    "answer_f1": _answer_f1,
    "abstention_accuracy": _abstention_accuracy,
}


def evaluate_steps(
    run: Callable[[str], Trace],
    questions: Sequence[LabelledQuestion],
    documents: Mapping[str, Document],
) -> Iterator[QuestionResult]:
    """Ask one question a step. All labels are looked up before the first: InputError where one fits nowhere.

    What `run` raises is passed on: it comes from the settings, and the next question would meet it too.
    """
    gold = resolve_all(questions, documents)
    return (QuestionResult(question, gold[question.id], run(question.question)) for question in questions)


def evaluate(
    run: Callable[[str], Trace],
    questions: Sequence[LabelledQuestion],
    documents: Mapping[str, Document],
    config: PipelineConfig,
) -> dict[str, Any]:
    """All steps, and the report. `documents` are keyed by their names. Raises as `evaluate_steps` does."""
    return report(list(evaluate_steps(run, questions, documents)), documents, config)


def report(
    results: Sequence[QuestionResult], documents: Mapping[str, Document], config: PipelineConfig
) -> dict[str, Any]:
    """What report.json holds: plain values, None where a figure has no question to be measured by."""
    names = {document.id: name for name, document in documents.items()}
    return {
        "config": config.to_dict(),
        "summary": {
            "questions": len(results),
            **figures(results, config),
            "latency_ms": latency(results),
        },
        "questions": [_row(result, names) for result in results],
    }


def figures(results: Sequence[QuestionResult], config: PipelineConfig) -> dict[str, float | None]:
    """The mean of every figure over the questions that it can be measured by. Where nothing is searched,
    retrieval has no figures: 0 would say that the search found nothing."""
    searched = results if config.retrieves else ()
    return {name: mean(map(figure, searched)) for name, figure in RETRIEVAL_FIGURES.items()} | {
        name: mean(map(figure, results)) for name, figure in ANSWER_FIGURES.items()
    }


def latency(results: Iterable[QuestionResult]) -> dict[str, dict[str, float | None]]:
    """Stage -> p50 and p95 in milliseconds, over the runs that were neither cold nor cached."""
    values: dict[str, list[float]] = {"total": []}
    for result in results:
        for stage, milliseconds in result.trace.timings.items():
            stages = values.setdefault(stage, [])
            if result.timed:
                stages.append(milliseconds)
    return {
        stage: {"p50": percentile(measured, 50), "p95": percentile(measured, 95)}
        for stage, measured in values.items()
    }


def _row(result: QuestionResult, names: Mapping[str, str]) -> dict[str, Any]:
    answer = result.trace.answer
    return {
        "id": result.question.id,
        "hits": [
            {
                "document": hit.document_name,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "score": float(hit.final.score),
            }
            for hit in result.trace.hits
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
        "latency_ms": {stage: float(value) for stage, value in result.trace.timings.items()},
    }
