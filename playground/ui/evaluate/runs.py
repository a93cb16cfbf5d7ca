"""The Runs section of the Evaluate page: what was measured before, to be opened, exported and deleted.

Two runs that are chosen are compared by `playground.ui.evaluate.run_comparison`.
"""

import zlib
from collections.abc import Sequence
from datetime import datetime
from functools import partial

import streamlit as st

from playground.evaluation.records import Kind, Run
from playground.evaluation.run_store import RunEntry, RunStore
from playground.reports.export import to_csv, to_html, to_json
from playground.ui import resources
from playground.ui.background import about
from playground.ui.components import plain
from playground.ui.evaluate import state as evaluate
from playground.ui.evaluate.run_comparison import comparison_of_two

VISIBLE_ROWS = 9
ROW_HEIGHT = 35  # pixels
POPOVER_WIDTH = 340
_KINDS: dict[Kind, str] = {
    "evaluation": "evaluation",
    "search": "search",
    "report": "search, second half",
    "claims": "claims",
}


def runs_section() -> None:
    """The table of kept runs, and below it what can be done with those that are chosen."""
    entries = resources.workspace().runs.entries()
    if not entries:
        _nothing_yet()
        return
    with st.container(border=True, key="runs", gap="small"):
        shown = _head(entries)
        chosen = _table(shown) if shown else []
    if len(chosen) == 1:
        _one_run(chosen[0])
    elif len(chosen) == 2:
        later, earlier = chosen  # the newest stands first
        comparison_of_two(earlier, later)
    elif chosen:
        st.caption(f"{len(chosen)} runs are chosen; two can be compared.")


def report_button(run: Run) -> None:
    """The one download of the results page: everything on a page that opens without a network."""
    st.download_button(
        "Report",
        partial(to_html, run, _count_seen()),
        f"{_file_name(run.name)}.html",
        "text/html",
        key="report",
        icon=":material/description:",
        type="tertiary",
        on_click="ignore",
        help="One HTML page with charts, every answer and all settings; it opens without a network",
    )


def _nothing_yet() -> None:
    with st.container(border=True, key="no_runs", horizontal_alignment="center", gap="small"):
        st.space("medium")
        st.markdown("### Nothing was measured yet", width="content")
        st.caption(
            "Press Run above. Every run is kept with its answers: open it again, export it, or compare it "
            "with a later one.",
            width="content",
        )
        st.space("medium")


def _head(entries: Sequence[RunEntry]) -> list[RunEntry]:
    """Title, the toggle, and the runs that are shown."""
    own = [each for each in entries if each.kind == "evaluation"]
    # All at the left: the table's own buttons lie over the right end.
    with st.container(horizontal=True, vertical_alignment="center", gap="large"):
        st.markdown("**Runs** :gray[choose one to open or export it, two to compare them]", width="content")
        everything = len(own) < len(entries) and st.toggle(
            f"Those of searches and claims too ({len(entries) - len(own)})",
            key="all_runs",
            persist_state="session",
        )
    shown = list(entries) if everything else own
    if not shown:
        st.caption("No evaluation was run yet.")
    return shown


def _table(shown: Sequence[RunEntry]) -> list[RunEntry]:
    """The runs that are chosen in it, the newest first."""
    import pandas as pd

    columns = {
        "Run": [each.name for each in shown],
        "When": [datetime.fromisoformat(each.created) for each in shown],
        "Questions": [f"{each.question_set}, {each.questions}" for each in shown],
        "Configurations": [", ".join(each.contenders) for each in shown],
        "State": [_state(each) for each in shown],
        "Took": [about(each.seconds).removeprefix("about ") for each in shown],
        "Kind": [_KINDS[each.kind] for each in shown],
    }
    if all(each.kind == "evaluation" for each in shown):
        del columns["Kind"]
    table = st.dataframe(
        pd.DataFrame(columns),
        key=table_key(shown),
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=(min(len(shown), VISIBLE_ROWS) + 1) * ROW_HEIGHT + 2,
        on_select="rerun",
        selection_mode="multi-row",
        column_config={
            "Run": st.column_config.TextColumn(width=180),
            "When": st.column_config.DatetimeColumn(
                width=140, format="YYYY-MM-DD HH:mm", timezone=st.context.timezone
            ),
            "Questions": st.column_config.TextColumn(width=170),
            "Configurations": st.column_config.TextColumn(width=330),
            "State": st.column_config.TextColumn(width=150),
            "Took": st.column_config.TextColumn(width=70),
            "Kind": st.column_config.TextColumn(width=120),
        },
        alt="Kept runs with their questions, configurations, state and duration",
    )
    return [shown[row] for row in sorted(table.selection.rows) if row < len(shown)]


