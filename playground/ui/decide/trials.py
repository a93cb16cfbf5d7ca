"""The trials: change a fact, delete a document, hide one, ask in other words; and what came of each."""

from collections.abc import Callable, Generator, Sequence
from functools import partial
from typing import Any

import streamlit as st

from playground.adapters.card import AdapterCard
from playground.adapters.settings import TrainingSettings
from playground.adapters.training_sets import training_set
from playground.decision.behaviour import behaviour_steps, reworded
from playground.decision.matrix import approach_of
from playground.decision.proposals import Proposal, document_thought_of, documents_with_questions, proposals
from playground.decision.trials import (
    Retraining,
    freshness_steps,
    removal_steps,
    restriction_steps,
)
from playground.presets import four_approaches
from playground.questions.labels import LabelledQuestion
from playground.questions.sets import available_sets
from playground.ui import resources
from playground.ui.components import plain
from playground.ui.decide import state as decide
from playground.ui.decide.state import Setting
from playground.ui.decide.trial_results import behaviour_result, freshness_result, withdrawal_result
from playground.ui.evaluate import state as evaluate
from playground.ui.evaluate.jobs import job_status


def trials_section() -> None:
    """Four cards, each with what it needs and what it brought."""
    questions = _questions()
    if not questions:
        _nothing_to_try()
        return
    setting = decide.setting()
    upper, lower = st.columns(2, gap="small"), st.columns(2, gap="small")
    cards = (
        (upper[0], "freshness", freshness_card),
        (upper[1], "removal", partial(withdrawal_card, "removal")),
        (lower[0], "restriction", partial(withdrawal_card, "restriction")),
        (lower[1], "behaviour", behaviour_card),
    )
    for column, key, card in cards:
        with column.container(border=True, height="stretch", key=f"trial_{key}", gap="small"):
            card(questions, setting)


def freshness_card(questions: Sequence[LabelledQuestion], setting: Setting) -> None:
    """Change a fact, and see who says the new one."""
    st.markdown("**Change a fact** :gray[when does each approach say the new one?]")
    found = _known("proposals", partial(proposals, questions, resources.workspace()))
    if not found:
        st.caption("No labelled question has its expected answer in its evidence: label one on Compare.")
        return
    chosen: Proposal = st.selectbox(
        "Question", found, format_func=lambda each: each.question.question, key="fresh_question"
    )
    st.html(f'<div class="pg said" style="--c:#7C8698">{chosen.marked()}</div>')
    left, right = st.columns(2, gap="small")
    old = left.text_input("Says now", chosen.old, key=f"fresh_old_{chosen.question.id}")
    new = right.text_input("Shall say", chosen.new, key=f"fresh_new_{chosen.question.id}")
    retraining, why_not = _retraining(setting.adapter)
    again = st.toggle(
        "Train the adapter anew too, to see what that takes",
        value=False,
        key="fresh_retrain",
        disabled=retraining is None,
        help=why_not or "With the same settings, on the same examples with the new fact in them",
    )
    steps = partial(
        freshness_steps,
        resources.workspace(),
        setting.config,
        chosen.question,
        old.strip(),
        new.strip(),
        setting.closed_book,
        retraining if again else None,
    )
    problem = "" if new.strip() and new.strip() != old.strip() else "Write what it shall say instead."
    _run("freshness", "Change it", "Changing a fact", steps, _cannot_search(setting) or problem, setting)
    if kept := decide.trial("freshness"):
        freshness_result(kept)


def withdrawal_card(kind: str, questions: Sequence[LabelledQuestion], setting: Setting) -> None:
    """Take a document away, from everybody or from the one who asks."""
    deletes = kind == "removal"
    heading = "**Delete a document**" if deletes else "**Hide a document**"
    st.markdown(
        f"{heading} :gray[{'who still says what it said?' if deletes else 'who tells it to others?'}]"
    )
    workspace = resources.workspace()
    found = _known("documents", partial(documents_with_questions, questions, workspace))
    if not found:
        st.caption("No labelled question has its evidence in one document alone: label one on Compare.")
        return
    proposed = document_thought_of("removal" if deletes else "restricted", questions)
    document = st.selectbox(
        "Document",
        sorted(found, key=lambda name: name != proposed),
        format_func=lambda name: f"{name} ({found[name]} question{'s' * (found[name] != 1)})",
        key=f"{kind}_document",
    )
    make = removal_steps if deletes else restriction_steps
    steps = partial(make, workspace, setting.config, document, questions, setting.closed_book)
    label = "Delete it" if deletes else "Hide it"
    title = f"{'Deleting' if deletes else 'Hiding'} {document}"
    _run(kind, label, title, steps, _cannot_search(setting), setting)
    if kept := decide.trial(kind):
        withdrawal_result(kept, deletes)


