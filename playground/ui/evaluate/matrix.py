"""Question by question: the matrix with its filters, and the cells that open from it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, get_args

import streamlit as st

from playground.evaluation.attribution import CAUSES
from playground.evaluation.records import Record, Run
from playground.evaluation.results import SIGNS
from playground.evaluation.summary import Filter, Row, filtered, rows
from playground.ui.components import dark, ink
from playground.ui.evaluate.charts import LETTERS

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

LEGEND = "✓ right&ensp;– partly&ensp;✗ wrong&ensp;○ rightly silent&ensp;◆ evidence found&ensp;◇ not"
TINTS = {"✓": "#16967F", "○": "#16967F", "–": "#D98A1F", "✗": "#D64550", "!": "#D64550"}
TABLE_WIDTH, QUESTION_WIDTH = 700, 255  # pixels, in a window of 1280
ROW_HEIGHT = 35
ABSTAINS = "no answer"
MOST_LETTERS = 160
"""Of an answer in its cell; the whole one opens with it."""


def matrix(run: Run, height: int) -> None:
    """The card's content: head with filters, and the table. A click on a cell opens it."""
    all_rows = rows(run)
    shown = _head(run, all_rows)
    if not shown:
        st.caption("No question is left by this filter.")
        return
    table, names = _table(run, shown)
    st.session_state["matrix_rows"] = [row.number for row in shown]
    st.dataframe(
        _tinted(table, names),
        hide_index=True,
        height=min(height, ROW_HEIGHT * (len(shown) + 1) + 3),
        row_height=ROW_HEIGHT,
        key="matrix_table",
        on_select=_choose_cell,
        selection_mode="single-cell",
        column_config={
            "Question": st.column_config.TextColumn(width=QUESTION_WIDTH),
            **{name: st.column_config.TextColumn(width=_column_width(len(names))) for name in names},
        },
        alt="Every question with the answer of every configuration",
    )


def _column_width(columns: int) -> int:
    """Pixels that fill the card at 1280; a wider card lets all columns grow. Many columns scroll sideways."""
    return max(110, (TABLE_WIDTH - QUESTION_WIDTH) // columns)


def _head(run: Run, all_rows: Sequence[Row]) -> list[Row]:
    """Title, filters with their counts, and what they leave."""
    cause = st.session_state.get("cause_filter") or ""
    cause = cause if cause in causes_of(run) else ""
    counts = {name: len(filtered(all_rows, name, cause)) for name in get_args(Filter)}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = f"Lost: {CAUSES[cause].label}" if cause else "Question by question"
        st.markdown(f"**{title}** :gray[{LEGEND}]", width="stretch")
        wanted = st.segmented_control(
            "Show",
            list(get_args(Filter)),
            format_func=lambda name: f"{name} {counts[name]}",
            default="All",
            required=True,
            key="matrix_filter",
            label_visibility="collapsed",
            width="content",
        )
    return filtered(all_rows, wanted or "All", cause)


def cause_filter(run: Run) -> None:
    """Show in the matrix only what one stage lost, and what may help against it."""
    causes = causes_of(run)
    if not causes:
        return
    cause = st.selectbox(
        "Why it failed",
        ["", *causes],
        format_func=lambda each: CAUSES[each].label if each else "Any reason",
        key="cause_filter",
        label_visibility="collapsed",
        width=210,
    )
    if cause:
        st.caption(f":material/lightbulb: {CAUSES[cause].remedy}", width=210)


def causes_of(run: Run) -> list[str]:
    """Those that occur, in the order of the stages."""
    found = {record.cause for column in run.records for record in column if record}
    return [cause for cause in CAUSES if cause in found]


def _table(run: Run, shown: Sequence[Row]) -> "tuple[pd.DataFrame, list[str]]":
    """One row a question; beside it the columns' names."""
    import pandas as pd

    names = [f"{letter}  {each.name}" for letter, each in zip(LETTERS, run.plan.contenders, strict=False)]
    columns: dict[str, list[str]] = {"Question": [_asked(row) for row in shown]}
    for number, name in enumerate(names):
        columns[name] = [cell_in_words(row.records[number]) for row in shown]
    return pd.DataFrame(columns), names


def _asked(row: Row) -> str:
    note = "" if row.question.answerable else " (no answer)"
    return f"{row.question.question}{note}{' · learned by an adapter' if row.seen else ''}"


def cell_in_words(record: Record | None) -> str:
    """ "✓ ◆ 84 ms  24 days a year": the verdict, whether evidence was found, the time where it was measured,
    and the answer."""
    if record is None:
        return "…"
    if record.outcome == "failed":
        return f"!  {record.reason}"
    found = "" if record.found is None else " ◆" if record.found else " ◇"
    took = f" {record.latency['total']:,.0f} ms" if record.latency else ""
    answer = ABSTAINS if record.abstained else " ".join(record.answer.split())[:MOST_LETTERS]
    return f"{SIGNS[record.outcome]}{found}{took}  {answer}"


def _tinted(table: "pd.DataFrame", names: Sequence[str]) -> "Styler":
    strength = "40" if dark() else "26"
    rules = {sign: f"background-color:{tint}{strength};color:{ink()}" for sign, tint in TINTS.items()}
    return table.style.map(lambda text: rules.get(text[:1], ""), subset=list(names))


def _choose_cell() -> None:
    """A dialog is opened by the script, not by a callback."""
    chosen = st.session_state["matrix_table"].selection.cells
    numbers = st.session_state.get("matrix_rows", [])
    if not chosen or chosen[0][0] >= len(numbers):
        return
    place, column = chosen[0]
    letter = str(column)[:1]
    contender = LETTERS.index(letter) if letter in LETTERS and column != "Question" else 0
    st.session_state["open_cell"] = (numbers[place], contender)
