"""Plan a search over the settings: which combinations are tried, on which half of the questions, how long it
takes.

What is chosen because it did best on some questions looks better there than it is; on questions that had no
part in the choice it does not. So one half chooses, and the other reports. This module does not know how
anything is asked (`searching`), nor what follows from the answers (`search_results`).
"""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from playground.config import DEFAULT, PipelineConfig
from playground.errors import ConfigError, InputError
from playground.evaluation.results import Contender
from playground.evaluation.summary import RIGHT
from playground.questions.lookup import LabelledQuestion
from playground.search.estimate import Bill, Estimate
from playground.workspace import Workspace

Knobs = Mapping[str, Sequence[Any]]
"""Dotted names of settings with the values that are tried."""

SENSIBLE: dict[str, tuple[Any, ...]] = {
    "chunking.strategy": ("fixed", "structural"),
    "chunking.size": (100, 200, 400),
    "retrieval.mode": ("dense", "keyword", "hybrid"),
    "retrieval.top_k": (3, 5, 10),
    "reranking.method": ("none", "late_interaction"),
}
"""Knobs and values that are worth trying on most documents."""

YOURS = "Your settings"
"""The name of the first trial: what is searched for has to be better than what is there."""

FEWEST = 20
"""Questions: from fewer a half says next to nothing."""

MOST_COMBINATIONS = 5000
"""More are not even counted out: nobody has the time to try them."""


@dataclass(frozen=True)
class Target:
    """The best of `figure` among the configurations whose p95 is at most `limit` milliseconds, where there
    is a limit."""

    figure: str = RIGHT
    limit: float | None = None


@dataclass(frozen=True)
class SearchPlan:
    """`first` chooses, `second` reports. `contenders` are the trials: first `base`, then those of one index
    side by side, so that it is built once. `grid` is how many combinations there are, `planned` how many of
    them are among the trials."""

    base: PipelineConfig
    knobs: Knobs
    first: tuple[LabelledQuestion, ...]
    second: tuple[LabelledQuestion, ...]
    contenders: tuple[Contender, ...]
    grid: int
    planned: int
    estimate: Estimate


def sensible(base: PipelineConfig) -> dict[str, tuple[Any, ...]]:
    """`SENSIBLE`, with the reranker of `base` where it has one of its own."""
    rerankers = dict.fromkeys([*SENSIBLE["reranking.method"], base.reranking.method])
    return SENSIBLE | {"reranking.method": tuple(rerankers)}


def looking_up(base: PipelineConfig) -> PipelineConfig:
    """The same settings, with retrieval switched on."""
    mode = DEFAULT.retrieval.mode if base.retrieval.mode == "none" else base.retrieval.mode
    return base.with_values({"engine.retrieval": True, "retrieval.mode": mode})


def grid(base: PipelineConfig, knobs: Knobs) -> list[PipelineConfig]:
    """Every combination of the values on top of `base`, which looks up passages for it, each once: those that
    cannot work are left out, those that differ only in knobs which then do nothing count as one.

    Raises InputError for more than `MOST_COMBINATIONS`.
    """
    count = prod(len(several) for several in knobs.values())
    if count > MOST_COMBINATIONS:
        raise InputError(
            f"these values make {count:,} combinations, and at most {MOST_COMBINATIONS:,} can be searched; "
            "choose fewer values"
        )
    start = looking_up(base)
    found: dict[PipelineConfig, None] = {}
    for combination in product(*knobs.values()):
        try:
            found[without_idle(start.with_values(dict(zip(knobs, combination, strict=True))))] = None
        except ConfigError:
            continue
    return list(found)


def plan_search(
    workspace: Workspace,
    questions: Sequence[LabelledQuestion],
    base: PipelineConfig,
    knobs: Knobs,
    budget: float,
    seconds_a_question: Mapping[str, float],
    seed: int = 0,
) -> SearchPlan:
    """What would be tried within `budget` seconds: the whole grid, or as many of its combinations, drawn at
    random, as fit in with the report; one that is too slow for what is left is passed over. At least one is
    tried besides `base`. `seconds_a_question` is by `cost_key`, where it is known.

    The same arguments give the same plan. Raises InputError for a grid that is too large.
    """
    first, second = halves(questions, seed)
    everything, own = grid(base, knobs), without_idle(base)
    bill = Bill(workspace, len(first), len(second), seconds_a_question)
    bill.add(base)
    chosen: list[PipelineConfig] = []
    for config in random.Random(seed).sample(everything, len(everything)):
        fits = bill.with_another(config).seconds <= budget
        if config != own and (fits or not chosen):
            bill.add(config)
            chosen.append(config)
    planned = len(chosen) + (own in everything)
    contenders = (Contender(YOURS, base), *_by_index(chosen, base, knobs))
    return SearchPlan(base, knobs, first, second, contenders, len(everything), planned, bill.estimate)


