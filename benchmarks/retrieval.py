"""What is found on public questions, through `playground evaluate` as a person runs it.

    python -m benchmarks.retrieval [--data DIR] [--quick]

chunking_eval: five long Markdown files, 472 questions whose evidence is marked. Structural chunks of 200
tokens; only the first row has a target, the others say what each setting is worth. --quick takes one file.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks import chunking_eval
from benchmarks.measure import Options, Result, command
from playground.cli import main
from playground.errors import PlaygroundError

LEAST = 0.86
PLAIN = {
    "chunking.strategy": "structural",
    "chunking.size": "200",
    "chunking.prefix": "false",
    "retrieval.top_k": "1",  # what the engine reads: answers are not measured here; 20 hits are found anyway
}
ROWS: dict[str, dict[str, str]] = {
    "hybrid, weighted": PLAIN,
    "hybrid, reciprocal rank fusion": PLAIN | {"retrieval.fusion": "rrf"},
    "keyword": PLAIN | {"retrieval.mode": "keyword"},
    "dense": PLAIN | {"retrieval.mode": "dense"},
    "hybrid, reranked by late interaction": PLAIN | {"reranking.method": "late_interaction"},
    "hybrid, with title and headings": PLAIN | {"chunking.prefix": "true"},
}


def evaluate(folder: Path, questions: Path, settings: dict[str, str], out: Path) -> dict[str, float]:
    """The summary of the report. Raises PlaygroundError with what the command said where it fails."""
    said = io.StringIO()
    arguments = ["evaluate", "--documents", str(folder), "--questions", str(questions), "--out", str(out)]
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        status = main([*arguments, "--set", *(f"{name}={value}" for name, value in settings.items())])
    if status:
        raise PlaygroundError(said.getvalue().strip())
    return dict(json.loads(out.read_text(encoding="utf-8"))["summary"])


def run(options: Options) -> Iterator[Result]:
    """recall@5 of each row, with its other figures."""
    os.environ["PLAYGROUND_HOME"] = str(options.work / "home")
    names = ("state_of_the_union.md",) if options.quick else chunking_eval.FILES
    folder = chunking_eval.folder(options, names)
    questions = chunking_eval.labelled_questions(options, names)
    for row, settings in ROWS.items():
        summary = evaluate(folder, questions, settings, options.work / "report.json")
        yield Result(
            f"recall@5, {row}",
            summary["recall@5"],
            least=LEAST if settings == PLAIN else None,
            note=", ".join(f"{name} {summary[name]:.3f}" for name in ("recall@10", "recall@20", "mrr@10")),
        )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
