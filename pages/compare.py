"""Compare: one question, up to four configurations, their answers, sources and times side by side."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from playground import startup
from playground.comparison import Passage, latency, number_passages, repeat
from playground.config import COMPARISONS, PipelineConfig
from playground.errors import PlaygroundError
from playground.intake import scenarios
from playground.pipeline import Trace
from playground.ui import compare_components as pieces
from playground.ui import resources, state
from playground.ui.background import background_status
from playground.ui.charts import latency_chart
from playground.ui.column_settings import column_settings
from playground.ui.document_view import document_view, reopen

Result = Trace | PlaygroundError | None


def ask_bar() -> None:
    with st.container(key="ask_bar", horizontal=True, vertical_alignment="bottom", gap="small"):
        if "question" not in st.session_state:
            st.session_state["question"] = state.comparison().asked
        st.text_input(
            "Question",
            key="question",
            placeholder="Ask your documents",
            width="stretch",
            persist_state="session",
        )
        st.button(
            "Ask",
            key="ask",
            type="primary",
            icon=":material/send:",
            shortcut="Ctrl+Enter",
            on_click=ask_typed,
            width="content",
        )


def ask_typed() -> None:
    ask(st.session_state["question"])


def ask(question: str) -> None:
    """Make this the question; asking it once more runs it once more."""
    current = state.comparison()
    current.asked = question.strip()
    current.results.clear()
    st.session_state["question"] = current.asked
    if current.asked:
        resources.workspace().library.note_question(current.asked)


def toolbar() -> None:
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        gap="small",
        key="presets",
    ):
        st.session_state["preset"] = state.comparison_name() or "Own"
        st.segmented_control(
            "Compare",
            [*COMPARISONS, "Own"],
            key="preset",
            label_visibility="collapsed",
            on_change=choose_comparison,
            width="content",
        )
        samples()
        with st.container(horizontal=True, width="content", gap="small"):
            history()
            st.button(
                "Column",
                key="add_column",
                icon=":material/add:",
                type="tertiary",
                disabled=len(state.columns()) == len(state.LETTERS),
                help="Four columns at most",
                on_click=state.add_column,
                width="content",
            )


def choose_comparison() -> None:
    chosen = st.session_state["preset"]
    if chosen in COMPARISONS:
        state.fill(COMPARISONS[chosen])


def samples() -> None:
    """Questions to click, where the sample documents are in the library."""
    names = resources.workspace().library.names()
    for scenario in scenarios().values():
        if scenario.file_names & names.keys():
            st.pills(
                "Try",
                scenario.sample_questions[:4],
                key="sample",
                label_visibility="collapsed",
                on_change=ask_sample,
                width="content",
            )


def ask_sample() -> None:
    chosen = st.session_state["sample"]
    if chosen:
        ask(chosen)


def history() -> None:
    asked = resources.workspace().library.questions(limit=20)
    with st.popover("History", icon=":material/history:", type="tertiary", disabled=not asked):
        for number, question in enumerate(asked):
            st.button(question, key=f"history_{number}", type="tertiary", on_click=ask, args=(question,))


def run_columns() -> list[Result]:
    """Answer the question in every column that can, one after another, so that none slows another."""
    current, workspace = state.comparison(), resources.workspace()
    if current.revision != workspace.revision:
        current.results.clear()
        current.measured.clear()
        current.revision = workspace.revision
    results: list[Result] = []
    for config in state.columns():
        key = (current.asked, config)
        if current.asked and key not in current.results and can_answer(config):
            with st.spinner("Asking …"):
                current.results[key] = answer(current.asked, config)
        results.append(current.results.get(key))
    return results


def can_answer(config: PipelineConfig) -> bool:
    status = resources.workspace().status(config)
    return bool(status.documents) and not (config.retrieves and status.empty)


def answer(question: str, config: PipelineConfig) -> Trace | PlaygroundError:
    try:
        return resources.workspace().run(question, config)
    except PlaygroundError as error:
        return error


def answer_cards(results: Sequence[Result], numbered: Sequence[Sequence[Passage]]) -> None:
    configs = state.columns()
    for index, (place, result) in enumerate(zip(st.columns(len(configs), gap="small"), results, strict=True)):
        letter = state.LETTERS[index].lower()
        with place.container(border=True, height="stretch", key=f"column_{letter}", gap="small"):
            with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
                name = state.name_of(configs[index])
                st.markdown(f"### :gray[{letter.upper()}]&ensp;{name}", anchors=False, width="stretch")
                with st.popover("", icon=":material/tune:", key=f"config_{letter}", type="tertiary"):
                    column_settings(index)
            pieces.settings_grid(configs[index], configs[0])
            if isinstance(result, Trace):
                pieces.answer_text(result.answer, result.hits, numbered[index])
            elif isinstance(result, PlaygroundError):
                st.error(str(result), icon=":material/error:")
            else:
                st.caption(why_no_answer(configs[index]))
            st.space("stretch")
            badges(configs[index], result, letter)


def why_no_answer(config: PipelineConfig) -> str:
    if not can_answer(config):
        return "This column answers as soon as its documents are indexed."
    return "Ask a question to see an answer here."


def badges(config: PipelineConfig, result: Result, letter: str) -> None:
    status = resources.workspace().status(config)
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if isinstance(result, Trace):
            if result.answer.abstained:
                st.badge("No answer", color="orange", icon=":material/do_not_disturb_on:")
            st.badge(result.answer.engine, color="gray", icon=":material/memory:")
            if result.answer.adapter:
                st.badge(result.answer.adapter, color="violet", icon=":material/extension:")
            if result.answer.confidence is not None:
                st.badge(f"confidence {result.answer.confidence:.0%}", color="gray")
        if config.retrieves and not status.complete:
            missing = f"{len(status.missing)} of {status.documents} documents to index"
            st.badge(missing, color="orange", icon=":material/sync_problem:")
            job = resources.jobs().get(startup.indexing_key(resources.workspace(), config))
            if job and job.active:
                st.badge("indexing", color="blue", icon=":material/sync:")
            else:
                st.button(
                    f"Index now, about {max(status.seconds, 1):,.0f} s",
                    key=f"index_{letter}",
                    icon=":material/sync:",
                    on_click=start_indexing,
                    args=(config,),
                )
            if job and job.state == "failed":
                st.badge(job.error, color="red", icon=":material/error:")


def start_indexing(config: PipelineConfig) -> None:
    startup.start_indexing(resources.workspace(), resources.jobs(), config)


def source_cards(results: Sequence[Result], numbered: Sequence[Sequence[Passage]]) -> None:
    searched = [index for index, result in enumerate(results) if isinstance(result, Trace) and result.hits]
    for index, (place, result) in enumerate(zip(st.columns(len(results), gap="small"), results, strict=True)):
        letter = state.LETTERS[index]
        with place.container(border=True, height="stretch", key=f"sources_{letter.lower()}", gap="small"):
            st.markdown(f"**Sources** :gray[{letter}]")
            if isinstance(result, Trace) and result.hits:
                quoted_first = sorted(
                    enumerate(numbered[index]), key=lambda each: each[0] not in result.quoted
                )
                for rank, passage in quoted_first:
                    alone = len(searched) > 1 and len(passage.columns) == 1
                    source_card(result, rank, passage, alone, letter.lower())
            else:
                with st.container(
                    height="stretch", vertical_alignment="center", horizontal_alignment="center"
                ):
                    text = why_no_sources(state.columns()[index], result)
                    st.caption(f":material/search_off:&ensp;{text}", text_alignment="center", width=300)


def why_no_sources(config: PipelineConfig, result: Result) -> str:
    if not config.retrieves:
        return "No retrieval in this column: it answers without seeing your documents."
    if isinstance(result, Trace):
        return "Nothing was found: no passage shares a word with the question."
    return "Nothing was searched yet."


def source_card(trace: Trace, rank: int, passage: Passage, alone: bool, letter: str) -> None:
    hit = trace.hits[rank]
    citations = [citation for citation in trace.answer.citations if citation.passage == rank]
    with st.container(key=f"source_{letter}_{rank + 1}", gap=None):
        with st.container(horizontal=True, vertical_alignment="top", gap="xsmall"):
            with st.container(width="stretch"):
                pieces.source_head(hit, passage, alone)
            span = (citations[0].start, citations[0].end) if citations else (hit.chunk.start, hit.chunk.end)
            st.button(
                "",
                key=f"open_{letter}_{rank + 1}",
                icon=":material/open_in_full:",
                type="tertiary",
                help="Open the document at this place",
                on_click=partial(open_later, hit.chunk.document_id, span, pieces.colour(passage)),
                width="content",
            )
        pieces.source_body(hit, passage, citations)


def open_later(document_id: str, span: tuple[int, int], colour: str) -> None:
    """A dialog has to be opened by the script, not by a callback."""
    reopen("compare_view")
    st.session_state["open_document"] = (document_id, span, colour)


def open_document(document_id: str, span: tuple[int, int], colour: str) -> None:
    names = {each: name for name, each in resources.workspace().library.names().items()}
    dialog = st.dialog(names.get(document_id, "Document"), width="large")
    dialog(document_view)(document_id, span, colour, key="compare_view")


def timing(results: Sequence[Result]) -> None:
    traces = [(index, result) for index, result in enumerate(results) if isinstance(result, Trace)]
    if not traces:
        return
    current = state.comparison()
    measured = {index: current.measured.get((trace.question, trace.config)) for index, trace in traces}
    with st.container(border=True, key="latency", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            runs = (
                "p50 of repeated warm runs" if any(measured.values()) else "one run each, one after another"
            )
            st.markdown(f"**Where the time goes** :gray[{runs}]", width="stretch")
            times = st.number_input(
                "Runs", 2, 100, 10, key="repeats", label_visibility="collapsed", width=110
            )
            if st.button("Measure", key="measure", icon=":material/timer:", type="tertiary"):
                measure(traces, times)
                st.rerun()
        rows, names = [], []
        for index, trace in traces:
            letter = state.LETTERS[index]
            timings, p95, note = trace.timings, None, note_of(trace)
            if runs_of := measured[index]:
                figures = latency(runs_of)
                timings, p95, note = figures.p50, figures.p95["total"], f"{figures.runs} runs"
            rows.append((letter, timings, p95, note))
            names.append(f"{letter}  {state.name_of(trace.config)}")
        chart, numbers = st.columns([1, 1], gap="medium", vertical_alignment="center")
        with chart:
            latency_chart(names, [row[1] for row in rows], [row[2] for row in rows], "latency_chart")
        with numbers:
            pieces.latency_table(rows)


def note_of(trace: Trace) -> str:
    return "cached" if trace.cached else "cold" if trace.cold else "warm"


def measure(traces: Sequence[tuple[int, Trace]], times: int) -> None:
    """Repeat every column's question, column after column."""
    current, workspace = state.comparison(), resources.workspace()
    bar = st.progress(0.0, "Measuring …")
    for done, (index, trace) in enumerate(traces):
        run = partial(workspace.run, trace.question, trace.config, fresh=True)
        runs = []
        for count, repeated in enumerate(repeat(run, times), start=1):
            runs.append(repeated)
            share = (done + min(count / times, 1.0)) / len(traces)
            bar.progress(share, f"Measuring {state.LETTERS[index]}: run {count} of {times}")
        current.measured[(trace.question, trace.config)] = runs


