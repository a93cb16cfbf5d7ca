"""The row of sources: what each column's engine read, quoted passages first, and the document behind each."""

from collections.abc import Sequence
from contextlib import suppress
from functools import partial

import streamlit as st

from playground.chunking.chunk import Chunk
from playground.comparison import Passage
from playground.engines.engine import Citation, LabelledNeighbour
from playground.pictures.listing import is_picture
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.compare import components as pieces
from playground.ui.compare.engine_settings import generates
from playground.ui.documents.view import document_view, picture_of, reopen
from playground.ui.labelling import request_label
from playground.ui.state import Shown

UNFOLDED = 3
UNFOLDED_VOTERS = 5
THUMBNAIL = 100  # pixels of a picture's longer side


def source_cards(columns: Sequence[Shown], numbered: Sequence[Sequence[Passage]]) -> None:
    """One card a column; neighbours are equally high."""
    searched = sum(isinstance(column.result, Trace) and bool(column.result.hits) for column in columns)
    for place, column, passages in zip(st.columns(len(columns), gap="small"), columns, numbered, strict=True):
        letter = column.letter
        with place.container(border=True, height="stretch", key=f"sources_{letter}", gap="small"):
            st.markdown(f"**Sources** :gray[{letter.upper()}]")
            if isinstance(column.result, Trace) and column.result.hits:
                _sources(column.result, passages, searched > 1, letter)
            elif isinstance(column.result, Trace) and column.result.answer.neighbours:
                _voters(column.result.answer.neighbours, letter)
            else:
                _no_sources(column)


def _voters(neighbours: Sequence[LabelledNeighbour], letter: str) -> None:
    """Labelled examples, nearest first: those that weigh most, the others folded away."""
    st.caption(f"{len(neighbours)} labelled examples that voted, nearest first")
    pieces.neighbour_list(neighbours[:UNFOLDED_VOTERS])
    if folded := neighbours[UNFOLDED_VOTERS:]:
        with st.expander(f"{len(folded)} more that voted", key=f"more_voters_{letter}"):
            pieces.neighbour_list(folded)


def _sources(trace: Trace, passages: Sequence[Passage], compared: bool, letter: str) -> None:
    """Quoted passages first; what was only read is folded away once the card is long enough."""
    ranks = list(dict.fromkeys([*trace.quoted, *range(len(passages))]))
    unfolded = max(len(trace.quoted), UNFOLDED)
    for rank in ranks[:unfolded]:
        _source_card(trace, rank, passages[rank], compared, letter)
    if folded := ranks[unfolded:]:
        with st.expander(f"{len(folded)} more that were read", key=f"more_{letter}"):
            for rank in folded:
                _source_card(trace, rank, passages[rank], compared, letter)


def open_chosen_document() -> None:
    """Call it once, at the end of the page: a dialog is opened by the script, not by a button's callback."""
    if "open_document" not in st.session_state:
        return
    document_id, span, colour = st.session_state.pop("open_document")
    names = {each: name for name, each in resources.workspace().library.names().items()}
    dialog = st.dialog(names.get(document_id, "Document"), width="large")
    question = state.comparison().asked
    dialog(document_view)(document_id, span, colour, key="compare_view", question=question)


def _source_card(trace: Trace, rank: int, passage: Passage, compared: bool, letter: str) -> None:
    alone = compared and len(passage.columns) == 1
    hit = trace.hits[rank]
    citations = [citation for citation in trace.answer.citations if citation.passage == rank]
    with st.container(key=f"source_{letter}_{rank + 1}", gap=None):
        with st.container(horizontal=True, vertical_alignment="top", gap="xsmall"):
            with st.container(width="stretch"):
                pieces.source_head(hit, passage, alone, citations[0].start if citations else None)
            span = (citations[0].start, citations[0].end) if citations else (hit.chunk.start, hit.chunk.end)
            st.button(
                "",
                key=f"label_{letter}_{rank + 1}",
                icon=":material/verified:",
                type="tertiary",
                help="This is the evidence: label the question with a sentence of this source",
                on_click=_label,
                args=(trace.question, hit.chunk, citations),
                width="content",
            )
            st.button(
                "",
                key=f"open_{letter}_{rank + 1}",
                icon=":material/open_in_full:",
                type="tertiary",
                help="Open the document at this place",
                on_click=partial(_choose, hit.chunk.document_id, span, pieces.colour(passage)),
                width="content",
            )
        if is_picture(hit.document_name):
            _small(hit.chunk.document_id, hit.document_name)
        pieces.source_body(hit, passage, citations)


def _small(document_id: str, name: str) -> None:
    with suppress(KeyError):  # the document was deleted meanwhile
        if drawn := picture_of(document_id, THUMBNAIL):
            st.image(drawn, width="content", alt=f"the picture {name}")


def _choose(document_id: str, span: tuple[int, int], colour: str) -> None:
    reopen("compare_view")
    st.session_state["open_document"] = (document_id, span, colour)


def _label(question: str, chunk: Chunk, citations: Sequence[Citation]) -> None:
    with suppress(KeyError):  # the document was deleted meanwhile, and the page will say so
        document = resources.workspace().library.document(chunk.document_id)
        quoted = [(citation.start, citation.end) for citation in citations]
        request_label(question, document, (chunk.start, chunk.end), quoted)


def _no_sources(column: Shown) -> None:
    with st.container(height="stretch", vertical_alignment="center", horizontal_alignment="center"):
        text = f":material/search_off:&ensp;{why_no_sources(column)}"
        st.caption(text, text_alignment="center", width=300)


def why_no_sources(column: Shown) -> str:
    """The one sentence of a card without sources."""
    result = column.result
    if not column.config.grounded:
        adapter = result.answer.adapter if isinstance(result, Trace) else column.config.adapter
        if adapter:
            why = "what it learned is in its weights, so no sentence can be cited."
        elif generates(column.config):
            why = "the model answers from what it learned before it saw your documents."
        elif column.config.engine.examples:
            why = "it chooses among the outputs without looking at any example."
        else:
            why = "it answers without seeing your documents."
        return f"No retrieval in this column: {why}"
    if isinstance(result, Trace) and result.answer.stopped:
        return "Stopped: sources are listed for a whole answer only."
    if isinstance(result, Trace):
        return "Nothing was found: no passage shares a word with the question."
    return "Nothing was searched yet."
