"""What long work says of itself, a step at a time, for whoever watches."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

Result = TypeVar("Result")


@dataclass(frozen=True)
class Step:
    """What is being done now; `done` of `total` where it can be counted, else 0 of 0."""

    what: str
    done: int = 0
    total: int = 0


def finish(steps: Generator[Any, None, Result], watch: Callable[[Any], None] = lambda step: None) -> Result:
    """Take all steps, let `watch` see each of them, and give what the work returns."""
    while True:
        try:
            watch(next(steps))
        except StopIteration as ended:
            result: Result = ended.value
            return result
