"""A document on the screen: a window of its text with chunks and a passage marked; for a PDF, its page too,
and a picture itself.

Used by the Documents and the Compare page, inside a dialog or outside, so it opens no dialog itself.
"""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from playground import excerpts, startup
from playground.chunking import Chunk, split_document
from playground.config import BUILTIN_ENCODER, ChunkingConfig, EncoderConfig, PipelineConfig
from playground.documents import Document
from playground.embedding import encoder_id, load_encoder
from playground.errors import ReadError
from playground.excerpts import Span
from playground.intake import measure
from playground.pictures.listing import is_picture, thumbnail
from playground.reading.rendering import render_page
from playground.ui import resources, state
from playground.ui.documents.components import document_style, draw_blocks
from playground.ui.labelling import SAVED, LabelRequest, finish, pick, question_field, request_of

HEIGHT = 560  # pixels of text beside which a page's picture is still read
LABELLING_HEIGHT = 340  # so that what is typed still stands below it
PICTURE_WIDTH = 1100  # pixels; twice what a dialog shows, for sharp screens
PICTURE_HEIGHT = 400  # pixels of a document that is a picture itself


def document_view(
    document_id: str,
    span: Span | None = None,
    colour: str | None = None,
    key: str = "view",
    config: PipelineConfig | None = None,
    question: str = "",
) -> None:
    """Show a document, opened at the passage `span` (characters) with the passage in `colour`.

    Chunks are those of `config`, or of the session's first column. `key` keeps two views apart. `question` is
    the one that is labelled with evidence here, unless the person types another.
    """
    try:
        document = resources.workspace().library.document(document_id)
    except KeyError:
        st.warning("This document is no longer in the library.", icon=":material/delete:")
        return
    document_style()
    window = window_of(document, key, span)
    chunks, without = _chunks(document, config or state.columns()[0])
    if message := st.session_state.pop(SAVED, ""):
        st.session_state[f"{key}_labelling"] = False
        st.toast(message, icon=":material/verified:")
    _head(document, chunks, without, key)
    sentence = span if span and not any((chunk.start, chunk.end) == span for chunk in chunks) else None
    labelled = _request(document, window, sentence, key, question)
    short = is_picture(document.name) and window == (0, len(document.text))
    if is_picture(document.name):
        _itself(document)
    if not short:
        pager(document, window, key)
    paged = excerpts.is_paged(document)
    text, picture = st.columns(2, gap="small") if paged else (st.container(), None)
    # A new key for every window: the browser would keep the old scroll position.
    with text.container(height="content" if labelled or short else HEIGHT, key=f"{key}_text_{window[0]}"):
        if labelled:
            pick(labelled, LABELLING_HEIGHT)
        else:
            draw_blocks(excerpts.blocks(document, chunks, window, span), chunks, colour)
    page = document.page_at(window[0] if span is None or not _holds(window, span) else span[0])
    if picture and page:
        height = LABELLING_HEIGHT if labelled else HEIGHT
        with picture.container(height=height, key=f"{key}_page_{page.number}"):
            _page_picture(document, page.number)
    if labelled:
        finish(labelled)


def reopen(key: str = "view") -> None:
    """Forget where a view was left, so that it opens at its passage: for the button that opens it."""
    st.session_state.pop(f"{key}_opened", None)
    st.session_state.pop(f"{key}_labelling", None)


def _request(
    document: Document, window: Span, sentence: Span | None, key: str, question: str
) -> LabelRequest | None:
    """What is labelled in this view, with the field for the question; None while it is only read. A quoted
    `sentence` is chosen at first, a whole chunk never: it says too little about where the answer stands."""
    if not st.session_state.get(f"{key}_labelling"):
        return None
    request = request_of(f"{key}_label", question, document, window, [sentence] if sentence else [])
    question_field(request)
    return request


def _label(key: str) -> None:
    st.session_state[f"{key}_labelling"] = not st.session_state.get(f"{key}_labelling", False)


def window_of(document: Document, key: str, span: Span | None = None, size: int = excerpts.WINDOW) -> Span:
    """Where a view stands: at its passage when it opens, then where its pager went."""
    opened = f"{document.id}:{span}"
    if st.session_state.get(f"{key}_opened") != opened:
        st.session_state[f"{key}_opened"] = opened
        first = (
            excerpts.window_around(document, span, size) if span else excerpts.window_at(document, 0, size)
        )
        st.session_state[f"{key}_window"] = first
    window: Span = st.session_state[f"{key}_window"]
    return window


def encoder_ready(encoder: EncoderConfig) -> bool:
    """Whether splitting would not wait for a model; only the built-in one is loaded in the background."""
    job = resources.jobs().get(startup.MODELS)
    return encoder.name != BUILTIN_ENCODER or (job is not None and job.state == "done")


def chunks_of(document_id: str, chunking: ChunkingConfig, encoder: EncoderConfig) -> tuple[Chunk, ...]:
    """A document's chunks under any setting, nothing indexed. With "semantic" its sentences are embedded."""
    return _split(document_id, chunking, encoder, encoder_id(encoder))


