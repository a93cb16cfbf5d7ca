"""The library: a table of documents with their state, to view one or to delete some, with the proof."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from playground import startup
from playground.index_overview import IndexNeed, LibraryRow, library_rows, load_sample
from playground.reading.limits import size_words
from playground.scenarios.gallery import scenarios
from playground.ui import resources, state
from playground.ui.components import dark
from playground.ui.documents.readers import readers_action, readers_in_words
from playground.ui.documents.view import document_view, forget_documents, reopen
from playground.workspace import Deletion

SAMPLE = "handbook"
VISIBLE_ROWS = 7
ROW_HEIGHT = 34  # pixels


@dataclass(frozen=True)
class Deleted:
    """A deletion with the names that were deleted, to be shown until the next one."""

    names: tuple[str, ...]
    proof: Deletion


def library(needs: Sequence[IndexNeed]) -> None:
    """The card with the table, or with the two ways to begin where there are no documents yet."""
    rows = library_rows(resources.workspace(), needs)
    if not rows:
        _proof()
        _empty()
        return
    head = st.container(horizontal=True, vertical_alignment="center", gap="small")
    shown = _found(rows, st.session_state.get("find", ""))
    if shown:
        chosen = _table(shown)
    else:
        st.markdown(":gray[No document has this in its name or title.]")
        chosen = []
    with head:
        count = f"{len(shown)} of {len(rows)}" if len(shown) < len(rows) else ""
        st.markdown(f"**Library** :gray[{count}]", width="stretch")
        _actions(chosen)
        st.text_input(
            "Find a document",
            key="find",
            placeholder="Find a document",
            label_visibility="collapsed",
            icon=":material/search:",
            width=190,
            live=True,
            persist_state="session",
        )
    _proof()
    _viewer()


def _found(rows: Sequence[LibraryRow], wanted: str) -> list[LibraryRow]:
    words = wanted.casefold().split()
    return [
        row for row in rows if all(word in f"{row.entry.name} {row.entry.title}".casefold() for word in words)
    ]


def _table(rows: Sequence[LibraryRow]) -> list[LibraryRow]:
    """Draw the table and return the rows that are selected."""
    table = pd.DataFrame(
        {
            "Document": [row.entry.name for row in rows],
            "Size": [size_words(row.entry.bytes) for row in rows],
            "Pages": [row.entry.pages for row in rows],
            "Chunks": [row.chunks for row in rows],
            "Added": [row.entry.added_at for row in rows],
            "Version": [row.entry.version for row in rows],
            "Readers": [readers_in_words(row.entry) for row in rows],
            "Index": [_index_word(row) for row in rows],
        }
    ).astype({"Pages": "Int64", "Chunks": "Int64"})
    if table["Version"].max() == 1:
        table = table.drop(columns="Version")
    restricted = any(row.entry.restricted for row in rows)
    if not restricted:
        table = table.drop(columns="Readers")
    number = st.column_config.NumberColumn
    # Selected rows are positions: with other rows it has to be another table.
    identity = hash(tuple(row.entry.id for row in rows))
    with st.container(key="library_table"):
        event = st.dataframe(
            table.style.map(_index_style, subset=["Index"]),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=(min(len(rows), VISIBLE_ROWS) + 1) * ROW_HEIGHT + 2,
            placeholder="–",
            key=f"library_table_{identity}",
            on_select="rerun",
            selection_mode="multi-row",
            column_config={
                "Document": st.column_config.TextColumn(width=196 if restricted else 230),
                "Size": st.column_config.TextColumn(width=72, alignment="right"),
                "Pages": number(width=56, help="Pages, slides or sheets"),
                "Chunks": number(width=62),
                "Added": st.column_config.DatetimeColumn(
                    format="D MMM YYYY" if restricted else "D MMM YYYY, HH:mm",
                    width=92 if restricted else 132,
                ),
                "Version": number(width=64),
                "Readers": st.column_config.TextColumn(width=88, help="Who may see it"),
                "Index": st.column_config.TextColumn(width=104),
            },
        )
    return [rows[position] for position in event.selection.rows if position < len(rows)]


def _index_word(row: LibraryRow) -> str:
    if row.indexed == row.needed:
        return "✓ indexed"
    return f"◐ in {row.indexed} of {row.needed}" if row.indexed else "○ to index"


def _index_style(word: str) -> str:
    """Dark enough on white, light enough on the dark ground, for small text."""
    colours = {"✓": ("#0B6B57", "#3DBFA6"), "◐": ("#8A5300", "#EBAA4C"), "○": ("#3457D5", "#8FB0FF")}
    return f"color:{colours[word[0]][dark()]};font-weight:600"


def _actions(chosen: Sequence[LibraryRow]) -> None:
    st.button(
        "View",
        key="view",
        icon=":material/visibility:",
        type="tertiary",
        disabled=len(chosen) != 1,
        help=None if chosen else "Select a document in the table",
        on_click=_open,
        args=tuple(row.entry.id for row in chosen[:1]) or ("",),
    )
    readers_action([row.entry for row in chosen])
    if not chosen:
        st.button("Delete", key="delete_none", icon=":material/delete:", type="tertiary", disabled=True)
        return
    with st.popover(
        f"Delete {len(chosen)}", icon=":material/delete:", type="tertiary", key="delete", width=112
    ):
        names = [row.entry.name for row in chosen]
        st.markdown(f"Delete {_documents(len(names))} from the library, every index and the disk?")
        st.text("\n".join([*names[:8], *([f"and {len(names) - 8} more"] if len(names) > 8 else [])]))
        st.button(
            f"Delete {_documents(len(names))} for good",
            key="delete_for_good",
            type="primary",
            icon=":material/delete_forever:",
            on_click=_delete,
            args=(tuple(row.entry.id for row in chosen), tuple(names)),
        )


def _documents(count: int) -> str:
    return f"{count} document{'s' * (count != 1)}"


def _delete(document_ids: tuple[str, ...], names: tuple[str, ...]) -> None:
    st.session_state["deleted"] = Deleted(names, resources.workspace().delete(document_ids))
    forget_documents()


def _proof() -> None:
    """What is left of the documents deleted last, counted in each part of every index."""
    deleted: Deleted | None = st.session_state.get("deleted")
    if deleted is None:
        return
    left = deleted.proof.left.values()
    counts = {
        "dense": sum(each.dense for each in left),
        "keyword": sum(each.keyword for each in left),
        "catalogue": sum(each.catalogue for each in left),
    }
    parts = ", ".join(
        f"{count} in the {name} {'' if name == 'catalogue' else 'index'}".rstrip()
        for name, count in counts.items()
    )
    what = deleted.names[0] if len(deleted.names) == 1 else _documents(len(deleted.names))
    line = f"Deleted {what}. Chunks left: {parts}; {deleted.proof.forgotten_vectors} embeddings forgotten."
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False, key="proof"):
        st.text(f"{'✗' if any(counts.values()) else '✓'} {line}", width="stretch")
        st.button(
            "Close", key="proof_close", icon=":material/close:", type="tertiary", on_click=_forget_proof
        )


def _forget_proof() -> None:
    st.session_state.pop("deleted", None)


def _open(document_id: str) -> None:
    reopen()
    st.session_state["viewed"] = document_id


def _close() -> None:
    st.session_state.pop("viewed", None)


def _viewer() -> None:
    """The dialog with the chosen document; it stays open when the page is drawn anew by a job's end."""
    document_id = st.session_state.get("viewed")
    entry = next((each for each in resources.workspace().library.entries() if each.id == document_id), None)
    if entry:
        st.dialog(entry.name, width="large", on_dismiss=_close)(document_view)(entry.id)


def _empty() -> None:
    """No documents yet: the two ways to begin."""
    scenario = scenarios()[SAMPLE]
    job = resources.jobs().get(startup.SAMPLES)
    with st.container(
        height="stretch", vertical_alignment="center", horizontal_alignment="center", gap="small", key="empty"
    ):
        st.space("small")
        st.markdown("### No documents yet", width="content")
        st.markdown(
            ":gray[Drop your own files into the box on the left, or begin with the sample handbook.]",
            width="content",
        )
        st.button(
            "Load the sample handbook",
            key="load_sample",
            type="primary",
            icon=":material/menu_book:",
            disabled=job is not None and job.active,
            on_click=load_sample,
            args=(resources.workspace(), resources.jobs(), SAMPLE, state.columns()),
        )
        st.caption(scenario.description, width=520, text_alignment="center")
        st.space("small")
