"""What evaluating costs beside the pipeline that is evaluated, and how fast the matrix opens and filters.

    python -m benchmarks.evaluation [--data DIR] [--quick]

1,000 questions on 10,000 chunks with the default settings: the public texts with their labelled questions,
among copies of them whose words stand in another order (see `benchmarks.query`). The matrix holds 500
questions and four configurations, drawn by the page itself.
"""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from statistics import median

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)

# isort: split
from benchmarks import chunking_eval
from benchmarks.measure import Options, Result, command, seconds
from benchmarks.query import MixedVectors, shuffled
from playground.config import DEFAULT
from playground.embedding import load_encoder
from playground.evaluation.records import Plan, Record
from playground.evaluation.results import Contender
from playground.evaluation.running import begin, run_steps
from playground.paths import app_script, pages_folder
from playground.presets import PRESETS
from playground.questions.files import load_questions
from playground.questions.lookup import LabelledQuestion
from playground.workspace import Workspace

QUESTIONS, CHUNKS = 1_000, 10_000
MOST_OVERHEAD = 1.3
ROWS, COLUMNS = 500, 4
MOST_MATRIX = 0.5  # seconds


def filled_workspace(options: Options, chunks: int) -> Workspace:
    """A home with the public texts and shuffled copies of them, indexed."""
    workspace = Workspace(options.work / "evaluation-home")
    encoder = load_encoder(DEFAULT.encoder)
    originals = chunking_eval.documents(options)
    for document in originals:
        workspace.add(document, document.text.encode())
    list(workspace.index_steps(DEFAULT))
    stand_in = MixedVectors(encoder, encoder.encode(chunking_eval.questions(options)))
    variant = 0
    while workspace.status(DEFAULT).chunks < chunks:
        copies = [shuffled(document, variant) for document in originals]
        for document in copies:
            workspace.add(document, document.text.encode())
        list(workspace.index(DEFAULT).add(copies, stand_in, workspace.cache))
        variant += 1
    return workspace


def many_questions(options: Options, count: int) -> tuple[LabelledQuestion, ...]:
    """The public questions, again and again until there are enough; their evidence is the expected answer."""
    known = load_questions(chunking_eval.labelled_questions(options))
    labelled = [replace(each, answers=(each.relevant[0].quote,)) for each in known]
    return tuple(replace(labelled[number % len(labelled)], id=f"q{number}") for number in range(count))


def overhead(options: Options) -> Result:
    """The whole evaluation's time as a multiple of what the pipeline says that it took."""
    questions, chunks = (QUESTIONS // 20, CHUNKS // 10) if options.quick else (QUESTIONS, CHUNKS)
    workspace = filled_workspace(options, chunks)
    plan = Plan("chunking_eval", many_questions(options, questions), (Contender("Balanced", DEFAULT),))
    workspace.run(plan.questions[0].question, DEFAULT)  # loads what is loaded once
    id = begin(workspace, plan, "overhead")
    begun = time.perf_counter()
    list(run_steps(workspace, id, fresh=True))  # some questions come twice, and nothing comes from the cache
    whole = time.perf_counter() - begun
    (records,) = workspace.runs.run(id).records
    pipeline = sum(record.latency["total"] for record in records if record) / 1000
    held = workspace.status(DEFAULT).chunks
    workspace.close()
    return Result(
        f"evaluating {questions:,} questions on {held:,} chunks, in times of the pipeline's own time",
        whole / pipeline,
        most=MOST_OVERHEAD,
        note=f"{whole:.0f} s against {pipeline:.0f} s",
    )


def matrix(options: Options) -> Iterator[Result]:
    """The page's whole script, with the matrix of a kept run on it."""
    from streamlit.testing.v1 import AppTest

    os.environ["PLAYGROUND_HOME"] = str(options.work / "matrix-home")
    keep_large_run(options.work / "matrix-home")
    page = AppTest.from_file(str(app_script()), default_timeout=120)
    page.run()
    page.switch_page(str(pages_folder() / "evaluate.py")).run()
    if page.exception or len(page.dataframe[0].value) != ROWS:
        raise AssertionError("the page does not show the matrix")
    opened = [seconds(page.run) for _ in range(5)]
    filtered = []
    for name in ("Different", "Failures", "Unanswerable", "All"):
        page.session_state["matrix_filter"] = name
        filtered.append(seconds(page.run))
    for what, times in (("opens", opened), ("filters", filtered)):
        yield Result(
            f"the page with a matrix of {ROWS} x {COLUMNS} {what}, on the server (median)",
            median(times),
            most=MOST_MATRIX,
            unit="s",
            note=f"slowest {max(times):.2f} s",
        )


def keep_large_run(home: Path) -> None:
    """A finished run with right and wrong answers in all columns."""
    workspace = Workspace(home)
    questions = tuple(
        LabelledQuestion(f"q{number}", f"What does section {number} say?", ("yes",), number % 10 > 0)
        for number in range(ROWS)
    )
    names = list(PRESETS)[:COLUMNS]
    plan = Plan("Many", questions, tuple(Contender(name, PRESETS[name]) for name in names))
    id = workspace.runs.begin("Many", plan, {}, {})
    for column in range(COLUMNS):
        for row in range(ROWS):
            right = (row * 7 + column) % 3 > 0
            record = Record(
                "right" if right else "wrong",
                f"The section says this and that, {row}. " * 4,
                found=right,
                cause="" if right else "not_retrieved",
                figures={"recall@5": float(right), "answer_f1": 0.5},
                latency={"dense": 2.0, "total": 80.0 + row % 40},
            )
            workspace.runs.keep(id, column, row, "", record, None)
    workspace.runs.end(id, "done", 1.0)
    workspace.close()


def run(options: Options) -> Iterator[Result]:
    """What evaluating costs, and what drawing it costs."""
    yield overhead(options)
    yield from matrix(options)


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
