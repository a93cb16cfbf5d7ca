import json
from collections.abc import Sequence

import pytest

from playground.chunking.chunk import Chunk
from playground.engines.engine import Answer, Citation
from playground.evaluation.records import Plan, Record, Run
from playground.evaluation.results import Contender
from playground.pipeline import Trace
from playground.questions.labels import LabelledQuestion
from playground.reports.report import Traces, only_reason, report
from playground.retrieval import Hit, StageScore
from tests.evaluations import BASE, OTHER, plan, record, run

QUESTIONS = (
    LabelledQuestion("fee", "What is the fee?", ("30 euros",)),
    LabelledQuestion("when", "When did it rise?", ("in May",)),
    LabelledQuestion("who", "Who pays?", answerable=False),
)
FEE = Answer("The fee is 30 euros.", citations=(Citation("d1", 0, 20, passage=0, position=20),))
SILENT = Answer("", abstained=True)
RECORDS = (
    Record("right", FEE.text, figures={"recall@5": 1.0, "mrr@10": 1.0, "answer_f1": 0.5, "iou@5": 0.25}),
    Record("wrong", abstained=True, cause="abstained", figures={"recall@5": 0.0, "answer_f1": 0.0}),
    Record("silent", abstained=True, figures={"answer_f1": 1.0}),
)
ALONE = Plan("fees", QUESTIONS, (Contender("Balanced", BASE),))


def trace(answer: Answer, spans: Sequence[tuple[int, int]] = (), cold: bool = False, **times: float) -> Trace:
    hits = [
        Hit(Chunk("d1", start, end, "", tokens=5), "fees.md", fused=StageScore(1 / rank, rank))
        for rank, (start, end) in enumerate(spans, start=1)
    ]
    return Trace("", BASE, tuple(hits), answer, times, cold)


TRACES = [
    trace(FEE, [(0, 20), (21, 36)], cold=True, dense=9, total=100),
    trace(SILENT, [(40, 50), (0, 33)], dense=2, total=10),
    trace(SILENT, [(0, 20)], dense=4, rerank=5, total=20),
]


def nothing(position: int) -> Trace | None:
    return None


def of(records: Sequence[Record | None], traces: Traces = TRACES.__getitem__) -> dict:
    return report(run(records, of=ALONE), [traces])


def test_the_report_holds_exactly_what_is_promised() -> None:
    found = of(RECORDS)
    assert list(found) == ["config", "summary", "questions"]
    assert found["config"] == BASE.to_dict()
    assert found["summary"] == {
        "questions": 3,
        "right": 2 / 3,
        "recall@5": 0.5,
        "recall@10": None,
        "recall@20": None,
        "mrr@10": 1.0,
        "ndcg@10": None,
        "evidence_recall@5": None,
        "answer_f1": 0.5,
        "abstention_accuracy": pytest.approx(2 / 3),
        "precision@5": None,
        "iou@5": 0.25,
        "exact_match": None,
        "rouge_l": None,
        "similarity": None,
        "citation_precision": None,
        "citation_recall": None,
        "abstention_precision": 0.5,
        "abstention_recall": 1.0,
        "causes": {"abstained": 1},
        "latency_ms": {
            "total": {"p50": 15, "p95": 19.5},
            "dense": {"p50": 3, "p95": 3.9},
            "rerank": {"p50": 5, "p95": 5},
        },
    }
    assert found["questions"][0] == {
        "id": "fee",
        "hits": [
            {"document": "fees.md", "start": 0, "end": 20, "score": 1.0},
            {"document": "fees.md", "start": 21, "end": 36, "score": 0.5},
        ],
        "answer": "The fee is 30 euros.",
        "citations": [{"document": "fees.md", "start": 0, "end": 20}],
        "abstained": False,
        "latency_ms": {"dense": 9.0, "total": 100.0},
        "outcome": "right",
        "cause": None,
    }
    assert (found["questions"][1]["outcome"], found["questions"][1]["cause"]) == ("wrong", "abstained")
    assert json.loads(json.dumps(found)) == found


def test_cold_and_cached_runs_have_no_latency_figure() -> None:
    cold = trace(FEE, cold=True, total=1)
    found = of(RECORDS, lambda position: cold)
    assert found["summary"]["latency_ms"] == {"total": {"p50": None, "p95": None}}
    assert found["questions"][0]["latency_ms"] == {"total": 1.0}


def test_a_question_that_failed_says_why_and_the_others_are_measured() -> None:
    failed = Record("failed", cause="failed", reason="the server is gone")
    found = of((RECORDS[0], failed, RECORDS[2]), lambda at: None if at == 1 else TRACES[at])
    assert found["questions"][1] == {
        "id": "when",
        "hits": [],
        "answer": "",
        "citations": [],
        "abstained": False,
        "latency_ms": {},
        "outcome": "failed",
        "cause": "failed",
        "error": "the server is gone",
    }
    summary = found["summary"]
    assert (summary["questions"], summary["failed"], summary["right"]) == (3, 1, 2 / 3)
    assert (summary["answer_f1"], summary["abstention_accuracy"]) == (0.75, 1.0)


def test_there_is_one_reason_only_where_every_question_failed() -> None:
    failed = Record("failed", reason="no model")
    assert only_reason((failed, Record("failed", reason="not asked after 3"))) == "no model"
    assert only_reason((failed, RECORDS[0])) == ""
    assert only_reason(()) == ""


def test_questions_that_an_adapter_learned_count_and_are_named() -> None:
    found = of((Record("right", seen=True), RECORDS[1], RECORDS[2]))
    assert (found["summary"]["learned"], found["summary"]["right"]) == (1, 2 / 3)
    assert [row.get("learned") for row in found["questions"]] == [True, None, None]


def compared(first: str, second: str) -> Run:
    contenders = Contender("Balanced", BASE), Contender("Fast", OTHER)
    return run(first, second, of=plan(len(first), *contenders))


def test_another_configuration_is_compared_with_the_first() -> None:
    found = report(compared("✗" * 12, "✓" * 12), [nothing, nothing])
    (comparison,) = found["comparisons"]
    assert list(comparison) == ["name", "config", "summary", "difference", "p", "verdict", "words"]
    assert (comparison["name"], comparison["config"]) == ("Fast", OTHER.to_dict())
    assert (comparison["summary"]["right"], found["summary"]["right"]) == (1.0, 0.0)
    assert (comparison["difference"]["mean"], comparison["difference"]["n"]) == (1.0, 12)
    assert comparison["p"] == pytest.approx(2 / 2**12)
    assert (comparison["verdict"], comparison["words"]) == ("better", "+100 points: better")
    assert len(found["questions"]) == 12


def test_a_comparison_that_failed_altogether_says_why() -> None:
    broken = [record("!", reason="no such model")] * 2
    found = report(run("✓✓", broken, of=compared("✓✓", "✓✓").plan), [nothing, nothing])
    (comparison,) = found["comparisons"]
    assert comparison["error"] == "no such model"
    assert comparison["words"] == "2 questions are too few to tell"
