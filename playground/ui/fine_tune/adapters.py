"""The adapter library: a table to choose from, what the chosen adapter is, and what can be done with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import pandas as pd
import streamlit as st

from playground.adapters.card import AdapterCard
from playground.adapters.registry import AdapterEntry, DamagedAdapter, base_hash_here
from playground.engines.downloads import on_disk
from playground.errors import PlaygroundError
from playground.reading.limits import size_words
from playground.ui import resources, state
from playground.ui.components import dark, escape, plain
from playground.ui.fine_tune.components import base_words, centred, sentence
from playground.ui.fine_tune.job import RunStep, training_job

VISIBLE_ROWS = 4
ROW_HEIGHT = 34  # pixels
CHECKING = "its base model is being checked"


@dataclass(frozen=True)
class LibraryRow:
    """A row of the table: an adapter that is whole, one that is damaged, or (neither) one in training.
    `reason` says why it cannot be switched on here, or is empty."""

    name: str
    state: str
    entry: AdapterEntry | None = None
    damaged: DamagedAdapter | None = None
    reason: str = ""

    @property
    def id(self) -> str:
        found = self.entry or self.damaged
        return found.id if found else ""

    @property
    def size(self) -> int | None:
        found = self.entry or self.damaged
        return found.size if found else None


def library_rows() -> list[LibraryRow]:
    """What is in training, then the whole adapters, newest first, then the damaged ones."""
    library = resources.adapters()
    used = {config.adapter for config in state.columns()}
    rows = []
    job = training_job()
    if job and job.active:
        name = job.progress.run.name if isinstance(job.progress, RunStep) else job.title
        rows.append(LibraryRow(name, "◐ training …"))
    for entry in library.entries():
        reason = why_not(entry)
        word = "✓ in use" if entry.id in used else "✓ ready"
        if reason:
            word = "… checking" if reason == CHECKING else "✗ other base"
        rows.append(LibraryRow(entry.card.name, word, entry, reason=reason))
    rows += [LibraryRow(each.id, "✗ damaged", damaged=each, reason=each.reason) for each in library.damaged()]
    return rows


def why_not(entry: AdapterEntry) -> str:
    """Why an adapter cannot be switched on with its own engine on this machine, or ""."""
    if entry.card.kind == "extractive":
        found = base_hash_here(entry.card)
    else:
        # The weights of a language model are gigabytes: hashed in the background, and again once it is there.
        key = ("hash of base", entry.card.base, on_disk(entry.card.base))
        future = resources.lookups().get(key, partial(base_hash_here, entry.card))
        if not future.done():
            return CHECKING
        found = future.result()
    return resources.adapters().why_not(entry, entry.card.kind, found) or ""


def adapters_card(rows: Sequence[LibraryRow]) -> None:
    """The card's content; `chosen_row` gives what is chosen in it before it is drawn."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Adapters** :gray[choose one to see what it learned]", width="stretch")
        _import()
    _message()
    if not rows:
        _empty()
        return
    _table(rows)
    row = chosen_row(rows)
    if row is not None:
        _actions(row)
        _details(row)


def chosen_row(rows: Sequence[LibraryRow]) -> LibraryRow | None:
    """The row that is selected in the table, else the newest adapter."""
    picked = st.session_state.get(_table_key(rows))
    positions = picked.selection.rows if picked else []
    for position in positions:
        if position < len(rows) and rows[position].id:
            return rows[position]
    return next((row for row in rows if row.id), None)


def _table_key(rows: Sequence[LibraryRow]) -> str:
    """Selected rows are positions: with other rows it has to be another table."""
    return f"adapter_table_{hash(tuple(row.id for row in rows))}"


def _table(rows: Sequence[LibraryRow]) -> None:
    cards = [row.entry.card if row.entry else None for row in rows]
    table = pd.DataFrame(
        {
            "Adapter": [row.name for row in rows],
            "State": [row.state for row in rows],
            "Held out": [round(card.scores.after * 100) if card and card.scores else None for card in cards],
            "Size": ["" if row.size is None else size_words(row.size) for row in rows],
            "Trained": [datetime.fromisoformat(card.created) if card else None for card in cards],
        }
    ).astype({"Held out": "Int64"})
    with st.container(key="adapter_table"):
        st.dataframe(
            table.style.map(_state_style, subset=["State"]),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=(min(len(rows), VISIBLE_ROWS) + 1) * ROW_HEIGHT + 2,
            placeholder="–",
            key=_table_key(rows),
            on_select="rerun",
            selection_mode="single-row",
            column_config={
                "Adapter": st.column_config.TextColumn(width=132),
                "State": st.column_config.TextColumn(width=86),
                "Held out": st.column_config.ProgressColumn(
                    format="%d %%", min_value=0, max_value=100, width=88, color="primary"
                ),
                "Size": st.column_config.TextColumn(width=60, alignment="right"),
                "Trained": st.column_config.DatetimeColumn(format="D MMM", width=60),
            },
        )


