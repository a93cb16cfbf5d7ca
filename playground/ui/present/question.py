"""Step 1: the question, as large as it can be, and who is going to answer it from what."""

from collections.abc import Sequence

import streamlit as st

from playground.config import APPROACHES
from playground.ui import resources
from playground.ui.components import escape
from playground.ui.present.answering import Presented, differing_settings
from playground.ui.present.fitting import Box, type_size

QUESTION = Box(67.4, 24.0)
"""What is left for the question above what it is answered by."""

NUMBERS = {1: "one", 2: "two", 3: "three", 4: "four"}
WHAT_IT_DOES = {
    "Prompt only": "Answers at once, and looks nothing up.",
    "RAG": "Looks passages up, then answers from them.",
    "Fine-tuned": "Was trained on examples, and looks nothing up.",
    "RAG + fine-tuned": "Was trained on examples, and looks passages up.",
}


def question_step(question: str, columns: Sequence[Presented]) -> None:
    documents = len(resources.workspace().library.ids())
    cards = "".join(
        f'<div class="way"><h3><span class="muted">{each.letter}</span>&ensp;{escape(each.name)}</h3>'
        f"<div>{escape(words)}</div></div>"
        for each, words in zip(columns, _descriptions(columns), strict=True)
    )
    size = type_size(question, QUESTION, 5.4)
    st.html(
        f'<div class="pg opening"><div class="question" style="font-size:{size:.3f}rem">'
        f"<div>{escape(question)}</div></div>"
        f'<div class="asked-of">{escape(asked_of(documents, columns))}</div>'
        f'<div class="ways" style="--columns:{len(columns)}">{cards}</div></div>'
    )


def asked_of(documents: int, columns: Sequence[Presented]) -> str:
    """On how many documents it is answered, and in how many ways: "14 documents, four approaches"."""
    count = len(columns)
    one, many = ("approach", "approaches") if _are_approaches(columns) else ("set-up", "set-ups")
    ways = f"{NUMBERS[count]} {one if count == 1 else many}"
    if not any(each.column.config.retrieves for each in columns):
        return f"No documents, {ways}"
    return f"{documents} document{'' if documents == 1 else 's'}, {ways}"


def _are_approaches(columns: Sequence[Presented]) -> bool:
    """Whether the columns are called by their approaches, and no two are the same."""
    names = {each.name for each in columns}
    return len(names) == len(columns) and names <= set(APPROACHES.values())


def _descriptions(columns: Sequence[Presented]) -> list[str]:
    """What each approach does; where two columns have the same one, the settings that differ."""
    approaches = [each.column.config.approach for each in columns]
    if len(set(approaches)) == len(columns):
        return [WHAT_IT_DOES[approach] for approach in approaches]
    return differing_settings([each.column for each in columns])
