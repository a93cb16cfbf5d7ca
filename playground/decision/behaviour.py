"""Whether answers keep their form and say the same when the same thing is asked again in other words.

A question is reworded in ways that change nothing of what it asks; a person may add wordings of their own.
This module does not know whether an answer is right, nor who reads the figures.
"""

import re
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from playground.config import PipelineConfig
from playground.decision.matrix import NAMES, ORDER
from playground.decision.trial_results import Behaviour, BehaviourColumn
from playground.decision.trials import ask
from playground.decision.verdict import Approach
from playground.evaluation.answer_metrics import token_f1
from playground.evaluation.formats import FormatCheck
from playground.evaluation.metrics import mean
from playground.evaluation.statistics import Comparison, Pair, compare_pairs
from playground.steps import Step
from playground.workspace import Workspace

PAIRS: tuple[tuple[Approach, Approach], ...] = (("fine_tuning", "prompt"), ("both", "rag"))
"""With the adapter, and without it."""

REWORDINGS: tuple[Callable[[str], str], ...] = (
    lambda question: question,
    lambda question: question.rstrip("?. ").lower(),
    lambda question: f"Please help me with this: {question}",
    lambda question: f"Hello! {question} Thank you.",
)
"""Ways of asking the same: as it is, typed in a hurry, with an introduction, politely."""

_CITED = re.compile(r"\s*\[\d+\]")


@dataclass
class _Answers:
    """What an approach said to one question, None for a refusal, and which documents it cited."""

    texts: list[str | None] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)

    def valid(self, check: FormatCheck | None) -> float | None:
        return mean(float(check.valid(text)) for text in self.texts if text is not None) if check else None

    def consistent(self) -> float | None:
        return mean(_alike(one, other) for one, other in combinations(self.texts, 2))


def reworded(question: str, own: Sequence[str] = ()) -> list[str]:
    """The question in every wording, the person's own among them, each once."""
    return list(dict.fromkeys([*(change(question) for change in REWORDINGS), *own]))


def behaviour_steps(
    workspace: Workspace,
    configs: Mapping[Approach, PipelineConfig],
    questions: Sequence[str],
    check: FormatCheck | None = None,
    own: Mapping[str, Sequence[str]] | None = None,
    repeats: int = 1,
) -> Generator[Step, None, Behaviour]:
    """Ask every question in all wordings, each approach in turn. More than one of the `repeats` takes another
    seed each time, for engines that draw. `own` holds further wordings by question."""
    wordings = {question: reworded(question, (own or {}).get(question, ())) for question in questions}
    total = sum(map(len, wordings.values())) * len(configs) * repeats
    done = 0
    said: dict[Approach, list[_Answers]] = {}
    for approach in (each for each in ORDER if each in configs):
        columns = said[approach] = []
        for question in questions:
            columns.append(_Answers())
            for repeat in range(repeats):
                seeded = configs[approach].with_values(
                    {"engine.seed": configs[approach].engine.seed + repeat}
                )
                for wording in wordings[question]:
                    yield Step(f"asking {NAMES[approach]}", done, total)
                    said_now = ask(workspace, wording, seeded, fresh=repeat > 0)
                    columns[-1].texts.append(None if said_now.abstained else said_now.text)
                    columns[-1].sources += said_now.sources
                    done += 1
    most = max(map(len, wordings.values()), default=0)
    return _behaviour(said, len(questions), most, repeats, check)


def _behaviour(
    said: Mapping[Approach, Sequence[_Answers]],
    questions: int,
    wordings: int,
    repeats: int,
    check: FormatCheck | None,
) -> Behaviour:
    valid = {approach: [each.valid(check) for each in answers] for approach, answers in said.items()}
    consistent = {approach: [each.consistent() for each in answers] for approach, answers in said.items()}
    return Behaviour(
        questions,
        wordings,
        repeats,
        {
            approach: BehaviourColumn(
                mean(valid[approach]),
                mean(consistent[approach]),
                _answered(answers),
                _samples(answers),
                tuple(dict.fromkeys(name for each in answers for name in each.sources)),
            )
            for approach, answers in said.items()
        },
        _effects(valid) if check else (),
        _effects(consistent),
    )


def _effects(values: Mapping[Approach, Sequence[float | None]]) -> tuple[Comparison, ...]:
    pairs = [
        Pair(NAMES[one], NAMES[other], values[one], values[other])
        for one, other in PAIRS
        if one in values and other in values
    ]
    return tuple(compare_pairs(pairs, binary=False))


def _answered(answers: Sequence[_Answers]) -> float:
    texts = [text for each in answers for text in each.texts]
    return sum(text is not None for text in texts) / len(texts) if texts else 0.0


def _samples(answers: Sequence[_Answers]) -> tuple[str, ...]:
    first = answers[0].texts if answers else []
    return tuple(dict.fromkeys(text for text in first if text is not None))


def _alike(one: str | None, other: str | None) -> float:
    if one is None or other is None:
        return float(one is other)
    return token_f1(_CITED.sub("", one), _CITED.sub("", other))
