"""The training card: how far the training is, its curve while it is measured, and the two ways to end it."""

from dataclasses import replace

import streamlit as st

from playground.adapters.card import CurvePoint
from playground.adapters.progress import TrainingProgress
from playground.adapters.registry import AdapterEntry
from playground.jobs import Job
from playground.ui.charts import learning_curve
from playground.ui.components import plain
from playground.ui.fine_tune.components import base_words, centred
from playground.ui.fine_tune.job import RunStep, TrainingRun, lowest, training_job
from playground.ui.fine_tune.state import draft

EVERY = 0.8
"""Seconds between two looks at the training."""

MOST_ROUNDS = 8
"""More rounds than these are too narrow to be named in the chart."""

_PHASES = {
    "loading": "Loading the base model",
    "scoring before": "Scoring the base on the held-out examples",
    "scoring after": "Scoring the adapter on the held-out examples",
    "done": "Putting the adapter into the library",
}


def note_training() -> None:
    """Before the page reads the state: a training that ends from here on is seen by the card's next look."""
    job = training_job()
    st.session_state["training_seen"] = job.state if job else ""


def top_line() -> None:
    """The page's title, what is tuned, and whether something is being trained."""
    job = training_job()
    with st.container(horizontal=True, vertical_alignment="center", key="train_bar", gap="small"):
        st.markdown("## Fine-tune", anchors=False, width="content")
        values = draft().values
        base = base_words(values["model"]) if values["kind"] == "local_model" else "built-in encoder"
        st.badge(plain(f"Base: {base}"), color="gray", icon=":material/memory:")
        if job and job.active:
            name = job.progress.run.name if isinstance(job.progress, RunStep) else ""
            st.badge(plain(f"Training {name}".strip()), color="blue", icon=":material/model_training:")


def training_card(chosen: AdapterEntry | None) -> None:
    """The training that runs, or the last one; where another adapter is chosen, how that one was trained."""
    job = training_job()
    active = job is not None and job.active
    st.fragment(_training_card, run_every=EVERY if active else None)(chosen)


def _training_card(chosen: AdapterEntry | None) -> None:
    job = training_job()
    if (job.state if job else "") != st.session_state.get("training_seen"):
        st.rerun()
    step = job.progress if job else None
    run = step.run if isinstance(step, RunStep) else None
    if job and job.active:
        _head(job, run)
        _running(job, step if isinstance(step, RunStep) else None)
    elif job and job.state in ("failed", "cancelled") and _is_news(job):
        _head()
        _ended_badly(job, step if isinstance(step, RunStep) else None)
    elif chosen is not None and chosen.card.curve:
        _head(name=chosen.card.name)
        _of_adapter(chosen)
    else:
        _head()
        _empty()


def _is_news(job: Job) -> bool:
    """Whether the person has not waved a failed or cancelled training away yet."""
    return st.session_state.get("training_closed") is not job


def _head(job: Job | None = None, run: TrainingRun | None = None, name: str = "") -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        of = f"{plain(name)} · " if name else ""
        st.markdown(f"**3&ensp;Training** :gray[{of}loss, lower is better]", width="stretch")
        if job is None:
            return
        stopping = run is not None and run.stopping
        st.button(
            "Stop and keep the best",
            key="stop",
            icon=":material/stop:",
            type="tertiary",
            disabled=run is None or stopping or job.cancelling or not _has_learned(job),
            on_click=run.request.stop.set if run else None,
        )
        st.button(
            "Cancel",
            key="cancel_training",
            icon=":material/close:",
            type="tertiary",
            disabled=job.cancelling,
            on_click=job.cancel,
        )


def _has_learned(job: Job) -> bool:
    """Whether there is a step whose weights could be kept."""
    return isinstance(job.progress, RunStep) and bool(job.progress.progress.curve)


def _running(job: Job, step: RunStep | None) -> None:
    if step is None:
        st.progress(0.0, "Begins …")
        return
    share, line = progress_line(step)
    if job.cancelling:
        line += " · is being cancelled, nothing is kept"
    elif step.run.stopping:
        line += " · stops after this step and keeps the best"
    st.progress(share, line)
    if step.progress.curve:
        _curve(step, "best so far")
    else:
        _waiting()


