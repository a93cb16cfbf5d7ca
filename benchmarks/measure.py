"""What all benchmarks share: a measured figure beside its target, the options of a run, and medians.

This module does not know what is measured. Ratios are taken within one run, so that they
hold on other machines too.
"""

import argparse
import importlib
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.errors import InputError, PlaygroundError

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"


@dataclass(frozen=True)
class Result:
    """A measured figure. `least` and `most` are its targets, where it has any; `note` says more."""

    figure: str
    measured: float
    least: float | None = None
    most: float | None = None
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> bool:
        """Whether every target that there is holds."""
        return (self.least is None or self.measured >= self.least) and (
            self.most is None or self.measured <= self.most
        )

    @property
    def target(self) -> str:
        """The target in words; empty for a figure that only informs."""
        if self.least is not None and self.most is not None:
            least, most = self._number(self.least), self._number(self.most)
            return least if least == most else f"{least} to {most}"
        if self.least is not None:
            return f"at least {self._number(self.least)}"
        return "" if self.most is None else f"at most {self._number(self.most)}"

    @property
    def mark(self) -> str:
        """✓ or ✗, or nothing where there is no target."""
        return ("✓" if self.met else "✗") if self.target else ""

    @property
    def value(self) -> str:
        return self._number(self.measured)

    def __str__(self) -> str:
        aim = f" (target: {self.target})" if self.target else ""
        note = f"; {self.note}" if self.note else ""
        return f"{self.mark or '·'} {self.figure}: {self.value}{aim}{note}"

    def _number(self, number: float) -> str:
        digits = f"{number:,}" if isinstance(number, int) else f"{number:.3f}"
        return f"{digits} {self.unit}".strip()


@dataclass(frozen=True)
class Options:
    """How a benchmark runs. `data` holds the public data, `work` is a folder for what is made on the way and
    may be shared by the benchmarks of one run; `quick` trades exactness for minutes."""

    data: Path
    work: Path
    quick: bool = False

    def need(self, place: str) -> Path:
        """A file or folder of the public data. Raises InputError where it is not there."""
        path = self.data / place
        if not path.exists():
            raise InputError(f"{path} is not there; name the folder of the public data with --data")
        return path


Benchmark = Callable[[Options], Iterable[Result]]


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options that every benchmark has."""
    parser.add_argument(
        "--data", type=Path, default=DATA, help="folder of the public data (default: ../shared/data)"
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, for trying it out")


def command(benchmark: Benchmark, description: str | None, arguments: Sequence[str] | None = None) -> int:
    """Run one benchmark as a command of its own: 0 where every target is met, 1 where not, 2 on bad input."""
    parser = argparse.ArgumentParser(description=(description or "").split("\n\n")[0])
    add_options(parser)
    options = parser.parse_args(arguments)
    results = []
    try:
        with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
            for result in benchmark(Options(options.data, Path(work), options.quick)):
                print(result, flush=True)
                results.append(result)
    except PlaygroundError as error:
        print(error, file=sys.stderr)
        return 2
    return 0 if all(result.met for result in results) else 1


def measure_named(name: str, options: Options) -> list[Result]:
    """Run the benchmark in the module of this name and print; what it lacks is one line, and no result."""
    results = []
    try:
        for result in importlib.import_module(f"benchmarks.{name}").run(options):
            print(result, flush=True)
            results.append(result)
    except PlaygroundError as error:
        print(f"skipped: {error}", flush=True)
    return results


def seconds(work: Callable[[], object]) -> float:
    """How long a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def alternate(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """What each contender measures, a figure a round. They take turns, so that what slows the machine for a
    while slows all of them."""
    measured: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, measure in contenders.items():
            measured[name].append(measure())
    return measured


def ratio(first: Sequence[float], second: Sequence[float]) -> float:
    """The median of the ratios within each round."""
    return statistics.median(one / other for one, other in zip(first, second, strict=True))
