"""The questions of a set as a table that is edited: every change is saved at once.

The table keeps the rows that it was drawn with and lays the person's edits over them, so that it stays where
it is while they type. It is drawn anew when the set was changed from elsewhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from playground.errors import PlaygroundError
from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.sets import make_own, set_questions
from playground.questions.tables import answers_from_words, answers_in_words
from playground.ui import resources

QUESTION, ANSWERS, ANSWERABLE, EVIDENCE = "Question", "Expected answers", "Answerable", "Evidence"
TABLE = "question_table_state"
VISIBLE_ROWS = 9
ROW_HEIGHT = 34  # pixels
SHOWN_QUOTE = 70


@dataclass
class Table:
    """What is on the screen: the questions that were there when it was drawn. `stamp` says which state of the
    set its edits have led to; `number` is another for every table that is drawn anew."""

    name: str
    stamp: str
    questions: list[LabelledQuestion]
    number: int
    problem: str = ""


def stamp_of(name: str) -> str:
    """Another text whenever the set has changed; "" for a sample's set, which is not in the store."""
    return next(
        (each.changed_at.isoformat() for each in resources.questions().sets() if each.name == name), ""
    )


def question_table(name: str) -> None:
    """Draw the table of a set."""
    table = _table(name)
    if table.problem:
        st.error(table.problem, icon=":material/error:")
    count = len(set_questions(name, resources.workspace(), resources.questions()))
    if not count:
        st.markdown(":gray[This set has no questions yet.]")
        return
    key = f"question_table_{table.number}"
    with st.container(key="question_table"):
        st.data_editor(
            pd.DataFrame([cells(question) for question in table.questions]),
            key=key,
            hide_index=True,
            num_rows="delete",
            row_height=ROW_HEIGHT,
            height=(min(count, VISIBLE_ROWS) + 1) * ROW_HEIGHT + 2,
            on_change=_take_edits,
            args=(key,),
            column_config={
                QUESTION: st.column_config.TextColumn(width=430, required=True),
                ANSWERS: st.column_config.TextColumn(
                    width=250, help="Words of which a right answer holds some; several are parted by |"
                ),
                ANSWERABLE: st.column_config.CheckboxColumn(
                    width=112, help="Whether the documents answer it; if not, the right answer is none"
                ),
                EVIDENCE: st.column_config.TextColumn(
                    width=380, disabled=True, help="Where the answer stands: document and quote"
                ),
            },
        )


def cells(question: LabelledQuestion) -> dict[str, Any]:
    """A question as a row."""
    return {
        QUESTION: question.question,
        ANSWERS: answers_in_words(question.answers),
        ANSWERABLE: question.answerable,
        EVIDENCE: "; ".join(label_in_words(gold) for gold in question.relevant),
    }


def with_cells(question: LabelledQuestion, changed: Mapping[str, Any]) -> LabelledQuestion:
    """The question with the cells that a person changed. An emptied question keeps its words."""
    text = str(changed.get(QUESTION) or "").strip() or question.question
    answers = answers_from_words(changed[ANSWERS] or "") if ANSWERS in changed else question.answers
    answerable = bool(changed.get(ANSWERABLE, question.answerable))
    return replace(question, question=text, answers=tuple(answers), answerable=answerable)


def label_in_words(gold: Gold) -> str:
    """Document and quote, shortened: "returns.md: “within 14 days”"."""
    quote = " ".join(gold.quote.split())
    if quote:
        return f"{gold.document}: “{quote if len(quote) <= SHOWN_QUOTE else quote[: SHOWN_QUOTE - 1] + '…'}”"
    if gold.start is None or gold.end is None:
        return f"{gold.document}: the whole document"
    return f"{gold.document}: characters {gold.start:,} to {gold.end:,}"


def apply_edits(name: str, shown: Sequence[LabelledQuestion], edits: Mapping[str, Any]) -> None:
    """Save what a table's edits say of the questions that were `shown`. Of a question that has changed
    elsewhere since then only the edited cells are replaced."""
    store = resources.questions()
    make_own(name, resources.workspace(), store)
    now = {question.id: question for question in store.questions(name)}
    for row, changed in edits["edited_rows"].items():
        known = now.get(shown[int(row)].id)
        if known and with_cells(known, changed) != known:
            store.update(name, with_cells(known, changed))
    if edits["deleted_rows"]:
        store.delete(name, [shown[row].id for row in edits["deleted_rows"]])


def _table(name: str) -> Table:
    """The table as it was, or another where it shows something else than the set."""
    table: Table | None = st.session_state.get(TABLE)
    stamp = stamp_of(name)
    if table is None or (table.name, table.stamp) != (name, stamp):
        questions = set_questions(name, resources.workspace(), resources.questions())
        table = Table(name, stamp, questions, table.number + 1 if table else 1)
        st.session_state[TABLE] = table
    return table


def _take_edits(key: str) -> None:
    table: Table = st.session_state[TABLE]
    alone = table.stamp == stamp_of(table.name)
    try:
        apply_edits(table.name, table.questions, st.session_state[key])
        table.problem = ""
    except PlaygroundError as error:
        table.problem = str(error)
    if alone:
        table.stamp = stamp_of(table.name)
