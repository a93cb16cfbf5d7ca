"""What a search has found, as tables: the effect of each knob, and all trials.

Nothing is computed here; see `playground.search.results`.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import streamlit as st

from playground.config import PipelineConfig
from playground.evaluation.summary import RIGHT
from playground.reports.figure_table import figure_title
from playground.search.plan import YOURS, idle_knobs, value_in_words
from playground.search.results import Effect, SearchResult, Trial
from playground.ui.components import escape, plain

if TYPE_CHECKING:
    import pandas as pd

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


SEARCH_CSS = """<style>
.pg table.values td{text-align:left;white-space:normal}
.pg table.values td:first-child{width:7.5rem;color:color-mix(in srgb,currentColor 70%,transparent)}
.pg table.effects td:nth-child(2),.pg table.effects th:nth-child(2){text-align:left}
.pg table.effects td{border-top-width:0;padding-top:2px;padding-bottom:2px}
.pg table.effects tr.first td{border-top-width:1px}
.pg table.effects td.bar{width:38%;padding-left:10px}
.pg .bar i{display:block;height:.62rem;border-radius:3px;width:var(--w);
  background:color-mix(in srgb,var(--c) 75%,transparent)}
.st-key-search_chart{flex:1 1 260px;height:0;min-height:260px}
</style>"""


def effects_table(result: SearchResult) -> None:
    """The mean quality and p95 of every value that was tried, the best of each knob bold."""
    figure = "answers right" if result.target.figure == RIGHT else figure_title(result.target.figure)
    st.markdown(f"**What each value is worth** :gray[mean {plain(figure)} of the trials that have it]")
    if not result.effects:
        st.caption("One value of each setting was tried so far.")
        return
    rows = []
    for _, group in groupby(result.effects, key=lambda effect: effect.knob):
        same = list(group)
        best = max(round(effect.quality, 2) for effect in same)
        rows += [
            _effect(effect, at == 0, round(effect.quality, 2) == best, result.target.figure)
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


def trials_frame(ordered: Sequence[Trial], varied: Sequence[str], result: SearchResult) -> "pd.DataFrame":
    """A row a trial: its mark, the knobs that were varied, both halves, and p95."""
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
                "1st half": None if trial.quality is None else trial.quality * scale,
                "2nd half": None if other is None else other * scale,
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


def trials_columns(varied: Sequence[str], figure: str) -> dict[str, Any]:
    """In pixels that fit the narrow card; they grow with it."""
    number = "%d %%" if figure == RIGHT else "%.3f"
    what = "answers right" if figure == RIGHT else figure_title(figure)
    return {
        "": st.column_config.TextColumn(width=58),
        **{
            KNOBS[knob]: st.column_config.Column(width=98 if knob == "reranking.method" else 74)
            for knob in varied
        },
        "1st half": st.column_config.NumberColumn(
            format=number, width=64, help=f"The half of the questions that chose ({what})"
        ),
        "2nd half": st.column_config.NumberColumn(
            format=number,
            width=66,
            help="The half that had no part in the choice: only the best were asked it",
        ),
        "p95": st.column_config.NumberColumn(format="%.0f ms", width=72),
    }
