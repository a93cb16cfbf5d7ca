"""The memo's content: what a stakeholder has to know to sign, and what it takes to measure it again.

Everything is text by now. This module does not know how a memo looks (see `playground.reports.memo`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from playground.adapters.card import AdapterCard
from playground.config import PipelineConfig
from playground.decision.assumptions import ABOUT, Assumptions
from playground.decision.conclusion import Conclusion
from playground.decision.cost_words import conclusion as cost_conclusion
from playground.decision.costs import Cost, Usage, costs_of, total
from playground.decision.evidence import Evidence
from playground.decision.matrix import NAMES, ORDER, Matrix
from playground.decision.money import money, plain
from playground.decision.tried import Tried, tried
from playground.evaluation.results import SIGNS
from playground.evaluation.statistics import in_words, signed
from playground.evaluation.summary import rows

EXAMPLES = 3
"""Questions whose answers are shown side by side."""

DEFAULT_QUESTION = "Should we use retrieval (RAG), fine-tune, do both, or just write a better prompt?"
SIGN_WORDS = {"for": "for", "against": "against", "open": "open", "time": "time", "cost": "cost"}


@dataclass(frozen=True)
class ApproachRow:
    """An approach in figures, each in words; `share` of right answers with its bounds, None where nothing was
    judged."""

    name: str
    right: str
    interval: str
    time: str
    silent: str
    cited: str
    share: float | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class CostRow:
    name: str
    once: str
    a_month: str
    thousand: str
    update: str
    monthly: str


@dataclass(frozen=True)
class Example:
    """A question, what was expected, and (approach, sign, answer) of each."""

    question: str
    expected: str
    answers: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class Memo:
    """In the order in which it is read. Points and differences may hold ** for bold."""

    question: str
    date: str
    headline: str
    badge: str
    confidence: str
    points: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]
    task: tuple[tuple[str, str, int, int], ...]
    changes: tuple[str, ...]
    approaches: tuple[ApproachRow, ...]
    basis: str
    differences: tuple[str, ...]
    examples: tuple[Example, ...]
    tried: tuple[Tried, ...]
    costs: tuple[CostRow, ...]
    cost_sentence: str
    assumptions: tuple[tuple[str, str, str], ...]
    risks: tuple[str, ...]
    untested: tuple[str, ...]
    configuration: str
    facts: tuple[tuple[str, str], ...]
    documents: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]


def memo(
    found: Conclusion,
    evidence: Evidence,
    usage: Usage,
    assumptions: Assumptions,
    question: str = "",
    card: AdapterCard | None = None,
    changed: bool = False,
) -> Memo:
    """Put it together. `card` is the measured adapter's; `changed` says that the documents are no longer
    those that were measured."""
    matrix = evidence.matrix
    costs = costs_of(usage, assumptions)
    return Memo(
        question or DEFAULT_QUESTION,
        datetime.now(UTC).date().isoformat(),
        found.headline,
        found.badge,
        found.why,
        tuple((SIGN_WORDS[each.sign], each.text) for each in found.points),
        (*found.asked.contradictions, *found.disagreements),
        tuple(
            (each.criterion.question, each.option.label, each.lookup, each.tuning)
            for each in found.asked.contributions
        ),
        tuple(f"{each.criterion.question} “{each.option.label}”" for each in found.changes),
        _approaches(matrix) if matrix else (),
        _basis(matrix) if matrix else "",
        _differences(matrix) if matrix else (),
        _examples(matrix) if matrix else (),
        tuple(tried(evidence)),
        tuple(_cost_row(each, assumptions) for each in costs.values()),
        cost_conclusion(costs, assumptions, "calls"),
        tuple(_assumptions(assumptions)),
        tuple(_risks(evidence, changed)),
        (*(f"{each.what}: not tried" for each in tried(evidence) if each.open), *found.next_steps),
        matrix.config("rag").to_toml() if matrix else "",
        tuple(_facts(matrix, card)),
        tuple(matrix.run.documents.items()) if matrix else (),
        tuple(matrix.run.versions.items()) if matrix else (),
    )


def _approaches(matrix: Matrix) -> tuple[ApproachRow, ...]:
    found = []
    for approach in (each for each in ORDER if each in matrix.cells):
        cell, silent = matrix.cells[approach], matrix.silent[approach]
        cited, right = matrix.cited[approach], cell.right
        times = cell.latency.get("total")
        found.append(
            ApproachRow(
                NAMES[approach],
                f"{right.count} of {right.of} ({right.share:.0%})" if right else "–",
                f"{right.low:.0%} to {right.high:.0%}" if right else "–",
                f"{times[0]:,.0f} ms, 95 of 100 within {times[1]:,.0f} ms" if times else "–",
                f"{silent.count} of {silent.of}" if silent.of else "–",
                f"{cited.count} of {cited.of}" if cited and cited.of else "none",
                *((right.share, right.low, right.high) if right else ()),
            )
        )
    return tuple(found)


def _basis(matrix: Matrix) -> str:
    run = matrix.run
    text = f"{matrix.questions} questions of “{run.plan.question_set}”, asked on {run.created[:10]}"
    if matrix.seen:
        text += f"; {matrix.seen} more were left out, because the adapter was trained with them"
    return f"{text}. All approaches had the same questions, prompt, decoding and seed."


def _differences(matrix: Matrix) -> tuple[str, ...]:
    found = []
    for effect in matrix.effects:
        comparison = effect.comparison
        text = f"{comparison.name} against {comparison.baseline}: {in_words(comparison)}"
        if comparison.difference:
            low, high = signed(comparison.difference.low), signed(comparison.difference.high)
            text += f" (95 % interval {low} to {high} points)"
        found.append(text)
    return tuple(found)


def _examples(matrix: Matrix) -> tuple[Example, ...]:
    """Questions on which the approaches differ most, in the order of the set."""
    places = [(NAMES[each], matrix.places[each]) for each in ORDER if each in matrix.places]
    candidates = [row for row in rows(matrix.run) if not row.seen and row.question.answerable]
    told = sorted(candidates, key=lambda row: (not row.different, row.number))[:EXAMPLES]
    return tuple(
        Example(
            row.question.question,
            " / ".join(row.question.answers[:2]),
            tuple(
                (name, SIGNS[record.outcome], record.answer.strip())
                for name, place in places
                if (record := row.records[place])
            ),
        )
        for row in told
    )


def _cost_row(cost: Cost, assumptions: Assumptions) -> CostRow:
    unit = assumptions.currency
    return CostRow(
        cost.name,
        money(total(cost.one_time), unit),
        money(total(cost.per_month), unit),
        money(total(cost.per_call) * 1000, unit),
        money(total(cost.per_update), unit),
        money(cost.monthly(assumptions.calls, assumptions.updates), unit),
    )


def _assumptions(assumptions: Assumptions) -> Sequence[tuple[str, str, str]]:
    found = []
    for name, about in ABOUT.items():
        value = getattr(assumptions, name)
        found.append(
            (
                about.name,
                plain(value) if isinstance(value, int | float) else str(value),
                assumptions.unit(name),
            )
        )
    return found


def _risks(evidence: Evidence, changed: bool) -> Sequence[str]:
    found = []
    matrix = evidence.matrix
    if matrix is None:
        found.append("Nothing was measured on the documents and questions that this is about.")
    elif matrix.config("rag").engine.name == "extractive":
        found.append(
            "The built-in engine was measured: it quotes sentences and picks among learned answers, and does "
            "not write. With a language model the figures will be others; measure again before building."
        )
    if matrix and matrix.questions < 30:
        found.append(f"{matrix.questions} questions are few: each one moves the shares by several points.")
    if changed:
        found.append("The documents have changed since they were measured.")
    for trial, what in ((evidence.removal, "deleted"), (evidence.restriction, "restricted")):
        if trial and trial.told_by_adapter:
            found.append(
                f"The adapter tells what stands in a {what} document: keep out of its examples whatever may "
                "have to go, or is not for everybody."
            )
    if evidence.freshness and evidence.freshness.elsewhere:
        found.append(
            "The same fact stands in several documents: where one is changed and another is not, either may "
            f"be quoted ({', '.join(evidence.freshness.elsewhere)})."
        )
    if matrix and (silent := matrix.silent.get("rag")) and silent.count < silent.of:
        found.append(
            f"Of {silent.of} questions that the documents do not answer, RAG answered "
            f"{silent.of - silent.count}."
        )
    return found


def _facts(matrix: Matrix | None, card: AdapterCard | None) -> Sequence[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    if matrix:
        config: PipelineConfig = matrix.config("rag")
        found += [
            ("Run", f"{matrix.run.name} ({matrix.run.id}), {matrix.run.created}"),
            ("Engine", " ".join(filter(None, (config.engine.name, config.engine.model)))),
            ("Seed", str(config.engine.seed)),
        ]
    if card:
        settings: Mapping[str, object] = card.settings
        told = ", ".join(
            f"{name} {settings[name]}" for name in ("rank", "rounds", "batch", "learning_rate", "seed")
        )
        found += [
            ("Adapter", f"{card.name}, trained in {card.seconds:.0f} s on {card.examples} examples ({told})"),
            ("Adapter's base", f"{card.base}, sha256 {card.base_hash}"),
            ("Adapter's examples", f"sha256 {card.examples_hash}"),
        ]
    return found