def progress_line(step: RunStep) -> tuple[float, str]:
    """The share of the present phase that is done, and a line that says how far the training is."""
    progress = step.progress
    share = min(progress.step / progress.steps, 1.0) if progress.steps else 0.0
    gone = f"{duration(progress.seconds)} gone"
    if progress.phase == "training":
        parts = [f"Step {progress.step:,} of {progress.steps:,}" if progress.steps else "Step 0", gone]
        ends = round_ends(progress.steps, step.run.steps_a_round)
        if ends:
            now = sum(end < progress.step for end in ends) + 1
            parts.insert(1, f"round {now} of {len(ends)}")
        if progress.seconds_left is not None:
            parts.append(f"about {duration(progress.seconds_left)} left")
        return share, " · ".join(parts)
    if progress.phase == "done":
        share = 1.0
    count = f", {progress.step:,} of {progress.steps:,}" if progress.steps else ""
    return share, f"{_PHASES.get(progress.phase, progress.phase)}{count} · {gone}"


def duration(seconds: float) -> str:
    """ "8 s", "2 min 10 s", "1 h 4 min"."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 10:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def _curve(step: RunStep, words: str) -> None:
    progress, per_round = step.progress, step.run.steps_a_round
    _draw(progress.curve, progress_steps(progress), words, per_round)


def progress_steps(progress: TrainingProgress) -> int:
    """How long the chart's axis is: while answers are scored, `steps` counts these and not the training's."""
    last = progress.curve[-1].step if progress.curve else 0
    return progress.steps if progress.phase == "training" else last


def _draw(curve: tuple[CurvePoint, ...], steps: int, words: str, steps_a_round: int) -> None:
    rounds = round_ends(steps, steps_a_round)
    learning_curve(curve, steps, lowest(curve), words, rounds, "loss_chart")


def round_ends(steps: int, steps_a_round: int) -> list[int]:
    """The steps at which the rounds over the examples end; none where there is one round only, or where they
    are too many or too short to be told apart."""
    ends = [min(end, steps) for end in range(steps_a_round, steps + steps_a_round, steps_a_round)]
    return ends if steps_a_round > 1 and 1 < len(ends) <= MOST_ROUNDS else []


def _of_adapter(entry: AdapterEntry) -> None:
    card = entry.card
    best = lowest(card.curve)
    last = card.curve[-1].step
    kept = f"kept step {best.step:,} of {last:,}" if best else f"{last:,} steps"
    st.markdown(f":green[:material/check_circle:]&ensp;Trained in {duration(card.seconds)}, {kept}")
    batch = int(card.settings.get("batch") or 1)
    _draw(card.curve, last, "kept", max(-(-card.examples // batch), 1))


def _ended_badly(job: Job, step: RunStep | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        if job.state == "failed":
            st.error(f"{plain(job.title)} failed: {plain(job.error)}", icon=":material/error:")
        else:
            st.info(f"{plain(job.title)} was cancelled, nothing was kept.", icon=":material/info:")
        st.button("Close", key="close_training", icon=":material/close:", type="tertiary", on_click=_close)
    if step and step.progress.curve:
        ended = replace(step.progress, phase="ended")
        _curve(replace(step, progress=ended), "lowest")
    else:
        _waiting()


def _close() -> None:
    st.session_state["training_closed"] = training_job()


def _waiting() -> None:
    with centred("no_curve"):
        st.markdown(":gray[The curve begins with the first step.]", width="content")


def _empty() -> None:
    """Before the first training: what will be here and how to read it."""
    with centred("no_training"):
        st.markdown("### The learning curve appears here", width="content", text_alignment="center")
        st.markdown(
            ":gray[The **training** loss falls as the adapter fits its examples. The **held-out** loss, of "
            "examples that it never sees, falls as long as what it learns carries over. When that one rises, "
            "it only learns by heart: training stops, and the best step is kept.]",
            width=560,
            text_alignment="center",
        )
