"""What the approaches cost: the break-even card, and the section with all costs and their assumptions.

The assumptions are edited here and kept by the caller. `playground.decision.costs` computes everything.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from playground.decision.assumptions import ABOUT, AS_OF, PAYMENTS, Assumptions, Group, with_values
from playground.decision.cost_words import conclusion, pays_off, plural
from playground.decision.costs import Cost, Over, Usage, costs_of, counting
from playground.decision.money import plain
from playground.decision.verdict import Approach
from playground.errors import ConfigError
from playground.reports.break_even_plot import break_even_figure
from playground.ui import components
from playground.ui.charts import draw, look
from playground.ui.decide.cost_tables import cost_table, origin_table

OVER: dict[Over, str] = {"calls": "over questions", "updates": "over updates"}
GROUPS: dict[Group, str] = {
    "volume": "Volume",
    "prices": "Price",
    "work": "Work",
    "stand_in": "Not measured",
}
NAME, VALUE, UNIT, KIND, MEANING = "Assumption", "Value", "Unit", "Kind", "What it is"
FORM = "cost_form"
CARD_HEIGHT, SMALL_HEIGHT, ROW_HEIGHT = 356, 320, 34  # pixels


@dataclass
class Form:
    """What is on the screen. `given` are the assumptions that the table of `names` was drawn with: edits lie
    over them. `returned` is what they led to. `controls` and `tables` are other numbers whenever the widgets
    are drawn anew."""

    given: Assumptions
    returned: Assumptions
    names: list[str]
    controls: int
    tables: int

    @property
    def table_key(self) -> str:
        return f"cost_assumptions_{self.controls}_{self.tables}"


def break_even_card(usage: Usage, assumptions: Assumptions) -> None:
    """What the four approaches cost a month, over questions or updates, and from where on an adapter pays
    off."""
    with st.container(border=True, height="stretch", key="break_even", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f"**When does the adapter pay off?** :gray[{_basis(assumptions)}]", width="stretch")
            over = st.segmented_control(
                "What the costs are drawn over",
                list(OVER),
                format_func=lambda each: OVER[each],
                default="calls",
                required=True,
                label_visibility="collapsed",
                key="break_even_over",
                persist_state="session",
            )
        costs = costs_of(usage, assumptions)
        _chart(costs, assumptions, over or "calls", CARD_HEIGHT, "break_even_chart")
        st.markdown(components.plain(conclusion(costs, assumptions, over or "calls")))


def costs_section(usage: Usage, assumptions: Assumptions, elsewhere: Collection[str] = ()) -> Assumptions:
    """Both charts, what each approach is made of, where the numbers come from, and the assumptions, which can
    be edited here except those that are set `elsewhere` on the page. Returns them as edited: what shows costs
    above this section is drawn after it, into a container that was laid out before."""
    with st.container(key="costs", gap="small"):
        charts, tables = st.container(gap="small"), st.container(gap="small")
        edited = _assumptions_card(usage, assumptions, elsewhere)
        costs = costs_of(usage, edited)
        with charts:
            _charts(costs, edited)
        with tables:
            _tables(usage, costs, edited)
    # Last: a run that is cut off before the caller keeps them must not take them for kept.
    st.session_state[FORM].returned = edited
    return edited


def _basis(assumptions: Assumptions) -> str:
    spread = plural(plain(assumptions.months), "month")
    return f"cost a month, one-time costs spread over {spread}"


def _chart(
    costs: Mapping[Approach, Cost], assumptions: Assumptions, over: Over, height: int, key: str
) -> None:
    calls, updates, currency = assumptions.calls, assumptions.updates, assumptions.currency
    draw(break_even_figure(costs, over, calls, updates, currency, look(), height), key)


def _charts(costs: Mapping[Approach, Cost], assumptions: Assumptions) -> None:
    fixed = {
        "calls": plural(plain(assumptions.updates), "update"),
        "updates": plural(plain(assumptions.calls), "question"),
    }
    for over, column in zip(OVER, st.columns(2, gap="small"), strict=True):
        with column.container(border=True, height="stretch", key=f"costs_over_{over}", gap="small"):
            title = OVER[over].capitalize()
            st.markdown(f"**{title}** :gray[cost a month, with {fixed[over]} a month]")
            _chart(costs, assumptions, over, SMALL_HEIGHT, f"cost_chart_{over}")
            words = pays_off(costs, assumptions, over)
            st.caption(f"Against RAG {words}.")


def _tables(usage: Usage, costs: Mapping[Approach, Cost], assumptions: Assumptions) -> None:
    left, right = st.columns([2.024, 1], gap="small")
    with left.container(border=True, height="stretch", key="cost_parts", gap="small"):
        st.markdown("**What the costs are made of** :gray[every price times what it takes]")
        cost_table(costs, assumptions)
        st.caption("What costs least need not answer best: what they answer right is measured, not priced.")
    with right.container(border=True, height="stretch", key="cost_origins", gap="small"):
        st.markdown("**Where the numbers come from** :gray[measured, or assumed]")
        origin_table(usage, assumptions)


# The assumptions


def _assumptions_card(usage: Usage, assumptions: Assumptions, elsewhere: Collection[str]) -> Assumptions:
    form = _form(usage, assumptions, elsewhere)
    with st.container(border=True, key="cost_assumptions", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(
                f"**Assumptions** :gray[round numbers, assumed as of {AS_OF}: put in your own]",
                width="content",
            )
            edited, problems = _controls(assumptions, form.controls)
        _keep_rows(form, edited, usage, elsewhere)
        notice = st.container()
        values = _table(form)
        edited, wrong = with_values(edited, values)
        for name, why in wrong.items():
            stays = plain(getattr(assumptions, name))
            problems.append(f"“{ABOUT[name].name}” {why}; {stays} still counts.")
        if problems:
            notice.error(components.plain(" ".join(problems)), icon=":material/error:")
    return edited


def _form(usage: Usage, assumptions: Assumptions, elsewhere: Collection[str]) -> Form:
    """The form as it was, or another where it was left, or the assumptions were changed from elsewhere."""
    form: Form | None = st.session_state.get(FORM)
    if form is not None and form.table_key in st.session_state:
        theirs = {name: getattr(assumptions, name) for name in elsewhere}
        if replace(form.returned, **theirs) == assumptions:
            return form
    names = _editable(usage, assumptions, elsewhere)
    form = Form(assumptions, assumptions, names, form.controls + 1 if form else 1, 1)
    st.session_state[FORM] = form
    return form


def _keep_rows(form: Form, assumptions: Assumptions, usage: Usage, elsewhere: Collection[str]) -> None:
    """Other rows or units are another table: edits lie over rows by their place."""
    names = _editable(usage, assumptions, elsewhere)
    if (names, assumptions.currency) != (form.names, form.given.currency):
        form.names, form.given, form.tables = names, assumptions, form.tables + 1


def _editable(usage: Usage, assumptions: Assumptions, elsewhere: Collection[str]) -> list[str]:
    return [name for name in counting(usage, assumptions) if name not in elsewhere]


def _controls(assumptions: Assumptions, number: int) -> tuple[Assumptions, list[str]]:
    """How answers are paid for, and in what; a currency that cannot be leaves the one before."""
    paid_by = st.segmented_control(
        "How answers are paid for",
        list(PAYMENTS),
        format_func=lambda each: PAYMENTS[each],
        default=assumptions.paid_by,
        required=True,
        label_visibility="collapsed",
        key=f"cost_paid_by_{number}",
    )
    currency = st.text_input(
        "Currency",
        assumptions.currency,
        max_chars=5,
        width=80,
        label_visibility="collapsed",
        placeholder="€",
        key=f"cost_currency_{number}",
    )
    chosen = replace(assumptions, paid_by=paid_by or assumptions.paid_by)
    try:
        return replace(chosen, currency=(currency or "").strip()), []
    except ConfigError:
        return chosen, [f"The currency needs a sign or a code; {assumptions.currency} still counts."]


def _table(form: Form) -> dict[str, object]:
    """The values that stand in the table, by name; None for an emptied one."""
    rows = [
        {
            NAME: ABOUT[name].name,
            VALUE: float(getattr(form.given, name)),
            UNIT: form.given.unit(name),
            KIND: GROUPS[ABOUT[name].group],
            MEANING: ABOUT[name].meaning,
        }
        for name in form.names
    ]
    edited = st.data_editor(
        pd.DataFrame(rows),
        key=form.table_key,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=(len(rows) + 1) * ROW_HEIGHT + 2,
        disabled=[NAME, UNIT, KIND, MEANING],
        column_config={
            NAME: st.column_config.TextColumn(width=230),
            VALUE: st.column_config.NumberColumn(width=100, format="localized", min_value=0),
            UNIT: st.column_config.TextColumn(width=120),
            KIND: st.column_config.TextColumn(width=110),
            MEANING: st.column_config.TextColumn(width=620),
        },
    )
    return dict(zip(form.names, edited[VALUE].astype(object).tolist(), strict=True))
