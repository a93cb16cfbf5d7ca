"""The figures of what was answered, for one question each: against expected answers and against evidence.

A figure is None where the question has nothing to measure it by. Nothing here knows which engine answered.
"""

import re
import string
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from playground.embedding import Encoder
from playground.evaluation.metrics import Span, overlap

Score = Callable[[str, str], float | None]
"""Of a text and one expected answer, between 0 and 1, higher is better."""


def answer_f1(text: str, abstained: bool, answers: Sequence[str], answerable: bool) -> float | None:
    """Token F1 as SQuAD 2.0 counts it (Rajpurkar et al. 2018): the best over the right answers.

    Abstaining is right (1) for an unanswerable question and wrong (0) for an answerable one; answering an
    unanswerable one is wrong. None where an answerable question has no right answer written down.
    """
    if not answerable:
        return float(abstained)
    if not answers:
        return None
    return 0.0 if abstained else best_score(token_f1, text, answers)


def best_score(score: Score, text: str, answers: Iterable[str]) -> float | None:
    """The best over the expected answers; None where no answer can be scored."""
    scores = [score(text, answer) for answer in answers]
    return max((each for each in scores if each is not None), default=None)


def token_f1(text: str, answer: str) -> float:
    """The harmonic mean of precision and recall over the words of both texts, as bags; normalised as SQuAD
    does it (see `normalised_words`)."""
    given, right = normalised_words(text), normalised_words(answer)
    if not given or not right:
        return float(given == right)
    shared = sum((Counter(given) & Counter(right)).values())
    return 2 * shared / (len(given) + len(right))


def exact_match(text: str, answer: str) -> float:
    """1 where both are the same words in the same order, else 0; normalised as SQuAD does it."""
    return float(normalised_words(text) == normalised_words(answer))


def rouge_l(text: str, answer: str) -> float | None:
    """ROUGE-L (Lin 2004): the F-measure of the longest common subsequence of words.

    Words are runs of a to z and 0 to 9 in lower case, as in the package rouge-score without its stemmer, so
    that figures can be compared with published ones. An answer in another script has no such word: None.
    """
    from rapidfuzz.distance import LCSseq

    given, right = (re.findall("[a-z0-9]+", each.lower()) for each in (text, answer))
    if not right:
        return None
    return 2 * LCSseq.similarity(given, right) / (len(given) + len(right))


def says_answer(text: str, answers: Iterable[str]) -> bool:
    """Whether the words of some expected answer stand in the text one after another, however much else it
    says; normalised as SQuAD does it. An answer without words is said by nothing."""
    said = f" {' '.join(normalised_words(text))} "
    wanted = (" ".join(normalised_words(answer)) for answer in answers)
    return any(f" {words} " in said for words in wanted if words)


def normalised_words(text: str) -> list[str]:
    """The words that SQuAD compares: lower case, no ASCII punctuation, no articles, parted by white space."""
    without_marks = text.lower().translate(str.maketrans("", "", string.punctuation))
    return re.sub(r"\b(a|an|the)\b", " ", without_marks).split()


def citation_precision(citations: Sequence[Span], gold: Sequence[Span]) -> float | None:
    """The share of citations that overlap some gold item; None without citations or without gold."""
    if not citations or not gold:
        return None
    return sum(any(overlap(each, item) for item in gold) for each in citations) / len(citations)


def citation_recall(citations: Sequence[Span], gold: Sequence[Span]) -> float | None:
    """The share of gold items that some citation overlaps; None without gold."""
    if not gold:
        return None
    return sum(any(overlap(each, item) for each in citations) for item in gold) / len(gold)


def similarities(
    encoder: Encoder, texts: Sequence[str], references: Sequence[Sequence[str]]
) -> list[float | None]:
    """For each text the cosine similarity to the nearest of its references, -1 to 1, higher is better.

    Every distinct text is encoded once, all in one batch. None where there is no reference; a text or a
    reference of white space alone is like nothing: 0. Raises ValueError where the lengths differ.
    """
    pairs = list(zip(texts, references, strict=True))
    distinct = sorted({each for text, others in pairs if others for each in (text, *others) if each.strip()})
    if not distinct:
        return [0.0 if others else None for _, others in pairs]
    row = {text: number for number, text in enumerate(distinct)}
    vectors = encoder.encode(distinct)

    def cosine(text: str, reference: str) -> float:
        if text not in row or reference not in row:
            return 0.0
        return max(-1.0, min(1.0, float(vectors[row[text]] @ vectors[row[reference]])))

    return [max((cosine(text, each) for each in others), default=None) for text, others in pairs]


def abstention_precision_recall(pairs: Iterable[tuple[bool, bool]]) -> tuple[float | None, float | None]:
    """Of (abstained, answerable) pairs: the share of abstentions that were on unanswerable questions, and the
    share of unanswerable questions that were abstained on; each None where there are none."""
    counts = Counter((bool(abstained), bool(answerable)) for abstained, answerable in pairs)
    right, needless, missed = counts[True, False], counts[True, True], counts[False, False]
    return (
        right / (right + needless) if right + needless else None,
        right / (right + missed) if right + missed else None,
    )
