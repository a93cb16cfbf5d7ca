"""The Claims section of the Evaluate page: what articles say, measured on the person's own questions."""

from collections.abc import Mapping
from functools import partial

import streamlit as st

from playground.adapters.kept_examples import kept_examples
from playground.config import PipelineConfig
from playground.errors import InputError
from playground.evaluation.records import Run
from playground.evaluation.running import begin, run_steps
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT, signed
from playground.evaluation.summary import RIGHT
from playground.questions.sets import AvailableSet, anchor_set
from playground.reports.figure_table import figure_title
from playground.search import claims
from playground.search.claims import Claim, ClaimResult, claims_plan, possible_claims
from playground.search.estimate import time_needed
from playground.ui import resources, state
from playground.ui.compare.adapter_toggle import adapter_choices
from playground.ui.components import escape, plain
from playground.ui.evaluate import jobs
from playground.ui.evaluate.charts import look

JOB = "claims"
FIGURES = (RIGHT, "answer_f1", "exact_match", "rouge_l", "similarity", "recall@5", "ndcg@5", "mrr@5")
CSS = """<style>
.pg table.claims td,.pg table.claims th{text-align:left;white-space:normal;padding:9px 8px;
  vertical-align:middle}
.pg table.claims .time{text-align:right;white-space:nowrap}
.pg table.claims .sign{font-weight:700;font-size:1.15rem;width:2rem;color:var(--c)}
.pg table.claims .claim{font-weight:600;width:25%}
.pg table.claims .span{width:27%;min-width:170px;text-align:center}
.pg .interval{position:relative;height:1.25rem}
.pg .interval i{position:absolute;display:block}
.pg .interval .zero{left:50%;top:-.55rem;bottom:0;width:1.5px;
  background:color-mix(in srgb,currentColor 40%,transparent)}
.pg .interval .range{top:.5rem;height:.25rem;border-radius:2px;left:var(--l);width:var(--w);
  background:var(--c);min-width:3px}
.pg .interval .mean{top:.22rem;width:.8rem;height:.8rem;margin-left:-.4rem;border-radius:50%;left:var(--m);
  background:var(--c)}
</style>"""


def claims_section(chosen: AvailableSet | None) -> None:
    """What can be tested, with one button; the verdicts below."""
    st.html(CSS)
    newest = _newest()
    with st.container(border=True, key="claims", gap="small"):
        figure = _head(chosen)
        jobs.job_status(JOB)
        busy = jobs.active_job(JOB) is not None
        results = {each.claim.key: each for each in _tested(newest, figure)} if newest else {}
        _table(results, busy)
        if newest is not None and results:
            st.markdown(f":gray[{_told(newest, busy)}]")
        lacking = not resources.adapters().entries() and not any(
            result.claim.needs_adapter for result in results.values()
        )
        if lacking and st.button(
            "Train an adapter", key="claims_train", icon=":material/tune:", type="tertiary"
        ):
            st.switch_page("../../pages/fine_tune.py")


def _head(chosen: AvailableSet | None) -> str:
    """The figure, the adapter, and the button with what it will take."""
    base = state.base_config()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown("**What articles say, on your questions** :gray[each pair differs in one thing only]")
            place = st.container()
        figure = st.selectbox(
            "Measured by",
            FIGURES,
            format_func=lambda name: "Answers right" if name == RIGHT else figure_title(name),
            key="claims_figure",
            width=190,
            persist_state="session",
        )
        adapted = _adapter(base)
        reason = _why_not(chosen, base, adapted)
        if jobs.active_job(JOB) is None:
            st.button(
                "Test the claims",
                key="claims_start",
                type="primary",
                icon=":material/balance:",
                disabled=bool(reason),
                on_click=_start,
                args=(chosen.name if chosen else "", base, adapted),
                help="What was answered before is not asked again",
            )
    with place:
        st.caption(plain(reason) if reason else _estimate(chosen, base, adapted))
    return figure


def _adapter(base: PipelineConfig) -> PipelineConfig | None:
    """The settings with an adapter switched on; None where there is none that fits."""
    entries = {entry.id: entry for entry in resources.adapters().entries()}
    names = {each.id: each.name for each in adapter_choices(base, list(entries.values())) if not each.reason}
    if base.engine.name == "endpoint":  # the library's are not the server's
        names = {}
    if base.adapter:
        names.setdefault(base.adapter, base.adapter)
    if not names:
        return None
    options = list(names)
    chosen = st.selectbox(
        "Adapter",
        options,
        index=options.index(base.adapter) if base.adapter in options else 0,
        format_func=lambda id: names.get(id, id),
        key=f"claims_adapter_{hash(tuple(options))}",
        width=220,
    )
    card = entries[chosen].card if chosen in entries else None
    examples = base.engine.examples
    if card is not None and card.kind == "extractive":
        kept = kept_examples(resources.workspace().home, card.examples_hash) if card.labelled else ""
        examples = kept or (examples if card.labelled else "")
    return base.with_values({"adapter": chosen, "engine.examples": examples})


def _why_not(chosen: AvailableSet | None, base: PipelineConfig, adapted: PipelineConfig | None) -> str:
    if chosen is None or not chosen.questions:
        return "Choose labelled questions above; under Questions they are made."
    if not possible_claims(base, adapted):
        return "Column A answers from labelled examples, and there is no adapter to compare it with."
    return jobs.cannot_answer(base)