def _state_style(word: str) -> str:
    """Dark enough on white, light enough on the dark ground, for small text."""
    colours = {
        "✓": ("#0B6B57", "#3DBFA6"),
        "◐": ("#3457D5", "#8FB0FF"),
        "✗": ("#B3261E", "#FF8A80"),
        "…": ("#566078", "#A9B3CB"),
    }
    return f"color:{colours[word[0]][dark()]};font-weight:600"


def _details(row: LibraryRow) -> None:
    """What the table has no room for."""
    if row.reason and row.reason != CHECKING:
        st.markdown(f":orange[:material/warning:]&ensp;{plain(sentence(row.reason))}")
    if row.entry is not None:
        cells = "".join(
            f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>"
            for name, value in details_in_words(row.entry.card)
        )
        st.html(f'<div class="pg ft-details"><dl>{cells}</dl></div>')


def details_in_words(card: AdapterCard) -> list[tuple[str, str]]:
    """Base, examples, settings and date of an adapter."""
    values = card.settings
    steps = card.curve[-1].step if card.curve else values.get("steps") or 0
    how = f"rank {values.get('rank', '?')}, {steps:,} steps of {values.get('batch', '?')}"
    created = datetime.fromisoformat(card.created).astimezone()
    return [
        ("Base", "built-in encoder" if card.kind == "extractive" else base_words(card.base)),
        ("Examples", f"{card.examples:,} + {card.held_out:,} held out{', labels' * card.labelled}"),
        ("Settings", f"{how}, learning rate {values.get('learning_rate', 0):g}"),
        ("Trained", f"{created.day} {created:%b %Y, %H:%M}"),
    ]


def _actions(row: LibraryRow) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="adapter_actions"):
        st.markdown(f"**{plain(row.name)}**", width="stretch")
        if row.entry is not None:
            with st.popover("Rename", icon=":material/edit:", type="tertiary", key="rename"):
                st.text_input("Name", value=row.name, key=f"new_name_{row.id}", width=280)
                st.button("Rename", key="rename_now", type="primary", on_click=_rename, args=(row.id,))
            st.download_button(
                "Export",
                partial(resources.adapters().export, row.id),
                file_name=f"{row.id}.zip",
                mime="application/zip",
                key="export_adapter",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )
        with st.popover("Delete", icon=":material/delete:", type="tertiary", key="delete_adapter"):
            st.markdown(f"Delete **{plain(row.name)}** from this machine? There is no copy of it.")
            st.button(
                "Delete for good",
                key="delete_adapter_now",
                type="primary",
                icon=":material/delete_forever:",
                on_click=_delete,
                args=(row.id, row.name),
            )


def _rename(id: str) -> None:
    try:
        resources.adapters().rename(id, st.session_state[f"new_name_{id}"])
        _say("")
    except PlaygroundError as error:
        _say(str(error), "error")


def _delete(id: str, name: str) -> None:
    try:
        resources.adapters().delete(id)
    except PlaygroundError as error:
        _say(str(error), "error")
        return
    for column in list(state.comparison().columns):
        if column.config.adapter == id:
            state.replace_column(column, column.config.with_values({"adapter": ""}))
    _say(f"Deleted {name}", "delete")


def _import() -> None:
    number = st.session_state.setdefault("adapter_imports", 0)
    with st.popover("Import", icon=":material/upload:", type="tertiary", key="import_adapter"):
        st.file_uploader(
            "A zip that was exported here or on another machine",
            type="zip",
            key=f"adapter_zip_{number}",
            on_change=_take_zip,
            args=(f"adapter_zip_{number}",),
            width=340,
        )


def _take_zip(key: str) -> None:
    """Take the file out of the uploader; its new key empties it, so that no rerun imports it twice."""
    file = st.session_state.get(key)
    if file is None:
        return
    st.session_state["adapter_imports"] += 1
    try:
        id = resources.adapters().import_zip(file.getvalue())
        _say(f"Imported {resources.adapters().get(id).card.name}", "check_circle")
    except PlaygroundError as error:
        _say(f"{file.name}: {error}", "error")


def _say(line: str, icon: str = "") -> None:
    st.session_state["adapter_message"] = (line, icon)


def _message() -> None:
    """What the last action did; gone with the next one."""
    line, icon = st.session_state.get("adapter_message", ("", ""))
    if not line:
        return
    if icon == "error":
        st.error(plain(line), icon=":material/error:")
    else:
        st.markdown(f":gray[:material/{icon}:]&ensp;{plain(line)}")


def _empty() -> None:
    with centred("no_adapters"):
        st.markdown(
            ":gray[No adapters yet. Train one, or import one that was exported elsewhere.]",
            width=360,
            text_alignment="center",
        )
