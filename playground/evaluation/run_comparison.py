"""Two kept runs side by side: what came out differently, and what was different to begin with.

Questions are matched by their words and contenders by their configuration, or else by their name. This
module does not know how a run is made nor how a comparison is drawn.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playground.evaluation.records import Record, Run
from playground.evaluation.statistics import Comparison, Pair, compare_pairs
from playground.evaluation.summary import RIGHT, values_of
from playground.questions.lookup import LabelledQuestion

BEFORE = "before"
"""What the earlier run is called in a `Comparison`."""


@dataclass(frozen=True)
class Moved:
    """A question whose answer became right, or ceased to be."""

    question: LabelledQuestion
    before: Record
    after: Record


@dataclass(frozen=True)
class ContenderChange:
    """A contender of both runs. `earlier` and `later` are its positions in them; `comparison` is the later
    run against the earlier one, question by question. `settings` are those that differ, each as (before,
    after): contenders of the same name need not be the same."""

    name: str
    earlier: int
    later: int
    comparison: Comparison
    gained: tuple[Moved, ...]
    lost: tuple[Moved, ...]
    settings: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(frozen=True)
class DocumentChanges:
    """Names, sorted; `renamed` as (before, after). A text that changed under its name is `changed`."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()

    @property
    def none(self) -> bool:
        return not (self.added or self.removed or self.changed or self.renamed)


@dataclass(frozen=True)
class RunComparison:
    """The `later` run against the `earlier` one. `questions` were asked in both; `relabelled` are those of
    them whose labels differ: what counts as right was not the same. `versions` are by package, (before,
    after), "" where one run did not have it."""

    earlier: Run
    later: Run
    questions: int
    only_earlier: tuple[LabelledQuestion, ...]
    only_later: tuple[LabelledQuestion, ...]
    relabelled: tuple[LabelledQuestion, ...]
    contenders: tuple[ContenderChange, ...]
    contenders_only_earlier: tuple[str, ...]
    contenders_only_later: tuple[str, ...]
    documents: DocumentChanges
    versions: Mapping[str, tuple[str, str]]

    @property
    def check_changed(self) -> bool:
        """Whether answers had to have another format."""
        return self.earlier.plan.check != self.later.plan.check


def compare_runs(earlier: Run, later: Run, figure: str = RIGHT, count_seen: bool = False) -> RunComparison:
    """Every contender that both runs have, by this figure. p values are corrected for how many there are.
    Questions that an adapter of one of the runs learned count only with `count_seen`."""
    pairs = _same_questions(earlier, later)
    contenders = list(_same_contenders(earlier, later))
    asked = [later.plan.questions[number] for _, number in pairs]
    in_earlier, in_later = {first for first, _ in pairs}, {second for _, second in pairs}
    return RunComparison(
        earlier,
        later,
        len(pairs),
        tuple(each for at, each in enumerate(earlier.plan.questions) if at not in in_earlier),
        tuple(each for at, each in enumerate(later.plan.questions) if at not in in_later),
        tuple(
            question
            for (first, _), question in zip(pairs, asked, strict=True)
            if _labels(earlier.plan.questions[first]) != _labels(question)
        ),
        tuple(_changes(earlier, later, pairs, contenders, figure, count_seen)),
        _others(earlier, {first for first, _ in contenders}),
        _others(later, {second for _, second in contenders}),
        document_changes(earlier.documents, later.documents),
        _differing(earlier.versions, later.versions),
    )


def document_changes(before: Mapping[str, str], after: Mapping[str, str]) -> DocumentChanges:
    """What became of documents, by name -> hash of the text."""
    gone = {name: hash for name, hash in before.items() if name not in after}
    new = {name: hash for name, hash in after.items() if name not in before}
    renamed = []
    for name, hash in sorted(gone.items()):
        other = next((each for each in sorted(new) if new[each] == hash), None)
        if other is not None:
            renamed.append((name, other))
            del gone[name], new[other]
    changed = sorted(name for name in before.keys() & after.keys() if before[name] != after[name])
    return DocumentChanges(tuple(sorted(new)), tuple(sorted(gone)), tuple(changed), tuple(renamed))


def _same_questions(earlier: Run, later: Run) -> list[tuple[int, int]]:
    """Their positions in both runs, in the order of the later one. The same words twice are two questions:
    the first belongs to the first."""
    places = {key: at for at, key in enumerate(_keys(earlier))}
    return [(places[key], at) for at, key in enumerate(_keys(later)) if key in places]


def _keys(run: Run) -> Iterator[tuple[str, int]]:
    """The words of each question, with how often they came before."""
    known: Counter[str] = Counter()
    for each in run.plan.questions:
        words = " ".join(each.question.split()).casefold()
        yield words, known[words]
        known[words] += 1


def _same_contenders(earlier: Run, later: Run) -> Iterator[tuple[int, int]]:
    """Their positions in both runs, in the order of the later one."""
    left = dict(enumerate(earlier.plan.contenders))
    found: dict[int, int] = {}
    for by in ("configuration", "name"):
        for at, contender in enumerate(later.plan.contenders):
            same = next(
                (
                    number
                    for number, other in left.items()
                    if other.gold_passages == contender.gold_passages
                    and (other.config == contender.config if by == "configuration" else True)
                    and (other.name == contender.name if by == "name" else True)
                ),
                None,
            )
            if at not in found and same is not None:
                found[at] = same
                del left[same]
    return ((found[at], at) for at in sorted(found))


def _changes(
    earlier: Run,
    later: Run,
    pairs: Sequence[tuple[int, int]],
    contenders: Sequence[tuple[int, int]],
    figure: str,
    count_seen: bool,
) -> Iterator[ContenderChange]:
    columns = []
    for first, second in contenders:
        before = values_of(earlier, first, figure, count_seen)
        after = values_of(later, second, figure, count_seen)
        name = later.plan.contenders[second].name
        columns.append(Pair(name, BEFORE, [after[at] for _, at in pairs], [before[at] for at, _ in pairs]))
    compared = compare_pairs(columns, binary=figure == RIGHT)
    for (first, second), comparison in zip(contenders, compared, strict=True):
        moved = list(_moved(earlier, later, pairs, first, second))
        old, new = earlier.plan.contenders[first].config, later.plan.contenders[second].config
        yield ContenderChange(
            comparison.name,
            first,
            second,
            comparison,
            tuple(each for each in moved if each.after.correct),
            tuple(each for each in moved if not each.after.correct),
            old.differences(new),
        )


def _moved(
    earlier: Run, later: Run, pairs: Sequence[tuple[int, int]], first: int, second: int
) -> Iterator[Moved]:
    """Questions whose answer is right in one run and not in the other."""
    for at_earlier, at_later in pairs:
        before, after = earlier.records[first][at_earlier], later.records[second][at_later]
        if before is None or after is None or before.correct is None or after.correct is None:
            continue
        if before.correct != after.correct:
            yield Moved(later.plan.questions[at_later], before, after)


def _labels(question: LabelledQuestion) -> tuple[object, ...]:
    """What decides whether an answer is right. Where the same evidence stands may have moved."""
    places = {(gold.document, gold.quote or (gold.start, gold.end)) for gold in question.relevant}
    return question.answers, question.answerable, places


def _others(run: Run, matched: set[int]) -> tuple[str, ...]:
    return tuple(each.name for at, each in enumerate(run.plan.contenders) if at not in matched)


def _differing(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    return {
        name: (before.get(name, ""), after.get(name, ""))
        for name in (*before, *(each for each in after if each not in before))
        if before.get(name) != after.get(name)
    }
