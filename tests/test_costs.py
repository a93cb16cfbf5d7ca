from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from playground.decision.assumptions import ABOUT, ASSUMED
from playground.decision.costs import (
    Answering,
    Assumptions,
    Cost,
    Measured,
    Part,
    Usage,
    break_even,
    cheapest,
    completed,
    costs_of,
    counting,
    total,
)
from playground.decision.verdict import Approach
from playground.errors import ConfigError


def run(number: float) -> Measured:
    return Measured(number, "this run")


def answering(prompt: float, completion: float, seconds: float) -> Answering:
    return Answering(run(prompt), run(completion), run(seconds))


MEASURED = Usage(
    prompt=answering(200, 50, 1),
    rag=answering(1200, 50, 2),
    fine_tuning=answering(100, 50, 0.5),
    both=answering(1100, 50, 1),
    index_seconds=run(10),
    index_all_seconds=run(100),
    training_seconds=run(1000),
    training_examples=run(100),
    update_examples=run(10),
)
BY_TOKEN = Assumptions(
    paid_by="tokens",
    calls=10_000,
    updates=2,
    months=10,
    prompt_price=2.0,
    completion_price=10.0,
    machine_price=3.6,  # 0.001 a second
    work_price=60.0,  # 1 a minute
    retrieval_month=10.0,
    adapter_month=30.0,
    prompt_hours=1,
    retrieval_hours=2,
    training_hours=4,
    example_minutes=6,
    document_minutes=5,
    adapter_hours=0.5,
    retrained=20,
)
BY_HOUR = replace(BY_TOKEN, paid_by="machine")

NUMBERS = st.floats(0, 1e6)
PRICES = [
    "prompt_price",
    "completion_price",
    "machine_price",
    "work_price",
    "retrieval_month",
    "adapter_month",
]
COSTS = st.builds(
    lambda once, month, call, update: Cost(
        "rag",
        (Part("once", once),),
        (Part("month", month),),
        (Part("call", call),),
        (Part("update", update),),
        12,
    ),
    *[st.integers(0, 1000).map(float)] * 4,
)


def each(kind: str, assumptions: Assumptions = BY_TOKEN) -> list[float]:
    """The sums of one kind of cost, of all four approaches."""
    return [total(getattr(cost, kind)) for cost in costs_of(MEASURED, assumptions).values()]


# By hand


def test_what_is_paid_once() -> None:
    # 60 for the prompt; 120 and 100 s for retrieval; 600 for examples, 240 and 1000 s for a training
    assert each("one_time") == pytest.approx([60, 60 + 120.1, 60 + 841, 60 + 120.1 + 841])


def test_what_is_paid_each_month_at_any_volume() -> None:
    assert each("per_month") == [0, 10, 30, 40]


def test_an_answer_of_an_endpoint_costs_its_tokens() -> None:
    # 2 and 10 a million: 200 tokens in are 0.0004, 50 out are 0.0005
    assert each("per_call") == pytest.approx([0.0009, 0.0029, 0.0007, 0.0027])


def test_an_answer_of_an_own_machine_costs_its_seconds() -> None:
    assert each("per_call", BY_HOUR) == pytest.approx([0.001, 0.002, 0.0005, 0.001])


def test_an_update_is_a_document_or_a_training_and_beside_retrieval_seldom_a_training() -> None:
    # 5 minutes of work and 10 s of indexing; 60 for examples, 1 of machine and 30 of work, in one of five
    assert each("per_update") == pytest.approx([5, 5.01, 91, 5.01 + 91 / 5])


def test_a_month_holds_its_share_of_what_is_paid_once() -> None:
    costs = costs_of(MEASURED, BY_TOKEN).values()
    assert [cost.monthly(10_000, 2) for cost in costs] == pytest.approx([25, 67.03, 309.1, 215.53])


def test_the_parts_say_how_they_come_about() -> None:
    parts = costs_of(MEASURED, BY_TOKEN)["both"].per_update
    assert [(part.name, part.how) for part in parts] == [
        ("bringing the document in", "5 min of work"),
        ("indexing it", "10 s of a machine"),
        ("changing examples", "20 % of 10 × 6 min of work"),
        ("training", "20 % of 16.7 min of a machine"),
        ("checking the adapter", "20 % of 30 min of work"),
    ]


def test_an_adapter_and_retrieval_cost_the_same_where_their_lines_cross() -> None:
    costs = costs_of(MEASURED, BY_TOKEN)
    tuned, rag = costs["fine_tuning"], costs["rag"]
    # 120.1 + 2 × 91 against 28.01 + 2 × 5.01, and 0.0022 less an answer
    assert break_even(tuned, rag, "calls", updates=2) == pytest.approx((302.1 - 38.03) / 0.0022)
    # 120.1 + 70 against 28.01 + 290 at 100,000 questions, and 85.99 more an update
    assert break_even(tuned, rag, "updates", calls=100_000) == pytest.approx((318.01 - 190.1) / 85.99)


def test_lines_that_run_beside_each_other_or_meet_below_nothing_have_no_break_even() -> None:
    costs = costs_of(MEASURED, BY_TOKEN)
    assert break_even(costs["rag"], costs["rag"]) is None
    assert break_even(costs["prompt"], costs["rag"]) is None


def test_the_cheapest_depends_on_the_volume() -> None:
    costs = costs_of(MEASURED, BY_TOKEN)
    without_prompt: dict[Approach, Cost] = {key: cost for key, cost in costs.items() if key != "prompt"}
    assert cheapest(costs, 10_000, 2).name == "Prompt only"
    assert cheapest(without_prompt, 120_000, 2).name == "RAG"
    assert cheapest(without_prompt, 120_100, 2).name == "Fine-tuned"


