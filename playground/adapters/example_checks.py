"""What is wrong with examples before anybody trains with them: what is left out, and why.

This module does not know what is trained. How many tokens an example has, it is told.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from playground.adapters import examples as reading
from playground.adapters.examples import BadLine, Example, ExampleFile, normalised
from playground.adapters.splitting import near_matches

Level = Literal["ok", "warning", "error"]
Line = tuple[Level, str]
SHOWN = 3


@dataclass(frozen=True)
class ExamplesReport:
    """`usable` are the examples to train with. Everything else holds line numbers of what is left out: for a
    duplicate (its line, the line of the first one), for a contradiction the lines of all the examples that
    have the same input, which are all left out, because nothing says which of them is right."""

    usable: tuple[Example, ...]
    bad_lines: tuple[BadLine, ...] = ()
    duplicates: tuple[tuple[int, int], ...] = ()
    empty: tuple[int, ...] = ()
    too_long: tuple[int, ...] = ()
    contradictions: tuple[tuple[int, ...], ...] = ()
    max_tokens: int = 1024

    @property
    def labelled(self) -> bool:
        """Whether the outputs are few and stand for labels: see `playground.adapters.examples.labelled`."""
        return reading.labelled(self.usable)

    @property
    def lines(self) -> list[Line]:
        """The report for the person: what is left out, or that nothing is."""
        found: list[Line] = []
        if self.duplicates:
            found.append(("warning", f"{_count(len(self.duplicates), 'duplicate')} left out"))
        if self.empty:
            found.append(("warning", f"{len(self.empty)} without an output left out{_at(self.empty)}"))
        if self.too_long:
            found.append(("warning", f"{len(self.too_long)} longer than {self.max_tokens:,} tokens left out"))
        if self.contradictions:
            found.append(("error", _contradictions(self.contradictions)))
        if self.bad_lines:
            lines = [bad.line for bad in self.bad_lines]
            found.append(("error", f"{_count(len(lines), 'line')} cannot be read{_at(lines)}"))
        if not self.usable:
            found.append(("error", "Nothing is left to train with"))
        return found or [("ok", "No duplicates, empty outputs or contradictions")]


def check(
    file: ExampleFile, count_tokens: Callable[[Example], int] | None = None, max_tokens: int = 1024
) -> ExamplesReport:
    """Leave out what cannot be learned from. `count_tokens` says how long an example is for the model that is
    trained, input and output with all that stands around them; without it none is too long."""
    empty = [example.line for example in file.examples if not example.output]
    first_lines: dict[tuple[str, str], int] = {}
    duplicates: list[tuple[int, int]] = []
    by_input: dict[str, list[Example]] = defaultdict(list)
    for example in file.examples:
        if not example.output:
            continue
        pair = normalised(example.input), normalised(example.output)
        if pair in first_lines:
            duplicates.append((example.line, first_lines[pair]))
        else:
            first_lines[pair] = example.line
            by_input[pair[0]].append(example)
    single = [same[0] for same in by_input.values() if len(same) == 1]
    too_long = {example for example in single if count_tokens and count_tokens(example) > max_tokens}
    return ExamplesReport(
        tuple(example for example in single if example not in too_long),
        file.bad_lines,
        tuple(duplicates),
        tuple(empty),
        tuple(sorted(example.line for example in too_long)),
        tuple(tuple(each.line for each in same) for same in by_input.values() if len(same) > 1),
        max_tokens,
    )


def overlap_with(report: ExamplesReport, questions: Sequence[str]) -> list[str]:
    """Those of the labelled questions that are, or nearly are, among the usable inputs: what is measured with
    them after a training says nothing about questions that were never seen."""
    found = near_matches(questions, [example.input for example in report.usable])
    return [question for question, near in zip(questions, found, strict=True) if near]


def overlap_line(overlap: Sequence[str]) -> Line:
    """What `overlap_with` found, for the person."""
    if not overlap:
        return "ok", "No question of the question set is among the examples"
    shown = "; ".join(overlap[:SHOWN]) + ("; ..." if len(overlap) > SHOWN else "")
    verb = "is" if len(overlap) == 1 else "are"
    noun = _count(len(overlap), "question")
    return "warning", f"{noun} of the question set {verb} among the examples: {shown}"


def _contradictions(groups: Sequence[Sequence[int]]) -> str:
    count = sum(len(group) for group in groups)
    shown = ", ".join(_joined(group) for group in groups[:SHOWN])
    rest = len(groups) - SHOWN
    more = f", and {_count(rest, 'input')} more" if rest > 0 else ""
    return f"{count} contradict each other and are left out: lines {shown}{more}"


def _at(lines: Sequence[int]) -> str:
    shown = [*map(str, lines[:SHOWN]), *([f"{len(lines) - SHOWN} more"] if len(lines) > SHOWN else [])]
    return f": {'line' if len(lines) == 1 else 'lines'} {_joined(shown)}"


def _joined(parts: Sequence[object]) -> str:
    texts = [str(part) for part in parts]
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
