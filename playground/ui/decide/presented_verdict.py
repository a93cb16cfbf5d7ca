"""The last step of a presentation: what was measured of the columns that are shown, or what to measure.

One question decides nothing: shares and their intervals come from an evaluation of the same configurations,
or of the same approaches, on this library. What one question showed is said as that.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import streamlit as st

from playground.config import PipelineConfig
from playground.errors import InputError
from playground.evaluation.records import Run
from playground.evaluation.results import OUTCOMES, SIGNS
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT, Comparison, compare
from playground.evaluation.summary import Share, summarise, values_of
from playground.pipeline import Trace
from playground.ui import resources, state
from playground.ui.compare.verdicts import verdict
from playground.ui.components import escape, palette
from playground.ui.decide import state as decide
from playground.workspace import Workspace

WANTED_QUESTIONS = 20


@dataclass(frozen=True)
class Standing:
    """How one column did. `against` compares it with the best one; None for the best itself."""

    letter: str
    name: str
    share: Share
    against: Comparison | None = None


@dataclass(frozen=True)
class Evidence:
    """What a finished evaluation says of the columns, in their order. `same_settings` is False where other
    settings of the same approaches were measured, `same_documents` where the library has changed since."""

    run: Run
    standings: tuple[Standing, ...]
    same_settings: bool
    same_documents: bool

    @property
    def best(self) -> Standing:
        return next(each for each in self.standings if each.against is None)

    @property
    def level(self) -> list[Standing]:
        """The best, and those that cannot be told from it."""
        return [each for each in self.standings if each.against is None or each.against.verdict != "worse"]


def presented_verdict(traces: Mapping[str, Trace]) -> None:
    """Draw it for the columns' answers, by letter."""
    named = {letter: (state.title(trace.config), trace.config) for letter, trace in traces.items()}
    evidence = find_evidence(resources.workspace(), named)
    if evidence is None:
        st.html(
            f'<div class="pg verdict"><h1>One question decides nothing</h1>{_this_question(traces)}'
            f'<div class="advice">{escape(what_to_measure())}</div></div>'
        )
    else:
        title, said = _said(evidence)
        st.html(
            f'<div class="pg verdict"><h1>{escape(title)}</h1>{_standings(evidence)}'
            f'<div class="rests muted">{escape(" ".join(said))}</div></div>'
        )


def find_evidence(workspace: Workspace, columns: Mapping[str, tuple[str, PipelineConfig]]) -> Evidence | None:
    """What the newest finished evaluation says that knows all columns (letter -> name and configuration);
    None where there is none."""
    for entry in workspace.runs.entries():
        if entry.state != "done" or entry.kind != "evaluation":
            continue
        with suppress(InputError):  # made by another version: the next one may do
            run = workspace.runs.run(entry.id)
            if evidence := _evidence(run, columns, workspace.library.hashes()):
                return evidence
    return None


def _said(evidence: Evidence) -> tuple[str, list[str]]:
    """The verdict in large type, and what it rests on. Of the four approaches, once the task was described on
    Decide, it is the verdict of that page; else it is what was measured."""
    found = decide.conclusion()
    if state.comparison_name() != state.FOUR_APPROACHES or not found.asked.contributions:
        return headline(evidence), about(evidence)
    return found.headline, [f"{headline(evidence)}.", f"{found.badge}.", *about(evidence)]


def headline(evidence: Evidence) -> str:
    """The verdict in one line."""
    best, level = evidence.best, evidence.level
    if best.share.of < FEWEST_FOR_A_VERDICT:
        return f"{best.share.of} questions are too few for a verdict"
    if len(evidence.standings) == 1:
        return f"{best.name}: {share_in_words(best.share)}"
    if best.share.count == 0:
        return "Nothing gets a single question right"
    if len(level) == 1:
        return f"{best.name} is ahead: {share_in_words(best.share)}"
    if len(level) == len(evidence.standings):
        return "Too close to call: nothing is clearly ahead"
    return f"{_listed([each.name for each in level])} are ahead, and too close to call between them"


def share_in_words(share: Share) -> str:
    return f"{share.count} of {share.of} answers right"


def interval_in_words(share: Share) -> str:
    """The 95 % interval, as a person says it."""
    return f"{share.low * 100:.0f} to {share.high * 100:.0f} of 100, with 95 % certainty"


def standing_in_words(standing: Standing, evidence: Evidence) -> str:
    """Whether it can be told from the best one."""
    best = evidence.best
    if standing.against is None:
        return "the most right answers" if len(evidence.standings) > 1 else ""
    return {
        "worse": f"behind {best.letter} by more than chance",
        "equal": f"right and wrong exactly where {best.letter} is",
        "too few questions": "too few questions to tell",
    }.get(standing.against.verdict, f"too close to {best.letter} to call")


