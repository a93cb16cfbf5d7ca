"""What the four approaches cost: once, each month, for every answer, and for every update.

What was measured (`Usage`) is multiplied with what a person assumes (`Assumptions`). All costs are linear in
the volumes, on purpose: everyone can check them by hand, and lines cross once at most. This module does not
know how good the answers are nor where anything is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import isclose, isfinite
from typing import Literal

from playground.decision.assumptions import ABOUT, ASSUMED
from playground.decision.assumptions import Assumptions as Assumptions
from playground.decision.matrix import NAMES as NAMES
from playground.decision.money import amount, duration, plain, volume
from playground.decision.verdict import Approach
from playground.errors import ConfigError

Over = Literal["calls", "updates"]

RETRIEVING: tuple[Approach, ...] = ("rag", "both")
TUNED: tuple[Approach, ...] = ("fine_tuning", "both")
ONCE = ("index_seconds", "index_all_seconds", "training_seconds", "training_examples", "update_examples")
"""The fields of `Usage` that belong to no approach; the assumptions that stand in have the same names."""


@dataclass(frozen=True)
class Measured:
    """A number and where it comes from, in a word or two: "this run", "measured in the trial", "estimated: 5
    passages of 200 tokens". Raises ConfigError for what is no number from 0 on."""

    value: float
    source: str

    def __post_init__(self) -> None:
        if not isfinite(self.value) or self.value < 0:
            raise ConfigError(f"{self.value} ({self.source}) cannot be counted: it has to be 0 or more")


@dataclass(frozen=True)
class Answering:
    """What one answer takes on average. `seconds` are those in which a machine works on it: they count where
    the machine is the person's own; tokens count where an endpoint bills them. None: not known."""

    prompt_tokens: Measured | None = None
    completion_tokens: Measured | None = None
    seconds: Measured | None = None


@dataclass(frozen=True)
class Usage:
    """What was measured of each approach, and once: seconds to bring the index up to date with one changed
    document, to index all documents, and to train; how many examples a training takes, and how many of them
    an update changes. None where it is not known: an assumption stands in."""

    prompt: Answering = Answering()
    rag: Answering = Answering()
    fine_tuning: Answering = Answering()
    both: Answering = Answering()
    index_seconds: Measured | None = None
    index_all_seconds: Measured | None = None
    training_seconds: Measured | None = None
    training_examples: Measured | None = None
    update_examples: Measured | None = None

    def of(self, approach: Approach) -> Answering:
        answering: Answering = getattr(self, approach)
        return answering


@dataclass(frozen=True)
class Part:
    """Something that is paid for, and how its `amount` comes about: "300 examples × 5 minutes"."""

    name: str
    amount: float
    how: str = ""


@dataclass(frozen=True)
class Cost:
    """What an approach costs, in parts. What is paid once is spread over so many `months`."""

    approach: Approach
    one_time: tuple[Part, ...]
    per_month: tuple[Part, ...]
    per_call: tuple[Part, ...]
    per_update: tuple[Part, ...]
    months: float

    @property
    def name(self) -> str:
        return NAMES[self.approach]

    def monthly(self, calls: float, updates: float) -> float:
        """In a month with so many questions and updates; a share of what is paid once is in it."""
        running = total(self.per_month) + calls * total(self.per_call) + updates * total(self.per_update)
        return total(self.one_time) / self.months + running


def total(parts: tuple[Part, ...]) -> float:
    return sum(part.amount for part in parts)


def costs_of(usage: Usage, assumptions: Assumptions) -> dict[Approach, Cost]:
    """All four, in the order in which they get more laborious."""
    known = completed(usage, assumptions)
    return {
        approach: Cost(
            approach,
            _one_time(approach, known, assumptions),
            _per_month(approach, assumptions),
            _per_call(known.of(approach), assumptions),
            _per_update(approach, known, assumptions),
            assumptions.months,
        )
        for approach in NAMES
    }


def completed(usage: Usage, assumptions: Assumptions) -> Usage:
    """With an assumption wherever something was not measured; its source says so."""
    answering: dict[str, Answering] = {}
    for approach in NAMES:
        one = usage.of(approach)
        passages = assumptions.passage_tokens if approach in RETRIEVING else 0.0
        answering[approach] = Answering(
            one.prompt_tokens or Measured(assumptions.prompt_tokens + passages, ASSUMED),
            one.completion_tokens or Measured(assumptions.completion_tokens, ASSUMED),
            one.seconds or Measured(assumptions.answer_seconds, ASSUMED),
        )
    once: dict[str, Measured] = {
        name: getattr(usage, name) or Measured(getattr(assumptions, name), ASSUMED) for name in ONCE
    }
    return replace(usage, **answering, **once)  # type: ignore[arg-type]  # names of fields, by their kind


