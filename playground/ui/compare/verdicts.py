"""Right or wrong on Compare: the verdict on an answer to a question that is labelled in some set."""

import streamlit as st

from playground.errors import PlaygroundError
from playground.evaluation.judging import outcome
from playground.evaluation.results import Outcome, QuestionResult
from playground.pipeline import Trace
from playground.questions.lookup import GoldSpan, LabelledQuestion, resolve_set
from playground.questions.sets import as_they_stand, documents_of, every_question
from playground.ui import resources

Labelled = tuple[LabelledQuestion, tuple[GoldSpan, ...]]


def verdict(trace: Trace) -> Outcome | None:
    """What the evaluation would say of this answer; None where the question is labelled nowhere, or its label
    is gone from the documents."""
    try:
        sets = as_they_stand(resources.questions())
        known = _labelled(trace.question, resources.workspace().revision, sets)
    except PlaygroundError:  # the Questions section says what is wrong with the store
        return None
    if known is None:
        return None
    question, gold = known
    readable = resources.workspace().library.readable_by(trace.config.retrieval.reader)
    return outcome(QuestionResult.seen_by(readable, question, gold, trace))


@st.cache_data(show_spinner=False, max_entries=64)
def _labelled(asked: str, revision: int, sets: tuple[str, ...]) -> Labelled | None:
    """The labelled question in the same words, and where its evidence stands. The other arguments are only
    part of the key: documents and sets may change."""
    workspace, store = resources.workspace(), resources.questions()
    for question in every_question(workspace, store):
        if question.question.strip().casefold() == asked.strip().casefold():
            gold = resolve_set([question], documents_of([question], workspace)).gold
            return (question, gold[question.id]) if question.id in gold else None
    return None
