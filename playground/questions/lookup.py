"""Labelled questions: their gold looked up in the documents, as these are now.

What a question is says `playground.questions.labels`, and `playground.questions.files` how files
are read; both can be imported from here. This module does not know what is measured with the gold.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from playground.documents import Document
from playground.errors import InputError
from playground.questions.files import load_questions, parse_questions
from playground.questions.labels import Absence, Gold, GoldSpan, LabelledQuestion
from playground.questions.quotes import find_quote, same_text

__all__ = [
    "Absence",
    "Gold",
    "GoldSpan",
    "LabelledQuestion",
    "Repair",
    "Resolution",
    "anchored",
    "load_questions",
    "parse_questions",
    "resolve_all",
    "resolve_gold",
    "resolve_set",
]

SHOWN_PROBLEMS = 5


@dataclass(frozen=True)
class Repair:
    """A label that is nowhere now: number `index` (from 0) of its question, and why, in words for the person.

    "gone" stood in a document once, so the document has changed; the others never stood anywhere here."""

    question_id: str
    index: int
    label: Gold
    reason: str
    kind: Literal["gone", "no_document", "not_read"]


@dataclass(frozen=True)
class Resolution:
    """The gold of a set of questions, by their ids. A question with a label that is gone is in neither `gold`
    nor `absent`: it is not scored before it is mended. `absent` are the labels that never stood anywhere."""

    gold: dict[str, tuple[GoldSpan, ...]]
    absent: dict[str, tuple[Absence, ...]]
    repairs: list[Repair]


def resolve_gold(question: LabelledQuestion, documents: Mapping[str, Document]) -> tuple[GoldSpan, ...]:
    """Where the evidence stands, in the order of the labels; `documents` are keyed by their names.

    A quote is looked up as it is, then without regard to white space and the shape of quotation marks and
    dashes; the first place counts. Raises InputError naming the question and all labels that fit nowhere.
    """
    spans, problems = _resolve(question, _by_path(documents))
    if problems:
        raise InputError("; ".join(problems))
    return spans


def resolve_all(
    questions: Iterable[LabelledQuestion], documents: Mapping[str, Document]
) -> dict[str, tuple[GoldSpan, ...]]:
    """Question id -> gold, for all questions. Raises one InputError that lists the labels that fit
    nowhere, so that a file is mended in one go."""
    gold: dict[str, tuple[GoldSpan, ...]] = {}
    problems: list[str] = []
    by_path = _by_path(documents)
    for question in questions:
        gold[question.id], found = _resolve(question, by_path)
        problems += found
    if problems:
        rest = len(problems) - SHOWN_PROBLEMS
        more = f"; and {rest} more like these" if rest > 0 else ""
        noun = "label does" if len(problems) == 1 else "labels do"
        shown = "; ".join(problems[:SHOWN_PROBLEMS])
        raise InputError(f"{len(problems)} {noun} not fit the documents: {shown}{more}")
    return gold


def resolve_set(questions: Iterable[LabelledQuestion], documents: Mapping[str, Document]) -> Resolution:
    """Where the evidence of all questions stands now, and which labels have to be mended; raises nothing.

    `documents` are keyed by their names. A label whose text has moved is followed by its quote, to the place
    nearest to the old one. Labels of unanswerable questions are passed over.
    """
    resolution = Resolution({}, {}, [])
    by_path = _by_path(documents)
    for question in questions:
        labels = question.relevant if question.answerable else ()
        places = [_placed(question.id, index, label, by_path) for index, label in enumerate(labels)]
        repairs = [place for place in places if isinstance(place, Repair)]
        resolution.repairs.extend(repairs)
        if all(repair.kind != "gone" for repair in repairs):
            resolution.gold[question.id] = tuple(place for place in places if isinstance(place, GoldSpan))
            resolution.absent[question.id] = tuple(repair.kind for repair in repairs if repair.kind != "gone")
    return resolution


def anchored(question: LabelledQuestion, documents: Mapping[str, Document]) -> LabelledQuestion:
    """The question with every label that stands somewhere holding its place and the text there, so that the
    text can be followed when the document changes. A label of a whole document stays one."""
    by_path = _by_path(documents)
    return replace(question, relevant=tuple(_anchored(label, by_path) for label in question.relevant))


def _anchored(label: Gold, by_path: Mapping[str, Document]) -> Gold:
    place = _placed("", 0, label, by_path)
    if isinstance(place, Repair):
        return label
    document = by_path[_plain_path(label.document)]
    if label.start is None and not label.quote:
        return replace(label, document=document.name, found=True)
    return Gold(document.name, place.start, place.end, document.text[place.start : place.end], True)


def _placed(question_id: str, index: int, label: Gold, by_path: Mapping[str, Document]) -> GoldSpan | Repair:
    try:
        return _followed(label, by_path)
    except ValueError as error:
        never: Absence = "not_read" if _plain_path(label.document) in by_path else "no_document"
        return Repair(question_id, index, label, str(error), "gone" if label.found else never)


def _followed(label: Gold, by_path: Mapping[str, Document]) -> GoldSpan:
    """The label's place, also where its text has moved. Raises ValueError with the reason and the remedy."""
    document = by_path.get(_plain_path(label.document))
    if document is None:
        lost = "no longer in the library" if label.found else "not in the library"
        raise ValueError(f"{label.document} is {lost}; add it, or remove the label")
    try:
        return _place(label, by_path)
    except ValueError as error:
        found = find_quote(document.text, label.quote, label.start or 0) if label.quote else None
        if found:
            return GoldSpan(document.id, *found)
        if label.quote:
            what = "does not say this any longer" if label.found else "does not say this"
            raise ValueError(f"{label.document} {what}; find the place, or remove the label") from None
        raise ValueError(f"{error}; find the place, or remove the label") from None


def _resolve(
    question: LabelledQuestion, by_path: Mapping[str, Document]
) -> tuple[tuple[GoldSpan, ...], list[str]]:
    spans: list[GoldSpan] = []
    problems: list[str] = []
    for gold in question.relevant:
        try:
            spans.append(_place(gold, by_path))
        except ValueError as error:
            problems.append(f"question {question.id}: {error}")
    return tuple(spans), problems


def _place(gold: Gold, by_path: Mapping[str, Document]) -> GoldSpan:
    document = by_path.get(_plain_path(gold.document))
    if document is None:
        raise ValueError(f"there is no document {gold.document}")
    length = len(document.text)
    if gold.start is not None and gold.end is not None:
        if gold.end > length:
            raise ValueError(f"{gold.document} ends at {length}, before {gold.start} to {gold.end}")
        if gold.quote and not same_text(document.text[gold.start : gold.end], gold.quote):
            raise ValueError(f"{gold.document} says something else than the quote at {gold.start}")
        return GoldSpan(document.id, gold.start, gold.end)
    if gold.quote:
        found = find_quote(document.text, gold.quote)
        if found is None:
            raise ValueError(f"{gold.document} does not say {_shortened(gold.quote)}")
        return GoldSpan(document.id, *found)
    if not length:
        raise ValueError(f"{gold.document} is empty")
    return GoldSpan(document.id, 0, length)


def _by_path(documents: Mapping[str, Document]) -> dict[str, Document]:
    return {_plain_path(name): document for name, document in documents.items()}


def _plain_path(name: str) -> str:
    """ "./a\\\\b.md" as "a/b.md": labels are written on every system."""
    path = name.replace("\\", "/")
    while path.startswith("./"):
        path = path[2:]
    return path


def _shortened(quote: str) -> str:
    text = " ".join(quote.split())
    return f'"{text}"' if len(text) <= 60 else f'"{text[:57]}..."'
