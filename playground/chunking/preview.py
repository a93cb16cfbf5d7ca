"""What a preview of chunks needs to know before anything is embedded. It does not know how to draw."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean

from playground.chunking.chunk import Chunk


@dataclass(frozen=True)
class ChunkPreview:
    """The chunks of one document under one setting, in the order of the text."""

    chunks: tuple[Chunk, ...]

    @property
    def token_counts(self) -> list[int]:
        """Tokens of each chunk: the data of a histogram."""
        return [chunk.tokens for chunk in self.chunks]

    @property
    def mean_tokens(self) -> float:
        """Mean tokens of a chunk; 0 where there are no chunks."""
        return fmean(self.token_counts) if self.chunks else 0.0

    @cached_property
    def overlaps(self) -> list[tuple[int, int]]:
        """For each chunk the span (start, end) that it repeats from the chunk before it; empty ones have
        start == end == chunk.start."""
        ends = [0, *(chunk.end for chunk in self.chunks)]
        return [
            (chunk.start, max(chunk.start, min(end, chunk.end)))
            for chunk, end in zip(self.chunks, ends, strict=False)
        ]


def borders_only_in(first: Sequence[Chunk], second: Sequence[Chunk]) -> tuple[list[int], list[int]]:
    """Offsets where a chunk starts in `first` but none in `second`, and the other way round; both sorted."""
    mine, theirs = ({chunk.start for chunk in chunks} for chunks in (first, second))
    return sorted(mine - theirs), sorted(theirs - mine)
