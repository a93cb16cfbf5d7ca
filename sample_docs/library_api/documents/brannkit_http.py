"""Asking other services, and asking again. Part of brannkit 4.2.

Nothing here keeps state between calls, so every function may be used from several threads.
"""

import time
from dataclasses import dataclass

RETRIED = frozenset({429, 502, 503, 504})
"""Statuses after which it is worth asking again. 500 is not among them: it is a bug, and bugs stay."""

SAFE = frozenset({"GET", "HEAD", "PUT", "DELETE"})
"""Methods that may be repeated without a key."""

LONGEST_PAUSE = 20.0
"""Seconds. A server may ask for more with Retry-After; then we give up at once with RetriesExhausted."""


@dataclass(frozen=True)
class Reply:
    """What came back. `attempts` counts the first one too. `error` is set by fetch_many only."""

    status: int
    text: str
    attempts: int = 1
    error: Exception | None = None

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status < 400


def pauses(retries: int, backoff: float) -> list[float]:
    """Seconds before each retry: backoff, twice as much, and so on.

    >>> pauses(3, 0.5)
    [0.5, 1.0, 2.0]
    """
    return [backoff * 2**number for number in range(retries)]


def may_retry(method: str, idempotency_key: str | None) -> bool:
    """Whether a request may be sent twice. A POST may only with a key; a PATCH never may."""
    if method == "POST":
        return idempotency_key is not None
    return method in SAFE


def wait_before_retry(seconds: float, asked_for: float | None) -> bool:
    """Sleep, and say whether to go on. `asked_for` is the server's Retry-After, which wins if longer."""
    pause = max(seconds, asked_for or 0.0)
    if pause > LONGEST_PAUSE:
        return False
    time.sleep(pause)
    return True