def halves(
    questions: Sequence[LabelledQuestion], seed: int = 0
) -> tuple[tuple[LabelledQuestion, ...], tuple[LabelledQuestion, ...]]:
    """Two halves drawn at random, with as many unanswerable questions in each; the first is the larger one.
    Each half has the order of the set.

    The same questions make the same halves. Who reads a report and searches again has let its half take part
    in a choice: only new questions report on that honestly.
    """
    order = {question.id: place for place, question in enumerate(questions)}
    sides: tuple[list[LabelledQuestion], list[LabelledQuestion]] = ([], [])
    drawn = random.Random(seed)
    for answerable in (True, False):
        group = [question for question in questions if question.answerable is answerable]
        drawn.shuffle(group)
        for question in group:
            sides[len(sides[0]) > len(sides[1])].append(question)
    first, second = (tuple(sorted(side, key=lambda each: order[each.id])) for side in sides)
    return first, second


def idle_knobs(config: PipelineConfig) -> set[str]:
    """The knobs of chunking, retrieval and reranking that do nothing in this configuration."""
    if not config.retrieves:
        return {
            name for name, _ in config.items() if name.startswith(("chunking.", "retrieval.", "reranking."))
        }
    idle: set[str] = set()
    if config.retrieval.mode != "hybrid":
        idle |= {"retrieval.fusion", "retrieval.dense_weight", "retrieval.pool"}
    elif config.retrieval.fusion != "weighted":
        idle |= {"retrieval.dense_weight"}
    if config.reranking.method in ("none", "late_interaction"):
        idle |= {"reranking.model", "reranking.address"}
    if config.reranking.method == "none":
        idle |= {"reranking.candidates"}
    return idle


def without_idle(config: PipelineConfig) -> PipelineConfig:
    """The knobs that do nothing at their default, so that what works alike is equal; what does not look up
    anything stays as it is."""
    default = dict(DEFAULT.items())
    return config.with_values({name: default[name] for name in idle_knobs(config) if config.retrieves})


def trial_name(config: PipelineConfig, knobs: Knobs) -> str:
    """The values that tell this trial from the others, in the order of the knobs."""
    values, idle = dict(config.items()), idle_knobs(config)
    parts = [
        value_in_words(knob, values[knob])
        for knob, several in knobs.items()
        if len(several) > 1 and knob not in idle and (knob, values[knob]) != ("reranking.method", "none")
    ]
    return " · ".join(parts) or "as it is"


def value_in_words(knob: str, value: Any) -> str:
    """A value that can be understood without the name of its knob."""
    told = {
        "chunking.size": "{} tokens",
        "chunking.overlap": "overlap {}",
        "retrieval.top_k": "top {}",
        "retrieval.dense_weight": "dense weight {}",
        "reranking.candidates": "{} candidates",
    }
    if knob == "chunking.prefix":
        return "with headings" if value else "without headings"
    if (knob, value) == ("reranking.method", "none"):
        return "not reranked"
    return told.get(knob, "{}").format(str(value).replace("_", " "))


def _by_index(configs: Sequence[PipelineConfig], base: PipelineConfig, knobs: Knobs) -> list[Contender]:
    """Those of one index side by side, that of `base` first; else in the order in which they were drawn, so
    that what a budget cuts off is a matter of chance."""
    places = {(base.chunking, base.encoder): 0} if base.retrieves else {}
    for config in configs:
        places.setdefault((config.chunking, config.encoder), len(places))
    ordered = sorted(configs, key=lambda config: places[config.chunking, config.encoder])
    return [Contender(trial_name(config, knobs), config) for config in ordered]
