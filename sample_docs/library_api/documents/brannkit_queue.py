"""Messages between services. Part of brannkit 4.2. A Consumer belongs to one thread."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

LARGEST = 256 * 1024
"""Bytes of one message, after encoding and before compression."""

FAILURES_BEFORE_PARKING = 5
"""Attempts that a message has before on_error="park" puts it aside."""

OnError = Literal["park", "skip", "stop"]


@dataclass(frozen=True)
class Receipt:
    """Where a message went. `offset` is None with acks="leader", because nobody waits for it."""

    topic: str
    partition: int
    offset: int | None


def partition_of(key: str | None, partitions: int, counter: int) -> int:
    """The partition of a message: by its key, so that equal keys stay in order; without a key in turn."""
    if key is None:
        return counter % partitions
    return sum(key.encode()) % partitions


def decide_on_failure(on_error: OnError, failures: int, park: Callable[[], None]) -> bool:
    """Whether reading goes on. With "skip" a message is dropped at its first failure, and counted in the
    metric brann_skipped_total."""
    if on_error == "stop":
        return False
    if on_error == "park" and failures >= FAILURES_BEFORE_PARKING:
        park()
    return True
