"""Step 3: where each answer came from: the passages that it quotes, and why a column has none."""

from collections.abc import Sequence

import streamlit as st

from playground.engines.engine import Citation, LabelledNeighbour
from playground.pipeline import Trace
from playground.retrieval import Hit
from playground.ui.compare import components as pieces
from playground.ui.compare.source_cards import why_no_sources
from playground.ui.components import escape
from playground.ui.present.answering import Presented, why_no_answer
from playground.ui.present.layout import body, cards, head

VOTERS = 4
"""Labelled examples that are shown of those that voted, the nearest first."""


def sources_step(columns: Sequence[Presented]) -> None:
    """A card for each column that quotes or votes, a line for each of the others."""
    showing = [each for each in columns if each.trace and (each.trace.quoted or _voters(each.trace))]
    silent = [each for each in columns if each not in showing]
    texts = [_words(each) for each in showing]
    for each, card in zip(showing, cards(showing, texts, len(silent)), strict=True):
        with card:
            head(each)
            with body(each):
                _sources(each)
    if silent:
        _silent_lines(silent, alone=not showing)


def _sources(each: Presented) -> None:
    trace = each.trace
    assert trace is not None
    for rank in trace.quoted:
        citations = _citations(trace, rank)
        pieces.source_head(trace.hits[rank], each.passages[rank], False, citations[0].start)
        pieces.source_body(trace.hits[rank], each.passages[rank], citations)
    if not trace.quoted:
        pieces.neighbour_list(_voters(trace))


def _voters(trace: Trace) -> Sequence[LabelledNeighbour]:
    return trace.answer.neighbours[:VOTERS]


def _citations(trace: Trace, rank: int) -> list[Citation]:
    return [citation for citation in trace.answer.citations if citation.passage == rank]


def _words(each: Presented) -> str:
    """About what is going to stand in the card: a line for each source's head, and its text."""
    trace = each.trace
    assert trace is not None
    if not trace.quoted:
        return "\n".join(f"{voter.input}\n{voter.output}\n" for voter in _voters(trace))
    return "\n".join(
        f"{trace.hits[rank].document_name}\n{_excerpt(trace.hits[rank], _citations(trace, rank))}\n"
        for rank in trace.quoted
    )


def _excerpt(hit: Hit, citations: Sequence[Citation]) -> str:
    begin = min(each.start for each in citations) - pieces.AROUND - hit.chunk.start
    end = max(each.end for each in citations) + pieces.AROUND - hit.chunk.start
    return " ".join(hit.chunk.text[max(begin, 0) : max(end, 0)].split())


def _silent_lines(columns: Sequence[Presented], alone: bool) -> None:
    lines = "".join(
        f'<div class="line"><b><span class="muted">{each.letter}</span>&ensp;{escape(each.name)}</b>'
        f"<span>{escape(why_silent(each))}</span></div>"
        for each in columns
    )
    st.html(f'<div class="pg silent{" alone" if alone else ""}">{lines}</div>')


def why_silent(each: Presented) -> str:
    """The one sentence of a column that shows no source."""
    if each.trace is None:
        return why_no_answer(each.column)
    if each.trace.passages:
        read = len(each.trace.passages)
        passages = "1 passage" if read == 1 else f"{read} passages"
        return f"It was given {passages} and quotes none of them."
    return why_no_sources(each.column)
