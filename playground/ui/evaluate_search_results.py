"""What a search has found: the trials as points, what was chosen, the effect of each knob, and the table.

Nothing is computed here; see `playground.evaluation.search_results`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from playground.config import PipelineConfig
from playground.errors import InputError
from playground.evaluation.search import YOURS, idle_knobs, value_in_words
from playground.evaluation.search_results import Effect, SearchResult, Trial
from playground.evaluation.searching import Search, kept_searches, load_result
from playground.evaluation.summary import RIGHT
from playground.ui import resources, state
from playground.ui.components import escape, plain
from playground.ui.evaluate_figures import figure_title
from playground.ui.evaluate_search_chart import trials_chart

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

KNOBS = {
    "chunking.strategy": "Chunking",
    "chunking.size": "Chunk size",
    "chunking.overlap": "Overlap",
    "chunking.prefix": "Headings",
    "retrieval.mode": "Retrieval",
    "retrieval.fusion": "Fusion",
    "retrieval.dense_weight": "Weight of dense",
    "retrieval.top_k": "Top k",
    "reranking.method": "Reranking",
}
"""What a setting is called."""

TALL, TABLE = 340, 470  # pixels
LOOK_AGAIN = 3.0
"""Seconds between two looks at the trials of a search that is working."""

CSS = """<style>
.pg table.values td{text-align:left;white-space:normal}
.pg table.values td:first-child{width:7.5rem;color:color-mix(in srgb,currentColor 70%,transparent)}
.pg table.effects td:nth-child(2),.pg table.effects th:nth-child(2){text-align:left}
.pg table.effects td{border-top-width:0;padding-top:2px;padding-bottom:2px}
.pg table.effects tr.first td{border-top-width:1px}
.pg table.effects td.bar{width:38%;padding-left:10px}
.pg .bar i{display:block;height:.62rem;border-radius:3px;width:var(--w);
  background:color-mix(in srgb,var(--c) 75%,transparent)}
