"""The settings card: what is tuned, how, and under which name; what it will take; and the button that starts.

The draft's values are the truth, the widgets follow them. This module does not know what the knobs do.
"""

from collections.abc import Callable

import streamlit as st

from playground import settings as environment
from playground.adapters.card import Kind
from playground.adapters.estimate import Estimate, estimate
from playground.adapters.example_checks import overlap_with
from playground.adapters.registry import MAX_NAME, adapter_name
from playground.adapters.training import TrainingRequest
from playground.engines.downloads import SUGGESTED, on_disk
from playground.errors import ConfigError
from playground.reading.limits import size_words
from playground.ui import resources
from playground.ui.background import about
from playground.ui.components import plain
from playground.ui.fine_tune.components import sentence
from playground.ui.fine_tune.job import TrainingRun, start_training, training_job
from playground.ui.fine_tune.questions import known_questions, outside_questions
from playground.ui.fine_tune.state import Draft, Prepared, draft
from playground.ui.model_download import model_download

KINDS: dict[Kind, str] = {"extractive": "Built-in engine", "local_model": "Language model"}
FEWEST = 2
"""Examples without which nothing can be told apart."""

RANKS = (2, 4, 8, 16, 32, 64)
RATES = (1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3)
TIMES = ("once", "twice", "three times", "four times", "five times")


def settings_card(prepared: Prepared | None) -> None:
    """`prepared` are the examples that would be trained with now, None as long as there are none."""
    current = draft()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown("**2&ensp;Settings**", width="stretch")
        _kind(current)
    if current.values["kind"] == "local_model":
        _model(current)
    left, right = st.columns(2, gap="medium")
    with left:
        _rank(current)
    with right:
        _length(current)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        _early_stop(current)
        with st.popover("Advanced", icon=":material/settings:", type="tertiary", key="advanced"):
            _advanced(current)
    st.space("stretch")
    _start_bar(current, prepared)


def _follow(name: str, key: str) -> Callable[[], None]:
    """Put the draft's value into the widget `key`, and take what the person changes there."""
    current = draft()
    st.session_state[key] = current.values[name]

    def changed() -> None:
        value = st.session_state[key]
        if value is not None:
            current.values[name] = value

    return changed


def _kind(current: Draft) -> None:
    st.session_state["trained"] = current.values["kind"]

    def changed() -> None:
        if st.session_state["trained"]:
            current.choose_kind(st.session_state["trained"])

    st.segmented_control(
        "What is trained",
        list(KINDS),
        key="trained",
        on_change=changed,
        format_func=lambda kind: KINDS[kind],
        required=True,
        label_visibility="collapsed",
        width="content",
    )


def _model(current: Draft) -> None:
    changed = _follow("model", "train_model")
    known = [environment.local_model(), SUGGESTED, current.values["model"]]
    st.selectbox(
        "Base model: hub name or path",
        list(dict.fromkeys(name for name in known if name)),
        key="train_model",
        on_change=changed,
        accept_new_options=True,
    )
    model_download(current.values["model"], "fine_tune")


def _length(current: Draft) -> None:
    """How long is trained: rounds over the examples, or so many steps where somebody has asked for these."""
    if current.values["steps"]:
        changed = _follow("steps", "steps")
        high = max(400, current.values["steps"])
        low = min(10, current.values["steps"])
        st.slider("Steps", low, high, key="steps", step=5, on_change=changed)
    else:
        changed = _follow("rounds", "epochs")
        high = max(30, current.values["rounds"])
        st.slider("Rounds over the examples", 1, high, key="epochs", on_change=changed)


def _early_stop(current: Draft) -> None:
    times = current.values["patience"]
    word = TIMES[times - 1] if times <= len(TIMES) else f"{times} times"
    changed = _follow("early_stop", "early_stop")
    st.toggle(
        f"Stop when the held-out loss rises {word}",
        key="early_stop",
        on_change=changed,
        help="The weights of the best step are kept in any case.",
        width="stretch",
    )


