"""What the costs come to, in a sentence, and where each number behind them comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

from playground.decision.assumptions import ABOUT, Assumptions
from playground.decision.costs import (
    NAMES,
    ONCE,
    Answering,
    Cost,
    Measured,
    Over,
    Usage,
    break_even,
    cheapest,
    completed,
    line,
)
from playground.decision.money import amount, duration, money, plain, volume
from playground.decision.verdict import Approach

Pair = tuple[Approach, Approach]
ADAPTER_OR_RAG: Pair = ("fine_tuning", "rag")
"""Of the two the first is asked whether it pays off against the second."""


@dataclass(frozen=True)
class Origin:
    """One number behind the costs, and where it comes from. `approach` is "" for what belongs to none."""

    approach: str
    name: str
    value: str
    source: str


def conclusion(
    costs: Mapping[Approach, Cost], assumptions: Assumptions, over: Over, pair: Pair = ADAPTER_OR_RAG
) -> str:
    """What a pair costs at the person's volume, from which volume on the first of them pays off, and which
    of the four is the cheapest: "At 12,000 questions and 4 updates a month RAG is the cheapest: ..."."""
    calls, updates, currency = assumptions.calls, assumptions.updates, assumptions.currency
    one, other = sorted((costs[name] for name in pair), key=lambda cost: cost.monthly(calls, updates))
    sums = [money(cost.monthly(calls, updates), currency) for cost in (one, other)]
    best = cheapest(costs, calls, updates)
    begin = f"At {plural(plain(calls), 'question')} and {plural(plain(updates), 'update')} a month"
    if sums[0] == sums[1]:
        said = f"{one.name} and {other.name} cost about the same, {sums[0]}"
    elif best is one:
        said = f"{one.name} is the cheapest: {sums[0]} against {sums[1]} for {other.name}"
    else:
        said = f"{one.name} costs {sums[0]} and {other.name} {sums[1]}"
    text = f"{begin} {said}; {pays_off(costs, assumptions, over, pair)}."
    if best not in (one, other):
        text += f" Of all four {best.name} costs least: {money(best.monthly(calls, updates), currency)}."
    return text


def pays_off(
    costs: Mapping[Approach, Cost], assumptions: Assumptions, over: Over, pair: Pair = ADAPTER_OR_RAG
) -> str:
    """From which volume on, or up to which, the first of a pair costs less than the second: "an adapter pays
    off from 20,000 questions a month"."""
    one, other = (costs[name] for name in pair)
    who = "an adapter" if pair == ADAPTER_OR_RAG else one.name
    at = break_even(one, other, over, calls=assumptions.calls, updates=assumptions.updates)
    start, slope = line(one, over, assumptions.calls, assumptions.updates)
    other_start, other_slope = line(other, over, assumptions.calls, assumptions.updates)
    noun = "question" if over == "calls" else "update"
    if at is not None:
        return (
            f"{who} pays off {'from' if slope < other_slope else 'up to'} {plural(volume(at), noun)} a month"
        )
    if start < other_start or (start == other_start and slope < other_slope):
        return f"{who} costs less at any number of {noun}s"
    return f"{who} does not pay off at any number of {noun}s"


def plural(number: str, noun: str) -> str:
    """ "1 update", "12,000 questions"."""
    return f"{number} {noun}" + ("" if number == "1" else "s")


def origins(usage: Usage, assumptions: Assumptions) -> list[Origin]:
    """Every number that was measured or stands in for a measurement, with its source."""
    known = completed(usage, assumptions)
    found = [origin for approach, name in NAMES.items() for origin in _of_answers(name, known.of(approach))]
    for name in ONCE:
        measured: Measured = getattr(known, name)
        value = duration(measured.value) if name.endswith("seconds") else amount(measured.value)
        found.append(Origin("", ABOUT[name].name, value, measured.source))
    return found


def _of_answers(name: str, answering: Answering) -> list[Origin]:
    kinds = (
        ("Tokens of the prompt", answering.prompt_tokens, amount),
        ("Tokens of the answer", answering.completion_tokens, amount),
        ("Time of an answer", answering.seconds, duration),
    )
    return [
        Origin(name, kind, in_words(measured.value), measured.source)
        for kind, measured, in_words in kinds
        if measured is not None
    ]
