"""The verdict: what to do, why, how certain that is, and what would change it."""

import streamlit as st

from playground.decision.conclusion import Conclusion, Standing
from playground.decision.sentences import Sign
from playground.ui.components import escape, plain
from playground.ui.decide.memo import memo_buttons

BADGES: dict[Standing, tuple[str, str]] = {
    "supported": ("green", ":material/check:"),
    "contradicted": ("red", ":material/sync_problem:"),
    "thin": ("orange", ":material/help:"),
    "undescribed": ("blue", ":material/fact_check:"),
    "unmeasured": ("gray", ":material/hourglass_empty:"),
}
ICONS: dict[Sign, tuple[str, str]] = {
    "for": ("check_circle", "#16967F"),
    "against": ("cancel", "#D64550"),
    "open": ("help", "#B8710F"),
    "time": ("timer", "#B8710F"),
    "cost": ("payments", "#7C8698"),
}
SHOWN = 6
"""Points in the card; all of them are in the memo."""


def verdict_card(found: Conclusion) -> None:
    colour, icon = BADGES[found.standing]
    st.badge(found.badge, color=colour, icon=icon)  # type: ignore[arg-type]  # the four that there are
    st.markdown(f"# {found.headline}", anchors=False)
    for text in (*found.asked.contradictions, *found.disagreements):
        st.markdown(f":orange[:material/warning:] {plain(text)}")
    if found.points:
        st.html(f'<div class="pg">{points_html(found)}</div>')
    else:
        so_far = (
            "This is what your answers point to."
            if found.asked.contributions
            else "Nothing is known of the task yet: begin with what is cheapest."
        )
        st.markdown(f"{so_far} Measure the approaches on your own questions before you rely on it.")
    st.space("stretch")
    if found.standing != "supported" and found.next_steps:
        st.markdown(f":material/arrow_forward: **Next:** {plain(found.next_steps[0])}")
    st.caption(f"{found.why} {would_change(found)}")
    memo_buttons(found)


def points_html(found: Conclusion, most: int = SHOWN) -> str:
    """The points as a list with a sign each; bold is all the Markdown that they hold."""
    rows = []
    for point in found.points[:most]:
        icon, colour = ICONS[point.sign]
        rows.append(
            f'<span class="icon" style="color:{colour}" aria-hidden="true">{icon}</span>'
            f"<span>{_bold(escape(point.text))}</span>"
        )
    return f'<div class="points">{"".join(rows)}</div>'


def would_change(found: Conclusion) -> str:
    """What a single other answer would change, in a sentence; "" where none would."""
    if not found.changes:
        return ""
    told = [
        f"{each.criterion.short.lower()}: {each.option.word}"
        for each in found.changes
        if each.option.word != "unknown"
    ]
    return f"Would change what your answers point to: {plain('; '.join(told[:2]))}."


def _bold(text: str) -> str:
    parts = text.split("**")
    return "".join(f"<b>{part}</b>" if number % 2 else part for number, part in enumerate(parts))
