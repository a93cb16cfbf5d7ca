import json
from collections.abc import Sequence

import pytest

from playground.chunking.chunk import Chunk
from playground.config import PipelineConfig
from playground.documents import Document
from playground.engines.engine import Answer, Citation
from playground.errors import InputError, ModelError
from playground.evaluation.questions import Gold, LabelledQuestion
from playground.evaluation.report import RETRIEVAL_DEPTH, evaluate, evaluate_steps
from playground.pipeline import Trace
from playground.retrieval import Hit, StageScore

CONFIG = PipelineConfig()
FEES = Document("d1", "fees.md", "The fee is 30 euros. It rose in May. " + "More follows. " * 10)
DOCUMENTS = {FEES.name: FEES}


def hit(start: int, end: int, rank: int) -> Hit:
    chunk = Chunk("d1", start, end, FEES.text[start:end], tokens=5)
    return Hit(chunk, "fees.md", fused=StageScore(1 / rank, rank))


def trace(
    hits: Sequence[tuple[int, int]],
    answer: Answer,
    total: float,
    cold: bool = False,
    cached: bool = False,
    **stages: float,
) -> Trace:
    ranked = tuple(hit(start, end, rank) for rank, (start, end) in enumerate(hits, start=1))
    return Trace("", CONFIG, ranked, answer, {**stages, "total": total}, cold=cold, cached=cached)


QUESTIONS = [
    LabelledQuestion("fee", "What is the fee?", ("30 euros",), relevant=(Gold("fees.md", quote="30 euros"),)),
    LabelledQuestion("when", "When did it rise?", ("in May",), relevant=(Gold("fees.md", quote="May"),)),
    LabelledQuestion("who", "Who pays?", answerable=False),
]
TRACES = {
    "What is the fee?": trace(
        [(0, 20), (21, 36)],
        Answer("The fee is 30 euros.", citations=(Citation("d1", 0, 20, passage=0, position=20),)),
        total=100,
        dense=9,
        cold=True,
    ),
    "When did it rise?": trace([(40, 50), (0, 33)], Answer("", abstained=True), total=10, dense=2),
    "Who pays?": trace([(0, 20)], Answer("", abstained=True), total=20, dense=4, rerank=5),
}


def test_the_report_holds_exactly_what_is_promised() -> None:
    report = evaluate(TRACES.__getitem__, QUESTIONS, DOCUMENTS, CONFIG)
    assert list(report) == ["config", "summary", "questions"]
    assert report["config"] == CONFIG.to_dict()
    assert report["summary"] == {
        "questions": 3,
        "recall@5": 1.0,
        "recall@10": 1.0,
        "recall@20": 1.0,
        "mrr@10": 0.75,
        "ndcg@10": pytest.approx((1 + 0.6309297535714575) / 2),
        "evidence_recall@5": pytest.approx((1 + 1 / 3) / 2),  # of "May" only the M is in the second hit
        "answer_f1": pytest.approx((2 * 2 / (4 + 2) + 0 + 1) / 3),
        "abstention_accuracy": pytest.approx(2 / 3),
        "latency_ms": {
            "total": {"p50": 15, "p95": 19.5},
            "dense": {"p50": 3, "p95": 3.9},
            "rerank": {"p50": 5, "p95": 5},
        },
    }
    assert report["questions"][0] == {
        "id": "fee",
        "hits": [
            {"document": "fees.md", "start": 0, "end": 20, "score": 1.0},
            {"document": "fees.md", "start": 21, "end": 36, "score": 0.5},
        ],
        "answer": "The fee is 30 euros.",
        "citations": [{"document": "fees.md", "start": 0, "end": 20}],
        "abstained": False,
        "latency_ms": {"dense": 9.0, "total": 100.0},
    }
    assert json.loads(json.dumps(report)) == report


def test_cold_and_cached_runs_have_no_latency_figure() -> None:
    answer = Answer("x")
    runs = {
        "What is the fee?": trace([], answer, total=1, cold=True),
        "When did it rise?": trace([], answer, total=1, cached=True),
    }
    report = evaluate(runs.__getitem__, QUESTIONS[:2], DOCUMENTS, CONFIG)
    assert report["summary"]["latency_ms"] == {"total": {"p50": None, "p95": None}}
    assert report["questions"][0]["latency_ms"] == {"total": 1.0}


def test_figures_that_no_question_can_be_measured_by_are_null() -> None:
    question = LabelledQuestion("q", "Who pays?")  # no gold, and no right answer written down
    summary = evaluate(TRACES.__getitem__, [question], DOCUMENTS, CONFIG)["summary"]
    retrieval = ["recall@5", "recall@10", "recall@20", "mrr@10", "ndcg@10", "evidence_recall@5"]
    assert [summary[name] for name in [*retrieval, "answer_f1"]] == [None] * 7
    assert summary["abstention_accuracy"] == 0


def test_a_run_that_searches_nothing_has_no_retrieval_figures() -> None:
    config = CONFIG.with_values({"retrieval.mode": "none"})
    runs = {question.question: trace([], Answer("in May"), total=1) for question in QUESTIONS}
    summary = evaluate(runs.__getitem__, QUESTIONS, DOCUMENTS, config)["summary"]
    assert (summary["recall@5"], summary["ndcg@10"]) == (None, None)
    assert summary["answer_f1"] == pytest.approx(1 / 3)
    found_nothing = evaluate(runs.__getitem__, QUESTIONS, DOCUMENTS, CONFIG)["summary"]
    assert (found_nothing["recall@5"], found_nothing["ndcg@10"]) == (0, 0)


def test_no_questions_make_an_empty_report() -> None:
    report = evaluate(TRACES.__getitem__, [], DOCUMENTS, CONFIG)
    assert report["questions"] == []
    assert report["summary"]["questions"] == 0
    assert report["summary"]["abstention_accuracy"] is None


def test_one_question_is_asked_a_step() -> None:
    asked: list[str] = []

    def run(question: str) -> Trace:
        asked.append(question)
        return TRACES[question]

    steps = evaluate_steps(run, QUESTIONS, DOCUMENTS)
    assert asked == []
    assert next(steps).question.id == "fee"
    assert asked == ["What is the fee?"]
    assert [result.question.id for result in steps] == ["when", "who"]


def test_labels_are_looked_up_before_the_first_question_is_asked() -> None:
    bad = LabelledQuestion("bad", "Where?", relevant=(Gold("gone.md"),))
    with pytest.raises(InputError, match=r"question bad: there is no document gone\.md"):
        evaluate_steps(TRACES.__getitem__, [*QUESTIONS, bad], DOCUMENTS)


def test_what_a_run_raises_is_passed_on() -> None:
    def run(question: str) -> Trace:
        raise ModelError("no model")

    with pytest.raises(ModelError, match="no model"):
        evaluate(run, QUESTIONS, DOCUMENTS, CONFIG)


def test_the_deepest_figure_fits_the_depth_that_runs_are_asked_for() -> None:
    deep = [(0, 4)] * (RETRIEVAL_DEPTH - 1) + [(11, 19)]
    runs = {"What is the fee?": trace(deep, Answer("x"), total=1)}
    summary = evaluate(runs.__getitem__, QUESTIONS[:1], DOCUMENTS, CONFIG)["summary"]
    assert (summary["recall@10"], summary["recall@20"]) == (0, 1)
