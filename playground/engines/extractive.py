"""The engine that quotes: the sentences of the passages that answer, word for word, or none.

A sentence's score is its likeness to the question (cosine), plus the share of the question's words that stand
in it, rare words and codes counting more, plus less for those that stand only above it. A sentence without a
figure falls back where one is asked for. Everything it needs is in the passages: it does not know how they
were found, and asks no index. With an adapter the question alone is seen by the tuned encoder; without
passages the answer is then the nearest of the outputs that the adapter learned.
"""

import re
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping, Sequence
from math import log
from typing import TYPE_CHECKING

from playground.adapters.outputs import LearnedOutputs
from playground.embedding import Encoder
from playground.engines.calibration import ABSTAIN_BELOW, confidence
from playground.engines.engine import Answer, Citation
from playground.engines.quotable import Quotable, quotable_sentences
from playground.index.keyword import codes, terms
from playground.retrieval import Hit

if TYPE_CHECKING:
    import numpy as np

SHARE_WEIGHT = 0.8
HEADING_WEIGHT = 0.6
CONTEXT_WEIGHT = 0.3
NO_FIGURE = 0.1  # what a sentence without a figure loses where a figure is asked for
CODE_WEIGHT = 3  # a code is what a question is about: it counts as much as this many words as rare
MOST_SENTENCES = 3
NEAR_THE_BEST = 0.85  # a further sentence has at least this part of the best one's score
SAME_WORDING = 0.7  # share of common words (Jaccard) from which two sentences say the same
REMEMBERED = 20_000  # vectors; about 30 MB with 384 dimensions

NO_PASSAGES = "This engine only quotes from documents: without retrieval it has nothing to quote."
NOTHING_TO_QUOTE = "The passages that were found hold no sentence to quote."
NOT_LEARNED = "Nothing that was learned clearly answers this question. The learned answer nearest to it:"
NOT_ANSWERED = "The passages that were found do not clearly answer this question. The sentence nearest to it:"

# What a question asks with, and who asks, is not what it asks about, and documents seldom repeat it.
_QUESTION_WORDS = (
    "what which who whom whose when where why how much many do does did is are was were be been have has had "
    "can could will would shall should may might must get there i me my we us our you your"
)
_ASKS_FOR_A_FIGURE = re.compile(
    r"\b(?:when|cost|price|(?:what|which) (?:year|date|day|time|age|number|percentage)|"
    r"how (?:many|much|long|often|far|old|high|large|big|tall|fast|heavy|deep|late|early))\b",
    re.IGNORECASE,
)
_FIGURE = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty|"
    r"hundred|thousand|million|billion|half|once|twice|first|second|third|every|never|always|daily|weekly|"
    r"monthly|yearly)\b",
    re.IGNORECASE,
)


class ExtractiveEngine:
    """Quotes one to three sentences; safe to use from several threads.

    With an adapter, `query_encoder` embeds questions instead of `encoder`, and `outputs` are what it learned.
    """

    name = "extractive"

    def __init__(
        self,
        encoder: Encoder,
        query_encoder: Encoder | None = None,
        outputs: LearnedOutputs | None = None,
        adapter_name: str = "",
    ) -> None:
        self._vectors = _VectorMemory(encoder, query_encoder or encoder, REMEMBERED)
        self._outputs = outputs
        self._adapter_name = adapter_name

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """Quote the best sentence, and after it those that come near it and say something else.

        Abstains without passages, and where its confidence is too low: then the text says so, and offers the
        nearest sentence as no more than that, so that the person can judge. `confidence` is 0 to 1. Without
        passages and with learned outputs it answers with the nearest of these, or abstains in the same way;
        `confidence` is then the cosine similarity.
        """
        sentences = quotable_sentences(passages)
        if not passages and self._outputs is not None:
            answer = self._learned(question, self._outputs)
        elif not sentences:
            text = NOTHING_TO_QUOTE if passages else NO_PASSAGES
            answer = Answer(
                text, abstained=True, engine=self.name, adapter=self._adapter_name, confidence=0.0
            )
        else:
            scores = self.scores(question, sentences)
            best_first = sorted(zip(scores, sentences, strict=True), key=lambda pair: -pair[0])
            sure = confidence(best_first[0][0])
            if sure < ABSTAIN_BELOW:
                text, citations = _quote([best_first[0][1]], NOT_ANSWERED)
            else:
                text, citations = _quote(_choose(best_first))
            abstained = sure < ABSTAIN_BELOW
            answer = Answer(text, citations, abstained, self.name, self._adapter_name, confidence=sure)
        if on_text:
            on_text(answer.text)
        return answer

    def _learned(self, question: str, outputs: LearnedOutputs) -> Answer:
        nearest = outputs.nearest(self._vectors.encode([question], query=True)[0])
        text = f"{NOT_LEARNED}\n{nearest.text}" if nearest.abstain else nearest.text
        return Answer(text, (), nearest.abstain, self.name, self._adapter_name, confidence=nearest.score)

    def forget(self) -> None:
        """Remember no vectors: the next answer takes as long as the first."""
        self._vectors.forget()

    def scores(self, question: str, sentences: Sequence[Quotable]) -> list[float]:
        """How well each sentence answers; higher is better, and comparable between questions.

        cosine + SHARE_WEIGHT * share + HEADING_WEIGHT * share in the headings + CONTEXT_WEIGHT * share above,
        less NO_FIGURE. A share is the part of the question's words, weighed by their rarity, that the
        sentence has; what is only in the headings, or only in what else stands above it, counts there.
        """
        asked = _words(question)
        here = [_words(sentence.text) for sentence in sentences]
        weights = _rarity(asked - _words(_QUESTION_WORDS) or asked, here)
        weights |= {code: CODE_WEIGHT * weights[code] for code in weights.keys() & codes(question)}
        vectors = self._vectors.encode([sentence.text for sentence in sentences])
        cosines = vectors @ self._vectors.encode([question], query=True)[0]
        asks_for_a_figure = bool(_ASKS_FOR_A_FIGURE.search(question))
        scores = []
        for cosine, sentence, own in zip(cosines.tolist(), sentences, here, strict=True):
            headings = _words(sentence.heading) - own
            above = _words(sentence.context) - own - headings
            share = SHARE_WEIGHT * _share(weights, own)
            share += HEADING_WEIGHT * _share(weights, headings) + CONTEXT_WEIGHT * _share(weights, above)
            lacks_a_figure = asks_for_a_figure and not _FIGURE.search(sentence.text)
            scores.append(cosine + share - (NO_FIGURE if lacks_a_figure else 0))
        return scores


