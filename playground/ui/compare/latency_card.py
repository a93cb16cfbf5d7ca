"""Where the time goes: a bar and a row of numbers a column, of one run or of repeated ones."""

from collections.abc import Sequence
from functools import partial

import streamlit as st

from playground.comparison import latency, repeat
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.charts import latency_chart
from playground.ui.compare.components import latency_table
from playground.ui.state import Shown

NOTES = {"cold": "cold: first run, parts freshly loaded", "cached": "cached: remembered, not run again"}


def latency_card(columns: Sequence[Shown]) -> None:
    """Nothing where no column has answered."""
    results = {column.letter.upper(): column.result for column in columns}
    traces = {
        letter: result
        for letter, result in results.items()
        if isinstance(result, Trace) and not result.answer.stopped  # half a run has no whole time
    }
    if not traces:
        return
    measured = {letter: _measured(trace) for letter, trace in traces.items()}
    with st.container(border=True, key="latency", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            repeated = any(measured.values())
            how = "p50 of repeated warm runs" if repeated else "one run each, one after another"
            st.markdown(f"**Where the time goes** :gray[{how}]", width="stretch")
            times = st.number_input(
                "Runs", 2, 100, 10, key="repeats", label_visibility="collapsed", width=110
            )
            if st.button(f"Measure {times} times", key="measure", icon=":material/timer:", type="tertiary"):
                _measure(traces, times)
                st.rerun()
        rows = [_row(letter, trace, measured[letter]) for letter, trace in traces.items()]
        names = [f"{letter}  {state.title(trace.config)}" for letter, trace in traces.items()]
        chart, numbers = st.columns(2, gap="medium", vertical_alignment="center")
        with chart:
            latency_chart(names, [row[1] for row in rows], [row[2] for row in rows], "latency_chart")
        with numbers:
            latency_table(rows)
            if said := [NOTES[note] for note in dict.fromkeys(row[3] for row in rows) if note in NOTES]:
                st.caption("; ".join(said))


def _measured(trace: Trace) -> list[Trace]:
    return state.comparison().measured.get((trace.question, trace.config), [])


def _row(letter: str, trace: Trace, runs: list[Trace]) -> tuple[str, dict[str, float], float | None, str]:
    """Letter, milliseconds by stage, p95 of the total where it was measured, and a note."""
    if runs:
        figures = latency(runs)
        return letter, dict(figures.p50), figures.p95["total"], f"{figures.runs} runs"
    note = "cached" if trace.cached else "cold" if trace.cold else "warm"
    return letter, dict(trace.timings), None, note


def _measure(traces: dict[str, Trace], times: int) -> None:
    """Repeat every column's question, column after column, so that none slows another."""
    bar = st.progress(0.0, "Measuring …")
    for done, (letter, trace) in enumerate(traces.items()):
        run = partial(resources.workspace().run, trace.question, trace.config, fresh=True)
        runs = []
        for count, repeated in enumerate(repeat(run, times), start=1):
            runs.append(repeated)
            share = (done + min(count / times, 1.0)) / len(traces)
            bar.progress(share, f"Measuring {letter}: run {count} of {times}")
        state.comparison().measured[(trace.question, trace.config)] = runs