def counting(usage: Usage, assumptions: Assumptions) -> list[str]:
    """Names of the assumptions that make a difference: the others are about what was measured, or about the
    other way to pay for answers."""
    by_token = assumptions.paid_by == "tokens"
    idle = set() if by_token else {"prompt_price", "completion_price"}
    idle |= {name for name in ONCE if getattr(usage, name) is not None}
    answers = [usage.of(approach) for approach in NAMES]
    looked_up = [usage.of(approach) for approach in RETRIEVING]
    if not by_token or all(each.prompt_tokens for each in answers):
        idle.add("prompt_tokens")
    if not by_token or all(each.prompt_tokens for each in looked_up):
        idle.add("passage_tokens")
    if not by_token or all(each.completion_tokens for each in answers):
        idle.add("completion_tokens")
    if by_token or all(each.seconds for each in answers):
        idle.add("answer_seconds")
    return [name for name in ABOUT if name not in idle]


def break_even(
    one: Cost, other: Cost, over: Over = "calls", *, calls: float = 0.0, updates: float = 0.0
) -> float | None:
    """The volume at which two approaches cost the same; the other volume stays as given. None where they
    never do: their lines are parallel, or cross below 0."""
    start, slope = line(one, over, calls, updates)
    other_start, other_slope = line(other, over, calls, updates)
    if isclose(slope, other_slope, rel_tol=1e-9):
        return None
    crossing = (other_start - start) / (slope - other_slope)
    return crossing if crossing >= 0 else None


def line(cost: Cost, over: Over, calls: float, updates: float) -> tuple[float, float]:
    """Costs a month over one of the volumes: at 0, and what each more adds."""
    if over == "calls":
        return cost.monthly(0, updates), total(cost.per_call)
    return cost.monthly(calls, 0), total(cost.per_update)


def cheapest(costs: Mapping[Approach, Cost], calls: float, updates: float) -> Cost:
    """What costs least at this volume; of equal ones the first."""
    return min(costs.values(), key=lambda cost: cost.monthly(calls, updates))


def _one_time(approach: Approach, usage: Usage, a: Assumptions) -> tuple[Part, ...]:
    """Every approach begins with a prompt."""
    parts = [_work("writing the prompt", a.prompt_hours, a)]
    if approach in RETRIEVING:
        parts.append(_work("setting up retrieval", a.retrieval_hours, a))
        parts.append(_machine("indexing all documents", usage.index_all_seconds, a))
    if approach in TUNED:
        parts.append(_examples("examples", usage.training_examples, a))
        parts.append(_work("setting up a training", a.training_hours, a))
        parts.append(_machine("training", usage.training_seconds, a))
    return tuple(parts)


def _per_month(approach: Approach, a: Assumptions) -> tuple[Part, ...]:
    parts = []
    if approach in RETRIEVING:
        parts.append(Part("running retrieval", a.retrieval_month))
    if approach in TUNED:
        parts.append(Part("serving an adapter", a.adapter_month))
    return tuple(parts)


def _per_call(answering: Answering, a: Assumptions) -> tuple[Part, ...]:
    if a.paid_by == "machine":
        return (_machine("a machine's time", answering.seconds, a),)
    return (
        _tokens("tokens of the prompt", answering.prompt_tokens, a.prompt_price),
        _tokens("tokens of the answer", answering.completion_tokens, a.completion_price),
    )


def _per_update(approach: Approach, usage: Usage, a: Assumptions) -> tuple[Part, ...]:
    """What changed is brought into the documents, into the prompt, or into the examples of a new training.
    Beside retrieval an adapter is trained anew only for some updates."""
    if approach == "prompt":
        return (_work("changing the prompt", a.document_minutes / 60, a),)
    parts = []
    if approach in RETRIEVING:
        parts.append(_work("bringing the document in", a.document_minutes / 60, a))
        parts.append(_machine("indexing it", usage.index_seconds, a))
    if approach in TUNED:
        share = a.retrained / 100 if approach == "both" else 1.0
        parts.append(_examples("changing examples", usage.update_examples, a, share))
        parts.append(_machine("training", usage.training_seconds, a, share))
        parts.append(_work("checking the adapter", a.adapter_hours, a, share))
    return tuple(parts)


def _work(name: str, hours: float, a: Assumptions, share: float = 1.0) -> Part:
    how = f"{_share(share)}{duration(3600 * hours)} of work"
    return Part(name, share * hours * a.work_price, how)


def _examples(name: str, count: Measured | None, a: Assumptions, share: float = 1.0) -> Part:
    assert count is not None  # completed before
    how = f"{_share(share)}{amount(count.value)} × {plain(a.example_minutes)} min of work"
    return Part(name, share * count.value * a.example_minutes / 60 * a.work_price, how)


def _machine(name: str, seconds: Measured | None, a: Assumptions, share: float = 1.0) -> Part:
    assert seconds is not None  # completed before
    how = f"{_share(share)}{duration(seconds.value)} of a machine"
    return Part(name, share * seconds.value / 3600 * a.machine_price, how)


def _tokens(name: str, count: Measured | None, price: float) -> Part:
    assert count is not None  # completed before
    return Part(name, count.value * price / 1e6, f"{amount(count.value)} tokens")


def _share(share: float) -> str:
    return "" if share == 1 else f"{volume(100 * share)} % of "
