"""What a search has found: the trials as points, what was chosen, the effect of each knob, and the table.

Nothing is computed here; see `playground.search.results`.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from playground.config import PipelineConfig
from playground.errors import InputError
from playground.search.results import SearchResult, Trial
from playground.search.searching import Search, kept_searches, load_result
from playground.ui import resources, state
from playground.ui.components import plain
from playground.ui.evaluate.search_chart import trials_chart
from playground.ui.evaluate.search_tables import SEARCH_CSS, effects_table, trials_columns, trials_frame

if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

TABLE = 400  # pixels; a lower table is as high as its rows
LOOK_AGAIN = 3.0
"""Seconds between two looks at the trials of a search that is working."""


def search_results(place: "DeltaGenerator", busy: bool) -> None:
    """The newest search, or the one that is chosen: its chart in `place`, the rest below."""
    st.html(SEARCH_CSS)
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
        effects_table(result)
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
    if result is None or not trials_chart(result, "search_chart"):
        _sentence("The first combinations are being tried.")
        return
    st.markdown(f":gray[{_tried(search, result)} so far; the choice is made when all are done.]")


def _tried(search: Search, result: SearchResult) -> str:
    return f"{result.tried:,} of {search.grid:,} combinations tried"


def _chosen(search: Search, result: SearchResult) -> None:
    if not trials_chart(result, "search_chart"):
        st.caption("Nothing was timed and judged.")
    st.markdown(f"{'' if result.unchanged or not result.chosen else '**Chosen**  '}{plain(result.choice)}")
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


def _table(search: Search, result: SearchResult) -> None:
    """All trials; a click on one takes that along."""
    ordered = sorted(result.trials, key=lambda trial: (-(trial.quality or 0.0), trial.p95 or 0.0))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        title = st.empty()
        buttons = st.container(horizontal=True, gap="small", width="content")
    varied = [knob for knob, several in search.knobs.items() if len(several) > 1]
    found = st.dataframe(
        trials_frame(ordered, varied, result),
        hide_index=True,
        key=f"search_table_{search.id}",
        on_select="rerun",
        selection_mode="single-row",
        height="content" if len(ordered) < 12 else TABLE,
        placeholder="–",
        column_config=trials_columns(varied, result.target.figure),
    )
    rows = found["selection"]["rows"]
    if rows and rows[0] < len(ordered):
        title.markdown(f"**{plain(ordered[rows[0]].name)}**")
        with buttons:
            _take(ordered[rows[0]], "row")
    else:
        title.markdown("**All trials** :gray[★ chosen, ◆ on the front; a click on a row takes it along]")


def _sentence(words: str) -> None:
    """In the middle of the card, as long as there is nothing to draw."""
    with st.container(
        horizontal_alignment="center", vertical_alignment="center", height="stretch", key="no_search"
    ):
        st.markdown(f":gray[{words}]", width=520, text_alignment="center")
