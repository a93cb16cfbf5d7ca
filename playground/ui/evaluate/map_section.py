"""The Map section of the Evaluate page: which index and which question the embedding map is about."""

import streamlit as st

from playground.config import ChunkingConfig, EncoderConfig, PipelineConfig
from playground.errors import PlaygroundError
from playground.evaluation.embedding_map import EmbeddingMap, build_map
from playground.evaluation.records import Run
from playground.evaluation.results import Contender
from playground.index_overview import setting_name
from playground.questions.lookup import GoldSpan, resolve_set
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.evaluate.charts import LETTERS
from playground.ui.evaluate.map import map_section
from playground.ui.evaluate.matrix import cell_in_words


def embedding_map_section(run: Run | None) -> None:
    """Choose a question and a configuration of the shown run; see where its hits and its evidence lie."""
    searching = {
        number: contender
        for number, contender in enumerate(run.plan.contenders if run else ())
        if contender.config.retrieves and not contender.gold_passages
    }
    with st.container(border=True, key="map", gap="small"):
        if run is None or not searching:
            st.markdown("**Embedding map** :gray[chunks, questions, hits and evidence]")
            st.caption("There is a map as soon as a run has a configuration that searches documents.")
            return
        number, question = _choice(run, searching)
        config = searching[number].config
        try:
            with st.spinner("Placing the chunks …", show_time=True):
                placed, gold = _placed(
                    run.id, config.chunking, config.encoder, resources.workspace().revision
                )
        except PlaygroundError as error:
            st.warning(plain(str(error)), icon=":material/warning:")
            return
        trace = resources.workspace().runs.trace(run.id, number, question)
        asked = run.plan.questions[question]
        place = next((at for at, each in enumerate(placed.questions) if each.id == asked.id), None)
        map_section(placed, place, trace.passages if trace else (), gold.get(asked.id, ()))


def _choice(run: Run, searching: dict[int, Contender]) -> tuple[int, int]:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "**Embedding map** :gray[near each other: alike for the encoder; colours are documents]",
            width="stretch",
        )
        number = st.selectbox(
            "Configuration",
            list(searching),
            format_func=lambda each: (
                f"{LETTERS[each]} {searching[each].name}, {setting_name(searching[each].config.chunking)}"
            ),
            key=f"map_contender_{run.id}",
            label_visibility="collapsed",
            width=300,
        )
        question = st.selectbox(
            "Question",
            range(len(run.plan.questions)),
            format_func=lambda each: run.plan.questions[each].question,
            key=f"map_question_{run.id}",
            label_visibility="collapsed",
            width=460,
        )
    st.caption(plain(f"{LETTERS[number]}: {cell_in_words(run.records[number][question])}"))
    return number, question


@st.cache_resource(show_spinner=False, max_entries=6)
def _placed(
    run: str, chunking: ChunkingConfig, encoder: EncoderConfig, revision: int
) -> tuple[EmbeddingMap, dict[str, tuple[GoldSpan, ...]]]:
    """The map of an index with the questions of a run, and where their evidence stands. `revision` is part of
    the key: another index, another map."""
    workspace = resources.workspace()
    questions = workspace.runs.run(run).plan.questions
    gold = resolve_set(questions, workspace.documents()).gold
    return build_map(workspace, PipelineConfig(chunking, encoder), questions, gold), gold
