from dataclasses import replace

from playground.decision.assumptions import ASSUMED
from playground.decision.cost_words import Origin, conclusion, origins, pays_off, plural
from playground.decision.costs import Assumptions, Cost, Part, Usage, costs_of
from playground.decision.verdict import Approach
from tests.test_costs import BY_TOKEN, MEASURED

NUMBERS = Assumptions(calls=12_000, updates=2)


def cost(approach: Approach, month: float, call: float = 0.0, update: float = 0.0) -> Cost:
    return Cost(
        approach, (), (Part("month", month),), (Part("call", call),), (Part("update", update),), months=12
    )


def costs(rag: Cost, tuned: Cost, prompt: float = 1000) -> dict[Approach, Cost]:
    return {"prompt": cost("prompt", prompt), "rag": rag, "fine_tuning": tuned, "both": cost("both", 1000)}


RAG, TUNED = cost("rag", 9, 0.003, 1), cost("fine_tuning", 25, 0.0012, 10)


def said(found: dict[Approach, Cost], over: str = "calls", assumptions: Assumptions = NUMBERS) -> str:
    words = conclusion(found, assumptions, "calls" if over == "calls" else "updates")
    return words.replace("\N{NO-BREAK SPACE}", " ")


def test_the_cheapest_is_named_with_both_sums_and_the_volume_that_would_change_it() -> None:
    assert said(costs(RAG, TUNED)) == (
        "At 12,000 questions and 2 updates a month RAG is the cheapest: 47 € against 59 € for Fine-tuned; "
        "an adapter pays off from 18,900 questions a month."
    )


def test_over_updates_an_adapter_pays_off_up_to_a_number() -> None:
    assert said(costs(RAG, TUNED), "updates").endswith("an adapter pays off up to 0.622 updates a month.")


def test_what_is_cheaper_than_the_two_is_named_too() -> None:
    assert said(costs(RAG, TUNED, prompt=5)) == (
        "At 12,000 questions and 2 updates a month RAG costs 47 € and Fine-tuned 59 €; an adapter pays off "
        "from 18,900 questions a month. Of all four Prompt only costs least: 5 €."
    )


def test_beyond_the_break_even_the_adapter_is_the_cheapest() -> None:
    words = said(costs(RAG, TUNED), assumptions=replace(NUMBERS, calls=30_000))
    assert words.startswith("At 30,000 questions and 2 updates a month Fine-tuned is the cheapest: 81 €")


def test_sums_that_read_the_same_are_called_so() -> None:
    words = said(costs(cost("rag", 50.1), cost("fine_tuning", 50.2)))
    assert "RAG and Fine-tuned cost about the same, 50 €" in words


def test_lines_that_never_meet_are_told_apart() -> None:
    cheap, dear = cost("rag", 5), cost("fine_tuning", 50)
    assert (
        pays_off(costs(cheap, dear), NUMBERS, "calls")
        == "an adapter does not pay off at any number of questions"
    )
    cheap, dear = cost("fine_tuning", 5), cost("rag", 50)
    assert (
        pays_off(costs(dear, cheap), NUMBERS, "updates") == "an adapter costs less at any number of updates"
    )


def test_another_pair_is_called_by_its_name() -> None:
    found = costs_of(MEASURED, BY_TOKEN)
    words = pays_off(found, BY_TOKEN, "updates", ("both", "fine_tuning"))
    assert words == "RAG + fine-tuned pays off from 0.62 updates a month"


def test_one_is_no_plural() -> None:
    assert (plural("1", "update"), plural("0", "update"), plural("1.5", "update")) == (
        *("1 update", "0 updates", "1.5 updates"),
    )


def test_every_number_says_where_it_comes_from() -> None:
    measured = origins(MEASURED, BY_TOKEN)
    assert {origin.source for origin in measured} == {"this run"}
    assert Origin("RAG", "Tokens of the prompt", "1,200", "this run") in measured
    assert Origin("", "A training", "16.7 min", "this run") in measured
    assert {origin.source for origin in origins(Usage(), BY_TOKEN)} == {ASSUMED}
    assert len(measured) == 4 * 3 + 5
