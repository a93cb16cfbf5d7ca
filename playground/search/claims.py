"""What articles say of retrieval, reranking, chunking and fine-tuning, as pairs of configurations to measure.

Every pair differs in the one thing that the claim is about. All pairs are measured in one run, each
configuration once. This module does not know how a run is made, nor how a verdict is drawn.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.config import DEFAULT, PipelineConfig
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Run
from playground.evaluation.results import Contender
from playground.evaluation.statistics import MOST_QUESTIONS, Comparison, Pair, compare_pairs, points
from playground.evaluation.summary import RIGHT, summarise, values_of
from playground.questions.lookup import LabelledQuestion
from playground.search.plan import looking_up
from playground.search.results import asked_everything


@dataclass(frozen=True)
class Claim:
    """`better` is said to beat `worse`; both are what is changed in the person's own settings, `tuned` names
    the sides that have the adapter. `worth` marks a claim that is about waiting time too."""

    key: str
    text: str
    better: Mapping[str, Any]
    worse: Mapping[str, Any]
    tuned: tuple[bool, bool] = (False, False)
    worth: bool = False

    @property
    def needs_adapter(self) -> bool:
        return any(self.tuned)


_LOOKS_UP = {"engine.retrieval": True}
_CLOSED = {"engine.retrieval": False}

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "hybrid_dense",
        "Hybrid search beats dense search",
        {"retrieval.mode": "hybrid"},
        {"retrieval.mode": "dense"},
    ),
    Claim(
        "hybrid_keyword",
        "Hybrid search beats keyword search",
        {"retrieval.mode": "hybrid"},
        {"retrieval.mode": "keyword"},
    ),
    Claim(
        "reranking",
        "Reranking is worth its latency",
        {"reranking.method": "late_interaction"},
        {"reranking.method": "none"},
        worth=True,
    ),
    Claim(
        "structural_fixed",
        "Structural chunking beats fixed windows",
        {"chunking.strategy": "structural"},
        {"chunking.strategy": "fixed"},
    ),
    Claim(
        "semantic_fixed",
        "Semantic chunking beats fixed windows",
        {"chunking.strategy": "semantic"},
        {"chunking.strategy": "fixed"},
    ),
    Claim("adapter_base", "The adapter beats the base model", _CLOSED, _CLOSED, (True, False)),
    Claim("both_rag", "RAG with the adapter beats RAG alone", _LOOKS_UP, _LOOKS_UP, (True, False)),
    Claim("both_adapter", "RAG with the adapter beats the adapter alone", _LOOKS_UP, _CLOSED, (True, True)),
)


@dataclass(frozen=True)
class ClaimResult:
    """A claim with what was measured. `latency` is (of the better, of the worse) p95 in milliseconds."""

    claim: Claim
    comparison: Comparison
    latency: tuple[float | None, float | None]

    @property
    def sign(self) -> str:
        """✓ holds, ✗ does not, ≈ too close to call, ? too few questions."""
        signs = {"better": "✓", "worse": "✗", "equal": "✗", "too few questions": "?"}
        return signs.get(self.comparison.verdict, "≈")

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        found = self.comparison
        if found.difference is None or found.verdict == "too few questions":
            return f"Not known: {found.n} question{' is' if found.n == 1 else 's are'} too few."
        gain = points(found.difference.mean)
        cost = self._cost()
        if found.verdict == "better":
            return f"Yes, on these questions: {gain}{cost}."
        if found.verdict == "worse":
            return f"No, the other way round: {gain}{cost}."
        if found.verdict == "equal":
            return f"No, both do equally well on every question{cost}."
        return f"Too close to call: {gain}{cost}{self._more()}."

    def _cost(self) -> str:
        """Said where the claim is about it, or it is a fifth of the other side's."""
        mine, theirs = self.latency
        if mine is None or theirs is None:
            return ""
        change = mine - theirs
        if not self.claim.worth and abs(change) < 0.2 * theirs:
            return ""
        return f", {abs(change):,.0f} ms {'more' if change >= 0 else 'less'} at p95"

    def _more(self) -> str:
        more = self.comparison.more_questions
        if not more:
            return ""
        if more >= MOST_QUESTIONS:
            return f"; it would take more than {MOST_QUESTIONS:,} more questions to tell"
        return f"; about {float(f'{more:.2g}'):,.0f} more question{'s' * (more != 1)} would tell"


