"""Labels whose text is gone from the documents: to find their new places, or to remove them.

Nothing else on the page waits for them; a question with such a label is left out of a measurement until then.
"""

from collections.abc import Sequence

import streamlit as st

from playground.questions.lookup import Gold, LabelledQuestion, Repair, resolve_set
from playground.questions.sets import anchor_set, documents_of, make_own
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.documents.view import pager, reopen, window_of
from playground.ui.evaluate.question_table import label_in_words, stamp_of
from playground.ui.evidence_picker import evidence_picker, picked_spans

REPAIRED = "repaired_label"
VIEW = "repair_view"
SHOWN = 6
WINDOW = 3000  # characters of the document that are shown at once


def labels_gone(name: str) -> None:
    """The card of labels that stood somewhere once, where there are any."""
    questions, repairs = _repairs(name, stamp_of(name), resources.workspace().revision)
    gone = [repair for repair in repairs if repair.kind == "gone"]
    if not gone:
        return
    asked = len({repair.question_id for repair in gone})
    with st.container(border=True, key="repairs", gap="small"):
        st.markdown(
            f"**Evidence to repair** :gray[the documents have changed; {asked} "
            f"question{'s are' if asked != 1 else ' is'} not scored until then]"
        )
        _rows(name, gone, questions)


def labels_never_found(name: str) -> None:
    """The others that are nowhere, folded away: their questions are scored without them."""
    questions, repairs = _repairs(name, stamp_of(name), resources.workspace().revision)
    never = [repair for repair in repairs if repair.kind != "gone"]
    if never:
        title = f"{len(never)} label{'s' * (len(never) != 1)} never found in the library"
        with st.expander(title, key="never_found", icon=":material/help:"):
            st.caption(
                "These questions are scored with the evidence that is there. Add the documents, or find what "
                "was meant."
            )
            _rows(name, never, questions)


@st.cache_data(show_spinner=False, max_entries=4)
def _repairs(name: str, stamp: str, revision: int) -> tuple[dict[str, str], list[Repair]]:
    """(question by id, repairs); looked up again when the set or the library has changed."""
    workspace = resources.workspace()
    questions = anchor_set(name, workspace, resources.questions())
    found = resolve_set(questions, documents_of(questions, workspace)).repairs
    return _words(questions, found), found


def _words(questions: Sequence[LabelledQuestion], repairs: Sequence[Repair]) -> dict[str, str]:
    wanted = {repair.question_id for repair in repairs}
    return {question.id: question.question for question in questions if question.id in wanted}


def _rows(name: str, repairs: Sequence[Repair], questions: dict[str, str]) -> None:
    for repair in repairs[:SHOWN]:
        _row(name, repair, questions[repair.question_id])
    if len(repairs) > SHOWN:
        st.caption(f"and {len(repairs) - SHOWN} more after these")


def _row(name: str, repair: Repair, question: str) -> None:
    key = f"{repair.question_id}_{repair.index}"
    finding = st.session_state.get(REPAIRED) == (name, repair.question_id, repair.label)
    with st.container(key=f"repair_{key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"**{plain(question)}**  \n{plain(label_in_words(repair.label))}  \n"
                f":gray[{plain(repair.reason)}]",
                width="stretch",
            )
            st.button(
                "Find it",
                key=f"find_label_{key}",
                icon=":material/search:",
                disabled=finding or not resources.workspace().library.ids(),
                on_click=_begin,
                args=(name, repair),
            )
            st.button(
                "Remove the label",
                key=f"remove_label_{key}",
                icon=":material/delete:",
                type="tertiary",
                on_click=_replace,
                args=(name, repair, []),
            )
        if finding:
            _finder(name, repair)


def _begin(name: str, repair: Repair) -> None:
    reopen(VIEW)
    st.session_state[REPAIRED] = (name, repair.question_id, repair.label)


def _cancel() -> None:
    st.session_state.pop(REPAIRED, None)


def _replace(name: str, repair: Repair, new: Sequence[Gold]) -> None:
    store = resources.questions()
    make_own(name, resources.workspace(), store)
    store.replace_labels(name, {repair.question_id: {repair.label: new}})
    _cancel()


def _finder(name: str, repair: Repair) -> None:
    """The document, opened where the label once stood, to choose its place in."""
    names = resources.workspace().library.names()
    ordered = sorted(names)
    wanted = ordered.index(repair.label.document) if repair.label.document in names else 0
    chosen = st.selectbox("Document", ordered, index=wanted, key=f"repair_document_{repair.question_id}")
    document = resources.workspace().library.document(names[chosen])
    old = repair.label.start
    span = (old, old + 1) if old is not None and old < len(document.text) else None
    window = window_of(document, VIEW, span, WINDOW)
    pager(document, window, VIEW, WINDOW)
    text, key = document.text[window[0] : window[1]], f"repair_picker_{document.id}_{window[0]}"
    evidence_picker(text, key)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "This is the place",
            key="repair_save",
            type="primary",
            icon=":material/verified:",
            on_click=_save,
            args=(name, repair, document.name, window[0], text, key),
        )
        st.button("Cancel", key="repair_cancel", type="tertiary", on_click=_cancel)


def _save(name: str, repair: Repair, document: str, begin: int, text: str, key: str) -> None:
    new = [
        Gold(document, begin + start, begin + end, text[start:end], found=True)
        for start, end in picked_spans(text, key)
    ]
    if new:
        _replace(name, repair, new)
    else:
        st.toast("Click the sentence that answers, or select it with the mouse.", icon=":material/info:")
