"""The two by two: how many answers each approach got right, with the interval, and how long it took."""

import streamlit as st

from playground.decision.matrix import NAMES, Matrix
from playground.decision.verdict import Approach
from playground.evaluation.summary import ColumnSummary
from playground.questions.sets import available_sets
from playground.ui import resources
from playground.ui.compare.adapter_toggle import adapter_name
from playground.ui.components import escape, palette, plain
from playground.ui.decide import state as decide
from playground.ui.evaluate.jobs import job_status

ROWS: tuple[tuple[str, tuple[Approach, Approach]], ...] = (
    ("no retrieval", ("prompt", "fine_tuning")),
    ("retrieval", ("rag", "both")),
)


def measured_card(matrix: Matrix | None) -> None:
    """What was measured, and the button that measures it anew."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**Measured** :gray[answers right, 95 % interval]", width="stretch")
        if matrix is not None:
            _measure_button(again=True)
    job_status(decide.MEASURING)
    if matrix is None:
        _nothing_measured()
        return
    cells = "".join(
        f'<div class="muted side">{label}</div>' + "".join(_cell(matrix, each) for each in approaches)
        for label, approaches in ROWS
    )
    st.html(
        '<div class="pg"><div class="matrix"><div></div><div class="muted top">without adapter</div>'
        f'<div class="muted top">with adapter</div>{cells}</div></div>'
    )
    st.space("stretch")
    st.caption(_about(matrix))
    if "fine_tuning" not in matrix.cells:
        st.page_link(
            "../../pages/fine_tune.py",
            label="Train an adapter to fill the right side",
            icon=":material/tune:",
        )


def _cell(matrix: Matrix, approach: Approach) -> str:
    name = escape(NAMES[approach])
    cell = matrix.cells.get(approach)
    if cell is None or cell.right is None:
        return f'<div class="cell none"><div><b>{name}</b></div><div class="muted">not measured</div></div>'
    right = cell.right
    tint = f"--c:{palette()[3]};--v:{5 + right.share * 26:.0f}"
    return (
        f'<div class="cell" style="{tint}"><div><b>{name}</b></div>'
        f'<div class="big">{right.share:.0%}</div><div class="range">'
        f'<i style="left:{right.low:.1%};width:{right.high - right.low:.1%}"></i>'
        f'<b style="left:{right.share:.1%}"></b></div>'
        f'<div class="muted">{right.low:.0%} to {right.high:.0%}{_time(cell)}</div></div>'
    )


def _time(cell: ColumnSummary) -> str:
    """The time of a usual answer: the 95th of a hundred is said in the verdict."""
    return f" · {cell.latency['total'][0]:,.0f} ms" if "total" in cell.latency else ""


def _about(matrix: Matrix) -> str:
    count, of = matrix.questions, plain(matrix.run.plan.question_set)
    text = f"{count} question{'s' * (count != 1)} of “{of}”, same prompt and seed"
    if matrix.seen:
        text += f"; {matrix.seen} left out: the adapter was trained with them"
    if matrix.run.documents != resources.workspace().library.hashes():
        text += "; the documents have changed since"
    return f"{text}."


def _nothing_measured() -> None:
    st.space("stretch")
    st.markdown(
        "Ask twenty labelled questions in four ways, and see which answers are right.",
        text_alignment="center",
    )
    with st.container(horizontal=True, horizontal_alignment="center"):
        _measure_button(again=False)
    st.space("stretch")


def _approaches() -> str:
    """With what would be measured now."""
    now = decide.setting()
    if not now.adapter:
        return "2 approaches, with the settings of Compare; there is no adapter yet for the other two."
    name = adapter_name(now.closed_book or now.config, resources.adapters().entries())
    return (
        f"4 approaches, with the settings of Compare and the adapter “{plain(name)}”; both are chosen there."
    )


def _measure_button(again: bool) -> None:
    """Choose the questions, and measure."""
    sets = available_sets(resources.workspace(), resources.questions())
    job = resources.evaluations().get(decide.MEASURING)
    if not sets:
        st.page_link(
            "../../pages/evaluate.py", label="Bring labelled questions", icon=":material/fact_check:"
        )
        return
    with st.popover(
        "Measure again" if again else "Measure",
        icon=":material/play_arrow:",
        type="tertiary" if again else "primary",
    ):
        names = [each.name for each in sets]
        chosen = st.selectbox("Questions", names, key="measured_set", persist_state="session")
        count = next(each.questions for each in sets if each.name == chosen)
        st.caption(f"{count} question{'s' * (count != 1)} × {_approaches()}")
        st.button(
            "Measure now",
            key="measure_now",
            type="primary",
            disabled=bool(job and job.active) or not count,
            on_click=decide.measure,
            args=(chosen,),
        )
