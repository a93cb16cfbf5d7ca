"""How much of the bare encoder's rate is left when chunks are cut, embedded, and written to both indexes.

    python -m benchmarks.indexing [--data DIR] [--quick]

The bare encoder gets the very same texts, all at once, in the same precision on the same device. The two take
turns; every indexing begins in an empty data home. Then what a second indexing embeds is counted.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)
from benchmarks import chunking_eval
from benchmarks.measure import Options, Result, alternate, command, ratio, seconds
from playground.chunking import searchable_text, split_document
from playground.config import DEFAULT, PipelineConfig
from playground.documents import Document
from playground.embedding import BATCH, best_device, builtin_model_folder, load_encoder
from playground.index import IndexProgress
from playground.workspace import Workspace

LEAST = 0.85
OVERLAPPING = DEFAULT.with_values({"chunking.overlap": 20})


def searchable_texts(documents: Sequence[Document], config: PipelineConfig) -> list[str]:
    """What an indexing of these documents embeds, in their order."""
    encoder = load_encoder(config.encoder)
    return [
        searchable_text(document, chunk, config.chunking.prefix)
        for document in documents
        for chunk in split_document(document, config.chunking, encoder)
    ]


def bare_encoder() -> Callable[[Sequence[str]], object]:
    """sentence-transformers with the built-in model, as its documentation uses it."""
    from sentence_transformers import SentenceTransformer

    device, precision = best_device()
    model = SentenceTransformer(str(builtin_model_folder()), device=device, model_kwargs={"dtype": precision})
    return lambda texts: model.encode(list(texts), batch_size=BATCH)


def index_all(workspace: Workspace, config: PipelineConfig) -> IndexProgress:
    """Bring the index up to date; the last step says what was done."""
    *_, last = workspace.index_steps(config)
    return last


def time_indexing(documents: Sequence[Document], folder: Path) -> float:
    """Seconds from documents in the library to a complete index, in an empty home in `folder`."""
    folder.mkdir(exist_ok=True)
    workspace = Workspace(Path(tempfile.mkdtemp(dir=folder)))  # Chroma keeps a client for every place
    for document in documents:
        workspace.add(document, document.text.encode())
    begin = time.perf_counter()
    index_all(workspace, DEFAULT)
    elapsed = time.perf_counter() - begin
    workspace.close()
    return elapsed


def run(options: Options) -> Iterator[Result]:
    """The rate of indexing as a share of the bare encoder's, and the counts of indexing again."""
    names = ("state_of_the_union.md",) if options.quick else chunking_eval.FILES
    documents = chunking_eval.documents(options, names)
    texts = searchable_texts(documents, DEFAULT)
    own, bare = load_encoder(DEFAULT.encoder), bare_encoder()
    for warm_up in (own.encode, bare):
        warm_up(texts[:BATCH])
    taken = alternate(
        {
            "bare": lambda: seconds(lambda: bare(texts)),
            "indexing": lambda: time_indexing(documents, options.work / "index"),
            "own": lambda: seconds(lambda: own.encode(texts)),
        },
        rounds=3,
    )
    rates = {name: len(texts) / median(times) for name, times in taken.items()}
    yield Result(
        "indexing, of the rate of the bare encoder (sentence-transformers)",
        ratio(taken["bare"], taken["indexing"]),
        least=LEAST,
        note=f"{rates['indexing']:.1f} against {rates['bare']:.1f} chunks a second, {len(texts):,} chunks",
    )
    yield Result(
        "indexing, of the rate of the built-in encoder alone",
        ratio(taken["own"], taken["indexing"]),
        note=f"{rates['own']:.1f} chunks a second",
    )
    yield from index_again(documents[0], options.work / "again")


def index_again(document: Document, home: Path) -> Iterator[Result]:
    """What is embedded when the overlap changes, and when nothing does."""
    workspace = Workspace(home)
    workspace.add(document, document.text.encode())
    index_all(workspace, DEFAULT)
    overlapping = index_all(workspace, OVERLAPPING)
    new = set(searchable_texts([document], OVERLAPPING)) - set(searchable_texts([document], DEFAULT))
    yield Result(
        "texts embedded after the overlap changed",
        overlapping.embedded,
        least=len(new),
        most=len(new),
        note=f"{overlapping.total} chunks, {len(new)} of them with new text",
    )
    again = index_all(workspace, DEFAULT)
    yield Result("texts embedded where no document changed", again.embedded, least=0, most=0)
    workspace.close()


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
