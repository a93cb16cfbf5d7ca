"""What a training changed: held-out scores before and after, examples side by side, what was forgotten."""

from collections.abc import Sequence

import streamlit as st

from playground.adapters.card import AdapterCard, Difference, Forgetting, Scores
from playground.adapters.kept_examples import kept_examples
from playground.adapters.registry import AdapterEntry
from playground.adapters.scoring import HeldOutRow, best_and_worst, read_rows
from playground.config import BUILTIN_ENCODER, PipelineConfig
from playground.errors import InputError
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT, signed, unseen_share
from playground.presets import four_approaches
from playground.ui import resources, state
from playground.ui.components import escape, plain
from playground.ui.fine_tune.components import centred, sentence

BEST, WORST = 3, 2
"""Rows of those that gained most, and of those that gained least; all of them are in a dialog."""


def before_and_after(chosen: AdapterEntry | None, reason: str) -> None:
    """The card of the chosen adapter. `reason` says why it cannot be switched on here, or is empty."""
    if chosen is None:
        st.markdown("**Before and after** :gray[held-out examples]")
        _empty()
        return
    card = chosen.card
    try:
        rows, problem = read_rows(chosen.folder), ""
    except InputError as error:
        rows, problem = [], str(error)
    _head(chosen, rows, reason)
    if card.scores is None:
        st.markdown(
            ":gray[Nothing was held out when this adapter was trained, so nothing says how good it is. "
            "Hold some examples out and train it anew.]"
        )
    else:
        st.html(f'<div class="pg ft-figures">{_figures(card, card.scores)}</div>')
    if problem:
        st.warning(plain(problem), icon=":material/warning:")
    _examples(rows, card.labelled)


def _head(chosen: AdapterEntry, rows: Sequence[HeldOutRow], reason: str) -> None:
    card = chosen.card
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**Before and after** :gray[{plain(card.name)}, without retrieval]", width="stretch")
        if len(rows) > BEST + WORST and st.button(
            f"All {len(rows):,}", key="all_held_out", icon=":material/table_rows:", type="tertiary"
        ):
            st.dialog(f"Held-out examples of {card.name}", width="large")(_all_examples)(rows, card.labelled)
        if st.button(
            "Compare now",
            key="compare_now",
            icon=":material/view_column:",
            disabled=bool(reason),
            help=plain(sentence(reason)) if reason else "Prompt only, RAG, fine-tuned, and both",
            width="content",
        ):
            open_compare(chosen)
            st.switch_page("../../pages/compare.py")


def open_compare(chosen: AdapterEntry) -> None:
    """Fill Compare's columns with the four approaches, and its question, where none was asked, with the
    held-out example that gained most."""
    config = compared_config(state.base_config(), chosen.card, home_set(chosen))
    state.fill(four_approaches(config, chosen.id))
    if not state.comparison().asked and not st.session_state.get("question"):
        best, _ = best_and_worst(read_rows(chosen.folder), 1)
        if best:
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
    moved = f"{round(scores.moved * scores.examples):,} of {scores.examples:,}"
    figures = [
        _figure(f"{what}, {scores.examples:,} held out", scores, scores.examples),
        _forgetting(card.forgetting),
        "<div><dt>Answers that moved</dt>"
        f"<dd><b>{percent(scores.moved)}</b><span>{moved} are not what the base says</span></dd></div>",
    ]
    return f"<dl>{''.join(figures)}</dl>"


def _figure(what: str, found: Scores | Forgetting, of: int) -> str:
    words = difference_words(found.difference, of)
    return (
        f"<div><dt>{escape(what)}</dt>"
        f'<dd><b><span class="muted">{percent(found.before)} →</span> {percent(found.after)}</b>'
        f"<span>{escape(words)}</span></dd></div>"
    )


def _forgetting(found: Forgetting | None) -> str:
    if found is None:
        return (
            "<div><dt>Other questions</dt><dd><b>–</b>"
            "<span>none were there to see what was forgotten</span></dd></div>"
        )
    what = f"Other questions, {found.name}, {found.questions:,} not trained"
    return _figure(what, found, found.questions)


def difference_words(difference: Difference, of: int) -> str:
    """ "+47 points (+38 to +55)", and what follows from it where there are enough examples to say."""
    low, mean, high = (signed(each) for each in (difference.low, difference.mean, difference.high))
    if of < FEWEST_FOR_A_VERDICT:
        verdict = f"{of} are too few to tell"
    elif difference.low > 0:
        verdict = "better"
    elif difference.high < 0:
        verdict = "worse"
    elif difference.mean == 0 and difference.high in (0, unseen_share(of)):  # 0: cards of older versions
        verdict = "nothing changed"
    else:
        verdict = "too close to call"
    return f"{mean} points ({low} to {high}): {verdict}"


def percent(value: float) -> str:
    return f"{round(value * 100)} %"


def _examples(rows: Sequence[HeldOutRow], labelled: bool) -> None:
    """Those that gained most, then those that gained least."""
    best, worst = best_and_worst(rows, BEST)
    if rows:
        st.html(_table([*best, *reversed(worst[:WORST])], labelled))


def _all_examples(rows: Sequence[HeldOutRow], labelled: bool) -> None:
    ranked = sorted(rows, key=lambda row: (row.gain, row.score_after), reverse=True)
    st.html(_table(ranked, labelled, " whole"))


def _table(rows: Sequence[HeldOutRow], labelled: bool, kind: str = "") -> str:
    names = ("Input", "Wanted", "Before", "After", "Right" if labelled else "Match")
    head = "".join(f"<th>{name}</th>" for name in names)
    body = "".join(_row(row, labelled) for row in rows)
    return f'<div class="pg"><table class="ft-rows{kind}"><tr>{head}</tr>{body}</table></div>'


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
    sign = "▲ gained" if row.gain > 0 else "▼ lost" if row.gain < 0 else "= as before"
    return (
        f'<tr>{cells}<td><span class="muted">{before} →</span> <b>{after}</b>'
        f'<div class="muted">{sign}</div></td></tr>'
    )


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
