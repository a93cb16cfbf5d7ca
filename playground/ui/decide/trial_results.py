"""What a trial brought: the answers before and after, side by side, and the figures that they come to."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from playground.decision.matrix import NAMES, ORDER
from playground.decision.sentences import seconds_in_words
from playground.decision.store import Kept
from playground.decision.trial_results import Asked, Behaviour, Freshness, Said, Withdrawal
from playground.evaluation.statistics import in_words
from playground.ui.components import escape, palette, plain

MOST = 4
"""Questions of a withdrawal that are shown in the card; the rest is counted."""


def freshness_result(kept: Kept[Freshness]) -> None:
    found = kept.result
    grey, blue, violet = palette()[5], palette()[0], palette()[4]
    cells = [
        ("RAG, before", _answer(found.before), grey),
        (f"RAG, {seconds_in_words(found.seconds)} after the change", _answer(found.after), blue),
    ]
    if found.adapter:
        cells.append(("The adapter, not knowing of it", _answer(found.adapter), violet))
    if found.update:
        update = found.update
        took = f"{update.changed} of {update.examples} examples, {seconds_in_words(update.seconds)}"
        cells.append((f"The adapter, trained anew: {took}", _answer(update.answer), violet))
    st.markdown(plain(f"“{found.old}” became “{found.new}” in {found.document}") + _when(kept))
    _two_columns(cells)
    notes = []
    if found.still_old:
        notes.append("RAG's answer still says the old fact too")
    if found.elsewhere:
        notes.append(f"the old fact also stands in {', '.join(found.elsewhere)}")
    if found.adapter and not found.adapter.said:
        notes.append("the adapter had not learned the old fact")
    if notes:
        st.caption(plain(f"Note: {'; '.join(notes)}."))


def withdrawal_result(kept: Kept[Withdrawal], deletes: bool) -> None:
    found = kept.result
    asked = len(found.asked)
    told = sum(each.adapter is not None for each in found.asked)
    searches = ", ".join(f"{mode} {count}" for mode, count in found.found.items())
    what = "deleted" if deletes else "hidden"
    st.markdown(
        f"{plain(found.document)} was {what}{_when(kept)}. Passages of it that searches still find: "
        f"**{found.left}** ({searches})."
        + (f" {_adapter_tells(found.told_by_adapter, told)}" if told else "")
    )
    telling_first = sorted(found.asked, key=_told)
    rows = "".join(
        f"<tr><td>{escape(each.question)}</td><td>{_tick(each.before)}</td>"
        f"<td>{_tick(each.after, each.before.said)}</td>"
        f"<td>{_tick(each.adapter) if each.adapter else '–'}</td></tr>"
        for each in telling_first[:MOST]
    )
    st.html(
        '<div class="pg"><table class="wrap"><tr><th>Who says it</th><th>RAG before</th><th>RAG after</th>'
        f"<th>adapter</th></tr>{rows}</table></div>"
    )
    telling = next((each for each in telling_first if each.adapter and each.adapter.said), None)
    if telling and telling.adapter:
        _two_columns(
            [
                (f"RAG, after: {telling.question}", _answer(telling.after), palette()[0]),
                ("The adapter, still", _answer(telling.adapter), palette()[4]),
            ]
        )
    if asked > MOST:
        st.caption(f"And {asked - MOST} more question{'s' * (asked - MOST != 1)}.")
    if found.told_by_search:
        sources = ", ".join(found.elsewhere) or "other documents"
        st.caption(plain(f"What RAG says after comes from {sources}."))


def _adapter_tells(told: int, of: int) -> str:
    tells = f"still tells **{told} of {of}**" if told else f"tells **none of {of}**"
    return f"The adapter {tells} facts."


def behaviour_result(kept: Kept[Behaviour]) -> None:
    found = kept.result
    st.markdown(
        f"{found.questions} questions in {found.wordings} wordings each"
        + (f", {found.repeats} times" if found.repeats > 1 else "")
        + _when(kept)
    )
    rows = "".join(
        f"<tr><td>{NAMES[approach]}</td><td>{_share(column.consistent)}</td><td>{_share(column.valid)}</td>"
        f"<td>{_share(column.answered)}</td></tr>"
        for approach in ORDER
        if (column := found.columns.get(approach))
    )
    st.html(
        '<div class="pg"><table><tr><th></th><th>answers alike</th><th>in the form</th><th>answered</th></tr>'
        f"{rows}</table></div>"
    )
    for what, effects in (("Alike", found.consistency_effects), ("In the form", found.format_effects)):
        for effect in effects:
            st.caption(f"{what}, {effect.name} against {effect.baseline}: {in_words(effect)}.")


def _two_columns(cells: Sequence[tuple[str, str, str]]) -> None:
    for begin in range(0, len(cells), 2):
        for column, (title, text, colour) in zip(
            st.columns(2, gap="small"), cells[begin : begin + 2], strict=False
        ):
            column.html(
                f'<div class="pg said" style="--c:{colour}">'
                f'<div class="muted">{escape(title)}</div>{text}</div>'
            )


def _answer(said: Said) -> str:
    """The answer, with the sign of whether the fact stands in it."""
    sign = "✓" if said.said else "✗"
    text = said.text.strip().replace("\n", "\n\n")
    return f"<b>{sign}</b> {escape(text)}"


def _told(asked: Asked) -> tuple[bool, bool]:
    """What the adapter tells comes first, then what RAG said before; what nobody says shows nothing."""
    return not (asked.adapter and asked.adapter.said), not asked.before.said


def _tick(said: Said, said_before: bool = False) -> str:
    return "✓ says it" if said.said else "✗ no longer" if said_before else "✗ no"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.0%}"


def _when(kept: Kept[Any]) -> str:
    return f" :gray[{kept.at[:16].replace('T', ' ')} UTC]"
