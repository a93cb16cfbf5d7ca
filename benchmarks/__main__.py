"""Every figure that the project has to reach, measured on this machine.

    python -m benchmarks [NAME ...] [--data DIR] [--quick] [--write]

Each benchmark runs in a process of its own, one after another. The public data is optional: what needs it is
skipped where it is not there. `--write` keeps the table in docs/benchmarks.md.
"""

import argparse
import multiprocessing
import os
import platform
import shlex
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from pathlib import Path

from benchmarks.measure import ROOT, Options, Result, add_options, measure_named
from playground.embedding import best_device

NAMES = (
    "indexing",
    "query",
    "start",
    "first_page",
    "retrieval",
    "chunk_sizes",
    "answers",
    "adapters",
    "messy",
    "bootstrap",
    "evaluation",
)
PACKAGES = ("torch", "transformers", "sentence-transformers", "chromadb", "tantivy", "streamlit")
PAGE = ROOT / "docs" / "benchmarks.md"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run benchmarks and print a table: 0 where every target is met, 1 where not, 2 on bad input."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all, or some of {', '.join(NAMES)}")
    add_options(parser)
    parser.add_argument("--write", action="store_true", help=f"keep the table in {PAGE.relative_to(ROOT)}")
    chosen = parser.parse_args(arguments)
    for name in chosen.names:
        if name not in NAMES:
            parser.error(f"there is no benchmark {name}; there are {', '.join(NAMES)}")
    facts = machine()
    print(facts, flush=True)
    results: list[Result] = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        options = Options(chosen.data, Path(work), chosen.quick)
        for name in chosen.names or NAMES:
            results += measure_apart(name, options)
    print("\n" + table(results))
    if chosen.write:
        words = [*chosen.names, *(["--quick"] if chosen.quick else []), "--write"]  # no place of this machine
        PAGE.parent.mkdir(exist_ok=True)
        PAGE.write_text(page(facts, results, words), encoding="utf-8")
    return 0 if all(result.met for result in results) else 1


def measure_apart(name: str, options: Options) -> list[Result]:
    """One benchmark in a fresh process, so that none inherits the threads and models of the one before."""
    print(f"\n{name}", flush=True)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as process:
        return process.submit(measure_named, name, options).result()


def machine() -> str:
    """Processor, precision and versions in one line."""
    device, precision = best_device()
    packages = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    encoder = f"encoder on {device} in {str(precision).removeprefix('torch.')}"
    return (
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()}), "
        f"Python {platform.python_version()}, {encoder}; {packages}"
    )


def table(results: Sequence[Result]) -> str:
    """The results in Markdown."""
    lines = ["| figure | measured | target | | |", "| --- | --: | --: | --- | --- |"]
    for result in results:
        lines.append(
            f"| {result.figure} | {result.value} | {result.target} | {result.mark} | {result.note} |"
        )
    return "\n".join(lines)


def page(facts: str, results: Sequence[Result], arguments: Sequence[str]) -> str:
    """What docs/benchmarks.md says: the table, the machine, and the command that measured it."""
    words = shlex.join(["python", "-m", "benchmarks", *arguments])
    return f"# Benchmarks\n\nMeasured by `{words}` on: {facts}.\n\n{table(results)}\n"


if __name__ == "__main__":
    sys.exit(main())
