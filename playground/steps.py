"""What long work says of itself, a step at a time, for whoever watches."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """What is being done now; `done` of `total` where it can be counted, else 0 of 0."""

    what: str
    done: int = 0
    total: int = 0
