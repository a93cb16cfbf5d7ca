"""Step 1: the question, as large as it can be, and who is going to answer it from what."""

from collections.abc import Sequence

import streamlit as st

from playground.config import APPROACHES
from playground.ui import resources
from playground.ui.components import escape
from playground.ui.present.answering import Presented, differing_settings
from playground.ui.present.fitting import type_size

SHAPE = 3.3
"""The question's box is so many times as wide as high."""

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
    st.html(
        f'<div class="pg opening"><div class="question" style="--fit:{type_size(question, SHAPE)}">'
        f"<div>{escape(question)}</div></div>"
        f'<div class="asked-of">{escape(asked_of(documents, columns))}</div>'
        f'<div class="ways" style="--columns:{len(columns)}">{cards}</div></div>'
    )


def asked_of(documents: int, columns: Sequence[Presented]) -> str:
    """On how many documents it is answered, and in how many ways."""
    count = len(columns)
    what = "approach" if _are_approaches(columns) else "set-up"
    ways = f"by {NUMBERS[count]} {what}{'' if count == 1 else 'es' if what == 'approach' else 's'}"
    if not any(each.column.config.retrieves for each in columns):
        return f"Answered {ways}, without any document"
    return f"Answered on {documents} document{'' if documents == 1 else 's'}, {ways}"


def _are_approaches(columns: Sequence[Presented]) -> bool:
    """Whether the columns are called by their approaches, and no two are the same."""
    names = {each.name for each in columns}
    return len(names) == len(columns) and names <= set(APPROACHES.values())


def _descriptions(columns: Sequence[Presented]) -> list[str]:
    if _are_approaches(columns):
        return [WHAT_IT_DOES[each.name] for each in columns]
    if len(columns) == 1:
        return [WHAT_IT_DOES[columns[0].column.config.approach]]
    return differing_settings([each.column for each in columns])
