"""The tokens of one text, counted once: every question about sizes is a binary search afterwards.

A token belongs to the piece in which it begins. Cutting a text changes tokens only where a piece begins or
ends inside a word: the encoder, given the piece alone, may then cut that word's rest differently, by a token
or two. Pieces end at words wherever a word fits, so that for them the counts are the encoder's own.
"""

from bisect import bisect_left

from playground.embedding import Encoder

Span = tuple[int, int]


class Tokens:
    """Token counts and token borders of one text."""

    def __init__(self, text: str, encoder: Encoder) -> None:
        self.text = text
        spans = encoder.token_spans(text)
        # Some tokenizers count the space before a word to the word; here a token begins at its first letter.
        self._starts = [start + _leading_spaces(text, start, end) for start, end in spans]
        self._ends = [end for _, end in spans]

    def count(self, start: int, end: int) -> int:
        """How many tokens begin in text[start:end]."""
        return bisect_left(self._starts, end) - bisect_left(self._starts, start)

    def tail(self, start: int, end: int, limit: int) -> int:
        """Where the last words of text[start:end] begin that have at most `limit` tokens together."""
        first, stop = bisect_left(self._starts, start), bisect_left(self._starts, end)
        index = self._first_border(max(first, stop - limit), stop)
        return end if index == stop else self._starts[index]

    def windows(self, start: int, end: int, size: int, overlap: int = 0) -> list[Span]:
        """Cut text[start:end] into pieces of at most `size` tokens that share at most `overlap`.

        Borders lie between words where a word ends in the last quarter of the window, else between tokens.
        Only what cannot be cut (several tokens for one character) is larger than `size`.
        """
        first, stop = bisect_left(self._starts, start), bisect_left(self._starts, end)
        pieces: list[Span] = []
        begin = start
        while stop - first > size:
            cut = self._cut(first, stop, size)
            if cut == stop:
                break
            pieces.append((begin, self._starts[cut]))
            first = self._first_border(max(first + 1, cut - overlap), cut)
            begin = self._starts[first]
        return [*pieces, (begin, end)]

    def _cut(self, first: int, stop: int, size: int) -> int:
        """The index of the token before which a window of `size` tokens from `first` ends."""
        target = first + size
        for index in range(target, target - size // 4, -1):
            if self._begins_word(index):
                return index
        for index in range(target, first, -1):
            if self._is_border(index):
                return index
        return next((index for index in range(target, stop) if self._is_border(index)), stop)

    def _first_border(self, low: int, high: int) -> int:
        """The first token in low..high that begins a word, else the first border between tokens."""
        for is_good in (self._begins_word, self._is_border):
            for index in range(low, high):
                if is_good(index):
                    return index
        return high

    def _begins_word(self, index: int) -> bool:
        return self._is_border(index) and self.text[self._starts[index] - 1 : self._starts[index]].isspace()

    def _is_border(self, index: int) -> bool:
        """Whether no token reaches across the beginning of token `index`."""
        return index == 0 or self._ends[index - 1] <= self._starts[index]


def _leading_spaces(text: str, start: int, end: int) -> int:
    """Spaces at the beginning of a token; none for a token that is nothing but space."""
    token = text[start:end]
    return len(token) - len(token.lstrip()) if token[:1].isspace() and token.strip() else 0
