"""Making a labelled question in seconds: its evidence chosen in a passage, the expected answer typed, saved.

A dialog on the Compare page; inside the dialog that shows a document the same pieces stand in the document's
view, because a dialog cannot open another.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from playground.documents import Document
from playground.errors import InputError, PlaygroundError
from playground.excerpts import Span
from playground.questions.lookup import Gold, LabelledQuestion
from playground.questions.store import QuestionStore
from playground.questions.tables import answers_from_words
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.evidence_picker import HEIGHT, evidence_picker, picked_spans

FIRST_SET = "My questions"
REQUEST = "label_request"
SAVED = "label_saved"
LAST_SET = "label_set"
NOTHING_SAID = "choose the sentence that answers, type the expected answer, or mark it as not answered"


@dataclass(frozen=True)
class LabelRequest:
    """What is to be labelled. `key` begins the keys of the widgets. `text` is a passage of the document
    called `document`, where it begins at the character `begin`; empty where no passage is shown. `chosen`
    are stretches of the passage."""

    key: str
    question: str = ""
    document: str = ""
    text: str = ""
    begin: int = 0
    chosen: tuple[Span, ...] = ()

    @property
    def picker_key(self) -> str:
        """Another passage is another picker."""
        return f"{self.key}_picker_{self.begin}"


def request_label(
    question: str, document: Document | None = None, passage: Span = (0, 0), chosen: Sequence[Span] = ()
) -> None:
    """Let the dialog open when the page is drawn. `passage` and `chosen` are characters of the document."""
    number = st.session_state["label_number"] = st.session_state.get("label_number", 0) + 1
    st.session_state[REQUEST] = request_of(f"label_{number}", question, document, passage, chosen)


def request_of(
    key: str,
    question: str,
    document: Document | None = None,
    passage: Span = (0, 0),
    chosen: Sequence[Span] = (),
) -> LabelRequest:
    """A request for a passage of a document, or for a question alone."""
    if document is None:
        return LabelRequest(key, question)
    begin, end = passage
    inside = tuple((max(a, begin) - begin, min(b, end) - begin) for a, b in chosen if a < end and b > begin)
    return LabelRequest(key, question, document.name, document.text[begin:end], begin, inside)


def open_labelling() -> bool:
    """Call it once, at the end of the page. True where the dialog is open; it stays so while the page is
    drawn anew, until it is saved or closed."""
    if message := st.session_state.pop(SAVED, ""):
        st.toast(message, icon=":material/verified:")
    request: LabelRequest | None = st.session_state.get(REQUEST)
    if request is None:
        return False
    st.dialog("Label this question", width="large", on_dismiss=_close)(_dialog)(request)
    return True


def _close() -> None:
    st.session_state.pop(REQUEST, None)


def _dialog(request: LabelRequest) -> None:
    if st.session_state.get(REQUEST) is not request:  # saved by the button's callback
        st.rerun()
    with st.container(key="label_form", gap="small"):
        question_field(request)
        if request.text and not st.session_state.get(f"{request.key}_unanswerable"):
            st.markdown(
                f"**Evidence** :gray[{plain(request.document)} · click the sentences that answer, or select "
                "a stretch of text]"
            )
            evidence_picker(request.text, request.picker_key, request.chosen)
        elif not request.text:
            st.caption(
                "Evidence is labelled where it stands: with :material/verified: at a source, or in the "
                "opened document. Here the question gets its expected answer, or is marked as not answered."
            )
        finish(request)


def question_field(request: LabelRequest) -> None:
    """The question, as it was asked."""
    st.session_state.setdefault(f"{request.key}_question", request.question)
    st.text_input("Question", key=f"{request.key}_question", placeholder="What is asked")


def pick(request: LabelRequest, height: int = HEIGHT) -> None:
    """The passage, to choose its evidence in."""
    evidence_picker(request.text, request.picker_key, request.chosen, height)


def finish(request: LabelRequest) -> None:
    """The expected answer, the set, and the button that saves."""
    st.text_input(
        "Expected answer",
        key=f"{request.key}_answer",
        placeholder="Optional: the words that a right answer holds; several parted by |",
        disabled=bool(st.session_state.get(f"{request.key}_unanswerable")),
    )
    names = [each.name for each in resources.questions().sets()] or [FIRST_SET]
    last = st.session_state.get(LAST_SET, names[0])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.checkbox("Not answered in the documents", key=f"{request.key}_unanswerable", width="stretch")
        st.selectbox(
            "Question set",
            names if last in names else [last, *names],
            index=names.index(last) if last in names else 0,
            key=f"{request.key}_set",
            accept_new_options=True,
            placeholder="Choose a set or type a new name",
            width=230,
        )
        st.button(
            "Save",
            key=f"{request.key}_save",
            type="primary",
            icon=":material/verified:",
            on_click=_save,
            args=(request,),
        )
    if problem := st.session_state.pop(f"{request.key}_problem", ""):
        st.error(plain(problem), icon=":material/error:")


def _save(request: LabelRequest) -> None:
    """The button's callback: the widgets' values are in the session by now."""
    values = st.session_state
    unanswerable = bool(values[f"{request.key}_unanswerable"])
    spans = picked_spans(request.text, request.picker_key, request.chosen)
    set_name = values[f"{request.key}_set"] or ""
    try:
        kept = save_label(
            resources.questions(),
            set_name,
            values[f"{request.key}_question"],
            [] if unanswerable else answers_from_words(values[f"{request.key}_answer"] or ""),
            [] if unanswerable else labels_of(request, spans),
            not unanswerable,
        )
    except PlaygroundError as error:
        values[f"{request.key}_problem"] = str(error)[:1].upper() + str(error)[1:]
        return
    name = values[LAST_SET] = set_name.strip()
    count = len(resources.questions().questions(name))
    values[SAVED] = f"Saved as {kept.id}: “{plain(name)}” has {count} question{'s' * (count != 1)} now"
    values.pop(REQUEST, None)


def labels_of(request: LabelRequest, spans: Sequence[Span]) -> list[Gold]:
    """Stretches of the passage as labels of its document."""
    begin = request.begin
    return [
        Gold(request.document, begin + start, begin + end, request.text[start:end], found=True)
        for start, end in spans
    ]


def save_label(
    store: QuestionStore,
    set_name: str,
    question: str,
    answers: Sequence[str],
    relevant: Sequence[Gold],
    answerable: bool = True,
) -> LabelledQuestion:
    """Keep a question in a set, joined with what the set knows of it. Raises InputError where there is no
    question, or nothing is said of an answerable one."""
    if not question.strip():
        raise InputError("there is no question; type one")
    if answerable and not (answers or relevant):
        raise InputError(NOTHING_SAID)
    return store.label(
        set_name, LabelledQuestion("", question.strip(), tuple(answers), answerable, tuple(relevant))
    )
