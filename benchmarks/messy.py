"""Odd files: each gives text or one reason, and none takes longer than its limit.

    python -m benchmarks.messy [--data DIR] [--quick]

PDF, office, HTML, e-mail, odd encodings, broken and protected files, out of Unstructured-IO/unstructured and
py-pdf/sample-files on GitHub. --quick reads every fifth.
"""

import sys
from collections.abc import Iterator

from benchmarks.measure import Options, Result, command
from playground.reading import Limits, read_many

EXPLAINED = 1.0


def run(options: Options) -> Iterator[Result]:
    """The share of files that gave text or a reason, and the slowest."""
    folder = options.need("messy_docs")
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:: 5 if options.quick else 1]
    limits = Limits()
    results = list(read_many(files, limits))
    with_text = sum(
        result.ok and bool(result.document and result.document.text.strip()) for result in results
    )
    with_reason = sum(not result.ok and bool(result.reason) for result in results)
    several_lines = [result.name for result in results if "\n" in result.reason]
    yield Result(
        "odd files that give text or one reason, of all",
        (with_text + with_reason - len(several_lines)) / len(files),
        least=EXPLAINED,
        note=f"{len(files)} files: {with_text} with text, {with_reason} with a reason",
    )
    slowest = max(results, key=lambda result: result.seconds)
    yield Result("the slowest odd file", slowest.seconds, most=limits.seconds, unit="s", note=slowest.name)


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
