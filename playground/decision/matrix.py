"""The controlled two by two: prompt, RAG, adapter, and both, on the same questions, in one kept run.

The four differ in two things only, looking up and the adapter: prompt, decoding, seed and all other settings
are the same. This module neither asks a question nor knows what follows from the answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from playground.config import APPROACHES, PipelineConfig
from playground.decision.verdict import Approach
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Record, Run
from playground.evaluation.results import Contender
from playground.evaluation.statistics import Comparison, Pair, compare_pairs
from playground.evaluation.summary import ColumnSummary, Row, rows, summarise, values_of
from playground.presets import four_approaches
from playground.questions.labels import LabelledQuestion

ORDER: tuple[Approach, ...] = ("prompt", "rag", "fine_tuning", "both")
"""From what is the least trouble to what is the most."""

NAMES: dict[Approach, str] = {
    "prompt": APPROACHES[False, False],
    "rag": APPROACHES[True, False],
    "fine_tuning": APPROACHES[False, True],
    "both": APPROACHES[True, True],
}
"""What a column is called."""

PAIRS: tuple[tuple[Approach, Approach], ...] = (
    ("rag", "prompt"),
    ("fine_tuning", "prompt"),
    ("both", "rag"),
    ("both", "fine_tuning"),
    ("rag", "fine_tuning"),
)
"""What is compared: the first with the second. The first four change one thing at a time."""


@dataclass(frozen=True)
class Count:
    """`count` of `of`."""

    count: int
    of: int


@dataclass(frozen=True)
class Effect:
    """One approach against another, paired by question."""

    approach: Approach
    against: Approach
    comparison: Comparison


@dataclass(frozen=True)
class Matrix:
    """What a run says of the approaches that it has. `questions` are those that count: where some adapter
    learned a question, it counts for none (`seen`). `silent` is how many questions without an answer an
    approach left unanswered; `cited` how many of the answerable ones it answered with a citation of evidence,
    None where it can cite nothing."""

    run: Run
    places: Mapping[Approach, int]
    cells: Mapping[Approach, ColumnSummary]
    effects: tuple[Effect, ...]
    questions: int
    seen: int
    silent: Mapping[Approach, Count]
    cited: Mapping[Approach, Count | None]

    def effect(self, approach: Approach, against: Approach) -> Comparison | None:
        """The comparison of these two, where both were measured."""
        for each in self.effects:
            if (each.approach, each.against) == (approach, against):
                return each.comparison
        return None

    def config(self, approach: Approach) -> PipelineConfig:
        """Raises KeyError for an approach that was not measured."""
        return self.run.plan.contenders[self.places[approach]].config


def approach_of(config: PipelineConfig) -> Approach:
    """Which of the four this is."""
    return next(each for each, name in NAMES.items() if name == config.approach)


def matrix_plan(
    question_set: str,
    questions: Sequence[LabelledQuestion],
    config: PipelineConfig,
    adapter: str = "",
    check: FormatCheck | None = None,
) -> Plan:
    """What has to be asked; without an adapter only the two approaches that need none. The baseline is the
    prompt alone."""
    configs = four_approaches(config, adapter)
    contenders = tuple(Contender(NAMES[approach_of(each)], each) for each in configs)
    return Plan(question_set, tuple(questions), contenders, 0, check)


def matrix_of(run: Run) -> Matrix | None:
    """The two by two that is in a run, whoever made it; None where it has not both a prompt alone and RAG
    that differ in nothing but looking up."""
    places = _places([each.config for each in run.plan.contenders if not each.gold_passages])
    if places is None:
        return None
    summaries = summarise(run)
    columns = {approach: values_of(run, place) for approach, place in places.items()}
    pairs = [(one, other) for one, other in PAIRS if one in places and other in places]
    comparisons = compare_pairs(
        [Pair(NAMES[one], NAMES[other], columns[one], columns[other]) for one, other in pairs], binary=True
    )
    counted = [row for row in rows(run) if not row.seen]
    return Matrix(
        run,
        places,
        {approach: summaries[place] for approach, place in places.items()},
        tuple(Effect(*pair, found) for pair, found in zip(pairs, comparisons, strict=True)),
        sum(any(row.records[place] for place in places.values()) for row in counted),
        len(rows(run)) - len(counted),
        {approach: _silent(counted, place) for approach, place in places.items()},
        {approach: _cited(run, counted, place) for approach, place in places.items()},
    )


def newest_matrix(runs: Sequence[Run]) -> Matrix | None:
    """Of runs from new to old: the first with all four approaches, else the first with two."""
    found = [matrix for matrix in map(matrix_of, runs) if matrix]
    whole = [matrix for matrix in found if len(matrix.cells) == len(ORDER)]
    return next(iter(whole or found), None)


def _places(configs: Sequence[PipelineConfig]) -> dict[Approach, int] | None:
    """Where the four stand among the contenders, found from the first one that looks up without an
    adapter."""
    for rag in configs:
        if not rag.grounded or rag.adapter:
            continue
        adapters = [each.adapter for each in configs if each.adapter]
        best: dict[Approach, int] = {}
        for adapter in adapters or [""]:
            wanted = four_approaches(rag, adapter)
            found = {approach_of(each): configs.index(each) for each in wanted if each in configs}
            best = max(best, found, key=len)
        if {"prompt", "rag"} <= best.keys():
            return {approach: best[approach] for approach in ORDER if approach in best}
    return None


def _silent(counted: Sequence[Row], place: int) -> Count:
    records = [each for row in counted if (each := row.records[place]) and not each.to_answer(row.question)]
    return Count(sum(each.abstained for each in records), len(records))


def _cited(run: Run, counted: Sequence[Row], place: int) -> Count | None:
    if not run.plan.contenders[place].config.retrieves:
        return None
    records = [each for row in counted if (each := row.records[place]) and each.to_answer(row.question)]
    answered = [each for each in records if not each.abstained]
    return Count(sum(_has_evidence(each) for each in answered), len(answered))


def _has_evidence(record: Record) -> bool:
    return record.figures.get("citation_recall", 0.0) > 0
