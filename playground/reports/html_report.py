"""A kept evaluation as one page that opens without a network: charts, every question, all figures, settings.

What is on the page is put together here, how it looks stands in `report.html.jinja`. All texts of questions,
answers and names are escaped by the template. This module does not know where the page is written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from playground.evaluation.attribution import CAUSES
from playground.evaluation.figures import DEPTHS
from playground.evaluation.records import Record, Run
from playground.evaluation.results import OUTCOMES, SIGNS
from playground.evaluation.statistics import in_words
from playground.evaluation.summary import (
    ColumnSummary,
    Row,
    bounds_in_words,
    differences,
    rows,
    summarise,
)
from playground.reports.figure_table import Line, lines, milliseconds
from playground.reports.pareto_plot import pareto_figure
from playground.reports.plots import PAPER, difference_figure, failure_figure, letter, p_in_words

if TYPE_CHECKING:
    import plotly.graph_objects as go

TEMPLATE = "report.html.jinja"
_NO_BUTTONS = {"displayModeBar": False, "displaylogo": False, "responsive": True}


@dataclass(frozen=True)
class _Chart:
    """`drawing` is HTML of our own making, all else is text."""

    title: str
    how: str
    drawing: str


@dataclass(frozen=True)
class _Cell:
    """A record in the matrix. `tone` is a class of the style sheet."""

    sign: str
    outcome: str
    tone: str
    answer: str
    notes: Sequence[str]


@dataclass(frozen=True)
class _Failure:
    """A cause with its remedy, and the questions that each contender lost by it: (contender, questions)."""

    label: str
    remedy: str
    questions: Sequence[tuple[str, Sequence[str]]]


def to_html(run: Run, count_seen: bool = False) -> str:
    """The page. With `count_seen` questions that an adapter was trained with count."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    summaries = summarise(run, count_seen)
    names = [f"{letter(number)} {each.name}" for number, each in enumerate(run.plan.contenders)]
    return environment.get_template(TEMPLATE).render(
        run=run,
        created=_date(run.created),
        names=names,
        baseline=names[run.plan.baseline],
        notes=_notes(run, count_seen),
        bounds=bounds_in_words(run, count_seen),
        summary=[_summary_row(each) for each in summaries],
        charts=[
            _Chart(chart.title, chart.how, Markup(chart.drawing))
            for chart in _charts(run, summaries, count_seen)
        ],
        comparisons=[
            f"{each.name} against {each.baseline}: {in_words(each)}{p_in_words(each)}"
            for each in differences(run, count_seen=count_seen)
        ],
        matrix=[(row, _expected(row), [_cell(record) for record in row.records]) for row in rows(run)],
        figures=[
            (line, [_value(line, value) for value in line.values]) for line in lines(run, summaries, DEPTHS)
        ],
        failures=_failures(run, names),
        configurations=[
            (name, each.config.to_toml(), each.gold_passages)
            for name, each in zip(names, run.plan.contenders, strict=True)
        ],
    )


def _date(iso: str) -> str:
    """ "2026-01-31 14:05 UTC"."""
    return f"{datetime.fromisoformat(iso):%Y-%m-%d %H:%M} UTC"


def _notes(run: Run, count_seen: bool) -> list[str]:
    """What has to be known to read the figures rightly."""
    cells, found = run.plan.cells, []
    if run.done < cells:
        found.append(f"{run.done:,} of {cells:,} answers are there: the run is {run.state}.")
    if run.unscored:
        found.append(
            f"Not scored, because their evidence is gone from the documents: {', '.join(run.unscored)}."
        )
    if seen := sum(row.seen for row in rows(run)):
        told = "they count" if count_seen else "they are left out of all figures"
        found.append(f"Questions that an adapter was trained with: {seen}; {told}.")
    if failed := sum(each.outcome == "failed" for column in run.records for each in column if each):
        found.append(f"Answers that failed: {failed:,} of {run.done:,}.")
    return found