def possible_claims(base: PipelineConfig, adapted: PipelineConfig | None = None) -> list[Claim]:
    """Those that can be tested. With `base` that answers from labelled examples no documents are searched,
    and `adapted`, the person's settings with the adapter switched on, is needed for what is about it."""
    return [claim for claim in CLAIMS if (adapted if claim.needs_adapter else not base.engine.examples)]


def sides(
    claim: Claim, base: PipelineConfig, adapted: PipelineConfig | None = None
) -> tuple[PipelineConfig, PipelineConfig]:
    """(what is better by the claim, what is worse). The claim about reranking takes the reranker of `base`,
    where that has one."""
    start = adapted if claim.needs_adapter and adapted else base
    adapter = start.adapter if claim.needs_adapter else ""
    own = looking_up(start)
    if claim.key == "reranking" and own.reranking.method != "none":
        better_values: Mapping[str, Any] = {}
    else:
        better_values = claim.better
    better, worse = (
        own.with_values({**values, "adapter": adapter if tuned else ""})
        for values, tuned in zip((better_values, claim.worse), claim.tuned, strict=True)
    )
    return better, worse


def claims_plan(
    question_set: str,
    questions: Sequence[LabelledQuestion],
    base: PipelineConfig,
    adapted: PipelineConfig | None = None,
    check: FormatCheck | None = None,
) -> Plan:
    """Every configuration that the claims need, each once, those of one index side by side. The baseline is
    the person's own settings, without an adapter and looking something up."""
    configs: dict[PipelineConfig, str] = {}
    for claim in possible_claims(base, adapted):
        for config in sides(claim, base, adapted):
            configs.setdefault(config, _name(config))
    ordered = sorted(configs, key=lambda config: (str(config.chunking), config.adapter, config.retrieves))
    contenders = tuple(Contender(configs[config], config) for config in ordered)
    own = looking_up(base.with_values({"adapter": ""}))
    baseline = ordered.index(own) if own in ordered else 0
    return Plan(question_set, tuple(questions), contenders, baseline, check, kind="claims")


def tested(run: Run, figure: str = RIGHT) -> list[ClaimResult]:
    """Every claim whose two sides were asked everything in a run of `claims_plan`, corrected for how many are
    tested."""
    configs = [contender.config for contender in run.plan.contenders]
    base = configs[run.plan.baseline] if configs else DEFAULT
    adapted = next((config for config in configs if config.adapter and config.grounded), None)
    names = [contender.name for contender in run.plan.contenders]
    values = [values_of(run, place, figure) for place in range(len(configs))]
    summaries = summarise(run)
    found: list[tuple[Claim, int, int]] = []
    for claim in possible_claims(base, adapted):
        better, worse = sides(claim, base, adapted)
        places = [configs.index(config) for config in (better, worse) if config in configs]
        if len(places) == 2 and all(asked_everything(run, place) for place in places):
            found.append((claim, places[0], places[1]))
    pairs = [Pair(names[one], names[other], values[one], values[other]) for _, one, other in found]
    return [
        ClaimResult(claim, comparison, (summaries[better].p95, summaries[worse].p95))
        for (claim, better, worse), comparison in zip(
            found, compare_pairs(pairs, binary=figure == RIGHT), strict=True
        )
    ]


def _name(config: PipelineConfig) -> str:
    """What sets a side apart: "hybrid, structural, reranked", "base alone"."""
    if not config.grounded:
        return "adapter alone" if config.adapter else "base alone"
    if config.adapter:
        return "RAG + adapter"
    if config.engine.examples:
        return "examples alone"
    told = [config.retrieval.mode, config.chunking.strategy]
    if config.reranking.method != "none":
        told.append("reranked")
    return ", ".join(told)
