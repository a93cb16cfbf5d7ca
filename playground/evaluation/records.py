"""An evaluation as it is kept: the plan, and one record for every question and contender.

A record holds figures and the answer, no passages: these are in the trace, which is kept beside it. This
module does not know how a figure is computed nor where records are kept.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal, Self

from playground.config import PipelineConfig
from playground.evaluation.formats import FormatCheck
from playground.evaluation.judging import correct
from playground.evaluation.results import Contender, Outcome
from playground.questions.lookup import LabelledQuestion

State = Literal["running", "done", "cancelled"]
Kind = Literal["evaluation", "search", "report", "claims"]
"""Why a run was made: by a person, to search over the settings, to report what was chosen, to test claims."""


@dataclass(frozen=True)
class Price:
    """Of a million tokens, in any currency; `prompt` is what goes in, `completion` what comes out."""

    prompt: float = 0.0
    completion: float = 0.0

    def of(self, prompt_tokens: int, completion_tokens: int) -> float:
        return (prompt_tokens * self.prompt + completion_tokens * self.completion) / 1e6


@dataclass(frozen=True)
class Plan:
    """What is measured: `questions` (of the set called `question_set`) by `contenders`, in this order. The
    contender at `baseline` is what the others are compared with. `prices` are by the name of a model."""

    question_set: str
    questions: tuple[LabelledQuestion, ...]
    contenders: tuple[Contender, ...]
    baseline: int = 0
    check: FormatCheck | None = None
    prices: Mapping[str, Price] = field(default_factory=dict)
    kind: Kind = "evaluation"

    @property
    def cells(self) -> int:
        return len(self.questions) * len(self.contenders)


@dataclass(frozen=True)
class Record:
    """What one contender made of one question. `figures` and `latency` (milliseconds by stage) hold only what
    could be measured: `latency` is empty for an answer that was not made in this run, or was the first of a
    freshly loaded model. `cause` says which stage lost a wrong answer, `rank` where the evidence was found,
    `reason` why there is no answer at all. `seen` says that the contender's adapter was trained with this
    very question. `found` says whether the engine was given a passage with evidence in it, `withheld` that
    the person who asked may see none of the evidence."""

    outcome: Outcome
    answer: str = ""
    abstained: bool = False
    found: bool | None = None
    cause: str = ""
    rank: int | None = None
    reason: str = ""
    figures: Mapping[str, float] = field(default_factory=dict)
    latency: Mapping[str, float] = field(default_factory=dict)
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached: bool = False
    seen: bool = False
    withheld: bool = False

    @property
    def correct(self) -> float | None:
        """1 for a right answer or a right abstention, else 0; None where nobody can say."""
        return correct(self.outcome)

    def to_answer(self, question: LabelledQuestion) -> bool:
        """Whether this question was to be answered; else silence is right."""
        return question.answerable and not self.withheld

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        return cls(**json.loads(text))


@dataclass(frozen=True)
class Run:
    """A kept evaluation. `records` are by contender, then by question; None where it was not asked yet.

    `created` and `finished` are ISO times in UTC; `seconds` is how long it worked in all. `documents` are the
    names with the hashes of what was evaluated, `versions` those of the packages.
    """

    id: str
    name: str
    plan: Plan
    state: State
    created: str
    seconds: float = 0.0
    documents: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    unscored: tuple[str, ...] = ()
    records: tuple[tuple[Record | None, ...], ...] = ()

    @property
    def done(self) -> int:
        """How many cells have a record."""
        return sum(record is not None for column in self.records for record in column)


def plan_to_dict(plan: Plan) -> dict[str, Any]:
    """Plain values, as they are kept and exported."""
    values = asdict(plan)
    values["contenders"] = [
        {"name": each.name, "gold_passages": each.gold_passages, "config": each.config.to_dict()}
        for each in plan.contenders
    ]
    return values


def plan_from_dict(values: Mapping[str, Any]) -> Plan:
    """The inverse of `plan_to_dict`. Raises ConfigError where a setting is unknown by now."""
    from pydantic import TypeAdapter

    contenders = tuple(
        Contender(each["name"], PipelineConfig.from_dict(each["config"]), each["gold_passages"])
        for each in values["contenders"]
    )
    questions = TypeAdapter(tuple[LabelledQuestion, ...]).validate_python(values["questions"])
    check = FormatCheck(**values["check"]) if values.get("check") else None
    prices = {name: Price(**price) for name, price in values.get("prices", {}).items()}
    kind: Kind = values.get("kind", "evaluation")
    return Plan(values["question_set"], questions, contenders, values["baseline"], check, prices, kind)


def positions(records: Sequence[Sequence[Record | None]]) -> list[tuple[int, int]]:
    """(contender, question) of the cells that were not asked yet, in the order in which they will be."""
    return [
        (contender, question)
        for contender, column in enumerate(records)
        for question, record in enumerate(column)
        if record is None
    ]
