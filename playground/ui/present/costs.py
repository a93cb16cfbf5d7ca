"""Step 4: how long each answer took, stage by stage, and what it cost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from playground.adapters.card import AdapterCard
from playground.comparison import latency
from playground.config import PipelineConfig
from playground.engines.engine import Answer
from playground.evaluation.records import Price
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.charts import shown_stages, stage_colours
from playground.ui.components import escape
from playground.ui.evaluate.state import evaluation
from playground.ui.present.answering import Presented, why_no_answer

COLD = "cold: the first run, with parts freshly loaded"
WARM = "one warm run"
LEAST_SHOWN = 0.02
"""Of a run's time: a stage that took less is in the bar, but its number is not worth reading."""


@dataclass(frozen=True)
class Took:
    """Milliseconds by stage, "total" included, and how they were taken."""

    timings: Mapping[str, float]
    note: str

    @property
    def total(self) -> float:
        return self.timings["total"]


def took(trace: Trace) -> Took:
    """The median of repeated runs where somebody measured, else that of this one run."""
    runs = state.comparison().measured.get((trace.question, trace.config), [])
    if runs:
        figures = latency(runs)
        return Took(figures.p50, f"median of {figures.runs} warm runs")
    note = COLD if trace.cold else WARM
    return Took(trace.timings, f"{note}; remembered from then" if trace.cached else note)


def costs_step(columns: Sequence[Presented]) -> None:
    """A row a column, all bars on one scale."""
    times = {each.letter: took(each.trace) for each in columns if each.trace and _whole(each.trace)}
    longest = max((time.total for time in times.values()), default=1.0)
    adapters = {entry.id: entry.card for entry in resources.adapters().entries()}
    rows = "".join(
        _row(each, times.get(each.letter), longest, adapters.get(each.column.config.adapter))
        for each in columns
    )
    st.html(f'<div class="pg costs" style="--rows:{len(columns)}">{rows}</div>')


def _whole(trace: Trace) -> bool:
    return not trace.answer.stopped and "total" in trace.timings


def _row(each: Presented, time: Took | None, longest: float, adapter: AdapterCard | None) -> str:
    apart = f'<div class="muted small">{escape(each.apart)}</div>' if each.apart else ""
    who = f'<h3><span class="muted">{each.letter}</span>&ensp;{escape(each.name)}</h3>{apart}'
    if time is None or each.trace is None:
        why = "It was stopped: half a run has no whole time." if each.trace else why_no_answer(each.column)
        return f'<div class="row"><div>{who}</div><div class="instead muted">{escape(why)}</div></div>'
    tokens = tokens_in_words(each.trace.answer)
    prices = [price_in_words(each.trace), *([training_in_words(adapter)] if adapter else [])]
    return (
        f'<div class="row"><div class="who">{who}</div>'
        f'<div class="total">{in_words(time.total)}</div>'
        f'<div>{_bar(time, longest)}<div class="note muted">{escape(time.note)}</div></div>'
        f'<div class="price"><div>{escape(tokens)}</div>{_muted(prices)}</div></div>'
    )


def _bar(time: Took, longest: float) -> str:
    """The bar, and below it the stages that are worth a number, in the colours of the bar."""
    colours, shown = stage_colours(), shown_stages(time.timings)
    parts = "".join(
        f'<i style="--c:{colours[stage]};width:{value / longest:.2%}"></i>' for stage, value in shown.items()
    )
    words = "".join(
        f'<span><span class="sw" style="--c:{colours[stage]}"></span>{stage} {in_words(value)}</span>'
        for stage, value in shown.items()
        if value >= LEAST_SHOWN * time.total
    )
    return f'<div class="bar">{parts}</div><div class="stages">{words}</div>'


def _muted(lines: Sequence[str]) -> str:
    return "".join(f'<div class="muted">{escape(line)}</div>' for line in lines)


def training_in_words(adapter: AdapterCard) -> str:
    """What the adapter cost, once."""
    return f"trained once, in {in_words(adapter.seconds * 1000)}"


def in_words(milliseconds: float) -> str:
    """A time that can be read from the back of the room: "8.4 ms", "130 ms", "2.5 s", "75 s"."""
    if milliseconds < 10:
        return f"{milliseconds:.1f} ms"
    if milliseconds < 1000:
        return f"{milliseconds:.0f} ms"
    return f"{milliseconds / 1000:.1f} s" if milliseconds < 10_000 else f"{milliseconds / 1000:.0f} s"


def tokens_in_words(answer: Answer) -> str:
    """What went in and what came out; an engine that quotes or chooses has none."""
    if not (answer.prompt_tokens or answer.completion_tokens):
        return "No tokens" if answer.engine == "extractive" else "Tokens not counted"
    return f"{answer.prompt_tokens:,} tokens in, {answer.completion_tokens:,} out"


def price_in_words(trace: Trace) -> str:
    """What the answer cost, where the price of the model is known."""
    answer, engine = trace.answer, trace.config.engine
    if engine.name != "endpoint":
        return "runs on this machine"
    price = known_price(trace.config)
    if price is None:
        return "price not known"
    return f"{price.of(answer.prompt_tokens, answer.completion_tokens):,.6f} for this answer"


def known_price(config: PipelineConfig) -> Price | None:
    """What was entered on Evaluate for this model."""
    return evaluation().prices.get(config.engine.model)
