"""What stands between a model's `generate` and whoever reads along: the text so far, when to stop, and
sampling by random numbers of its own. This module does not know models or prompts."""

from collections.abc import Callable, Collection, Sequence
from time import perf_counter
from typing import Any

UNFINISHED = "\N{REPLACEMENT CHARACTER}"  # what the first bytes of a letter look like before its last one


class Watch:
    """A stopping criterion of transformers that is asked after every token of one answer.

    `first` and `last` are the times (seconds of `perf_counter`) of the first and last token; `tokens` their
    ids, the one that ended the answer included; `ended` says that the model came to an end by itself. `text`
    never has what begins with `stop`.
    """

    def __init__(
        self,
        prompt_tokens: int,
        decode: Callable[[Sequence[int]], str],
        ends: Collection[int],
        stop: str,
        on_text: Callable[[str], None] | None,
    ) -> None:
        self.tokens: list[int] = []
        self.text = self._shown = ""
        self.ended = False
        self.first = self.last = perf_counter()
        self._prompt_tokens = prompt_tokens
        self._decode = decode
        self._ends = ends
        self._stop = stop
        self._on_text = on_text

    def __call__(self, input_ids: Any, scores: Any, **settings: Any) -> Any:
        """Whether to stop, as a tensor of one truth value for each sequence; there is one sequence."""
        import torch

        self.last = perf_counter()
        if not self.tokens:
            self.first = self.last
        self.tokens = input_ids[0, self._prompt_tokens :].tolist()
        self.ended = self.tokens[-1] in self._ends
        text = self._decode(self.tokens[: -1 if self.ended else None])
        if self._stop and self._stop in text:
            self.ended, text = True, text[: text.index(self._stop)]
        self.text = text
        shown = text.removesuffix(UNFINISHED)
        if self._on_text and shown != self._shown:
            self._shown = shown
            self._on_text(shown)
        return torch.full((len(input_ids),), self.ended, dtype=torch.bool, device=input_ids.device)


class GumbelNoise:
    """A logits processor of transformers that makes the greedy choice a drawn one: the arg max of
    logits / temperature + Gumbel noise is a draw from their softmax (Gumbel 1954; Maddison et al. 2014).

    The noise comes from a generator of its own, so that the process's random numbers stay what they are, and
    from the processor, so that a seed means the same on every device.
    """

    def __init__(self, temperature: float, seed: int) -> None:
        import torch

        self._temperature = temperature
        self._random = torch.Generator().manual_seed(seed)

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        noise = torch.empty(scores.shape, dtype=torch.float32).exponential_(generator=self._random)
        return scores.float() / self._temperature - noise.log().to(scores.device)