[class*=st-key-search_table] [style*=se-resize]{right:0!important}
</style>"""


def search_results(place: "DeltaGenerator", busy: bool) -> None:
    """The newest search, or the one that is chosen: its chart in `place`, the rest below."""
    st.html(CSS)
    searches = kept_searches(resources.workspace().runs)
    with place.container(border=True, height="stretch", key="search_result", gap="small"):
        search = _head(searches, busy)
        result = _loaded(search) if search else None
        if search is None or result is None:
            _sentence(
                "Every combination becomes a point here; the best one is chosen on one half of the questions "
                "and reported on the other, where it cannot have been lucky."
            )
            return
        if busy and search == searches[0]:
            _working()
            return
        _chosen(search, result)
    if len(result.trials) < 2:
        return
    left, right = st.columns([2, 3], gap="small")
    with left.container(border=True, height="stretch", key="search_effects", gap="small"):
        _effects(result)
    with right.container(border=True, height="stretch", key="search_trials", gap="small"):
        _table(search, result)


def _head(searches: Sequence[Search], busy: bool) -> Search | None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            "**Quality against waiting time** :gray[a point a combination; dotted: not beaten on both]",
            width="stretch",
        )
        if not searches:
            return None
        known = {search.id: search for search in searches}
        chosen = searches[0].id
        if len(searches) > 1:
            chosen = st.selectbox(
                "Search",
                list(known),
                format_func=lambda id: _called(known[id]),
                key=f"shown_search_{chosen}",  # a newer search is shown at once
                label_visibility="collapsed",
                width=250,
            )
        if not busy:
            st.button(
                "Delete search",
                key="search_delete",
                icon=":material/delete:",
                type="tertiary",
                on_click=resources.workspace().runs.delete_search,
                args=(chosen,),
                help="This search with its answers",
            )
    return known[chosen]


def _called(search: Search) -> str:
    begun = datetime.fromisoformat(search.created).astimezone()
    return f"{search.question_set}, {begun:%d %b %H:%M}"


def _loaded(search: Search) -> SearchResult | None:
    """Read once as long as nothing changes it."""
    store = resources.workspace().runs
    stamp = search, store.revision
    known = st.session_state.get("loaded_search")
    if known is None or known[0] != stamp:
        try:
            known = stamp, load_result(store, search)
        except InputError as error:
            st.caption(plain(f"Its runs are not there any more: {error}."))
            return None
        st.session_state["loaded_search"] = known
    result: SearchResult = known[1]
    return result


@st.fragment(run_every=LOOK_AGAIN)
def _working() -> None:
    """The trials so far: points come while one waits."""
    search = kept_searches(resources.workspace().runs)[0]
    result = _loaded(search)
    if result is None or not trials_chart(result, TALL, "search_chart"):
        _sentence("The first combinations are being tried.")
        return
    st.markdown(f":gray[{_tried(search, result)} so far; the choice is made when all are done.]")


def _tried(search: Search, result: SearchResult) -> str:
    return f"{result.tried:,} of {search.grid:,} combinations tried"


def _chosen(search: Search, result: SearchResult) -> None:
    if not trials_chart(result, TALL, "search_chart"):
        st.caption("Nothing was timed and judged.")
    st.markdown(f"{'**Chosen**  ' if result.chosen else ''}{plain(result.choice)}")
    if result.report:
        st.markdown(f":material/verified: {plain(result.report)}")
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if result.chosen is not None:
            _take(result.chosen, "chosen")
        stopped = "" if search.state == "done" else " · stopped before its end"
        st.markdown(f":gray[{_tried(search, result)}{stopped}]", width="content")


def _take(trial: Trial, suffix: str) -> None:
    """Carry a configuration to Compare, or away as a file."""
    if st.button(
        "Use in Compare",
        key=f"search_use_{suffix}",
        icon=":material/view_column:",
        help="As another column; where there are four, in place of the last one",
        width="content",
    ):
        use_in_compare(trial.config)
        st.switch_page("../../pages/compare.py")
    words = re.sub(r"[^a-z0-9]+", "-", trial.name.lower()).strip("-")
    st.download_button(
        "Settings",
        trial.config.to_toml(),
        file_name=f"{words}.toml",
        mime="application/toml",
        key=f"search_toml_{suffix}",
        icon=":material/download:",
        help="A file for: playground ask --config",
        on_click="ignore",
        width="content",
    )


def use_in_compare(config: PipelineConfig) -> None:
    """As another column, where it is not one already; where all are taken, in place of the last one."""
    if config in state.columns():
        return
    if len(state.columns()) < len(state.LETTERS):
        state.add_column()
    state.replace_column(state.comparison().columns[-1], config)


def _effects(result: SearchResult) -> None:
    figure = "answers right" if result.target.figure == RIGHT else figure_title(result.target.figure)
    st.markdown(f"**What each value is worth** :gray[mean {plain(figure)} of the trials that have it]")
    if not result.effects:
        st.caption("One value of each setting was tried so far.")
        return
    rows = []
    for _, group in groupby(result.effects, key=lambda effect: effect.knob):
        same = list(group)
        best = max(effect.quality for effect in same)
        rows += [
            _effect(effect, at == 0, effect.quality == best, result.target.figure)
            for at, effect in enumerate(same)
        ]
    head = "<tr><th>Setting</th><th>Value</th><th></th><th>Mean</th><th>p95</th><th>Trials</th></tr>"
    st.html(f'<div class="pg"><table class="effects">{head}{"".join(rows)}</table></div>')


def _effect(effect: Effect, first: bool, best: bool, figure: str) -> str:
    value = f"{effect.quality * 100:.0f} %" if figure == RIGHT else f"{effect.quality:.3f}"
    time = f"{effect.p95:,.0f} ms" if effect.p95 is not None else "–"
    tone = "var(--st-primary-color, #4C74E8)"
    bar = f'<i style="--w:{max(effect.quality, 0.005):.1%};--c:{tone}"></i>'
    return (
        f"<tr{' class=first' if first else ''}><td>{KNOBS[effect.knob] if first else ''}</td>"
        f"<td>{escape(value_in_words(effect.knob, effect.value))}</td><td class=bar>{bar}</td>"
        f"<td>{f'<b>{value}</b>' if best else value}</td><td>{time}</td><td>{effect.trials:,}</td></tr>"
    )


def _table(search: Search, result: SearchResult) -> None:
    """All trials; a click on one takes that along."""
    ordered = sorted(result.trials, key=lambda trial: (-(trial.quality or 0.0), trial.p95 or 0.0))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = st.empty()
        buttons = st.container(horizontal=True, gap="small", width="content")
    varied = [knob for knob, several in search.knobs.items() if len(several) > 1]
    found = st.dataframe(
        _frame(ordered, varied, result),
        hide_index=True,
        key=f"search_table_{search.id}",
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(ordered) < 14 else TABLE,
        placeholder="–",
        column_config=_columns(varied, result.target.figure),
    )
    rows = found["selection"]["rows"]
    if rows and rows[0] < len(ordered):
        title.markdown(f"**{plain(ordered[rows[0]].name)}**")
        with buttons:
            _take(ordered[rows[0]], "row")
    else:
        title.markdown("**All trials** :gray[★ chosen, ◆ on the front; a click on a row takes it along]")


def _frame(ordered: Sequence[Trial], varied: Sequence[str], result: SearchResult) -> "pd.DataFrame":
    import pandas as pd

    held_out = {trial.name: trial.quality for trial in result.reported}
    scale = 100 if result.target.figure == RIGHT else 1
    rows = []
    for trial in ordered:
        mark = "★" if trial == result.chosen else "◆" if trial in result.front else ""
        other = held_out.get(trial.name)
        rows.append(
            {
                "": mark + (" yours" if trial.name == YOURS else ""),
                **{KNOBS[knob]: _cell(trial.config, knob) for knob in varied},
                "Chose": None if trial.quality is None else trial.quality * scale,
                "Reports": None if other is None else other * scale,
                "p95": trial.p95,
            }
        )
    return pd.DataFrame(rows)


def _cell(config: PipelineConfig, knob: str) -> Any:
    """Numbers stay numbers, so that they are sorted as such; None where the knob does nothing."""
    value = dict(config.items())[knob]
    if knob in idle_knobs(config):
        return None
    return (
        value
        if isinstance(value, int | float) and not isinstance(value, bool)
        else value_in_words(knob, value)
    )


def _columns(varied: Sequence[str], figure: str) -> dict[str, Any]:
    """In pixels that fit the narrow card; they grow with it."""
    number = "%d %%" if figure == RIGHT else "%.3f"
    what = "answers right" if figure == RIGHT else figure_title(figure)
    return {
        "": st.column_config.TextColumn(width=62),
        **{KNOBS[knob]: st.column_config.Column(width=86) for knob in varied},
        "Chose": st.column_config.NumberColumn(
            format=number, width=70, help=f"On the half of the questions that chose ({what})"
        ),
        "Reports": st.column_config.NumberColumn(
            format=number, width=74, help="On the other half: only the best were asked it"
        ),
        "p95": st.column_config.NumberColumn(format="%d ms", width=76),
    }


def _sentence(words: str) -> None:
    """In the middle of the card, as long as there is nothing to draw."""
    with st.container(
        horizontal_alignment="center", vertical_alignment="center", height="stretch", key="no_search"
    ):
        st.markdown(f":gray[{words}]", width=520, text_alignment="center")
