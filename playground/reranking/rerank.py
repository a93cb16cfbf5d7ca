"""The seam of all rerankers, and the one place where a new order is made."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from playground.config import RerankingConfig
from playground.embedding import Encoder
from playground.retrieval import Hit, StageScore


class Reranker(Protocol):
    """Who judges how well passages answer a question."""

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        """A score a hit, in their order: higher is better, comparable within this call only."""
        ...


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker, candidates: int) -> list[Hit]:
    """The first `candidates` hits sorted by the reranker, then the others as they were.

    The sorted ones carry `reranked` (rank 1 is first); those behind them were not read and carry none.
    Equal scores keep the order of the stage before.
    """
    read, unread = hits[:candidates], hits[candidates:]
    if not read:
        return list(hits)
    scored = sorted(zip(reranker.score(question, read), read, strict=True), key=lambda pair: -pair[0])
    return [
        *(
            replace(hit, reranked=StageScore(float(score), rank))
            for rank, (score, hit) in enumerate(scored, start=1)
        ),
        *(replace(hit, reranked=None) for hit in unread),
    ]


def load_reranker(config: RerankingConfig, encoder: Encoder) -> Reranker | None:
    """The reranker of a configuration; None where there is nothing to rerank with.

    A hub name that is not on this machine is downloaded. Raises ModelError where a model cannot be had or
    is of another kind, ConfigError where a server was not added here. Loading takes seconds, so the caller
    keeps what it gets.
    """
    if config.method == "late_interaction":
        from playground.reranking.late_interaction import LateInteraction

        return LateInteraction(encoder)
    if config.method == "colbert":
        from playground.reranking.models import ColbertReranker

        return ColbertReranker(config.model)
    if config.method == "cross_encoder":
        from playground.reranking.models import CrossEncoderReranker

        return CrossEncoderReranker(config.model)
    if config.method == "server":
        from playground.reranking.server import RerankServer

        return RerankServer(config)
    return None
