"""Token embeddings of passages that were seen lately, within a bound of memory.

It does not know which model made them: every reranker has a store of its own.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

# About 1,700 passages of 200 tokens with 384 dimensions in half precision.
LIMIT_BYTES = 256 * 1024 * 1024


class EmbeddingStore:
    """text -> array; once the arrays hold more than `limit_bytes`, those unused for longest go first.

    Threads may share it. Two that miss the same text at once both embed it, which costs time only.
    """

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._arrays: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = Lock()
        self.bytes = 0

    def get(
        self, texts: Sequence[str], embed: "Callable[[Sequence[str]], Sequence[np.ndarray]]"
    ) -> "list[np.ndarray]":
        """The arrays of `texts`, in their order; `embed` is called once with the texts that are missing."""
        with self._lock:
            found = {text: self._arrays[text] for text in texts if text in self._arrays}
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found.update(zip(missing, embed(missing), strict=True))
        with self._lock:
            for text, array in found.items():
                self._keep(text, array)
        return [found[text] for text in texts]

    def forget(self) -> None:
        """Empty the store."""
        with self._lock:
            self._arrays.clear()
            self.bytes = 0

    def _keep(self, text: str, array: "np.ndarray") -> None:
        known = self._arrays.pop(text, None)
        self.bytes += array.nbytes - (known.nbytes if known is not None else 0)
        self._arrays[text] = array
        while self.bytes > self._limit:
            _, oldest = self._arrays.popitem(last=False)
            self.bytes -= oldest.nbytes