def _estimate(chosen: AvailableSet | None, base: PipelineConfig, adapted: PipelineConfig | None) -> str:
    """How much is asked; computed once as long as nothing changes it."""
    workspace, questions = resources.workspace(), jobs.questions_of(chosen)
    stamp = len(questions), base, adapted, workspace.revision, jobs.seconds_known()
    known = st.session_state.get("claims_estimate")
    if known is None or known[0] != stamp:
        configs = [each.config for each in claims_plan("", (), base, adapted).contenders]
        known = stamp, len(configs), time_needed(workspace, configs, len(questions), jobs.seconds_known())
        st.session_state["claims_estimate"] = known
    _, count, time = known
    parts = f"{count} configurations on {len(questions)} questions, about {jobs.duration(time.seconds)}"
    indexing = f", {jobs.duration(time.indexing)} of it indexing" if time.indexing else ""
    few = ""
    if len(questions) < FEWEST_FOR_A_VERDICT:
        few = f" There is no verdict from fewer than {FEWEST_FOR_A_VERDICT} questions."
    return plain(f"{parts}{indexing}. Everything else as in {jobs.base_in_words()}.{few}")


def _start(name: str, base: PipelineConfig, adapted: PipelineConfig | None) -> None:
    workspace = resources.workspace()
    questions = anchor_set(name, workspace, resources.questions())
    plan = claims_plan(name, questions, base, adapted, jobs.check())
    steps = partial(run_steps, workspace, begin(workspace, plan, name))
    resources.evaluations().start(JOB, "Testing claims", steps)


def _newest() -> Run | None:
    """The newest run of claims; read once as long as nothing changes it."""
    store = resources.workspace().runs
    entry = next((each for each in store.entries() if each.kind == "claims"), None)
    if entry is None:
        return None
    stamp = entry.id, store.revision
    known = st.session_state.get("loaded_claims")
    if known is None or known[0] != stamp:
        try:
            known = stamp, store.run(entry.id)
        except InputError as error:
            st.warning(plain(str(error)), icon=":material/warning:")
            return None
        st.session_state["loaded_claims"] = known
    run: Run = known[1]
    return run


def _tested(run: Run, figure: str) -> list[ClaimResult]:
    """Intervals take many resamples: computed once for every figure."""
    stamp = run.id, run.done, figure
    known = st.session_state.get("tested_claims")
    if known is None or known[0] != stamp:
        known = stamp, claims.tested(run, figure)
        st.session_state["tested_claims"] = known
    found: list[ClaimResult] = known[1]
    return found


def _told(run: Run, busy: bool) -> str:
    """What the verdicts rest on."""
    asked = len(run.plan.questions) - len(run.unscored)
    rest = "" if run.state == "done" or busy else " · stopped before its end: some pairs were not asked"
    return (
        f"{plain(run.plan.question_set)}, {asked} questions · with 95 % intervals · verdicts corrected "
        f"for the number of claims{rest}"
    )


def _table(results: Mapping[str, ClaimResult], busy: bool) -> None:
    """A row a claim, tested or not, in the order in which they are listed."""
    widest = max((_reach(each) for each in results.values()), default=1.0)
    axis = f"Difference, −{widest * 100:.0f} to +{widest * 100:.0f} points" if results else ""
    time = '<th class="time">p95</th>' if results else "<th></th>"
    head = f'<tr><th></th><th>Claim</th><th>Verdict</th><th class="span">{axis}</th>{time}</tr>'
    rows = "".join(
        _row(results[claim.key], widest) if claim.key in results else _open_row(claim, busy)
        for claim in claims.CLAIMS
    )
    st.html(f'<div class="pg"><table class="claims">{head}{rows}</table></div>')


def _open_row(claim: Claim, busy: bool) -> str:
    words = "needs an adapter" if claim.needs_adapter else "being tested" if busy else "not tested yet"
    return (
        f'<tr><td class="sign muted">○</td><td class="claim">{escape(claim.text)}</td>'
        f'<td class="muted">{words}</td><td></td><td></td></tr>'
    )


def _reach(result: ClaimResult) -> float:
    """Half of the axis: a round number that the interval fits into."""
    found = result.comparison.difference
    widest = max(abs(found.low), abs(found.high)) if found else 0.0
    return next((round_end for round_end in (0.1, 0.2, 0.3, 0.5) if widest <= round_end), 1.0)


def _row(result: ClaimResult, reach: float) -> str:
    colours = look()
    tone = {"✓": colours.right, "✗": colours.wrong}.get(result.sign, colours.palette[5])
    if result.comparison.verdict == "equal":
        tone = colours.palette[5]
    times = [f"{each:,.0f}" if each is not None else "–" for each in result.latency]
    time = f"{times[0]} against {times[1]} ms" if times != ["–", "–"] else "–"
    return (
        f'<tr style="--c:{tone}"><td class="sign">{result.sign}</td>'
        f'<td class="claim">{escape(result.claim.text)}</td><td>{escape(result.verdict)}</td>'
        f'<td class="span">{_interval(result, reach)}</td><td class="time">{time}</td></tr>'
    )


def _interval(result: ClaimResult, reach: float) -> str:
    found = result.comparison.difference
    if found is None:
        return ""
    low, mid, high = (50 + 50 * each / reach for each in (found.low, found.mean, found.high))
    mean, least, most = (signed(each) for each in (found.mean, found.low, found.high))
    words = f"{mean} ({least} to {most}) points"
    place = f"--l:{low:.1f}%;--w:{high - low:.1f}%;--m:{mid:.1f}%"
    return (
        f'<div class="interval" style="{place}" title="{escape(words)}"><i class="zero"></i>'
        f'<i class="range"></i><i class="mean"></i></div><span class="muted">{escape(words)}</span>'
    )
