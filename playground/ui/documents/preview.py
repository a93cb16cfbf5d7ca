"""How a document would be cut: two settings side by side, before anything is embedded."""

from bisect import bisect_left
from collections.abc import Sequence

import streamlit as st

from playground import startup
from playground.chunking import Chunk
from playground.chunking.preview import ChunkPreview, borders_only_in
from playground.config import STRATEGIES, ChunkingConfig, PipelineConfig
from playground.cutting import cut_answers, labelled_answers, token_histogram
from playground.documents import Document
from playground.errors import PlaygroundError
from playground.excerpts import Span
from playground.questions.lookup import GoldSpan
from playground.questions.sets import as_they_stand, every_question
from playground.ui import resources, state
from playground.ui.documents.components import document_style, draw_chunks, draw_sizes
from playground.ui.documents.view import chunks_of, encoder_ready, pager, window_of

WINDOW = 4000  # characters of the document that are drawn at a time
LARGEST_SIZE, LARGEST_OVERLAP = 600, 200  # tokens
QUICK = (
    60_000  # characters; a longer document is cut by meaning only on demand, as its sentences are embedded
)
SIDES = ("left", "right")


def preview() -> None:
    """The card: a document, two settings, and what they do to it."""
    document_style()
    document = _document()
    columns = state.columns()
    sides = st.columns(2, gap="large")
    settings = []
    for name, side, default in zip(SIDES, sides, _defaults(columns), strict=True):
        with side:
            settings.append(_settings(name, default))
    if not encoder_ready(columns[0].encoder):
        _waiting()
        return
    cut: list[ChunkPreview | None] = []
    for name, side, chunking in zip(SIDES, sides, settings, strict=True):
        with side:
            cut.append(_cut(document, chunking, columns[0], name))
    window = window_of(document, "preview", size=WINDOW)
    left, right = ([] if each is None else each.chunks for each in cut)
    only = borders_only_in(left, right) if left and right else ([], [])
    top = max(chunking.size for chunking in settings)
    for name, side, chunking, made, borders in zip(SIDES, sides, settings, cut, only, strict=True):
        with side:
            if made:
                _summary(document, made, chunking, borders, top, name)
    with st.container(key="preview_blocks"):
        for side, made, borders in zip(st.columns(2, gap="large"), cut, only, strict=True):
            with side:
                if made:
                    draw_chunks(made, _shown(made.chunks, window), borders)
    if len(document.text) > WINDOW:
        pager(document, window, "preview", WINDOW)


def _document() -> Document:
    library = resources.workspace().library
    names = {entry.id: entry.name for entry in library.entries()}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            "**How the text is cut** :gray[each block is one chunk; underlined text is repeated from the "
            "chunk before; ≠ marks a border that the other side lacks]",
            width="stretch",
        )
        chosen = st.selectbox(
            "Document",
            list(names),
            format_func=lambda each: names.get(each, ""),
            key="preview_document",
            label_visibility="collapsed",
            width=300,
            persist_state="session",
        )
    return library.document(chosen if chosen in names else next(iter(names)))


def _defaults(columns: Sequence[PipelineConfig]) -> tuple[ChunkingConfig, ChunkingConfig]:
    """What column A does, and the first other setting of a column, else windows that overlap."""
    first = columns[0].chunking
    others = [config.chunking for config in columns if config.chunking != first]
    return first, others[0] if others else ChunkingConfig("fixed", 100, 20, first.prefix)


