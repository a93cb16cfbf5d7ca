"""Find a quotation in a text although typesetting stands between them.

Readers and people break lines, curl quotation marks and lengthen dashes differently. The offsets that come
back are those of the text as it is.
"""

import unicodedata
from array import array
from bisect import bisect_left
from functools import lru_cache

_QUOTATION_MARKS = dict.fromkeys("‘’‚‛′`´", "'") | dict.fromkeys("“”„‟″«»", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−", "-")
_INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_SAME_SHAPE = str.maketrans(_QUOTATION_MARKS | _DASHES | _INVISIBLE)


def find_quote(text: str, quote: str, near: int = 0) -> tuple[int, int] | None:
    """The place (start, end) of `quote` in `text` that begins nearest to `near`: as it is, else in its plain
    form, else None."""
    start = _nearest(text, quote, near) if quote else -1
    if start >= 0:
        return start, start + len(quote)
    wanted = _plain(quote)[0].strip()
    if not wanted:
        return None
    plain, offsets = _plain(text)
    start = _nearest(plain, wanted, bisect_left(offsets, near))
    if start < 0:
        return None
    return offsets[start], offsets[start + len(wanted) - 1] + 1


def same_text(first: str, second: str) -> bool:
    """Whether both have the same plain form."""
    return _plain(first)[0].strip() == _plain(second)[0].strip()


def _nearest(text: str, wanted: str, near: int) -> int:
    """Where `wanted` begins nearest to `near`, the earlier place of two; -1 where it is nowhere."""
    behind = text.find(wanted, near)
    before = text.rfind(wanted, 0, near + len(wanted) - 1) if near > 0 else -1
    if behind < 0 or before < 0:
        return max(behind, before)
    return before if near - before <= behind - near else behind


@lru_cache(maxsize=8)  # a file of questions quotes the same few documents again and again
def _plain(text: str) -> tuple[str, "array[int]"]:
    """The plain form of `text`, and for each of its characters the offset in `text` that it came from.

    White space runs are one space, quotation marks and dashes have one shape, soft hyphens and characters
    of no width are gone, and letters are decomposed (NFKD), so that "ﬁ" is "fi" and both ways to write "é"
    are one.
    """
    characters: list[str] = []
    offsets = array("I")
    for offset, character in enumerate(text):
        for part in _plain_character(character):
            if part == " " and characters and characters[-1] == " ":
                continue
            characters.append(part)
            offsets.append(offset)
    return "".join(characters), offsets


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    if character.isspace():
        return " "
    shaped = character.translate(_SAME_SHAPE)
    return unicodedata.normalize("NFKD", shaped)
