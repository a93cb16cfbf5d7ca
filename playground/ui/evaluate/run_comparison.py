"""Two runs side by side: what came out differently, question by question, and what else had changed.

It draws what `playground.evaluation.run_comparison` found, and computes nothing.
"""

from collections.abc import Iterator, Sequence

import streamlit as st

from playground.errors import InputError
from playground.evaluation.run_comparison import ContenderChange, Moved, RunComparison, compare_runs
from playground.evaluation.run_store import RunEntry
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.evaluate import charts

HEIGHT = 225
"""Pixels of the chart, at least."""

COLUMNS = 4
"""Configurations side by side."""

MOST = 6
"""Questions, documents and settings of a list that are named; the others are counted."""


def comparison_of_two(earlier: RunEntry, later: RunEntry) -> None:
    """Both runs by the share of right answers, paired by question."""
    try:
        found = _compared(earlier.id, later.id)
    except InputError as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    left, right = st.columns([3, 2], gap="small")
    with left.container(border=True, height="stretch", key="run_differences", gap="small"):
        names = f"{plain(found.later.name)} against {plain(found.earlier.name)}"
        in_both = f"{found.questions} question{'s' * (found.questions != 1)} in both, answers right, paired"
        st.markdown(f"**{names}** :gray[{in_both}]")
        _differences(found)
    with right.container(border=True, height="stretch", key="run_changes", gap="small"):
        st.markdown("**What else changed** :gray[before → after]")
        lines = list(_changes(found)) or ["Nothing: the same documents, labels, settings and versions."]
        st.markdown("  \n".join(lines))
    if found.questions and found.contenders:
        with st.container(border=True, key="run_moved", gap="small"):
            st.markdown("**Answers that changed** :gray[▲ right now and not before, ▼ the other way round]")
            for number, place in enumerate(st.columns(min(len(found.contenders), COLUMNS), gap="small")):
                with place:
                    for change in found.contenders[number::COLUMNS]:
                        _moved(change)


def _compared(earlier: str, later: str) -> RunComparison:
    """Worked out once, as long as neither changes: resampling takes a moment."""
    store = resources.workspace().runs
    count_seen = bool(st.session_state.get("count_seen"))
    stamp = earlier, later, count_seen, store.revision
    known = st.session_state.get("run_comparison")
    if known is None or known[0] != stamp:
        known = stamp, compare_runs(store.run(earlier), store.run(later), count_seen=count_seen)
        st.session_state["run_comparison"] = known
    found: RunComparison = known[1]
    return found


def _differences(found: RunComparison) -> None:
    if not found.contenders or not found.questions:
        st.caption("They have no question and no configuration in common: there is nothing to compare.")
        return
    comparisons = [each.comparison for each in found.contenders]
    charts.difference_chart(comparisons, max(HEIGHT, 56 * len(comparisons) + 36), "run_difference_chart")
    if any(each.verdict == "too few questions" for each in comparisons):
        st.caption(f"There is no verdict from fewer than {FEWEST_FOR_A_VERDICT} questions.")


def _moved(change: ContenderChange) -> None:
    """Questions that one configuration has gained and lost."""
    if not (change.gained or change.lost):
        st.markdown(f"**{plain(change.name)}** :gray[no answer became right, none ceased to be]")
        return
    st.markdown(f"**{plain(change.name)}** :gray[{len(change.gained)} gained, {len(change.lost)} lost]")
    lines = _questions(":green[▲]", change.gained) + _questions(":red[▼]", change.lost)
    st.markdown("  \n".join(lines))


def _questions(sign: str, moved: Sequence[Moved]) -> list[str]:
    lines = [f"{sign} {plain(each.question.question)}" for each in moved[:MOST]]
    return lines + ([f"{sign} :gray[and {len(moved) - MOST} more]"] if len(moved) > MOST else [])


def _changes(found: RunComparison) -> Iterator[str]:
    yield from _of_questions(found)
    documents = found.documents
    for word, names in (
        ("changed", documents.changed),
        ("added", documents.added),
        ("removed", documents.removed),
        ("renamed", [f"{old} → {new}" for old, new in documents.renamed]),
    ):
        if names:
            yield f":material/description: Documents {word}: {_listed(names)}"
    for change in found.contenders:
        values = [f"{name} {_value(old)} → {_value(new)}" for name, (old, new) in change.settings.items()]
        if values:
            yield f":material/tune: {plain(change.name)}: {_listed(values)}"
    for word, missing in (
        ("before", found.contenders_only_earlier),
        ("after", found.contenders_only_later),
    ):
        if missing:
            yield f":material/tune: Only {word}: {_listed(missing)}"
    if found.check_changed:
        yield ":material/rule: Answers had to have another format"
    if found.versions:
        versions = [
            f"{name} {old or 'none'} → {new or 'none'}" for name, (old, new) in found.versions.items()
        ]
        yield f":material/package_2: {_listed(versions)}"


def _of_questions(found: RunComparison) -> Iterator[str]:
    for word, questions in (
        ("Only before", found.only_earlier),
        ("Only after", found.only_later),
        ("Labels changed", found.relabelled),
    ):
        if questions:
            noun = "question" if len(questions) == 1 else "questions"
            named = _listed([f"“{each.question}”" for each in questions])
            yield f":material/help: {word}: {len(questions)} {noun}, {named}"


def _value(value: object) -> str:
    """A setting's value, a long one shortened."""
    words = " ".join(str(value).split()) or "none"
    return words if len(words) <= 60 else f"{words[:57]}…"


def _listed(names: Sequence[str]) -> str:
    more = f" :gray[and {len(names) - MOST} more]" if len(names) > MOST else ""
    return plain(", ".join(names[:MOST])) + more