class _VectorMemory:
    """Vectors of what was read last, so that a passage that is found again costs nothing."""

    def __init__(self, encoder: Encoder, query_encoder: Encoder, size: int) -> None:
        self._encoders = {False: encoder, True: query_encoder}
        self._size = size
        self._known: OrderedDict[tuple[str, bool], np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], query: bool = False) -> "np.ndarray":
        """What the encoder says; texts that are new are embedded in one call, outside the lock."""
        import numpy as np

        with self._lock:
            found = {text: self._known[text, query] for text in texts if (text, query) in self._known}
        new = list(dict.fromkeys(text for text in texts if text not in found))
        if new:
            found.update(zip(new, self._encoders[query].encode(new, query=query), strict=True))
        with self._lock:
            for text in texts:
                self._known[text, query] = found[text]
                self._known.move_to_end((text, query))
            while len(self._known) > self._size:
                self._known.popitem(last=False)
        return np.stack([found[text] for text in texts])

    def forget(self) -> None:
        with self._lock:
            self._known.clear()


def _words(text: str) -> frozenset[str]:
    return frozenset((*terms(text), *codes(text)))


def _rarity(asked: frozenset[str], sentences: Sequence[frozenset[str]]) -> dict[str, float]:
    """The weight of each word asked for: log(1 + (N - n + 0.5) / (n + 0.5)), as in BM25, with N sentences of
    which n have it. N is small on purpose: a word that all passages share cannot tell their sentences apart
    (on XQuAD that beat the rarity in the whole index)."""
    counts = Counter(word for words in sentences for word in words & asked)
    total = len(sentences)
    return {word: log(1 + (total - counts[word] + 0.5) / (counts[word] + 0.5)) for word in asked}


def _share(weights: Mapping[str, float], words: frozenset[str]) -> float:
    total = sum(weights.values())
    return sum(weights[word] for word in weights.keys() & words) / total if total else 0.0


def _choose(best_first: Sequence[tuple[float, Quotable]]) -> list[Quotable]:
    """The best sentence, and up to two more that come near it and are not the same again."""
    best, _ = best_first[0]
    chosen: list[Quotable] = []
    for score, sentence in best_first:
        if len(chosen) == MOST_SENTENCES or score < NEAR_THE_BEST * best:
            break
        if not any(_says_the_same(sentence.text, other.text) for other in chosen):
            chosen.append(sentence)
    return chosen


def _says_the_same(one: str, other: str) -> bool:
    """Whether two sentences share most words and all figures: 24 days in one and 26 in the other is news."""
    here, there = _words(one), _words(other)
    if {word for word in here ^ there if any(map(str.isdigit, word))}:
        return False
    return len(here & there) >= SAME_WORDING * len(here | there)


def _quote(sentences: Sequence[Quotable], opening: str = "") -> tuple[str, tuple[Citation, ...]]:
    """A line for each sentence, and the citations behind them."""
    text, citations = opening, []
    for sentence in sentences:
        text += ("\n" if text else "") + sentence.text
        citations.append(
            Citation(sentence.document_id, sentence.start, sentence.end, sentence.passage, position=len(text))
        )
    return text, tuple(citations)
