"""The held-out examples before and after a training: scores, their difference, and what moved.

An output that is a label is right or wrong; any other is compared word by word with the wanted one. This
module knows neither models nor how the answers were made.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from playground.adapters.card import Difference, Forgetting, Scores
from playground.adapters.examples import Example
from playground.errors import InputError
from playground.evaluation.answer_metrics import token_f1
from playground.evaluation.statistics import paired_difference

FILE = "held_out.json"


@dataclass(frozen=True)
class HeldOutRow:
    """One held-out example: what was wanted, what the base said and what the adapter says, each with its
    score between 0 and 1. `similarity` is the token F1 of both answers, 1 where nothing moved."""

    input: str
    wanted: str
    before: str
    after: str
    score_before: float
    score_after: float
    similarity: float

    @property
    def moved(self) -> bool:
        """Whether the adapter says something else than the base; white space does not count."""
        return not _same(self.before, self.after)

    @property
    def gain(self) -> float:
        return self.score_after - self.score_before


def score_rows(
    examples: Sequence[Example], before: Sequence[str], after: Sequence[str], labelled: bool
) -> list[HeldOutRow]:
    """A row for each example, in their order."""
    score: Callable[[str, str], float] = _same if labelled else token_f1
    return [
        HeldOutRow(
            example.input,
            example.output,
            base,
            tuned,
            float(score(base, example.output)),
            float(score(tuned, example.output)),
            1.0 if _same(base, tuned) else token_f1(base, tuned),
        )
        for example, base, tuned in zip(examples, before, after, strict=True)
    ]


def summarise(rows: Sequence[HeldOutRow], labelled: bool) -> Scores | None:
    """ "accuracy" for labels, "match" (mean token F1) for other outputs; None where nothing was held out."""
    if not rows:
        return None
    before, after = [row.score_before for row in rows], [row.score_after for row in rows]
    return Scores(
        "accuracy" if labelled else "match",
        len(rows),
        sum(before) / len(rows),
        sum(after) / len(rows),
        _difference(before, after),
        sum(row.moved for row in rows) / len(rows),
    )


def forgetting(name: str, before: Sequence[float], after: Sequence[float]) -> Forgetting | None:
    """The same for questions outside the training set; None where there were none."""
    if not before:
        return None
    means = sum(before) / len(before), sum(after) / len(after)
    return Forgetting(name, len(before), *means, _difference(before, after))


def best_and_worst(rows: Sequence[HeldOutRow], count: int = 5) -> tuple[list[HeldOutRow], list[HeldOutRow]]:
    """The rows that gained most and those that lost most, `count` each, and no row in both.

    Rows of the same gain stand by their score afterwards: among the best the highest first, among the worst
    the lowest.
    """
    ranked = sorted(rows, key=lambda row: (row.gain, row.score_after), reverse=True)
    best = ranked[: min(count, (len(ranked) + 1) // 2)]
    return best, ranked[len(best) :][::-1][:count]


def write_rows(folder: Path, rows: Sequence[HeldOutRow]) -> None:
    values = [asdict(row) | {"moved": row.moved} for row in rows]
    (folder / FILE).write_text(json.dumps(values, ensure_ascii=False, indent=1), encoding="utf-8")


def read_rows(folder: Path) -> list[HeldOutRow]:
    """The rows of an adapter; none where it has none. Raises InputError where the file is damaged."""
    path = folder / FILE
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        return [
            HeldOutRow(**{name: value for name, value in row.items() if name != "moved"}) for row in values
        ]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise InputError(
            f"{path} cannot be read as held-out examples ({error}); train the adapter anew"
        ) from error


def _difference(before: Sequence[float], after: Sequence[float]) -> Difference:
    found = paired_difference(before, after)
    return Difference(found.mean, found.low, found.high)


def _same(first: str, second: str) -> bool:
    return first.split() == second.split()
