"""What cutting is worth: strategies and sizes by how much of the evidence the five best hits hold.

    python -m benchmarks.chunk_sizes [--data DIR] [--quick]

chunking_eval: five long Markdown files, 472 questions whose evidence is marked. Retrieval is the default one.
Recall, precision and IoU count the encoder's tokens (see `playground.evaluation.metrics.TokenOverlap`). The
figures have no targets: they are there to choose by. Everything is embedded once a row, so all five files
take long; --quick takes one.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)

# isort: split
import numpy as np

from benchmarks import chunking_eval
from benchmarks.measure import Options, Result, command
from playground.chunking import Chunk
from playground.config import DEFAULT, PipelineConfig
from playground.embedding import load_encoder
from playground.errors import PlaygroundError
from playground.evaluation.metrics import mean, recall, token_overlap, token_starts
from playground.intake import take_in_folder
from playground.questions.lookup import GoldSpan, load_questions, resolve_all
from playground.retrieval import retrieve
from playground.workspace import Workspace

HITS = 5
SIZES = (100, 200, 400)
ROWS = [(strategy, size, 0) for strategy in ("fixed", "structural", "semantic") for size in SIZES]
ROWS.insert(SIZES.index(200) + 1, ("fixed", 200, 100))


@dataclass(frozen=True)
class Labelled:
    """Questions with their gold, and where the tokens of the documents start."""

    questions: Mapping[str, str]
    gold: Mapping[str, Sequence[GoldSpan]]
    token_starts: Mapping[str, Sequence[int]]


def take_in(workspace: Workspace, options: Options, names: tuple[str, ...]) -> Labelled:
    """Read the files into the library, and look up what is labelled in them."""
    for intake in take_in_folder(workspace, chunking_eval.folder(options, names)):
        if not intake.kept:
            raise PlaygroundError(f"{intake.name} cannot be read: {intake.line}")
    documents = [workspace.library.document(each) for each in workspace.library.ids()]
    questions = load_questions(chunking_eval.labelled_questions(options, names))
    gold = resolve_all(questions, {document.name: document for document in documents})
    starts = token_starts(documents, load_encoder(DEFAULT.encoder))
    return Labelled({each.id: each.question for each in questions}, gold, starts)


@cache
def embed(question: str) -> np.ndarray:
    """The same for every row, so that it is done once."""
    return load_encoder(DEFAULT.encoder).encode([question], query=True)[0]


def found(workspace: Workspace, config: PipelineConfig, question: str) -> list[Chunk]:
    """The best chunks, best first."""
    hits = retrieve(question, embed, workspace.index(config), config.retrieval, HITS, {})
    return [hit.chunk for hit in hits]


def measure(workspace: Workspace, config: PipelineConfig, data: Labelled) -> Result:
    """Index, ask everything, and take the means."""
    for _ in workspace.index_steps(config):
        pass
    answers = [
        (found(workspace, config, question), data.gold[key]) for key, question in data.questions.items()
    ]
    overlaps = [token_overlap(hits, gold, HITS, data.token_starts) for hits, gold in answers]
    means = {
        "evidence recall": mean(each.recall for each in overlaps),
        "precision": mean(each.precision for each in overlaps),
        "IoU": mean(each.iou for each in overlaps),
    }
    cutting = config.chunking
    overlap = f", overlap {cutting.overlap}" if cutting.overlap else ""
    return Result(
        f"recall@{HITS}, {cutting.strategy} chunks of {cutting.size} tokens{overlap}",
        mean(recall(hits, gold, HITS) for hits, gold in answers) or 0.0,
        note=", ".join(f"{name} {value or 0.0:.3f}" for name, value in means.items())
        + f"; {workspace.status(config).chunks:,} chunks",
    )


def run(options: Options) -> Iterator[Result]:
    """recall@5 of each row, with what the hits hold of the evidence in tokens."""
    names = ("state_of_the_union.md",) if options.quick else chunking_eval.FILES
    chunking_eval.folder(options, names)  # says what is missing before anything is made
    workspace = Workspace(options.work / "chunk-sizes")
    try:
        data = take_in(workspace, options, names)
        for strategy, size, overlap in ROWS:
            cutting = {"strategy": strategy, "size": size, "overlap": overlap}
            values = {f"chunking.{name}": value for name, value in cutting.items()}
            yield measure(workspace, DEFAULT.with_values(values), data)
    finally:
        workspace.close()


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