def table_key(shown: Sequence[RunEntry]) -> str:
    """A table of other runs is another table: what was chosen in the old one stands in other rows now."""
    return f"runs_table_{zlib.crc32(','.join(each.id for each in shown).encode())}"


def _state(entry: RunEntry) -> str:
    """A run that was killed with the server still calls itself running in the store."""
    if entry.state == "done":
        return "done"
    return f"{'running' if _busy(entry) else 'stopped'}, {entry.done:,} of {entry.cells:,}"


def _busy(entry: RunEntry) -> bool:
    job = evaluate.run_job(entry.id)
    return job is not None and job.active


def _one_run(entry: RunEntry) -> None:
    store = resources.workspace().runs
    with (
        st.container(border=True, key="chosen_run", gap="small"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        told = f"{plain(entry.question_set)} · {plain(', '.join(entry.contenders))}"
        st.markdown(f"**{plain(entry.name)}** :gray[{told}]", width="stretch")
        for kind, mime, title in (
            ("csv", "text/csv", "CSV"),
            ("json", "application/json", "JSON"),
            ("html", "text/html", "Report"),
        ):
            st.download_button(
                title,
                partial(exported, store, entry.id, kind, _count_seen()),
                f"{_file_name(entry.name)}.{kind}",
                mime,
                key=f"export_{kind}",
                icon=":material/download:",
                type="tertiary",
                on_click="ignore",
            )
        _rename(entry)
        _delete(entry)
        st.button(
            "Open",
            key="run_open",
            type="primary",
            icon=":material/open_in_full:",
            on_click=_open,
            args=(entry.id,),
        )


def exported(store: RunStore, run: str, kind: str, count_seen: bool) -> bytes:
    """A run as a file of this kind: "csv" (with the mark by which spreadsheets know UTF-8), "json", "html".
    Worked out when somebody presses the button."""
    loaded = store.run(run)
    if kind == "csv":
        return to_csv(loaded).encode("utf-8-sig")
    write = {"json": to_json, "html": to_html}[kind]
    return write(loaded, count_seen).encode("utf-8")


def _count_seen() -> bool:
    """Whether questions that an adapter was trained with count: as it is chosen for the results."""
    return bool(st.session_state.get("count_seen"))


def _file_name(name: str) -> str:
    return "".join("-" if character in '\\/:*?"<>|' else character for character in name) or "run"


def _rename(entry: RunEntry) -> None:
    with (
        st.popover("Rename", icon=":material/edit:", type="tertiary", key="rename"),
        st.container(width=POPOVER_WIDTH),
    ):
        key = f"run_name_{entry.id}"
        st.text_input("Name", entry.name, key=key)
        st.button("Rename", key="rename_run", on_click=_take_name, args=(entry.id, key))


def _take_name(run: str, key: str) -> None:
    if name := st.session_state[key].strip():
        resources.workspace().runs.rename(run, name)


def _delete(entry: RunEntry) -> None:
    with (
        st.popover("Delete", icon=":material/delete:", type="tertiary", key="delete"),
        st.container(width=POPOVER_WIDTH),
    ):
        st.caption("Its answers and figures are gone then; questions and documents stay.")
        st.button(
            "Delete this run for good",
            key="delete_run",
            icon=":material/delete_forever:",
            disabled=_busy(entry),
            help="It is still running: cancel it first" if _busy(entry) else None,
            on_click=_take_out,
            args=(entry.id,),
        )


def _take_out(run: str) -> None:
    """The newest run that is left is shown in place of the one that is gone."""
    store = resources.workspace().runs
    store.delete(run)
    if evaluate.evaluation().run == run:
        left = [each.id for each in store.entries() if each.kind == "evaluation"]
        evaluate.evaluation().run = left[0] if left else ""


def _open(run: str) -> None:
    evaluate.evaluation().run = run
    st.session_state["section"] = "Results"
