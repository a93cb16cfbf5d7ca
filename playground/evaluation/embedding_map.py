"""Chunks and questions on a plane, near to each other where their vectors are.

Distances on such a map are rough: it shows which texts are alike, and a question's evidence may stand far
from it although its cosine is high. This module does not know how a map is drawn.
"""

import random
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from playground.chunking.chunk import Chunk
from playground.config import PipelineConfig
from playground.engines.loading import load_query_encoder
from playground.evaluation.metrics import Span, overlap
from playground.questions.labels import GoldSpan, LabelledQuestion

if TYPE_CHECKING:
    import numpy as np

    from playground.workspace import Workspace

MOST_CHUNKS = 3000
"""That are drawn: more take long, and hide each other."""

PRINCIPAL_COMPONENTS = 50  # that t-SNE is given, as its authors do: less noise, and much faster
PERPLEXITY = 30.0  # about how many neighbours count as near
ITERATIONS = 500  # half of scikit-learn's, half the time; the map keeps as many neighbours together
LEAST_SPREAD = 1e-6  # of unit vectors; below it is nothing but rounding
FEWEST = 5  # fewer points have no neighbourhoods: their principal components are drawn
# Two threads were a third faster alone, but some thirty times slower beside other work: they wait for each
# other at every step. One gives the same map on every machine, too.
THREADS = 1


@dataclass(frozen=True)
class MapChunk:
    """A chunk at its place; distances have no unit."""

    x: float
    y: float
    chunk: Chunk
    document_name: str


@dataclass(frozen=True)
class MapQuestion:
    """A question at its place. `gold` are positions in the map's chunks: those with its evidence."""

    x: float
    y: float
    id: str
    question: str
    gold: tuple[int, ...] = ()


@dataclass(frozen=True)
class EmbeddingMap:
    """`chunks` are those that are shown, of `total` in the index; `questions` are in the order in which they
    were given."""

    chunks: tuple[MapChunk, ...]
    questions: tuple[MapQuestion, ...]
    total: int

    @property
    def sampled(self) -> bool:
        """Whether some chunks are not shown."""
        return len(self.chunks) < self.total

    def positions(self, spans: Sequence[Span]) -> list[int]:
        """Positions of the shown chunks that overlap any of the spans."""
        return [
            position
            for document, own in _by_document(spans).items()
            for position in self._of_document.get(document, ())
            if any(overlap(self.chunks[position].chunk, span) for span in own)
        ]

    @cached_property
    def _of_document(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for position, point in enumerate(self.chunks):
            found.setdefault(point.chunk.document_id, []).append(position)
        return found


def build_map(
    workspace: "Workspace",
    config: PipelineConfig,
    questions: Sequence[LabelledQuestion],
    gold: Mapping[str, Sequence[GoldSpan]],
    hits: Sequence[Span] = (),
    most: int = MOST_CHUNKS,
) -> EmbeddingMap:
    """The chunks of the configuration's index, and the questions as its encoder (with its adapter) sees them.

    `gold` is by question id. Of a larger index `most` chunks are shown, drawn at random, but first those that
    overlap gold or `hits` (chunks that were found). Takes seconds, and nearly all of them in `project`.
    Raises ModelError or ConfigError where the encoder cannot be had.
    """
    import numpy as np

    index = workspace.index(config)
    places = {key: GoldSpan(document, start, end) for key, document, start, end in index.places()}
    wanted = _by_document([*(span for spans in gold.values() for span in spans), *hits])
    must_have = {
        key
        for key, place in places.items()
        if any(overlap(place, span) for span in wanted.get(place.document_id, ()))
    }
    vectors = index.vectors(sample(list(places), must_have, most))
    chunks = index.chunks(list(vectors))  # one that is being deleted may be gone by now
    rows = [vectors[key] for key in chunks]
    if questions:
        encoder = load_query_encoder(config, workspace.home)
        rows += list(encoder.encode([question.question for question in questions], query=True))
    plane = project(np.stack(rows)).tolist() if rows else []
    shown = tuple(
        MapChunk(x, y, chunk, name) for (x, y), (chunk, name) in zip(plane, chunks.values(), strict=False)
    )
    ground = EmbeddingMap(shown, (), len(places))
    evidence = [tuple(ground.positions(gold.get(question.id, ()))) for question in questions]
    asked = tuple(
        MapQuestion(x, y, question.id, question.question, own)
        for (x, y), question, own in zip(plane[len(shown) :], questions, evidence, strict=True)
    )
    return EmbeddingMap(shown, asked, len(places))


def sample(keys: Sequence[int], must_have: Set[int], most: int = MOST_CHUNKS, seed: int = 0) -> list[int]:
    """At most `most` of the keys, in their order. Those that it must have come first, and of the others as
    many as there is room for; what is too much is left out at random."""
    draw = random.Random(seed)
    first = [key for key in keys if key in must_have]
    others = [key for key in keys if key not in must_have]
    chosen = set(draw.sample(first, min(most, len(first))))
    chosen.update(draw.sample(others, min(most - len(chosen), len(others))))
    return [key for key in keys if key in chosen]


def project(vectors: "np.ndarray", seed: int = 0) -> "np.ndarray":
    """Vectors of shape (n, dimension) on a plane, shape (n, 2): t-SNE (van der Maaten and Hinton 2008) of
    their principal components, by cosine; the same for the same vectors and seed. Fewer than five points are
    drawn by their principal components alone."""
    import numpy as np
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    count, dimension = vectors.shape
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.where(lengths > 0, lengths, 1.0)  # of unit vectors, near by cosine is near
    # Points that are all in one place have no map, and t-SNE would end the whole process over them.
    if count < 2 or np.ptp(unit, axis=0).max() < LEAST_SPREAD:
        return np.zeros((count, 2), np.float32)
    components = min(PRINCIPAL_COMPONENTS if count >= FEWEST else 2, count, dimension)
    reduced = PCA(components, random_state=seed).fit_transform(unit)
    if count < FEWEST or components < 2:
        return np.pad(reduced, ((0, 0), (0, 2 - components)))
    spread = TSNE(
        perplexity=min(PERPLEXITY, (count - 1) / 3), init="pca", max_iter=ITERATIONS, random_state=seed
    )
    with threadpool_limits(THREADS, user_api="openmp"):
        plane: np.ndarray = spread.fit_transform(reduced)
    return plane


def _by_document(spans: Sequence[Span]) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    for span in spans:
        found.setdefault(span.document_id, []).append(span)
    return found
