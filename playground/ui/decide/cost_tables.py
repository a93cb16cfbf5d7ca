"""The tables of the costs: what each approach is made of, and where the numbers come from."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby

import streamlit as st

from playground.decision.cost_words import Origin, origins, plural
from playground.decision.costs import Assumptions, Cost, Part, Usage, cheapest, total
from playground.decision.money import money, plain
from playground.decision.verdict import Approach
from playground.reports.plots import tones
from playground.ui.charts import look
from playground.ui.components import escape

CSS = """<style>
.pg table.costs td:first-child,.pg table.costs td.from{white-space:normal}
.pg table.costs th+th{width:17%}
.pg table.costs td,.pg table.costs th{vertical-align:baseline}
.pg table.costs tr.part td{border-top:0;padding-top:0;
  color:color-mix(in srgb,currentColor 72%,transparent)}
.pg table.costs tr.part td:first-child{padding-left:14px}
.pg table.costs tr.sum td{font-weight:600;
  border-top:1px solid color-mix(in srgb,currentColor 40%,transparent)}
.pg table.costs span.best{color:var(--c)}
.pg table.costs small{display:block;font-size:.78rem;line-height:1.2;font-weight:400}
.pg table.costs td.from{text-align:left;padding-left:14px}
</style>"""

Rows = list[tuple[str, str, dict[Approach, Part]]]


def cost_table(costs: Mapping[Approach, Cost], assumptions: Assumptions) -> None:
    """A column an approach, a block a kind of cost with its parts; the month at the person's volumes last."""
    calls, updates, currency = assumptions.calls, assumptions.updates, assumptions.currency
    blocks = (
        ("Once", {key: cost.one_time for key, cost in costs.items()}, 1),
        ("Each month", {key: cost.per_month for key, cost in costs.items()}, 1),
        ("For 1,000 questions", {key: cost.per_call for key, cost in costs.items()}, 1000),
        ("For an update", {key: cost.per_update for key, cost in costs.items()}, 1),
    )
    colours = tones(len(costs), look())
    heads = "".join(
        f'<th><i class="sw" style="--c:{colour}"></i>{escape(cost.name)}</th>'
        for cost, colour in zip(costs.values(), colours, strict=True)
    )
    body = "".join(_block(name, parts, times, currency) for name, parts, times in blocks)
    best = cheapest(costs, calls, updates)
    sums = "".join(
        _sum(money(cost.monthly(calls, updates), currency), cost is best) for cost in costs.values()
    )
    volumes = f"{plural(plain(calls), 'question')}, {plural(plain(updates), 'update')}"
    spread = f"what is paid once spread over {plural(plain(assumptions.months), 'month')}"
    body += f'<tr class="sum"><td>A month<small class="muted">{volumes}, {spread}</small></td>{sums}</tr>'
    st.html(f'{CSS}<div class="pg"><table class="costs"><tr><th></th>{heads}</tr>{body}</table></div>')


def part_rows(parts: Mapping[Approach, Sequence[Part]]) -> Rows:
    """A row a kind of part, in the order in which they first appear: its name, how it comes about where that
    is the same for all, and the part of each approach that has one."""
    names = dict.fromkeys(part.name for several in parts.values() for part in several)
    rows: Rows = []
    for name in names:
        own = {key: part for key, several in parts.items() for part in several if part.name == name}
        ways = {part.how for part in own.values()}
        rows.append((name, ways.pop() if len(ways) == 1 else "", own))
    return rows


def origin_table(usage: Usage, assumptions: Assumptions) -> None:
    """Every measured number, or what stands in for it, with where it comes from."""
    body = ""
    for approach, group in groupby(origins(usage, assumptions), key=lambda origin: origin.approach):
        body += f'<tr><td colspan="3"><b>{escape(approach or "Once, and for updates")}</b></td></tr>'
        body += "".join(_origin(origin) for origin in group)
    st.html(f'{CSS}<div class="pg"><table class="costs">{body}</table></div>')


def _block(name: str, parts: Mapping[Approach, Sequence[Part]], times: int, currency: str) -> str:
    totals = (
        money(times * total(tuple(several)), currency) if several else "–" for several in parts.values()
    )
    text = f"<tr><td><b>{escape(name)}</b></td>{_cells(f'<b>{escape(each)}</b>' for each in totals)}</tr>"
    for label, how, own in part_rows(parts):
        amounts = (_amount(own.get(key), not how, times, currency) for key in parts)
        label_cell = f"<td>{escape(label)}{f' · {escape(how)}' if how else ''}</td>"
        text += f'<tr class="part">{label_cell}{_cells(amounts)}</tr>'
    return text


def _amount(part: Part | None, with_how: bool, times: int, currency: str) -> str:
    if part is None:
        return "–"
    how = f"<small>{escape(part.how)}</small>" if with_how and part.how else ""
    return escape(money(times * part.amount, currency)) + how


def _cells(texts: Iterable[str]) -> str:
    return "".join(f"<td>{text}</td>" for text in texts)


def _sum(amount: str, best: bool) -> str:
    if not best:
        return f"<td>{escape(amount)}</td>"
    tone = f'class="best" style="--c:{look().right}"'
    return f"<td><span {tone}>{escape(amount)}<small>✓ cheapest</small></span></td>"


def _origin(origin: Origin) -> str:
    cells = f"<td>{escape(origin.name)}</td><td>{escape(origin.value)}</td>"
    return f'<tr class="part">{cells}<td class="from">{escape(origin.source)}</td></tr>'
