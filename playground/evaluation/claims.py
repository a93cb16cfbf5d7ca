"""What articles say of retrieval, reranking, chunking and fine-tuning, as pairs of configurations to measure.

Every pair differs in the one thing that the claim is about. This module does not know how a pair is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from playground.config import PipelineConfig
from playground.evaluation.records import Run
from playground.evaluation.results import Contender
from playground.evaluation.statistics import Comparison, Pair, compare_pairs, points
from playground.evaluation.summary import RIGHT, summarise, values_of


@dataclass(frozen=True)
class Claim:
    """`better` is said to beat `worse`; both are what is changed in the person's own settings. `worth` marks
    a claim that is about waiting time too."""

    key: str
    text: str
    better: Mapping[str, Any]
    worse: Mapping[str, Any]
    needs_adapter: bool = False
    worth: bool = False


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
    Claim("adapter_base", "The adapter beats the base model", _CLOSED, _CLOSED, needs_adapter=True),
    Claim("both_rag", "RAG with the adapter beats RAG alone", _LOOKS_UP, _LOOKS_UP, needs_adapter=True),
    Claim(
        "both_adapter", "RAG with the adapter beats the adapter alone", _LOOKS_UP, _CLOSED, needs_adapter=True
    ),
)


@dataclass(frozen=True)
class TestedClaim:
    """A claim with what was measured. `latency` is (of the better, of the worse) p95 in milliseconds."""

    claim: Claim
    comparison: Comparison
    latency: tuple[float | None, float | None]

    @property
    def holds(self) -> bool | None:
        """None where it is too close to call, or there are too few questions."""
        return {"better": True, "worse": False, "equal": False}.get(self.comparison.verdict)

    @property
    def verdict(self) -> str:
        """One plain sentence."""
        found = self.comparison
        if found.difference is None or found.verdict == "too few questions":
            return f"Not known: {found.n} questions are too few."
        gain = points(found.difference.mean)
        cost = self._cost()
        if found.verdict == "better":
            return f"Yes, on these documents: {gain}{cost}."
        if found.verdict == "worse":
            return f"No, the other way round: {gain}{cost}."
        if found.verdict == "equal":
            return f"No: both answer alike{cost}."
        return f"Too close to call: {gain}{cost}{self._more()}."

    def _cost(self) -> str:
        mine, theirs = self.latency
        if mine is None or theirs is None:
            return ""
        change = mine - theirs
        if not self.claim.worth and abs(change) < 0.2 * theirs:
            return ""
        return f", {abs(change):,.0f} ms {'more' if change >= 0 else 'less'} at p95"

    def _more(self) -> str:
        more = self.comparison.more_questions
        return f"; about {float(f'{more:.2g}'):,.0f} more questions would tell" if more else ""


def possible_claims(adapter: str) -> list[Claim]:
    """Those that can be tested with this adapter, or without any."""
    return [claim for claim in CLAIMS if adapter or not claim.needs_adapter]


def sides(claim: Claim, base: PipelineConfig, adapter: str) -> tuple[PipelineConfig, PipelineConfig]:
    """(the better by the claim, the worse), from the person's own settings. Raises ConfigError where they
    cannot be combined."""
    looking_up = {"engine.retrieval": True}
    if base.retrieval.mode == "none":
        looking_up |= {"retrieval.mode": "hybrid"}
    own = base.with_values({**looking_up, "adapter": ""})
    better, worse = own.with_values(claim.better), own.with_values(claim.worse)
    if claim.needs_adapter:
        better = better.with_values({"adapter": adapter})
        if claim.key == "both_adapter":
            worse = worse.with_values({"adapter": adapter})
    return better, worse


def claim_contenders(claims: Sequence[Claim], base: PipelineConfig, adapter: str) -> list[Contender]:
    """Every configuration that the claims need, each once. Those of one index stand side by side."""
    configs: dict[PipelineConfig, str] = {}
    for claim in claims:
        for config in sides(claim, base, adapter):
            configs.setdefault(config, _name(config, base))
    ordered = sorted(configs, key=lambda config: (str(config.chunking), config.adapter, config.retrieves))
    return [Contender(configs[config], config) for config in ordered]


def tested(run: Run, base: PipelineConfig, adapter: str, figure: str = RIGHT) -> list[TestedClaim]:
    """Every claim whose two sides the run has measured, corrected for how many are tested."""
    places = {contender.config: place for place, contender in enumerate(run.plan.contenders)}
    summaries = summarise(run)
    pairs: dict[str, tuple[Claim, int, int]] = {}
    for claim in possible_claims(adapter):
        better, worse = sides(claim, base, adapter)
        if better in places and worse in places:
            pairs[claim.key] = claim, places[better], places[worse]
    compared = compare_pairs(
        [
            Pair(
                run.plan.contenders[better].name,
                run.plan.contenders[worse].name,
                values_of(run, better, figure),
                values_of(run, worse, figure),
            )
            for _, better, worse in pairs.values()
        ],
        binary=figure == RIGHT,
    )
    return [
        TestedClaim(claim, comparison, (summaries[better].p95, summaries[worse].p95))
        for (claim, better, worse), comparison in zip(pairs.values(), compared, strict=True)
    ]


def _name(config: PipelineConfig, base: PipelineConfig) -> str:
    """What sets a side apart: "dense", "semantic", "adapter, no retrieval"."""
    if config.adapter:
        return "RAG + adapter" if config.grounded else "adapter alone"
    if not config.grounded:
        return "base, no retrieval"
    told = [config.retrieval.mode, config.chunking.strategy]
    if config.reranking.method != "none":
        told.append("reranked")
    return ", ".join(told)
