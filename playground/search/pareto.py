"""Which of several contenders nobody beats on both quality and waiting time."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """`latency` in milliseconds, lower is better; `quality` higher is better."""

    latency: float
    quality: float


def pareto_front(points: Sequence[Point]) -> list[int]:
    """Positions of the points that no other point beats: none is at least as fast and as good, and better in
    one of the two. The fastest first; of equal points the first one stands for all."""
    order = sorted(range(len(points)), key=lambda at: (points[at].latency, -points[at].quality, at))
    front: list[int] = []
    for at in order:
        if not front or points[at].quality > points[front[-1]].quality:
            front.append(at)
    return front
