"""Chunks that may answer a question, with what every stage said about them."""

from dataclasses import dataclass

from playground.chunking.chunk import Chunk


@dataclass(frozen=True)
class StageScore:
    """A stage's score (higher is better, comparable within that stage only) and rank (1 is first)."""

    score: float
    rank: int


@dataclass(frozen=True)
class Hit:
    """A chunk that was found. A stage that did not see it is None."""

    chunk: Chunk
    document_name: str
    dense: StageScore | None = None
    keyword: StageScore | None = None
    fused: StageScore | None = None
    reranked: StageScore | None = None

    @property
    def final(self) -> StageScore:
        """What the last stage that ran said; the hits of a trace are in its order."""
        stage = self.reranked or self.fused or self.dense or self.keyword
        assert stage is not None, "a hit was seen by at least one stage"
        return stage
