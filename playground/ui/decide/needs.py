"""The questionnaire: in short beside the verdict, and in full with what every answer adds."""

import streamlit as st

from playground.decision.conclusion import Conclusion
from playground.decision.criteria import CRITERIA, Criterion, Option
from playground.decision.verdict import ENOUGH, NAMES, Contribution, Verdict
from playground.ui.components import escape, palette, plain
from playground.ui.decide import state as decide

TALL = 372
"""Pixels of the questions beside the verdict; the rest is scrolled to."""


def needs_card(verdict: Verdict) -> None:
    """Every question in a word, to be answered while the verdict is watched."""
    answered = len(CRITERIA) - len(verdict.unanswered)
    given = {each.criterion.key: each for each in verdict.contributions}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.markdown("**Your task**", width="content")
        st.markdown(f":gray[{answered} of {len(CRITERIA)} answered]", width="content")
    with st.container(height=TALL, border=False, gap="small", key="need_list"):
        for criterion in CRITERIA:
            _control(criterion, given.get(criterion.key), "need", criterion.short, short=True)


def task_section(found: Conclusion) -> None:
    """The questions with their explanations, and what each answer adds."""
    verdict = found.asked
    left, right = st.columns([2.6, 1], gap="small")
    with left.container(border=True, height="stretch", key="task_questions", gap="small"):
        st.markdown("**Your task** :gray[filled: speaks for it, outlined: against it]")
        given = {each.criterion.key: each for each in verdict.contributions}
        for criterion in CRITERIA:
            _row(criterion, given.get(criterion.key))
    with right.container(border=True, key="task_verdict", gap="small"):  # stays in sight, see the style
        _so_far(found)


def _row(criterion: Criterion, given: Contribution | None) -> None:
    with st.container(gap=None, key=f"row_{criterion.key}"):
        asked, adds = st.columns([11, 2.4], gap="small", vertical_alignment="center")
        asked.markdown(
            f"**{criterion.question}**  \n{plain(criterion.explanation)} "
            f":gray[For example: {plain(criterion.example)}]"
        )
        with asked:  # below the text: beside it the longer answers would not fit
            _control(criterion, given, "task", criterion.question, short=False)
        adds.html(f'<div class="pg weights">{_weights(given)}</div>')


def _control(criterion: Criterion, given: Contribution | None, prefix: str, label: str, short: bool) -> None:
    """One question; what is chosen is kept at once, and a second click takes it back."""
    key = f"{prefix}_{criterion.key}"
    st.session_state[key] = given.option.value if given else None
    labels = {option.value: option.word if short else option.label for option in criterion.options}
    st.segmented_control(
        label,
        list(labels),
        format_func=labels.__getitem__,
        key=key,
        on_change=_keep,
        args=(criterion.key, key),
        help=f"{plain(criterion.question)} {plain(criterion.explanation)}" if short else None,
        label_visibility="visible" if short else "collapsed",
        width="stretch" if short else "content",
    )


def _keep(criterion: str, key: str) -> None:
    decide.answer(criterion, st.session_state[key])


def _weights(given: Contribution | None) -> str:
    if given is None:
        return '<span class="none">not answered</span>'
    if given.silent:
        return '<span class="none">no weight</span>'
    return _weight("looking up", given.lookup, palette()[0]) + _weight("tuning", given.tuning, palette()[4])


def _weight(what: str, points: int, colour: str) -> str:
    if not points:
        return ""
    against = ' class="against"' if points < 0 else ""
    signed = f"{points:+d}".replace("-", "−")
    return f'<span{against} style="--c:{colour}">{escape(what)} {signed}</span>'


def _so_far(found: Conclusion) -> None:
    """What the answers alone point to, without what was measured."""
    verdict = found.asked
    st.markdown("**What your answers point to** :gray[without what was measured]")
    st.markdown(f"## {verdict.name}", anchors=False)
    for what, points in (("Looking up", verdict.lookup), ("Tuning", verdict.tuning)):
        state = "worth it" if points >= ENOUGH else f"not yet: {ENOUGH} points are needed"
        st.markdown(f"{what}: **{points} points**, {state}".replace("-", "−"))
    for text in verdict.contradictions:
        st.warning(plain(text), icon=":material/warning:")
    if verdict.first_step:
        st.markdown(":material/looks_one: Whatever follows: a better prompt comes first, it is the cheapest.")
    if found.changes:
        st.markdown("**One other answer would change it**")
        lines = [
            f"- {plain(each.criterion.short)}: *{plain(_said(each.option))}* → {plain(NAMES[each.approach])}"
            for each in found.changes[:8]
        ]
        st.markdown("\n".join(lines))
    else:
        st.caption("No single other answer would change it.")


def _said(option: Option) -> str:
    return option.label[0].lower() + option.label[1:]