def about(evidence: Evidence) -> list[str]:
    """What the figures rest on, a sentence each."""
    run, counted = evidence.run, evidence.best.share.of
    lines = [
        f"Measured on {len(run.plan.questions)} questions of “{run.plan.question_set}”, {run.created[:10]}."
    ]
    if left_out := len(run.plan.questions) - counted:
        lines.append(
            f"{left_out} of them do not count: they are unjudged, or an adapter was trained with them."
        )
    if not evidence.same_settings:
        lines.append("The same approaches were measured with other settings.")
    if not evidence.same_documents:
        lines.append("The documents have changed since.")
    return lines


def what_to_measure() -> str:
    return (
        f"What decides: on Evaluate, ask every column the same labelled questions. {WANTED_QUESTIONS} are "
        f"enough to see a large difference; below {FEWEST_FOR_A_VERDICT} there is no verdict."
    )


def one_answer_in_words(trace: Trace) -> str:
    """What one answer showed, and nothing more."""
    documents = list(dict.fromkeys(trace.hits[rank].document_name for rank in trace.quoted))
    if trace.answer.stopped:
        return "was stopped"
    if trace.answer.abstained:
        return "gives no answer"
    return f"quotes {_listed(documents)}" if documents else "quotes nothing"


def _evidence(
    run: Run, columns: Mapping[str, tuple[str, PipelineConfig]], hashes: Mapping[str, str]
) -> Evidence | None:
    configs = [config for _, config in columns.values()]
    places = _by_config(run, configs) or _by_approach(run, configs)
    summaries = summarise(run)
    shares = [summaries[place].right for place in places or []]
    if not places or None in shares:
        return None
    judged = [share for share in shares if share]
    best = max(range(len(judged)), key=lambda at: judged[at].share)
    letters = list(columns)
    others = {
        letter: values_of(run, place)
        for letter, place in zip(letters, places, strict=True)
        if letter != letters[best]
    }
    against = {
        each.name: each for each in compare((letters[best], values_of(run, places[best])), others, True)
    }
    standings = tuple(
        Standing(letter, name, share, against.get(letter))
        for (letter, (name, _)), share in zip(columns.items(), judged, strict=True)
    )
    same = bool(_by_config(run, configs))
    return Evidence(run, standings, same, dict(run.documents) == dict(hashes))


def _by_config(run: Run, configs: Sequence[PipelineConfig]) -> list[int] | None:
    """Where each configuration stands among the contenders; None where one is missing."""
    known = {
        contender.config: place
        for place, contender in enumerate(run.plan.contenders)
        if not contender.gold_passages
    }
    return [known[config] for config in configs] if all(config in known for config in configs) else None


def _by_approach(run: Run, configs: Sequence[PipelineConfig]) -> list[int] | None:
    """The same by approach and who answers, where no two configurations have the same."""
    wanted = [_approach(config) for config in configs]
    known: dict[tuple[str, str, str], int] = {}
    for place, contender in enumerate(run.plan.contenders):
        if not contender.gold_passages:
            known.setdefault(_approach(contender.config), place)
    if len(set(wanted)) < len(wanted) or not set(wanted) <= set(known):
        return None
    return [known[each] for each in wanted]


def _approach(config: PipelineConfig) -> tuple[str, str, str]:
    return config.approach, config.engine.name, config.engine.model


def _standings(evidence: Evidence) -> str:
    return "".join(
        f'<div class="standing"><h3><span class="muted">{each.letter}</span>&ensp;{escape(each.name)}</h3>'
        f'<div class="share">{each.share.count} of {each.share.of} right</div><div>'
        f'<div class="range" style="--c:{palette()[0]}"><i style="left:{each.share.low:.1%};'
        f'width:{each.share.high - each.share.low:.1%}"></i><b style="left:{each.share.share:.1%}"></b></div>'
        f'<div class="likely muted">{interval_in_words(each.share)}</div></div>'
        f"<div>{escape(standing_in_words(each, evidence))}</div></div>"
        for each in evidence.standings
    )


def _this_question(traces: Mapping[str, Trace]) -> str:
    lines = "".join(
        f'<div class="showed"><h3><span class="muted">{letter}</span>&ensp;'
        f"{escape(state.title(trace.config))}</h3><div>{escape(', '.join(_showed(trace)))}</div></div>"
        for letter, trace in traces.items()
    )
    return f'<div class="lead">What this one showed:</div>{lines}'


def _showed(trace: Trace) -> Iterator[str]:
    judged = None if trace.answer.stopped else verdict(trace)
    if judged:
        yield f"{SIGNS[judged]} {OUTCOMES[judged]}"
    yield one_answer_in_words(trace)


def _listed(names: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
