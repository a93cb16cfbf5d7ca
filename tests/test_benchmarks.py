"""Every benchmark explains itself, and says in one line what it lacks. They take minutes: none runs here."""

import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from benchmarks import __main__ as benchmarks
from benchmarks.measure import Options, Result, alternate, ratio

ROOT = Path(__file__).resolve().parent.parent
NEEDS_DATA = sorted(set(benchmarks.NAMES) - {"first_page", "bootstrap"})


def run_module(name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", name, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["benchmarks", *(f"benchmarks.{name}" for name in benchmarks.NAMES)])
def test_help_says_what_is_measured(name: str) -> None:
    shown = run_module(name, "--help")
    assert shown.returncode == 0
    assert "--quick" in shown.stdout


@pytest.mark.parametrize("name", NEEDS_DATA)
def test_missing_data_is_one_clear_line(name: str, tmp_path: Path) -> None:
    said = run_module(f"benchmarks.{name}", "--data", str(tmp_path / "nowhere"))
    assert said.returncode == 2
    assert said.stderr.count("\n") == 1
    assert "is not there; name the folder of the public data with --data" in said.stderr


def test_a_run_without_data_skips_and_goes_on(tmp_path: Path) -> None:
    said = run_module("benchmarks", "messy", "answers", "--data", str(tmp_path))
    assert said.returncode == 0
    assert said.stdout.count("skipped: ") == 2


def test_an_unknown_benchmark_is_refused_with_those_that_there_are() -> None:
    said = run_module("benchmarks", "mesy")
    assert said.returncode == 2
    assert "there is no benchmark mesy; there are indexing, query" in said.stderr


def test_a_target_is_met_or_missed_at_its_border() -> None:
    assert Result("rate", 0.85, least=0.85).mark == "✓"
    assert Result("rate", 0.849, least=0.85).mark == "✗"
    assert Result("ratio", 1.5, most=1.5).mark == "✓"
    assert Result("ratio", 1.501, most=1.5).mark == "✗"
    assert Result("count", 46, least=46, most=46).target == "46"
    assert Result("ratio", 0.7, least=1.0, most=1.5).target == "1.000 to 1.500"
    assert Result("ratio", 0.7, least=1.0, most=1.5).mark == "✗"
    assert Result("information", 7).mark == ""


def test_contenders_take_turns() -> None:
    times = {"a": iter([1.0, 9.0]), "b": iter([5.0, 4.0])}
    order: list[str] = []

    def measure(name: str) -> float:
        order.append(name)
        return next(times[name])

    measured = alternate({name: partial(measure, name) for name in times}, rounds=2)
    assert measured == {"a": [1.0, 9.0], "b": [5.0, 4.0]}
    assert order == ["a", "b", "a", "b"]


def test_a_round_in_which_the_machine_was_slow_does_not_move_the_ratio() -> None:
    assert ratio([2.0, 20.0, 2.2], [1.0, 10.0, 1.0]) == 2.0


def test_the_table_has_a_line_for_every_figure() -> None:
    rows = benchmarks.table([Result("rate", 0.9, least=0.85, note="why"), Result("seconds", 2.5, unit="s")])
    assert rows.splitlines()[2:] == [
        "| rate | 0.900 | at least 0.850 | ✓ | why |",
        "| seconds | 2.500 s |  |  |  |",
    ]


def test_data_that_is_there_is_found(tmp_path: Path) -> None:
    (tmp_path / "xquad").mkdir()
    assert Options(tmp_path, tmp_path).need("xquad") == tmp_path / "xquad"
