"""The claims: the two sides of each, the run that measures them, and the verdict in words."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from playground.config import DEFAULT, PipelineConfig
from playground.evaluation.records import Record, Run
from playground.evaluation.statistics import Comparison, PairedDifference
from playground.search import claims
from playground.search.claims import CLAIMS, Claim, ClaimResult, claims_plan, possible_claims, sides
from tests.evaluations import questions, run

BY_KEY: Mapping[str, Claim] = {claim.key: claim for claim in CLAIMS}
ADAPTED = DEFAULT.with_values({"adapter": "queues"})
LABELLED = DEFAULT.with_values({"engine.examples": "queues-1234", "adapter": "queues"})
ABOUT = {
    "hybrid_dense": "retrieval.mode",
    "hybrid_keyword": "retrieval.mode",
    "reranking": "reranking.method",
    "structural_fixed": "chunking.strategy",
    "semantic_fixed": "chunking.strategy",
    "adapter_base": "adapter",
    "both_rag": "adapter",
    "both_adapter": "engine.retrieval",
}
BASES = (
    DEFAULT,
    DEFAULT.with_values({"retrieval.mode": "dense", "retrieval.fusion": "rrf", "adapter": "another"}),
    DEFAULT.with_values({"retrieval.mode": "none", "chunking.strategy": "semantic"}),
    DEFAULT.with_values({"engine.retrieval": False, "reranking.method": "late_interaction"}),
)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.key)
def test_the_sides_of_a_claim_differ_in_the_one_thing_it_is_about(claim: Claim, base: PipelineConfig) -> None:
    better, worse = sides(claim, base, base.with_values({"adapter": "queues"}))
    assert set(better.differences(worse)) == {ABOUT[claim.key]}


def test_the_sides_are_the_persons_own_settings_but_for_that() -> None:
    base = DEFAULT.with_values({"retrieval.fusion": "rrf", "chunking.size": 100})
    better, worse = sides(BY_KEY["hybrid_dense"], base)
    assert (better, worse.retrieval.mode, worse.chunking.size) == (base, "dense", 100)


def test_a_reranker_of_ones_own_is_what_is_tested() -> None:
    own = DEFAULT.with_values({"reranking.method": "cross_encoder", "reranking.model": "some/model"})
    better, worse = sides(BY_KEY["reranking"], own)
    assert (better, worse.reranking.method) == (own, "none")


def test_the_adapters_sides_are_with_and_without_it_and_with_and_without_looking_up() -> None:
    shown = {
        key: [(side.adapter, side.grounded) for side in sides(BY_KEY[key], DEFAULT, ADAPTED)]
        for key in ("adapter_base", "both_rag", "both_adapter")
    }
    assert shown == {
        "adapter_base": [("queues", False), ("", False)],
        "both_rag": [("queues", True), ("", True)],
        "both_adapter": [("queues", True), ("queues", False)],
    }


def test_what_is_possible_depends_on_the_adapter_and_on_what_is_searched() -> None:
    of_documents = ["hybrid_dense", "hybrid_keyword", "reranking", "structural_fixed", "semantic_fixed"]
    of_adapters = ["adapter_base", "both_rag", "both_adapter"]
    examples = LABELLED.with_values({"adapter": ""})
    assert [claim.key for claim in possible_claims(DEFAULT)] == of_documents
    assert [claim.key for claim in possible_claims(DEFAULT, LABELLED)] == of_documents + of_adapters
    assert [claim.key for claim in possible_claims(examples, LABELLED)] == of_adapters
    assert possible_claims(examples) == []


def test_every_configuration_is_measured_once() -> None:
    made = claims_plan("x", questions(2), DEFAULT, ADAPTED)
    names = [contender.name for contender in made.contenders]
    assert sorted(names) == [
        "RAG + adapter",
        "adapter alone",
        "base alone",
        "dense, structural",
        "hybrid, fixed",
        "hybrid, semantic",
        "hybrid, structural",
        "hybrid, structural, reranked",
        "keyword, structural",
    ]
    assert (made.kind, names[made.baseline]) == ("claims", "hybrid, structural")


def measured(base: PipelineConfig, columns: Mapping[str, str], adapted: PipelineConfig | None = None) -> Run:
    """A finished run of the claims; who is not named was right every time."""
    asked = claims_plan("x", questions(12), base, adapted)
    return run(*[columns.get(each.name, "✓" * 12) for each in asked.contenders], of=asked)


def verdicts(found: Sequence[ClaimResult]) -> dict[str, tuple[str, str]]:
    return {each.claim.key: (each.sign, each.verdict) for each in found}


def test_every_claim_is_tested_on_its_two_columns() -> None:
    found = verdicts(
        claims.tested(
            measured(
                DEFAULT,
                {
                    "dense, structural": "✗" * 12,
                    "hybrid, fixed": "✗✗✗" + "✓" * 9,
                    "base alone": "✗" * 12,
                    "RAG + adapter": "✗" * 12,
                },
                ADAPTED,
            )
        )
    )
    assert found == {
        "hybrid_dense": ("✓", "Yes, on these questions: +100 points."),
        "hybrid_keyword": ("✗", "No, both do equally well on every question."),
        "reranking": ("✗", "No, both do equally well on every question."),
        "structural_fixed": ("≈", found["structural_fixed"][1]),
        "semantic_fixed": ("≈", found["semantic_fixed"][1]),
        "adapter_base": ("✓", "Yes, on these questions: +100 points."),
        "both_rag": ("✗", "No, the other way round: −100 points."),
        "both_adapter": ("✗", "No, the other way round: −100 points."),
    }
    assert found["semantic_fixed"][1].startswith("Too close to call: +25 points; about ")


@pytest.mark.parametrize("base", BASES)
def test_a_run_alone_says_what_was_tested(base: PipelineConfig) -> None:
    adapted = base.with_values({"adapter": "queues"})
    assert len(claims.tested(measured(base, {}, adapted))) == len(CLAIMS)
    assert len(claims.tested(measured(base, {}))) == 5


def test_an_adapter_for_labelled_messages_is_tested_beside_the_documents() -> None:
    assert len(claims.tested(measured(DEFAULT, {}, LABELLED))) == len(CLAIMS)
    own = LABELLED.with_values({"adapter": ""})
    assert [each.claim.key for each in claims.tested(measured(own, {}, LABELLED))] == [
        "adapter_base",
        "both_rag",
        "both_adapter",
    ]


def test_a_side_that_was_not_asked_everything_tests_nothing() -> None:
    found = claims.tested(measured(DEFAULT, {"dense, structural": "✓" * 11 + " "}))
    assert "hybrid_dense" not in {each.claim.key for each in found}
    assert len(found) == 4


def test_another_figure_can_be_compared() -> None:
    asked = claims_plan("x", questions(12), DEFAULT)
    columns = [
        [Record("wrong", figures={"recall@5": float(each.config.retrieval.mode == "hybrid")})] * 12
        for each in asked.contenders
    ]
    found = verdicts(claims.tested(run(*columns, of=asked), "recall@5"))
    assert found["hybrid_dense"] == ("✓", "Yes, on these questions: +100 points.")


def claim_of(verdict: Any, mean: float = 0.05, more: int | None = None, **values: Any) -> ClaimResult:
    difference = PairedDifference(mean, mean - 0.1, mean + 0.1, 0.2, 40)
    comparison = Comparison("a", "b", difference, None, 0.2, verdict, more)
    return replace(ClaimResult(BY_KEY["hybrid_dense"], comparison, (None, None)), **values)


def test_verdicts_in_words() -> None:
    assert claim_of("too close to call", more=134).verdict == (
        "Too close to call: +5 points; about 130 more questions would tell."
    )
    assert claim_of("too close to call", more=1).verdict.endswith("about 1 more question would tell.")
    assert claim_of("too close to call", more=10_000).verdict.endswith(
        "it would take more than 10,000 more questions to tell."
    )
    assert claim_of("too few questions").verdict == "Not known: 40 questions are too few."
    assert claim_of("too few questions").sign == "?"
    nothing = Comparison("a", "b", None, None, None, "too few questions", 10)
    assert claim_of("better", comparison=nothing).verdict == "Not known: 0 questions are too few."


def test_what_it_costs_is_said_where_it_matters() -> None:
    assert claim_of("better", latency=(500.0, 100.0)).verdict == (
        "Yes, on these questions: +5 points, 400 ms more at p95."
    )
    assert claim_of("better", latency=(110.0, 100.0)).verdict == "Yes, on these questions: +5 points."
    worth = claim_of("better", latency=(110.0, 100.0), claim=BY_KEY["reranking"])
    assert worth.verdict == "Yes, on these questions: +5 points, 10 ms more at p95."
    assert claim_of("worse", -0.05, latency=(50.0, 100.0)).verdict == (
        "No, the other way round: −5 points, 50 ms less at p95."
    )
