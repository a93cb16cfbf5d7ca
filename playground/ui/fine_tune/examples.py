"""The examples card: where they come from, what the checks found, and how many are held out."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import streamlit as st

from playground.adapters.example_checks import Line
from playground.errors import PlaygroundError
from playground.scenarios.gallery import Scenario, open_scenarios, scenarios
from playground.ui import resources
from playground.ui.components import escape, plain
from playground.ui.fine_tune.questions import documents_by_name, known_questions
from playground.ui.fine_tune.state import Draft, Prepared, draft, read_source

SIGNS = {
    "ok": ":green[:material/check_circle:]",
    "warning": ":orange[:material/warning:]",
    "error": ":red[:material/error:]",
}


def examples_card() -> Prepared | None:
    """Draw the card and give the examples as they would be trained with now; None where there are none."""
    current = draft()
    if current.source is None:
        _head("", current)
        _problem(current)
        _empty()
        return None
    _head(current.source.name, current)
    _problem(current)
    prepared = current.prepared(_measured_with(current))
    if prepared is not None:
        _counts(current, prepared)
        _checks(prepared)
    return prepared


def _measured_with(current: Draft) -> list[str]:
    """The questions that the examples should not hold; none where they were made of these very questions."""
    if current.source is None or current.source.questions:
        return []
    return [question.question for question in known_questions(resources.workspace())]


def _head(name: str, current: Draft) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**1&ensp;Examples** :gray[{plain(name)}]", width="stretch")
        if current.source is not None:
            with st.popover("Replace", icon=":material/upload:", type="tertiary", key="replace"):
                _uploader(current)
                _samples()


def _empty() -> None:
    st.markdown(
        ":gray[Pairs of what is asked and what should be answered; a few dozen are a start. "
        "The bad ones are listed, nothing leaves this machine.]"
    )
    _uploader(draft())
    _samples()


def _uploader(current: Draft) -> None:
    key = f"example_file_{current.uploads}"
    with st.container(key="example_file"):
        st.file_uploader(
            "Examples",
            type=["jsonl", "ndjson", "json", "csv", "tsv"],
            key=key,
            on_change=_take_file,
            args=(key,),
            label_visibility="collapsed",
        )


SAMPLES = {
    "examples": ("answers", "menu_book", "questions, and answers as they should be"),
    "messages": ("messages", "inbox", "messages and the queue that each belongs to"),
    "questions": ("questions", "quiz", "each with the passage that answers it"),
}
"""File of a scenario -> what is in it, its icon, and more words."""


def _samples() -> None:
    """Those of the scenarios that are open, with a button for each file; of any other the answers."""
    every, opened = scenarios(), open_scenarios(resources.workspace().library.names().keys())
    shown = opened or {"handbook": every["handbook"]}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        for key, scenario in shown.items():
            _buttons(key, scenario, "Sample" if len(shown) == 1 else scenario.title, key in opened)
    others = [key for key in every if key not in shown]
    if others:
        st.selectbox(
            "Other samples",
            others,
            index=None,
            format_func=lambda key: f"{every[key].title}: {every[key].task}",
            placeholder="Examples of another scenario",
            key="other_sample",
            on_change=_take_other,
            label_visibility="collapsed",
        )


def _buttons(key: str, scenario: Scenario, whose: str, opened: bool) -> None:
    for file, (label, icon, what) in SAMPLES.items():
        path = scenario.folder / f"{file}.jsonl"
        if path.is_file() and (opened or file != "questions"):  # passages are looked up in the documents
            st.button(
                f"{plain(whose)} {label}",
                key=f"sample_{file}_{key}",
                icon=f":material/{icon}:",
                help=plain(f"{scenario.title}: {what}"),
                on_click=_take_path,
                args=(path,),
            )


def _take_other() -> None:
    if chosen := st.session_state.get("other_sample"):
        _take_path(scenarios()[chosen].examples)
        st.session_state["other_sample"] = None


def _take_file(key: str) -> None:
    """Take the file out of the uploader; its new key empties it, so that no rerun takes it twice."""
    file = st.session_state.get(key)
    if file is not None:
        draft().uploads += 1
        _take(file.name, file.getvalue())


def _take_path(path: Path) -> None:
    _take(f"{path.parent.name} {path.name}", path.read_bytes())


def _take(name: str, content: bytes) -> None:
    try:
        draft().set_source(read_source(name, content, partial(documents_by_name, resources.workspace())))
    except PlaygroundError as error:
        draft().refuse(str(error))


def _problem(current: Draft) -> None:
    if current.problem:
        st.error(plain(current.problem), icon=":material/error:")


def _counts(current: Draft, prepared: Prepared) -> None:
    source, parts = current.source, prepared.split
    total = len(source.file.examples) + len(source.file.bad_lines) if source else 0
    usable, training, held_out, share = st.columns([1, 1, 1, 1.5], gap="small")
    usable.metric("Usable", f"{len(prepared.report.usable):,}", help=f"of {total:,} in the file")
    training.metric("For training", f"{len(parts.training):,}")
    held_out.metric("Held out", f"{len(parts.held_out):,}")
    with share:
        _share(current)


def _checks(prepared: Prepared) -> None:
    st.markdown("  \n".join(f"{SIGNS[level]}&ensp;{plain(text)}" for level, text in _with_labels(prepared)))
    bad = prepared.report.bad_lines
    if bad:
        with st.expander(f"Lines that cannot be read ({len(bad):,})", key="bad_lines"):
            rows = "".join(f"<tr><td>{each.line:,}</td><td>{escape(each.reason)}</td></tr>" for each in bad)
            st.html(
                f'<div class="pg ft-lines"><table><tr><th>Line</th><th>Reason</th></tr>{rows}</table></div>'
            )


def _with_labels(prepared: Prepared) -> Sequence[Line]:
    """The checks, and what kind of examples these are."""
    outputs = len({example.output for example in prepared.report.usable})
    if not prepared.report.labelled:
        return prepared.lines
    return [*prepared.lines, ("ok", f"{outputs:,} different outputs: they are taken as labels")]


def _share(current: Draft) -> None:
    st.session_state["held_out"] = round(current.values["held_out"] * 100)

    def changed() -> None:
        current.values["held_out"] = st.session_state["held_out"] / 100

    st.slider(
        "Hold out",
        0,
        50,
        key="held_out",
        step=5,
        format="%d %%",
        on_change=changed,
        help="Held-out examples are never trained with: they say how good the adapter is. They are set aside "
        "by input, so that no near-duplicate of one is trained with.",
    )