def _settings(name: str, default: ChunkingConfig) -> ChunkingConfig:
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        strategy = st.segmented_control(
            "Chunking",
            STRATEGIES,
            default=default.strategy,
            key=f"strategy_{name}",
            required=True,
            persist_state="session",
        )
        size = st.slider(
            "Size (tokens)",
            20,
            LARGEST_SIZE,
            min(default.size, LARGEST_SIZE),
            key=f"size_{name}",
            persist_state="session",
        )
        overlap = st.slider(
            "Overlap (tokens)",
            0,
            LARGEST_OVERLAP,
            min(default.overlap, LARGEST_OVERLAP),
            key=f"overlap_{name}",
            help="At most half the size counts",
            persist_state="session",
        )
    return ChunkingConfig(strategy or default.strategy, size, min(overlap, size // 2), default.prefix)


def _waiting() -> None:
    job = resources.jobs().get(startup.MODELS)
    if job and job.state == "failed":
        st.error("The encoder could not be loaded, so nothing can be cut. Above you can try again.")
    else:
        st.markdown(":gray[:material/hourglass_top: The encoder is loading: its tokens are what is counted.]")


def _cut(
    document: Document, chunking: ChunkingConfig, column: PipelineConfig, name: str
) -> ChunkPreview | None:
    """The chunks under a setting; None where that takes long and was not asked for."""
    wanted = st.session_state.setdefault("preview_cut", set())
    this = document.id, chunking
    if chunking.strategy == "semantic" and len(document.text) > QUICK and this not in wanted:
        st.markdown(
            ":gray[Cutting by meaning embeds every sentence: for this document about as long as indexing.]"
        )
        st.button(
            "Cut it now", key=f"cut_{name}", icon=":material/content_cut:", on_click=wanted.add, args=(this,)
        )
        return None
    with st.spinner("Cutting the text …", show_time=True):
        return ChunkPreview(chunks_of(document.id, chunking, column.encoder))


def _answers(document: Document) -> tuple[GoldSpan, ...]:
    try:
        return _labelled(document.id, resources.workspace().revision, as_they_stand(resources.questions()))
    except PlaygroundError:  # the Questions section says what is wrong with the store
        return ()


@st.cache_data(show_spinner=False, max_entries=64)
def _labelled(document_id: str, revision: int, sets: tuple[str, ...]) -> tuple[GoldSpan, ...]:
    """Where answers stand, as all question sets say. The other arguments are only part of the key."""
    workspace = resources.workspace()
    questions = every_question(workspace, resources.questions())
    return labelled_answers(workspace.library.document(document_id), questions)


def _summary(
    document: Document,
    made: ChunkPreview,
    chunking: ChunkingConfig,
    borders: Sequence[int],
    top: int,
    name: str,
) -> None:
    """How many chunks of which sizes, what differs, whether answers are cut, and the way into a column."""
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"summary_{name}"):
        count = len(made.chunks)
        st.badge(f"{count:,} chunk{'s' * (count != 1)}", color="gray")
        if borders:
            st.badge(
                f"≠ {len(borders):,} of {count:,} borders", color="gray", help="Borders only on this side"
            )
        _answers_badge(made.chunks, _answers(document))
        draw_sizes(token_histogram(made.token_counts, top), top, made.mean_tokens)
        st.space("stretch")
        _use_buttons(chunking, name)


def _answers_badge(chunks: Sequence[Chunk], answers: Sequence[GoldSpan]) -> None:
    if not answers:
        return
    cut = len(cut_answers(chunks, answers))
    total = f"{len(answers)} labelled answer{'s' * (len(answers) != 1)}"
    if cut:
        st.badge(f"{cut} of {total} cut in two", color="orange", icon=":material/content_cut:")
    else:
        st.badge(f"{total} in one piece", color="green", icon=":material/check:")


def _use_buttons(chunking: ChunkingConfig, name: str) -> None:
    """The columns that cut in this way, and one button for each that does not."""
    by_letter = dict(zip(state.LETTERS, state.columns(), strict=False))
    same = [letter for letter, config in by_letter.items() if config.chunking == chunking]
    if same:
        st.badge(f"column {', '.join(same)}", color="gray", icon=":material/view_column:")
    others = [letter for letter in by_letter if letter not in same]
    for letter in others:
        st.button(
            f"Use in column {letter}" if letter == others[0] else letter,
            key=f"use_{name}_{letter.lower()}",
            type="tertiary",
            on_click=state.set_chunking,
            args=(state.LETTERS.index(letter), chunking),
        )


def _shown(chunks: Sequence[Chunk], window: Span) -> range:
    """Indexes of the chunks that begin in the window, and of the one that reaches into it."""
    starts = [chunk.start for chunk in chunks]
    first, last = (bisect_left(starts, border) for border in window)
    if first and (first == len(starts) or starts[first] > window[0]) and chunks[first - 1].end > window[0]:
        first -= 1
    return range(first, last)
