import pytest

from playground.evaluation.records import Plan, Price, Record
from playground.evaluation.results import Contender
from playground.evaluation.summary import (
    best_and_worst,
    bounds_in_words,
    differences,
    figure_names,
    filtered,
    rows,
    summarise,
)
from tests.evaluations import BASE, plan, questions, run


def shown(found: list) -> list[str]:
    return [row.question.id for row in found]


def test_partly_right_is_not_right_and_rightly_silent_is() -> None:
    (summary, _) = summarise(run("✓–✗○?!", "✓✓✓✓✓✓"))
    assert summary.right is not None
    assert (summary.right.count, summary.right.of) == (2, 5)  # nobody can judge the fifth
    assert summary.outcomes["partly"] == 1


def test_a_share_has_wilsons_interval() -> None:
    (summary, _) = summarise(run("✓✓✓✓✓✓✓✗✗✗", "✓" * 10))
    assert summary.right is not None
    assert (summary.right.low, summary.right.high) == pytest.approx((0.3968, 0.8922), abs=1e-4)


def test_figures_are_means_over_the_questions_that_have_them() -> None:
    column = [
        Record("right", figures={"mrr@5": 1.0}),
        Record("wrong", figures={"mrr@5": 0.5}),
        Record("right"),
    ]
    (summary, _) = summarise(run(column, "✓✓✓"))
    assert summary.figures["mrr@5"] == 0.75


def test_latency_is_of_the_answers_that_were_timed() -> None:
    column = [
        Record("right", latency={"dense": 1.0, "total": 10.0}),
        Record("right", latency={"total": 20.0}),
        Record("right", cached=True),
    ]
    (summary, nothing) = summarise(run(column, "✓✓✓"))
    assert summary.latency == {"dense": (0.5, 0.95), "total": (15.0, 19.5)}
    assert (summary.timed, summary.p95) == (2, 19.5)
    assert (nothing.timed, nothing.p95) == (0, None)


def test_abstention_has_precision_and_recall() -> None:
    asked = Plan("x", questions(4, unanswerable=2), (Contender("A", BASE),))
    column = [
        Record("wrong", abstained=True),
        Record("right"),
        Record("silent", abstained=True),
        Record("wrong"),
    ]
    (summary,) = summarise(run(column, of=asked))
    assert (summary.figures["abstention_precision"], summary.figures["abstention_recall"]) == (0.5, 0.5)


def test_a_served_model_costs_its_tokens_and_nothing_is_made_up_without_a_price() -> None:
    served = BASE.with_values(
        {"engine.name": "endpoint", "engine.model": "m", "engine.address": "http://localhost:1/v1"}
    )
    column = [Record("right", prompt_tokens=1000, completion_tokens=100)] * 2
    contenders = (Contender("Served", served), Contender("Here", BASE))
    priced = plan(2, *contenders, prices={"m": Price(3.0, 15.0)})
    assert summarise(run(column, column, of=priced))[0].cost == pytest.approx(0.009)
    unpriced, here = summarise(run(column, column, of=plan(2, *contenders)))
    assert (unpriced.cost, here.cost) == (None, 0.0)


def test_filters_leave_what_their_name_says() -> None:
    asked = Plan("x", questions(4, unanswerable=1), plan().contenders)
    found = rows(run("✓✗✓○", "✓✗–○", of=asked))
    assert shown(filtered(found, "All")) == ["q1", "q2", "q3", "q4"]
    assert shown(filtered(found, "Failures")) == ["q2", "q3"]
    assert shown(filtered(found, "Different")) == ["q3"]
    assert shown(filtered(found, "Unanswerable")) == ["q4"]


def test_a_cause_is_a_filter_too() -> None:
    lost = Record("wrong", cause="not_retrieved")
    found = rows(run([lost, Record("right")], "✗✗"))
    assert shown(filtered(found, "Failures", "not_retrieved")) == ["q1"]


def test_what_an_adapter_learned_does_not_count_in_any_column() -> None:
    learned = Record("right", seen=True)
    found = run([learned, Record("wrong")], "✗✓")
    first, second = summarise(found)
    assert first.right is not None
    assert second.right is not None
    assert (first.right.count, first.right.of, second.right.count, second.right.of) == (0, 1, 1, 1)
    counted = summarise(found, count_seen=True)[0].right
    assert counted is not None
    assert (counted.count, counted.of) == (1, 2)


def test_differences_are_against_the_baseline() -> None:
    found = run("✗" * 20, "✓" * 20, of=plan(20))
    (comparison,) = differences(found)
    assert (comparison.name, comparison.baseline, comparison.verdict) == ("Fast", "Balanced", "better")
    assert comparison.difference is not None
    assert comparison.difference.mean == 1.0
    (back,) = differences(run("✗" * 20, "✓" * 20, of=plan(20, baseline=1)))
    assert (back.name, back.verdict) == ("Balanced", "worse")


def test_nine_questions_are_too_few_for_a_verdict() -> None:
    (comparison,) = differences(run("✗" * 9, "✓" * 9))
    assert comparison.verdict == "too few questions"


def test_only_figures_that_were_measured_have_a_name() -> None:
    found = run([Record("right", figures={"mrr@3": 1.0, "mrr@5": 1.0, "rouge_l": 0.2})], "✓")
    assert list(figure_names(found, 3)) == ["mrr@3", "rouge_l"]


def test_best_and_worst_are_where_a_column_differs_most_from_the_others() -> None:
    best, worst = best_and_worst(run("✓✗✓", "✗✓✓"), 0)
    assert (shown(best), shown(worst)) == (["q1"], ["q2"])


def test_bounds_need_the_gold_passages() -> None:
    closed = Contender("Closed book", BASE.with_values({"engine.retrieval": False}))
    gold = Contender("Gold passages", BASE, gold_passages=True)
    found = run("✓✓✗✗", "✗✗✗✗", "✓✓✓✗", of=plan(4, Contender("RAG", BASE), closed, gold))
    sentence = bounds_in_words(found)
    assert "retrieval can win 25" in sentence
    assert bounds_in_words(run("✓✓", "✗✗")) == ""


def test_a_question_without_a_record_counts_nowhere() -> None:
    (summary, _) = summarise(run("✓ ", "✓✓"))
    assert summary.right is not None
    assert summary.right.of == 1


def test_silence_towards_who_may_not_see_the_evidence_is_no_abstention_too_many() -> None:
    asked = Plan("x", questions(2), (Contender("A", BASE),))
    column = [Record("silent", abstained=True, withheld=True), Record("wrong", withheld=True)]
    (summary,) = summarise(run(column, of=asked))
    assert (summary.figures["abstention_precision"], summary.figures["abstention_recall"]) == (1.0, 0.5)
