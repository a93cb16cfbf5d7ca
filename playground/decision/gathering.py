"""All evidence of a data home in one value: the newest two by two, the trials, and what the approaches cost.

This module measures nothing and decides nothing.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from playground.adapters.card import AdapterCard
from playground.adapters.registry import AdapterLibrary
from playground.decision.cost_words import conclusion
from playground.decision.costs import Answering, Assumptions, Measured, Usage, costs_of
from playground.decision.evidence import Evidence
from playground.decision.matrix import Matrix, newest_matrix
from playground.decision.trial_results import Freshness
from playground.errors import PlaygroundError
from playground.evaluation.metrics import mean
from playground.evaluation.records import Run
from playground.workspace import Workspace

_LOOKED_AT = 12
"""So many of the newest runs are looked through for a two by two."""


@dataclass(frozen=True)
class Gathered:
    """What is known now: what was measured, what it took, and the person's prices and volumes."""

    evidence: Evidence
    usage: Usage
    assumptions: Assumptions


def gather(workspace: Workspace) -> Gathered:
    """Of the newest run that has the approaches, and of all trials that are kept."""
    matrix = _matrix(workspace)
    store = workspace.decision
    kept = {kind: store.trial(kind) for kind in ("freshness", "removal", "restriction", "behaviour")}
    results = {kind: each.result if each else None for kind, each in kept.items()}
    usage = usage_of(matrix, results["freshness"], measured_adapter(workspace, matrix))
    if (seconds := workspace.indexing_seconds()) is not None:
        usage = replace(usage, index_all_seconds=Measured(seconds, "at the speed of an indexing here"))
    assumptions = store.assumptions() or _begin_with(matrix)
    cheapest = conclusion(costs_of(usage, assumptions), assumptions, "calls") if matrix else ""
    return Gathered(Evidence(matrix, cheapest=cheapest, **results), usage, assumptions)


def usage_of(matrix: Matrix | None, freshness: Freshness | None, card: AdapterCard | None) -> Usage:
    """What an answer, an update and a training took, as far as that was measured."""
    training = index = None
    trained = changed = None
    if card:
        training = Measured(card.seconds, "this adapter's training")
        trained = Measured(card.examples + card.held_out, "this adapter's examples")
    if freshness:
        index = Measured(freshness.seconds, "measured in the trial")
        if freshness.update:
            training = Measured(freshness.update.seconds, "measured in the trial")
            changed = Measured(freshness.update.changed, "measured in the trial")
    nothing = Answering()
    answers = {name: _answering(matrix, place) for name, place in matrix.places.items()} if matrix else {}
    return Usage(
        answers.get("prompt", nothing),
        answers.get("rag", nothing),
        answers.get("fine_tuning", nothing),
        answers.get("both", nothing),
        index_seconds=index,
        training_seconds=training,
        training_examples=trained,
        update_examples=changed,
    )


def _begin_with(matrix: Matrix | None) -> Assumptions:
    """Before the person has said anything: a model on a server is paid for by the token."""
    on_a_server = matrix is not None and matrix.config("rag").engine.name == "endpoint"
    return Assumptions(paid_by="tokens") if on_a_server else Assumptions()


def _matrix(workspace: Workspace) -> Matrix | None:
    runs = workspace.runs
    ids = [each.id for each in runs.entries() if each.kind == "evaluation"][:_LOOKED_AT]
    here = set(workspace.library.hashes().values())
    return newest_matrix([found for found in map(runs.run, ids) if found.done and _is_about(found, here)])


def _is_about(run: Run, here: Collection[str]) -> bool:
    """Whether some document that was measured is still in the library: a run on others, such as those of a
    sample that was taken out, says nothing about these."""
    return not run.documents or any(mark in here for mark in run.documents.values())


def _answering(matrix: Matrix, place: int) -> Answering:
    records = [each for each in matrix.run.records[place] if each and each.outcome != "failed"]
    seconds = mean(each.latency["total"] / 1000 for each in records if "total" in each.latency)
    prompt = mean(float(each.prompt_tokens) for each in records)
    completion = mean(float(each.completion_tokens) for each in records)
    return Answering(
        Measured(prompt, "this run") if prompt else None,
        Measured(completion, "this run") if completion else None,
        Measured(seconds, "this run") if seconds is not None else None,
    )


def measured_adapter(workspace: Workspace, matrix: Matrix | None) -> AdapterCard | None:
    """Of the adapter that was measured; None without one, and for a tuned model on a server."""
    if matrix is None or "fine_tuning" not in matrix.cells:
        return None
    config = matrix.config("fine_tuning")
    if config.engine.name == "endpoint":
        return None
    try:
        return AdapterCard.read(AdapterLibrary(workspace.home).find(config.adapter))
    except PlaygroundError:  # deleted since: its figures stay, its training is no longer known
        return None