def test_of_equal_ones_the_least_laborious_is_the_cheapest() -> None:
    free = Assumptions(work_price=0, machine_price=0, retrieval_month=0, adapter_month=0)
    assert cheapest(costs_of(Usage(), free), 1000, 10).approach == "prompt"


# What was not measured


def test_an_assumption_stands_in_for_what_was_not_measured_and_says_so() -> None:
    usage = Usage(rag=Answering(seconds=run(3)), training_seconds=run(7))
    known = completed(usage, Assumptions(prompt_tokens=150, passage_tokens=900))
    assert (known.rag.seconds, known.training_seconds) == (run(3), run(7))
    assert known.rag.prompt_tokens == Measured(1050, ASSUMED)
    assert known.fine_tuning.prompt_tokens == Measured(150, ASSUMED)
    assert known.update_examples == Measured(20, ASSUMED)


def test_a_measured_nothing_is_a_measurement() -> None:
    assert completed(replace(MEASURED, update_examples=run(0)), BY_TOKEN).update_examples == run(0)


def test_only_assumptions_that_make_a_difference_are_asked_for() -> None:
    stand_ins = {name for name, about in ABOUT.items() if about.group == "stand_in"}
    tokens = {"prompt_price", "completion_price"}
    assert set(ABOUT) - set(counting(MEASURED, BY_TOKEN)) == stand_ins
    assert set(ABOUT) - set(counting(MEASURED, BY_HOUR)) == stand_ins | tokens
    assert set(ABOUT) - set(counting(Usage(), BY_TOKEN)) == {"answer_seconds"}


@pytest.mark.parametrize("payment", ["tokens", "machine"])
@pytest.mark.parametrize("usage", [Usage(), MEASURED, Usage(rag=answering(1, 1, 1), both=answering(1, 1, 1))])
def test_an_assumption_that_does_not_count_changes_no_cost(usage: Usage, payment: str) -> None:
    before = Assumptions.from_json(f'{{"paid_by": "{payment}"}}')

    def amounts(assumptions: Assumptions) -> list[float]:
        return [
            cost.monthly(assumptions.calls, assumptions.updates)
            for cost in costs_of(usage, assumptions).values()
        ]

    for name in ABOUT:
        after = replace(before, **{name: 2 * getattr(before, name)})
        assert (amounts(after) != amounts(before)) == (name in counting(usage, before)), name


@pytest.mark.parametrize("number", [-1, float("nan"), float("inf")])
def test_what_cannot_be_counted_is_refused_with_its_source(number: float) -> None:
    with pytest.raises(ConfigError, match="this run"):
        run(number)


# Laws


@settings(deadline=None)
@given(COSTS, COSTS, st.integers(0, 1000), st.sampled_from(["calls", "updates"]))
def test_at_the_break_even_both_cost_the_same_and_on_its_sides_another_is_cheaper(
    one: Cost, other: Cost, fixed: int, over: str
) -> None:
    def gap(volume: float) -> float:
        calls, updates = (volume, fixed) if over == "calls" else (fixed, volume)
        return one.monthly(calls, updates) - other.monthly(calls, updates)

    at = break_even(one, other, "calls" if over == "calls" else "updates", calls=fixed, updates=fixed)
    assume(at is not None)
    assert at is not None
    assert gap(at) == pytest.approx(0, abs=1e-6 * max(1.0, at))
    assert gap(at + 1) * gap(at - 1) < 0


@settings(deadline=None)
@given(COSTS, COSTS)
def test_without_a_break_even_one_is_never_dearer_than_the_other(one: Cost, other: Cost) -> None:
    assume(break_even(one, other, updates=3) is None)
    gaps = [one.monthly(calls, 3) - other.monthly(calls, 3) for calls in (0, 1, 1000, 1_000_000)]
    assert all(gap >= -1e-9 for gap in gaps) or all(gap <= 1e-9 for gap in gaps)


@settings(deadline=None)
@given(st.sampled_from([*PRICES, "calls", "updates"]), st.sampled_from([BY_TOKEN, BY_HOUR]), NUMBERS, NUMBERS)
def test_costs_grow_with_every_price_and_volume(
    name: str, assumptions: Assumptions, low: float, more: float
) -> None:
    def months(value: float) -> list[float]:
        changed = replace(assumptions, **{name: value})
        return [each.monthly(changed.calls, changed.updates) for each in costs_of(MEASURED, changed).values()]

    for before, after in zip(months(low), months(low + more), strict=True):
        assert after >= before


@pytest.mark.parametrize("name", [each for each in ABOUT if each not in ("months",)])
def test_every_other_assumption_that_counts_makes_something_dearer(name: str) -> None:
    usage = Usage()
    assumptions = BY_HOUR if name == "answer_seconds" else BY_TOKEN
    dearer = replace(assumptions, **{name: getattr(assumptions, name) + 1})
    before, after = (
        [cost.monthly(each.calls, each.updates) for cost in costs_of(usage, each).values()]
        for each in (assumptions, dearer)
    )
    assert all(new >= old for old, new in zip(before, after, strict=True))
    assert sum(after) > sum(before)


@settings(deadline=None)
@given(st.floats(1, 120), st.floats(1, 120))
def test_the_longer_it_is_used_the_less_a_month_costs(months: float, more: float) -> None:
    shorter, longer = (
        costs_of(MEASURED, replace(BY_TOKEN, months=each))["both"].monthly(1000, 1)
        for each in (months, months + more)
    )
    assert longer < shorter
