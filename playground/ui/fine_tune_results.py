"""What a training changed: held-out scores before and after, examples side by side, what was forgotten."""

from collections.abc import Sequence

import streamlit as st

from playground.adapters.card import AdapterCard, Difference, Forgetting, Scores
from playground.adapters.registry import AdapterEntry
from playground.adapters.scoring import HeldOutRow, best_and_worst, read_rows
from playground.config import BUILTIN_ENCODER, PipelineConfig, four_approaches
from playground.errors import InputError
from playground.ui import resources, state
from playground.ui.components import escape, plain
from playground.ui.fine_tune_components import centred
from playground.ui.fine_tune_job import kept_examples

BEST, WORST = 3, 2
"""Rows that are shown at once; the others are folded away."""

FOLDED = 10


def before_and_after(chosen: AdapterEntry | None, reason: str) -> None:
    """The card of the chosen adapter. `reason` says why it cannot be switched on here, or is empty."""
    if chosen is None:
        st.markdown("**Before and after** :gray[held-out examples]")
        _empty()
        return
    _head(chosen, reason)
    card = chosen.card
    if card.scores is None:
        st.markdown(
            ":gray[Nothing was held out when this adapter was trained, so nothing says how good it is. "
            "Hold some examples out and train it anew.]"
        )
    else:
        st.html(f'<div class="pg ft-figures">{_figures(card, card.scores)}</div>')
    try:
        rows = read_rows(chosen.folder)
    except InputError as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    _examples(rows, card.labelled)


def _head(chosen: AdapterEntry, reason: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(
            f"**Before and after** :gray[held-out examples of {plain(chosen.card.name)}, without retrieval]",
            width="stretch",
        )
        if st.button(
            "Compare now",
            key="compare_now",
            icon=":material/view_column:",
            disabled=bool(reason),
            help=plain(reason[:1].upper() + reason[1:])
            if reason
            else "Four columns: prompt only, RAG, fine-tuned, and both",
            width="content",
        ):
            open_compare(chosen)
            st.switch_page("../../pages/compare.py")


def open_compare(chosen: AdapterEntry) -> None:
    """Fill Compare's columns with the four approaches, and its question, where none was asked, with the
    held-out example that gained most."""
    home = resources.workspace().home
    state.fill(four_approaches(compared_config(state.columns()[0], chosen.card, home_set(chosen)), chosen.id))
    if not state.comparison().asked and not st.session_state.get("question"):
        best, _ = best_and_worst(read_rows(chosen.folder), 1)
        if best and home.is_dir():
            st.session_state["question"] = best[0].input


def home_set(chosen: AdapterEntry) -> str:
    """The labelled examples that the adapter was trained with, by the name under which they are kept."""
    card = chosen.card
    return kept_examples(resources.workspace().home, card.examples_hash) if card.labelled else ""


def compared_config(now: PipelineConfig, card: AdapterCard, examples: str) -> PipelineConfig:
    """The first column's settings, with the engine that the adapter belongs to."""
    values = {
        "engine.name": card.kind,
        "engine.model": card.base if card.kind == "local_model" else "",
        "engine.address": "",
        "engine.examples": examples if card.kind == "extractive" else "",
        "adapter": "",
    }
    if card.kind == "extractive":
        values["encoder.name"] = BUILTIN_ENCODER
    return now.with_values(values)


def _figures(card: AdapterCard, scores: Scores) -> str:
    what = "Right answers" if scores.name == "accuracy" else "Match with the wanted output"
    of = f"{scores.examples:,} held-out examples"
    figures = [
        _figure(what, of, scores.before, scores.after, scores.difference),
        '<div><dt>Answers that moved <span class="muted">from what the base says</span></dt>'
        f"<dd>{percent(scores.moved)}</dd><p>{_moved(scores)}</p></div>",
    ]
    figures.append(_forgetting(card.forgetting))
    return f"<dl>{''.join(figures)}</dl>"


def _figure(what: str, of: str, before: float, after: float, difference: Difference) -> str:
    return (
        f'<div><dt>{escape(what)} <span class="muted">{escape(of)}</span></dt>'
        f'<dd><span class="muted">{percent(before)} →</span> {percent(after)}</dd>'
        f"<p>{escape(difference_words(difference))}</p></div>"
    )


def _moved(scores: Scores) -> str:
    return f"{round(scores.moved * scores.examples):,} of {scores.examples:,}"


def _forgetting(found: Forgetting | None) -> str:
    if found is None:
        return (
            '<div><dt>Forgetting <span class="muted">other questions</span></dt><dd class="muted">–</dd>'
            "<p>not checked: there were no questions outside the examples</p></div>"
        )
    of = f"{found.questions:,} other questions, {found.name}"
    return _figure("Forgetting", of, found.before, found.after, found.difference)


def difference_words(difference: Difference) -> str:
    """ "+47 points (+38 to +55)", and what follows from it."""
    low, mean, high = (_points(each) for each in (difference.low, difference.mean, difference.high))
    if difference.low > 0:
        verdict = "better"
    elif difference.high < 0:
        verdict = "worse"
    elif difference.low == difference.high == 0:
        verdict = "nothing changed"
    else:
        verdict = "too close to call"
    return f"{mean} points ({low} to {high}): {verdict}"


def _points(value: float) -> str:
    points = round(value * 100)
    return "0" if points == 0 else f"{points:+d}".replace("-", "−")


def percent(value: float) -> str:
    return f"{round(value * 100)} %"


def _examples(rows: Sequence[HeldOutRow], labelled: bool) -> None:
    if not rows:
        return
    best, worst = best_and_worst(rows, FOLDED)
    st.html(_table(best[:BEST], worst[:WORST], labelled))
    if len(rows) > BEST + WORST:
        with st.expander("More held-out examples"):
            st.html(_table(best[BEST:], worst[WORST:], labelled))


def _table(best: Sequence[HeldOutRow], worst: Sequence[HeldOutRow], labelled: bool) -> str:
    names = ("Input", "Wanted", "Before", "After", "Right" if labelled else "Match")
    head = "".join(f"<th>{name}</th>" for name in names)
    body = ""
    for title, rows in (("▲ gained most", best), ("▼ gained least", worst)):
        if rows:
            body += f'<tr class="group"><td colspan="5">{title}</td></tr>'
            body += "".join(_row(row, labelled) for row in rows)
    return f'<div class="pg"><table class="ft-rows"><tr>{head}</tr>{body}</table></div>'


def _row(row: HeldOutRow, labelled: bool) -> str:
    cells = "".join(
        f'<td{kind}><div title="{escape(text)}">{escape(text) or "<i>says nothing</i>"}</div></td>'
        for text, kind in (
            (row.input, ""),
            (row.wanted, ' class="muted"'),
            (row.before, ' class="muted"'),
            (row.after, ""),
        )
    )
    before, after = (_score(each, labelled) for each in (row.score_before, row.score_after))
    return f'<tr>{cells}<td><span class="muted">{before} →</span> <b>{after}</b></td></tr>'


def _score(value: float, labelled: bool) -> str:
    return ("✓" if value == 1 else "✗") if labelled else percent(value)


def _empty() -> None:
    with centred("no_results"):
        st.markdown(
            ":gray[After a training: what the base and the adapter say to examples that neither has seen, "
            "how sure the difference is, and whether anything else was forgotten.]",
            width=520,
            text_alignment="center",
        )