def behaviour_card(questions: Sequence[LabelledQuestion], setting: Setting) -> None:
    """Ask the same in other words."""
    st.markdown("**Ask in other words** :gray[do form and answer stay the same?]")
    answerable = [each.question for each in questions if each.answerable]
    count = st.slider("Questions", 1, max(len(answerable), 2), min(10, len(answerable)), key="reworded_count")
    config, repeats = setting.config, 1
    if config.engine.name != "extractive" and config.engine.temperature > 0:
        repeats = st.slider("Times each", 1, 5, 2, key="reworded_repeats", help="With another seed each time")
    asked = _spread(answerable, count)
    own = st.text_area(
        "Own wordings",
        key="reworded_own",
        placeholder="the question | the same in other words",
        help="One a line: a question of the set, a bar, and another wording of it. They are asked besides: "
        + " · ".join(plain(each) for each in reworded("May I?")[1:]),
        height=70,
    )
    wordings, problem = _own_wordings(own, asked)
    configs = {approach_of(each): each for each in four_approaches(config, setting.adapter)}
    check = evaluate.evaluation().check
    steps = partial(behaviour_steps, resources.workspace(), configs, asked, check, wordings, repeats)
    _run("behaviour", "Ask them", "Asking in other words", steps, problem, setting)
    if check is None:
        st.caption("What answers have to look like is set on Evaluate, under Configurations.")
    if kept := decide.trial("behaviour"):
        behaviour_result(kept)


def _run(
    kind: str,
    label: str,
    title: str,
    steps: Callable[[], Generator[Any, None, Any]],
    problem: str,
    setting: Setting,
) -> None:
    working = decide.is_working(kind)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button(
            label,
            key=f"try_{kind}",
            icon=":material/science:",
            disabled=working or bool(problem),
            on_click=decide.try_out,
            args=(kind, title, steps),
            width="content",
        )
        st.caption(problem or ("" if setting.adapter else "Without an adapter only retrieval is tried."))
    job_status(decide.job_key(kind))


def _cannot_search(setting: Setting) -> str:
    """Why no document can be noticed to change or to be gone, or ""."""
    if setting.config.retrieves:
        return ""
    return "These settings vote among labelled examples and search no documents: choose others on Compare."


def _questions() -> list[LabelledQuestion]:
    """Those that are tried with: of the set that was measured, or one that is chosen."""
    sets = [each.name for each in available_sets(resources.workspace(), resources.questions())]
    if not sets:
        return []
    matrix = decide.evidence().matrix
    measured = matrix.run.plan.question_set if matrix else ""
    if st.session_state.get("trial_set") not in sets:
        st.session_state["trial_set"] = measured if measured in sets else sets[0]
    chosen = st.session_state["trial_set"]
    if len(sets) > 1:
        chosen = st.selectbox(
            "Questions",
            sets,
            key="trial_set",
            width=320,
            label_visibility="collapsed",
            persist_state="session",
        )
    return decide.questions(chosen)


def _known(name: str, compute: Callable[[], Any]) -> Any:
    """Worked out once for the questions and documents as they are: labels are looked up in whole
    documents."""
    stamp = (name, st.session_state.get("trial_set"), resources.workspace().revision)
    kept = st.session_state.setdefault("known_trials", {})
    if kept.get(name, (None,))[0] != stamp:
        kept[name] = stamp, compute()
    return kept[name][1]


def _retraining(adapter: str) -> tuple[Retraining | None, str]:
    """How the adapter was trained, or why that is not known."""
    if not adapter:
        return None, "There is no adapter yet."
    entry = next((each for each in resources.adapters().entries() if each.id == adapter), None)
    if entry is None:
        return None, "A model that is tuned on a server is trained there."
    card: AdapterCard = entry.card
    examples = training_set(resources.workspace().home, card.examples_hash)
    if examples is None:
        return (
            None,
            "The examples that it was trained with are not here: it was imported, or is an older one.",
        )
    return Retraining(examples, TrainingSettings(**card.settings)), ""


def _own_wordings(text: str, asked: Sequence[str]) -> tuple[dict[str, list[str]], str]:
    """The person's own wordings by question, and what is wrong with a line, or ""."""
    found: dict[str, list[str]] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        question, bar, wording = (part.strip() for part in line.partition("|"))
        if not bar or question not in asked or not wording:
            return (
                {},
                f"“{plain(line[:60])}” does not begin with one of the questions that are asked, and a bar.",
            )
        found.setdefault(question, []).append(wording)
    return found, ""


def _spread(questions: Sequence[str], count: int) -> list[str]:
    """So many, evenly over the set: neighbours are often of one kind."""
    count = min(count, len(questions))
    return [questions[number * len(questions) // count] for number in range(count)]


def _nothing_to_try() -> None:
    with st.container(border=True, key="no_questions", horizontal_alignment="center", gap="small"):
        st.space("medium")
        st.markdown("### What happens to the answers when a document changes, or goes?", width="content")
        st.caption(
            "The trials need labelled questions: they say which answer stands where. Bring some on Evaluate, "
            "or open a scenario.",
            width="content",
        )
        st.space("medium")