def _advanced(current: Draft) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        _number("batch", "Examples a step", 1, 1024)
        _number("max_tokens", "Longest example (tokens)", 16, 32_768)
        _number("steps", "Steps; 0 counts rounds", 0, 100_000, "steps_exactly")
    with right:
        changed = _follow("learning_rate", "learning_rate")
        st.selectbox(
            "Learning rate",
            sorted({*RATES, current.values["learning_rate"]}),
            key="learning_rate",
            on_change=changed,
            format_func=lambda rate: f"{rate:g}",
        )
        _number("patience", "Rises before it stops", 1, 100)
        _number("seed", "Seed", 0, 2**31 - 1)
    if current.values["kind"] == "extractive":
        changed = _follow("learn_held_out", "learn_held_out")
        st.toggle(
            "Learn the held-out examples too, once the scores are taken",
            key="learn_held_out",
            on_change=changed,
            help="A little better with new inputs. In Compare they are then no test any more.",
            width="stretch",
        )


def _number(name: str, label: str, low: int, high: int, key: str = "") -> None:
    key = key or f"train_{name}"
    changed = _follow(name, key)
    st.number_input(label, low, high, key=key, on_change=changed, step=1)


def _rank(current: Draft) -> None:
    changed = _follow("rank", "rank")
    st.select_slider(
        "LoRA rank",
        sorted({*RANKS, current.values["rank"]}),
        key="rank",
        on_change=changed,
        help="The size: a larger adapter learns more, and more by heart.",
    )


def _name(current: Draft) -> None:
    st.session_state["adapter_name"] = _adapter_name(current)

    def changed() -> None:
        current.name = st.session_state["adapter_name"].strip()

    st.text_input(
        "Name of the adapter",
        key="adapter_name",
        on_change=changed,
        placeholder="Name of the adapter",
        max_chars=MAX_NAME,
        label_visibility="collapsed",
        icon=":material/extension:",
        width="stretch",
    )


def _adapter_name(current: Draft) -> str:
    return current.name_besides([entry.card.name for entry in resources.adapters().entries()])


def _start_bar(current: Draft, prepared: Prepared | None) -> None:
    reason = why_not_yet(current, prepared)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        _name(current)
        st.button(
            "Train",
            key="train",
            type="primary",
            icon=":material/play_arrow:",
            disabled=bool(reason),
            on_click=_train,
            args=(current, prepared),
            width="content",
        )
    st.caption(plain(reason) if reason else estimate_words(_estimate(current, prepared)))


def why_not_yet(current: Draft, prepared: Prepared | None) -> str:
    """Why the training cannot start yet, and what to do; empty where it can."""
    job = training_job()
    if job and job.active:
        return "One training at a time: the next can start when this one has ended"
    if prepared is None:
        return "Add examples first"
    if len(prepared.split.training) < FEWEST:
        return f"At least {FEWEST} examples for training are needed; add some, or hold fewer out"
    if current.settings_problem:
        return current.settings_problem
    try:
        adapter_name(_adapter_name(current))
    except ConfigError as error:
        return sentence(str(error))
    model = current.values["model"]
    if current.values["kind"] == "local_model" and not on_disk(model):
        return f"{model} is not on this machine, and only a model that is can be trained"
    return ""


def _train(current: Draft, prepared: Prepared | None) -> None:
    if prepared is None or current.source is None:
        return
    workspace = resources.workspace()
    shared = overlap_with(prepared.report, [each.question for each in known_questions(workspace)])
    request = TrainingRequest(
        adapter_name(_adapter_name(current)),
        prepared.split.training,
        prepared.split.held_out,
        current.settings,
        workspace.home,
        outside_questions(workspace, shared),
        background=True,
    )
    start_training(TrainingRun(request, current.source.name, prepared.report.labelled))


def _estimate(current: Draft, prepared: Prepared | None) -> Estimate | None:
    if prepared is None:
        return None
    return estimate(current.settings, prepared.report.usable, True, resources.workspace().home)


def estimate_words(found: Estimate | None) -> str:
    """What a training takes, in one line; says whether that was measured here or is a guess."""
    if found is None:
        return "How long it takes shows with the first step"
    basis = "measured by the last training here" if found.measured else "a guess before the first one here"
    words = about(found.seconds)
    return f"{words[0].upper()}{words[1:]} and {size_words(found.memory_bytes)} of memory, {basis}"