def forget_documents() -> None:
    """Drop remembered texts and pictures: after a deletion nothing of a document may stay."""
    _split.clear()
    _picture.clear()
    picture_of.clear()


@st.cache_data(show_spinner=False, max_entries=64)
def _split(
    document_id: str, chunking: ChunkingConfig, encoder: EncoderConfig, identity: str
) -> tuple[Chunk, ...]:
    document = resources.workspace().library.document(document_id)
    return tuple(split_document(document, chunking, load_encoder(encoder)))


@st.cache_data(show_spinner=False, max_entries=32)
def _picture(document_id: str, page: int, width: int) -> bytes:
    return render_page(resources.workspace().library.content(document_id), page, width)


@st.cache_data(show_spinner=False, max_entries=256)
def picture_of(document_id: str, longest: int) -> bytes:
    """A document that is a picture, as a JPEG with sides of at most `longest` pixels; empty where it cannot
    be opened. Raises KeyError for a document that is not, or no longer, in the library."""
    try:
        return thumbnail(resources.workspace().library.content(document_id), longest)
    except ReadError:
        return b""


def _itself(document: Document) -> None:
    """A picture above its text; a large one is drawn as high as leaves room for that."""
    drawn = picture_of(document.id, 2 * PICTURE_HEIGHT)
    if drawn:
        st.html(f"<style>.st-key-itself img{{max-height:{PICTURE_HEIGHT}px;width:auto!important}}</style>")
        with st.container(key="itself", horizontal_alignment="center"):
            st.image(drawn, width="content", alt=f"the picture {document.name}")


def _holds(window: Span, span: Span) -> bool:
    return window[0] <= span[0] < window[1]


def _chunks(document: Document, config: PipelineConfig) -> tuple[Sequence[Chunk], str]:
    """The chunks to mark: of the index, else cut now; and the reason where they cannot be shown."""
    workspace = resources.workspace()
    if document.id not in workspace.status(config).missing:
        return workspace.index(config).chunks_of(document.id), ""
    if config.chunking.strategy == "semantic":
        return (), "Chunks are marked once it is indexed"
    if not encoder_ready(config.encoder):
        return (), "Chunks are marked once the encoder is loaded"
    return chunks_of(document.id, config.chunking, config.encoder), ""


def _head(document: Document, chunks: Sequence[Chunk], without: str, key: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.badge(measure(document), color="gray", icon=":material/description:")
        if without:
            st.badge(without, color="orange", icon=":material/hourglass_empty:")
        else:
            count = f"{len(chunks):,} chunk{'s' * (len(chunks) != 1)}"
            st.badge(count, color="gray", icon=":material/content_cut:")
        st.space("stretch")
        labelling = st.session_state.get(f"{key}_labelling", False)
        st.button(
            "Back to the text" if labelling else "Label evidence here",
            key=f"{key}_label_here",
            icon=":material/undo:" if labelling else ":material/verified:",
            type="tertiary",
            on_click=_label,
            args=(key,),
        )
        st.download_button(
            "Original file",
            partial(resources.workspace().library.content, document.id),
            document.name.rsplit("/", 1)[-1],
            key=f"{key}_download",
            icon=":material/download:",
            type="tertiary",
            on_click="ignore",
        )


def pager(document: Document, window: Span, key: str, size: int = excerpts.WINDOW) -> None:
    """Go to a page or a heading, or to the text before or behind the window."""
    found = excerpts.places(document)
    starts = {place.label: place.start for place in found}
    begin, end = window
    chosen = f"{key}_place_{document.id}"
    st.session_state[chosen] = found[excerpts.place_at(found, begin)].label

    def jump() -> None:
        _go(key, excerpts.window_at(document, starts[st.session_state[chosen]], size))

    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}_pager"):
        st.selectbox(
            "Go to",
            list(starts),
            key=chosen,
            on_change=jump,
            label_visibility="collapsed",
            width=240,
        )
        st.caption(f"characters {begin + 1:,} to {end:,} of {len(document.text):,}", width="content")
        st.space("stretch")
        st.button(
            "Earlier",
            key=f"{key}_earlier",
            icon=":material/arrow_back:",
            type="tertiary",
            disabled=begin == 0,
            on_click=_go,
            args=(key, excerpts.window_before(document, begin, size)),
        )
        st.button(
            "Later",
            key=f"{key}_later",
            icon=":material/arrow_forward:",
            icon_position="right",
            type="tertiary",
            disabled=end >= len(document.text),
            on_click=_go,
            args=(key, excerpts.window_at(document, end, size)),
        )


def _go(key: str, window: Span) -> None:
    st.session_state[f"{key}_window"] = window


def _page_picture(document: Document, number: int) -> None:
    try:
        st.image(
            _picture(document.id, number, PICTURE_WIDTH),
            width="stretch",
            alt=f"page {number} of {document.name}",
        )
    except ReadError as error:
        st.caption(f"There is no picture: {error}.")
