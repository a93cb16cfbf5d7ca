"""The questions of the Evaluate page: the table, labels to repair, files in and out, ratings."""

from functools import partial

import streamlit as st

from playground.errors import PlaygroundError
from playground.questions.files import to_csv, to_jsonl
from playground.questions.sets import Import, import_questions, is_own, make_own, set_questions
from playground.questions.tables import answers_from_words
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.evaluate.question_repairs import labels_gone, labels_never_found
from playground.ui.evaluate.question_table import question_table
from playground.ui.evaluate.rated_answers import rated_answers
from playground.ui.labelling import FIRST_SET, save_label

CHOSEN_SET = "question_set"
"""The session's key of the set that the page has chosen."""
IMPORTS = "question_imports"
PROBLEM = "question_set_problem"
HINT = "or drop files here. JSONL with a question a line, or CSV: question, answers, document, quote"
# The uploader's own hint would name the size that the browser refuses.
CSS = """<style>
.st-key-question_files [data-testid=stFileUploaderDropzoneInstructions]>*{display:none}
.st-key-question_files [data-testid=stFileUploaderDropzoneInstructions]::after{content:"HINT";font-size:.8rem;
  line-height:1.35;white-space:normal;color:color-mix(in srgb,currentColor 72%,transparent)}
.st-key-question_files [data-testid=stFileUploader]{min-width:0}
</style>""".replace("HINT", HINT)


def questions_section(name: str) -> None:
    """The whole section for the set called `name`; "" where there is none yet."""
    st.html(CSS)
    if problem := st.session_state.pop(PROBLEM, ""):
        st.error(plain(problem), icon=":material/error:")
    if name:
        labels_gone(name)
        with st.container(border=True, key="questions", gap="small"):
            _head(name)
            question_table(name)
        labels_never_found(name)
    else:
        _three_ways()
    left, right = st.columns(2, gap="small")
    with left.container(border=True, height="stretch", key="more_questions", gap="small"):
        st.markdown("**More questions** :gray[a file becomes a set of its own]")
        _uploader()
    with right.container(border=True, height="stretch", key="rated_answers", gap="small"):
        rated_answers()


def _three_ways() -> None:
    with st.container(border=True, key="no_questions", horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown("### No questions yet", width="content")
        st.markdown(
            ":gray[With labelled questions every configuration is measured: what it finds and what it "
            "answers. Twenty are a start.]",
            width="content",
            text_alignment="center",
        )
        for icon, way in (
            ("verified", "**Ask on Compare**, then press the seal at the source that holds the answer"),
            ("upload", "**Upload a file** below: JSONL or CSV"),
            ("library_books", "**Load the sample handbook** on Documents: its questions come with it"),
        ):
            st.markdown(f":material/{icon}:&ensp;{way}", width="content")
        with st.container(horizontal=True, horizontal_alignment="center", gap="small"):
            _add(FIRST_SET)
        st.space("small")


def _head(name: str) -> None:
    store = resources.questions()
    questions = set_questions(name, resources.workspace(), store)
    own = is_own(name, store)
    answerable = sum(question.answerable for question in questions)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        noun = "question" if len(questions) == 1 else "questions"
        counts = f"{plain(name)} · {len(questions)} {noun}, {answerable} answerable"
        st.markdown(f"**Questions** :gray[{counts}]", width="content")
        if not own:
            st.badge("Sample: an edit makes a copy of your own", color="gray", icon=":material/menu_book:")
        st.space("stretch")
        _add(name)
        with st.popover("Download", icon=":material/download:", type="tertiary", key="download_questions"):
            for kind, mime, write in (("jsonl", "application/jsonl", to_jsonl), ("csv", "text/csv", to_csv)):
                st.download_button(
                    kind.upper(),
                    partial(write, questions),
                    f"{name.replace('/', '-')}.{kind}",
                    mime,
                    key=f"download_{kind}",
                    on_click="ignore",
                    width="stretch",
                )
        if own:
            _manage(name)


def _add(name: str) -> None:
    """A question without evidence, typed; the seal on Compare adds one with evidence."""
    with (
        st.popover("Add", icon=":material/add:", type="tertiary", key="add_question"),
        st.form("add_question_form", clear_on_submit=True, border=False),
    ):
        st.text_input("Question", key="added_question", width=420)
        st.text_input("Expected answer", key="added_answer", placeholder="Several parted by |", width=420)
        st.checkbox("Not answered in the documents", key="added_unanswerable")
        st.form_submit_button("Add", key="add_typed", type="primary", on_click=_add_typed, args=(name,))


def _add_typed(name: str) -> None:
    values, store = st.session_state, resources.questions()
    unanswerable = values["added_unanswerable"]
    answers = [] if unanswerable else answers_from_words(values["added_answer"])
    try:
        make_own(name, resources.workspace(), store)
        save_label(store, name, values["added_question"], answers, [], not unanswerable)
    except PlaygroundError as error:
        values[PROBLEM] = f"The question was not added: {error}"


def _manage(name: str) -> None:
    with st.popover("Manage", icon=":material/more_vert:", type="tertiary", key="manage_questions"):
        st.text_input("Name", name, key=f"set_name_{name}", width=300)
        st.button("Rename", key="rename_set", icon=":material/edit:", on_click=_rename, args=(name,))
        st.divider()
        st.caption("Evaluations that were run with it stay.")
        st.button(
            "Delete this set for good",
            key="delete_set",
            icon=":material/delete_forever:",
            on_click=_delete,
            args=(name,),
        )


def _rename(name: str) -> None:
    wanted = st.session_state[f"set_name_{name}"].strip()
    try:
        resources.questions().rename_set(name, wanted)
        st.session_state[CHOSEN_SET] = wanted
    except PlaygroundError as error:
        st.session_state[PROBLEM] = f"The set was not renamed: {error}"


def _delete(name: str) -> None:
    resources.questions().delete_set(name)
    st.session_state.pop(CHOSEN_SET, None)


def _uploader() -> None:
    batch = st.session_state.get("question_batch", 0)
    with st.container(key="question_files"):
        st.file_uploader(
            "Questions",
            accept_multiple_files=True,
            key=f"question_files_{batch}",
            on_change=_take_files,
            args=(f"question_files_{batch}",),
            label_visibility="collapsed",
        )
    lines: list[Import] = st.session_state.get(IMPORTS, [])
    if lines:
        st.markdown("  \n".join(_import_line(each) for each in lines[::-1]))


def _import_line(each: Import) -> str:
    sign = ":green[:material/check_circle:]" if each.set_name else ":red[:material/error:]"
    return f"{sign}&ensp;**{plain(each.name)}** {plain(each.line)}"


def _take_files(key: str) -> None:
    """Take the files out of the uploader; its new key empties it, so that no rerun takes them twice."""
    files = st.session_state[key] or []
    if not files:
        return
    st.session_state["question_batch"] = st.session_state.get("question_batch", 0) + 1
    take([(file.name, file.getvalue()) for file in files])


def take(files: list[tuple[str, bytes]]) -> None:
    """Make a set of every file, choose the last one that became one, and keep a line for each."""
    workspace, store = resources.workspace(), resources.questions()
    lines = st.session_state.setdefault(IMPORTS, [])
    for name, content in files:
        lines.append(import_questions(name, content, workspace, store))
        if lines[-1].set_name:
            st.session_state[CHOSEN_SET] = lines[-1].set_name
