"""What no run can measure: prices, volumes and hours of work, as a person assumes them.

The defaults are round numbers to begin with and say nothing about any vendor: a person puts in their own.
Some stand in for what was not measured. This module does not know what follows from them.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Literal, Self

from playground.errors import ConfigError

AS_OF = "2026-11-21"
ASSUMED = f"assumed, as of {AS_OF}"

Payment = Literal["machine", "tokens"]
PAYMENTS: dict[Payment, str] = {
    "machine": "own machine, by the hour",
    "tokens": "endpoint, by the token",
}

Group = Literal["volume", "prices", "work", "stand_in"]


@dataclass(frozen=True)
class About:
    """An assumption for people. `unit` may hold {currency}; values are from `least` to `most`. One of the
    group "stand_in" counts only where the same was not measured."""

    name: str
    unit: str
    meaning: str
    group: Group
    least: float = 0.0
    most: float = 1e12


def _assumed(
    default: float, group: Group, name: str, unit: str, meaning: str, least: float = 0.0, most: float = 1e12
) -> Any:  # so that it can be the default of a number
    return field(default=default, metadata={"about": About(name, unit, meaning, group, least, most)})


@dataclass(frozen=True)
class Assumptions:
    """`currency` is a sign or a code; `paid_by` says how answers are paid for. What the numbers are stands in
    `ABOUT`. Raises ConfigError, with the field's name, for a value that cannot be."""

    currency: str = "€"
    paid_by: Payment = "machine"
    calls: float = _assumed(
        10_000, "volume", "Questions a month", "questions", "How many answers are given in a month."
    )
    updates: float = _assumed(
        4,
        "volume",
        "Updates a month",
        "updates",
        "How often what is known changes: one document, or several that change together.",
    )
    months: float = _assumed(
        12, "volume", "One-time costs are spread over", "months", "How long what is built now is used.", 1
    )
    prompt_price: float = _assumed(
        1.0,
        "prices",
        "Tokens of the prompt",
        "{currency} a million",
        "What an endpoint bills for what goes in: instruction, passages and question.",
    )
    completion_price: float = _assumed(
        4.0,
        "prices",
        "Tokens of the answer",
        "{currency} a million",
        "What an endpoint bills for what it writes.",
    )
    machine_price: float = _assumed(
        1.0,
        "prices",
        "A machine",
        "{currency} an hour",
        "Counted while it works. One that is always on belongs to what retrieval or an adapter costs.",
    )
    work_price: float = _assumed(
        60.0,
        "prices",
        "Work",
        "{currency} an hour",
        "What an hour of the people who build and check costs.",
    )
    retrieval_month: float = _assumed(
        20.0, "prices", "Running retrieval", "{currency} a month", "Storage and a machine for the index."
    )
    adapter_month: float = _assumed(
        50.0,
        "prices",
        "Serving an adapter",
        "{currency} a month",
        "What a model of one's own costs to keep ready.",
    )
    prompt_hours: float = _assumed(
        8, "work", "Writing the prompt", "hours", "To write and try a prompt; every approach begins with one."
    )
    retrieval_hours: float = _assumed(
        16,
        "work",
        "Setting up retrieval",
        "hours",
        "To bring documents in, choose settings and check what is found.",
    )
    training_hours: float = _assumed(
        16, "work", "Setting up a training", "hours", "To choose settings, train, and check what comes of it."
    )
    example_minutes: float = _assumed(
        5, "work", "An example", "minutes", "To write or check one input with its right output."
    )
    document_minutes: float = _assumed(
        10,
        "work",
        "A changed document",
        "minutes",
        "To bring it in and see that it arrived, at every update.",
    )
    adapter_hours: float = _assumed(
        1,
        "work",
        "Checking a new adapter",
        "hours",
        "To evaluate it and let it go live, after every training.",
    )
    retrained: float = _assumed(
        10,
        "work",
        "Trainings with RAG + fine-tuned",
        "of 100 updates",
        "There facts are looked up: only some updates change what the adapter has to know.",
        most=100,
    )
    prompt_tokens: float = _assumed(
        200, "stand_in", "Instruction and question", "tokens", "What goes in with every question."
    )
    passage_tokens: float = _assumed(
        1_000, "stand_in", "Passages", "tokens", "What retrieval puts before the question: 5 passages of 200."
    )
    completion_tokens: float = _assumed(100, "stand_in", "An answer", "tokens", "What the model writes.")
    answer_seconds: float = _assumed(
        1, "stand_in", "Making an answer", "seconds", "How long a machine works on one."
    )
    index_seconds: float = _assumed(
        5, "stand_in", "Indexing a changed document", "seconds", "How long a machine works on it."
    )
    index_all_seconds: float = _assumed(
        60, "stand_in", "Indexing all documents", "seconds", "How long a machine works on them, once."
    )
    training_seconds: float = _assumed(
        600, "stand_in", "A training", "seconds", "How long a machine trains an adapter."
    )
    training_examples: float = _assumed(
        300, "stand_in", "Examples to train with", "examples", "How many have to be written or checked, once."
    )
    update_examples: float = _assumed(
        20, "stand_in", "Examples that an update changes", "examples", "How many have to be written anew."
    )

    def __post_init__(self) -> None:
        if not isinstance(self.currency, str) or not 1 <= len(self.currency.strip()) <= 5:
            raise ConfigError(f"currency={self.currency!r}: put in a sign or a code such as € or EUR")
        if not isinstance(self.paid_by, str) or self.paid_by not in PAYMENTS:
            raise ConfigError(f"paid_by={self.paid_by!r}: answers are paid by {' or '.join(PAYMENTS)}")
        for name in ABOUT:
            value = getattr(self, name)
            if why := problem(name, value):
                raise ConfigError(f"{name}={value!r}: {ABOUT[name].name} {why}")

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The inverse of `to_json`; what is not in it is as by default. Raises ConfigError for a name that
        there is not, a value that cannot be, and a text that is no JSON object."""
        try:
            values = json.loads(text)
        except json.JSONDecodeError as error:
            raise ConfigError(f"the assumptions are no JSON: {error}") from None
        if not isinstance(values, Mapping):
            raise ConfigError(
                f"the assumptions have to be a JSON object, and this is {type(values).__name__}"
            )
        known = [each.name for each in fields(cls)]
        for name in values:
            if name not in known:
                raise ConfigError(f"there is no assumption {name}; there are {', '.join(known)}")
        return cls(**values)

    def unit(self, name: str) -> str:
        """The unit of an assumption, in this currency."""
        return ABOUT[name].unit.format(currency=self.currency)


ABOUT: dict[str, About] = {
    each.name: each.metadata["about"] for each in fields(Assumptions) if "about" in each.metadata
}
"""What each number is, by the name of its field, in the order in which they are shown."""


def problem(name: str, value: object) -> str:
    """Why a value cannot be, as the end of a sentence: "cannot be below 1". "" where it can."""
    about = ABOUT[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        return "has to be a number"
    if value < about.least:
        return f"cannot be below {about.least:,g}"
    return f"cannot be above {about.most:,.0f}" if value > about.most else ""


def with_values(assumptions: Assumptions, values: Mapping[str, object]) -> tuple[Assumptions, dict[str, str]]:
    """A copy with these values by name; those that cannot be are left out, and come back with what is wrong
    with them."""
    wrong = {name: why for name, value in values.items() if (why := problem(name, value))}
    good: dict[str, Any] = {name: value for name, value in values.items() if name not in wrong}
    return replace(assumptions, **good), wrong