def empty_library() -> None:
    with st.container(border=True, key="empty", horizontal_alignment="center", gap="medium"):
        st.space("medium")
        st.markdown("### Bring your documents, ask a question, see which set-up answers it", width="content")
        st.caption("Everything runs on this machine: no key, no GPU, no internet.", width="content")
        with st.container(horizontal=True, horizontal_alignment="center"):
            st.button(
                "Load the sample handbook",
                key="load_samples",
                type="primary",
                icon=":material/library_books:",
                on_click=load_samples,
            )
            if st.button("Upload documents", key="go_upload", icon=":material/upload:"):
                st.switch_page("../../pages/documents.py")
        st.space("medium")


def load_samples() -> None:
    startup.load_sample(resources.workspace(), resources.jobs(), "handbook")


ask_bar()
toolbar()
background_status()
if state.comparison().problem:
    st.warning(state.comparison().problem, icon=":material/link_off:")
if not resources.workspace().library.ids() and not resources.jobs().active_key(startup.SAMPLES):
    empty_library()
else:
    found = run_columns()
    passages = number_passages(
        [each.passages if isinstance(each, Trace) else () for each in found],
        [each.quoted if isinstance(each, Trace) else () for each in found],
    )
    answer_cards(found, passages)
    if any(found):
        source_cards(found, passages)
        timing(found)
state.write_url()
if "open_document" in st.session_state:
    open_document(*st.session_state.pop("open_document"))