def _summary_row(summary: ColumnSummary) -> list[str]:
    """Right answers with their interval, F1, p50 and p95 of the total time, cost."""
    right, f1 = summary.right, summary.figures.get("answer_f1")
    total = summary.latency.get("total")
    return [
        f"{right.share:.0%} ({right.count} of {right.of})" if right else "–",
        f"{right.low:.0%} to {right.high:.0%}" if right else "–",
        f"{f1:.3f}" if f1 is not None else "–",
        *([f"{milliseconds(value)} ms" for value in total] if total else ["–", "–"]),
        "not known" if summary.cost is None else f"{summary.cost:,.4f}" if summary.cost else "–",
    ]


def _charts(run: Run, summaries: Sequence[ColumnSummary], count_seen: bool) -> list[_Chart]:
    """Those that have something to show; the first brings the library for all of them."""
    compared = differences(run, count_seen=count_seen)
    right = [each.right.count if each.right else 0 for each in summaries]
    named = [each.name for each in summaries]
    causes = [each.causes for each in summaries]
    wanted: list[tuple[str, str, go.Figure | None]] = [
        ("Quality against waiting time", "dotted: not beaten on both", pareto_figure(summaries, PAPER, 460)),
        (
            "Differences that can be trusted",
            "paired, 95 % interval",
            difference_figure(compared, PAPER, 56 * len(compared) + 50) if compared else None,
        ),
        ("Why answers fail", "", failure_figure(named, right, causes, PAPER, 38 * len(named) + 90)),
    ]
    charts: list[_Chart] = []
    for title, how, figure in wanted:
        if figure is not None:
            charts.append(_Chart(title, how, _drawing(figure, title, first=not charts)))
    return charts


def _drawing(figure: "go.Figure", title: str, first: bool) -> str:
    from plotly.io import to_html as plotly_html

    drawn = plotly_html(
        figure,
        config=_NO_BUTTONS,
        include_plotlyjs=first,
        full_html=False,
        default_width="100%",
        div_id=title.lower().replace(" ", "-"),
    )
    return f'<div role="img" aria-label="{escape(title)}">{drawn}</div>'


def _expected(row: Row) -> str:
    if not row.question.answerable:
        return "no answer; the documents do not say it"
    return " / ".join(row.question.answers)


def _cell(record: Record | None) -> _Cell:
    if record is None:
        return _Cell("…", "not asked", "", "", [])
    notes = []
    if record.found is not None:
        notes.append("◆ evidence found" if record.found else "◇ evidence missed")
    if record.latency:
        notes.append(f"{milliseconds(record.latency['total'])} ms")
    if record.cause and record.outcome != "failed":
        rank = f", rank {record.rank}" if record.rank else ""
        notes.append(f"{CAUSES[record.cause].label}{rank}")
    notes += ["from an earlier run"] * record.cached + ["learned by its adapter"] * record.seen
    notes += ["hidden from who asks: silence is right"] * record.withheld
    text = record.reason if record.outcome == "failed" else record.answer
    tone = {"right": "good", "silent": "good", "partly": "half", "unjudged": ""}.get(record.outcome, "bad")
    return _Cell(SIGNS[record.outcome], OUTCOMES[record.outcome], tone, text, notes)


def _value(line: Line, value: float | None) -> tuple[str, bool]:
    """In words, and whether it is the best of its line."""
    return ("–", False) if value is None else (line.words(value), value == line.best)


def _failures(run: Run, names: Sequence[str]) -> list[_Failure]:
    """By cause, in the order of the stages."""
    found = []
    for cause, words in CAUSES.items():
        lost = []
        for name, column in zip(names, run.records, strict=True):
            questions = [
                question.question
                for question, record in zip(run.plan.questions, column, strict=True)
                if record is not None and record.cause == cause
            ]
            if questions:
                lost.append((name, questions))
        if lost:
            found.append(_Failure(words.label, words.remedy, lost))
    return found
