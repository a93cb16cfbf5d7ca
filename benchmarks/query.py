"""A hybrid query without reranking at 20,000 chunks, against embedding the question alone.

    python -m benchmarks.query [--data DIR] [--quick]

Index and retrieval are the real ones. The chunks are the public texts with the words of each line in another
order; their vectors are mixed from real ones, because embedding 20,000 chunks would take a quarter of an hour
and no query could tell. Times are taken in blocks, as one process asks question after question.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from statistics import median

import playground.settings  # noqa: F401  (sets the thread pools, before numpy is imported)

# isort: split
import numpy as np

from benchmarks import chunking_eval
from benchmarks.measure import Options, Result, command, ratio, seconds
from playground.config import DEFAULT
from playground.documents import Document
from playground.embedding import Encoder, load_encoder
from playground.index import Index
from playground.index.embedding_cache import EmbeddingCache
from playground.retrieval import retrieve

CHUNKS = 20_000
MOST = 1.5
BLOCK = 24  # questions that are embedded, then asked, before the next


class MixedVectors:
    """Cuts and counts as the real encoder does; a vector is a mix of two real ones and noise."""

    def __init__(self, encoder: Encoder, vectors: np.ndarray) -> None:
        self.id = encoder.id
        self.dimension = encoder.dimension
        self.tokenizer = encoder.tokenizer
        self.token_spans = encoder.token_spans
        self.token_embeddings = encoder.token_embeddings
        self._vectors = vectors
        self._random = np.random.default_rng(0)

    def encode(self, texts: Sequence[str], query: bool = False) -> np.ndarray:
        first, second = self._random.integers(len(self._vectors), size=(2, len(texts)))
        noise = self._random.normal(scale=0.5 / self.dimension**0.5, size=(len(texts), self.dimension))
        mixed = self._vectors[first] + self._vectors[second] * 0.5 + noise
        return (mixed / np.linalg.norm(mixed, axis=1, keepdims=True)).astype(np.float32)


def shuffled(document: Document, variant: int) -> Document:
    """The document with the words of each line in another order, under a name of its own."""
    order = random.Random(variant)
    lines = [line.split(" ") for line in document.text.split("\n")]
    for words in lines:
        order.shuffle(words)
    name = f"{variant}-{document.name}"
    return Document(name, name, "\n".join(" ".join(words) for words in lines))


def build_index(options: Options, encoder: Encoder, vectors: np.ndarray) -> tuple[Index, int]:
    """An index of at least as many chunks as wanted, and how many it holds."""
    wanted = CHUNKS // 10 if options.quick else CHUNKS
    index = Index(
        options.work / "query", DEFAULT.chunking, encoder.id, options.work / "query-chroma", "query"
    )
    cache = EmbeddingCache(options.work / "query-embeddings.sqlite")
    documents = chunking_eval.documents(options)
    stand_in = MixedVectors(encoder, vectors)
    variant = count = 0
    while count < wanted:
        *_, last = index.add([shuffled(document, variant) for document in documents], stand_in, cache)
        count += last.total
        variant += 1
    return index, count


def run(options: Options) -> Iterator[Result]:
    """p50 of a whole retrieval as a multiple of p50 of embedding its question."""
    encoder = load_encoder(DEFAULT.encoder)
    questions = chunking_eval.questions(options)[: 48 if options.quick else 240]
    index, count = build_index(options, encoder, encoder.encode(chunking_eval.questions(options)))
    timings: list[dict[str, float]] = []

    def embed(question: str) -> np.ndarray:
        return encoder.encode([question], query=True)[0]

    def ask(question: str) -> None:
        timings.append({})
        retrieve(question, embed, index, DEFAULT.retrieval, DEFAULT.retrieval.top_k, timings[-1])

    for question in questions[:20]:
        ask(question)
    timings.clear()
    blocks = [questions[begin : begin + BLOCK] for begin in range(0, len(questions), BLOCK)] * 3
    alone, whole = [], []
    for block in blocks:
        alone.append(median(seconds(partial(embed, question)) for question in block) * 1000)
        whole.append(median(seconds(partial(ask, question)) for question in block) * 1000)
    stages = {stage: median(each[stage] for each in timings) for stage in timings[0]}
    yield Result(
        f"hybrid query at {count:,} chunks, in times of embedding the question (p50)",
        ratio(whole, alone),
        least=1.0,  # less than the embedding that is part of it: something else took the processor
        most=MOST,
        note=f"{median(whole):.2f} ms against {median(alone):.2f} ms; "
        + ", ".join(f"{stage} {milliseconds:.2f} ms" for stage, milliseconds in stages.items()),
    )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
