"""What a language model wrote -> text without marks, citations, and the sentences that cite nothing.

A mark is [n], where n counts the passages from 1. This module does not know which model wrote the text, and
cannot tell whether a cited passage really says so: it finds the passage's sentence that shares most words.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from playground.chunking.sentences import sentence_spans
from playground.engines.engine import Citation
from playground.index.keyword import codes, terms
from playground.retrieval import Hit

_NUMBERS = r"\d{1,3}(?:\s*(?:[,;]|[-–—])\s*\d{1,3})*"
_MARK = rf"\[\s*(?:passages?\s+)?{_NUMBERS}\s*\]"
_MARKS = re.compile(rf"{_MARK}(?:(?:\s*[,;]\s*|\s+and\s+|[ \t]*){_MARK})*", re.IGNORECASE)
_RANGE = re.compile(r"(\d{1,3})(?:\s*[-–—]\s*(\d{1,3}))?")
_LEADS_TO_A_NAME = re.compile(r"\b(?:to|in|from|by|of|per|see|and|passages?)\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Cited:
    """`text` without marks; `dropped` counts the marks that point at no passage; `unsupported` are spans
    (start, end) of `text`: the sentences that cite nothing, although there were passages to cite."""

    text: str
    citations: tuple[Citation, ...]
    dropped: int
    unsupported: tuple[tuple[int, int], ...]


def parse_citations(text: str, passages: Sequence[Hit]) -> Cited:
    """Find [1], [1, 3], [1][2] and [1-3].

    A citation stands behind the sentence that has the mark, once for each passage, and points at the sentence
    of the passage that shares most words with it, or at the whole chunk where none shares any. A refusal has
    no sentences that would need support.
    """
    clean, marks, dropped = _without_marks(text.strip(), len(passages))
    spans = sentence_spans(clean)
    cited: dict[tuple[int, int], dict[int, None]] = {}
    for offset, passage in marks:
        cited.setdefault(_sentence_at(spans, offset, clean), {})[passage] = None
    citations = tuple(
        _citation(clean[start:end], end, passages[passage], passage)
        for (start, end), cited_passages in sorted(cited.items())
        for passage in cited_passages
    )
    unsupported = tuple(
        (start, end)
        for start, end in spans
        if (start, end) not in cited and any(map(str.isalnum, clean[start:end]))
    )
    needs_support = passages and not is_refusal(clean)
    return Cited(clean, citations, dropped, unsupported if needs_support else ())


def _without_marks(text: str, passages: int) -> tuple[str, list[tuple[int, int]], int]:
    """(text without marks, (offset in it, index of the passage) of every mark, number of marks dropped)."""
    clean = ""
    marks: list[tuple[int, int]] = []
    dropped = read = 0
    for found in _MARKS.finditer(text):
        begin, end = found.span()
        if text[begin - 1 : begin] == "(" and text[end : end + 1] == ")":
            begin, end = begin - 1, end + 1
        indices, beyond = _indices(found[0], passages)
        dropped += beyond
        clean += text[read:begin]
        clean, read = _joined(clean, text, end, indices)
        stripped = clean.rstrip()
        offset = len(clean if "\n" in clean[len(stripped) :] else stripped)
        marks += [(offset, index) for index in indices]
    return (clean + text[read:]).rstrip(), marks, dropped


def _joined(clean: str, text: str, end: int, indices: Sequence[int]) -> tuple[str, int]:
    """(the text up to a mark, where to read on) so that the sentence still reads well without the mark."""
    following = text[end : end + 1]
    opens = not clean.strip() or clean.rstrip(" \t").endswith("\n")
    if indices and (_LEADS_TO_A_NAME.search(clean) or (opens and re.match(r" [a-z]", text[end:]))):
        # "According to [1], ..." would lose a word that it needs.
        names = " and ".join(f"passage {index + 1}" for index in indices)
        bare = re.sub(r"\bpassages?\s*$", "", clean, flags=re.IGNORECASE)
        if opens or clean[len(bare) :][:1].isupper():
            names = names[0].upper() + names[1:]
        return bare + names, end
    if opens:
        return clean, end + len(text[end:]) - len(text[end:].lstrip(" \t"))
    clean = clean.rstrip(" \t")
    return (clean + " " if following.isalnum() else clean), end


def _indices(marks: str, passages: int) -> tuple[list[int], int]:
    """(indices of the passages that marks like "[1, 3-5]" name, number of names that point at none)."""
    indices: dict[int, None] = {}
    dropped = 0
    for first, last in _RANGE.findall(marks):
        low, high = sorted((int(first), int(last or first)))
        indices.update(dict.fromkeys(number - 1 for number in range(max(low, 1), min(high, passages) + 1)))
        dropped += low < 1 or high > passages
    return list(indices), dropped


def _sentence_at(spans: Sequence[tuple[int, int]], offset: int, text: str) -> tuple[int, int]:
    """The sentence that a mark at `offset` belongs to: the one before it, or the next one where it opens a
    line."""
    opens = text[:offset].rstrip(" \t")[-1:] in ("", "\n")
    before = [span for span in spans if span[0] < offset]
    after = [span for span in spans if span[0] >= offset]
    if before and not (opens and after):
        return before[-1]
    return (after or before or [(0, len(text))])[0]


def _citation(sentence: str, position: int, hit: Hit, passage: int) -> Citation:
    chunk = hit.chunk
    start, end = _best_support(sentence, chunk.text)
    return Citation(chunk.document_id, chunk.start + start, chunk.start + end, passage, position)


def _best_support(sentence: str, text: str) -> tuple[int, int]:
    """The span of the sentence in `text` with the highest Dice coefficient of words, or all of `text`."""
    wanted = _words(sentence)
    best, best_span = 0.0, (0, len(text))
    for start, end in sentence_spans(text):
        words = _words(text[start:end])
        common = len(wanted & words)
        score = 2 * common / (len(wanted) + len(words)) if common else 0.0
        if score > best:
            best, best_span = score, (start, end)
    return best_span


def _words(text: str) -> frozenset[str]:
    return frozenset((*terms(text), *codes(text)))


_REFUSES = re.compile(
    r"\b(?:cannot|can ?not|can['’]t|could not|couldn['’]t|unable to|not able to)\s+(?:\w+\s+){0,2}?"
    r"(?:answer|find|determine|tell|say|provide)\b"
    r"|\b(?:do|does|did)(?: not|n['’]t)\s+(?:\w+\s+){0,2}?"
    r"(?:answer|contain|mention|say|state|specify|provide|include|know|address|cover)\b"
    r"|\b(?:is|are|was|were)(?: not|n['’]t)\s+(?:\w+\s+){0,2}?"
    r"(?:mentioned|answered|stated|specified|provided|covered|contained|found)\b"
    r"|\b(?:cannot|can ?not|can['’]t) be (?:answered|found|determined)\b|\bnot possible to answer\b"
    r"|\bno (?:\w+ )?(?:information|mention|answer)\b",
    re.IGNORECASE,
)
_SPEAKS_OF_SOURCES = re.compile(
    r"\b(?:documents?|passages?|sources?|text|context|question|information)\b", re.IGNORECASE
)
_SPEAKS_OF_ITSELF = re.compile(
    r"^\W*(?:(?:i['’]?m |i am )?(?:very |so )?sorry\W+(?:but )?|unfortunately\W+)?i\b", re.IGNORECASE
)
_SORRY = r"^\W*(?:i['’]?m |i am )?(?:very |so )?sorry\b"
_POLITE = re.compile(rf"{_SORRY}[^,]*$|^\W*(?:i )?apologi[sz]e", re.IGNORECASE)
_GOES_ON = re.compile(r"[,;:–—]\s*(?:but|however|yet|though)\b(?!\s+i\b)", re.IGNORECASE)
_TURNS = re.compile(
    r"^\W*(?:but|however|yet|that said|nevertheless|still|in general|generally)\b", re.IGNORECASE
)


def is_refusal(text: str) -> bool:
    """Whether an answer says no more than that it cannot answer, as the default prompts ask for: "I cannot
    answer this from the documents", "the passages do not mention it", "I don't know".

    An answer that goes on to answer ("..., but", "However, ...") is none.
    """
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    while sentences and _POLITE.search(sentences[0]):
        sentences.pop(0)
    return bool(sentences) and _refuses(sentences[0]) and not any(map(_TURNS.search, sentences[1:]))


def _refuses(sentence: str) -> bool:
    found = _REFUSES.search(sentence)
    if not found or _GOES_ON.search(sentence, found.end()):
        return False
    return bool(_SPEAKS_OF_SOURCES.search(sentence) or _SPEAKS_OF_ITSELF.search(sentence))
