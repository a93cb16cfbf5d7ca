"""How well a setting cuts one document: chunk sizes, and whether labelled answers stay in one piece.

Nothing is embedded or indexed for it. It does not know how chunks are made nor how they are drawn.
"""

from collections.abc import Sequence
from dataclasses import replace

from playground.chunking import Chunk
from playground.documents import Document
from playground.errors import InputError
from playground.questions.lookup import GoldSpan, LabelledQuestion, resolve_gold


def cut_answers(chunks: Sequence[Chunk], answers: Sequence[GoldSpan]) -> list[GoldSpan]:
    """The answers that no single chunk holds whole, in their order. All are of the chunks' document."""
    return [
        answer
        for answer in answers
        if not any(chunk.start <= answer.start and answer.end <= chunk.end for chunk in chunks)
    ]


def labelled_answers(document: Document, questions: Sequence[LabelledQuestion]) -> tuple[GoldSpan, ...]:
    """Where the questions' labels say that answers stand in this document; sorted.

    A label that does not fit the text is left out: the document may be another of the same name.
    """
    found = {place for question in questions for place in _places(question, document)}
    whole = GoldSpan(document.id, 0, len(document.text))
    return tuple(sorted(found - {whole}, key=lambda span: (span.start, span.end)))


def token_histogram(token_counts: Sequence[int], top: int, bars: int = 16) -> list[int]:
    """How many chunks have their token count in each of `bars` equal steps from 0 to `top`; larger ones
    count in the last."""
    counts = [0] * bars
    for tokens in token_counts:
        counts[min(max(tokens - 1, 0) * bars // top, bars - 1)] += 1
    return counts


def _places(question: LabelledQuestion, document: Document) -> list[GoldSpan]:
    spans: list[GoldSpan] = []
    for gold in question.relevant:
        try:
            spans += resolve_gold(replace(question, relevant=(gold,)), {document.name: document})
        except InputError:
            continue
    return spans
