"""The verdict: what the answers about a task point to, joined with what was measured.

Answers decide until the evidence does. What is settled by measurement outweighs what was only said, with one
exception: what must be cited, hidden or removed has to be looked up, however well an adapter answers. This
module does not know where a verdict is shown.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from playground.decision.criteria import CRITERIA
from playground.decision.evidence import Answer, Evidence
from playground.decision.sentences import Point, next_steps, points
from playground.decision.verdict import ENOUGH, Approach, Change, Verdict, decide, what_would_change

Standing = Literal["supported", "contradicted", "thin", "undescribed", "unmeasured"]
Confidence = Literal["high", "medium", "low"]

STANDINGS: dict[Standing, str] = {
    "supported": "Supported by your evidence",
    "contradicted": "Answers and evidence disagree",
    "thin": "The evidence is thin",
    "undescribed": "From your evidence alone",
    "unmeasured": "Nothing measured yet",
}
HEADLINES: dict[Approach, str] = {
    "prompt": "Stay with a better prompt",
    "rag": "Start with RAG",
    "fine_tuning": "Fine-tune",
    "both": "RAG with a fine-tuned adapter",
}
AFTER_PROMPTING: dict[Approach, str] = {
    "prompt": "Start with a better prompt",
    "rag": "A better prompt, then RAG",
    "fine_tuning": "A better prompt, then fine-tuning",
    "both": "A better prompt, then RAG and an adapter",
}
ENOUGH_QUESTIONS = 30
"""From so many on a supported verdict is called certain."""

MUST_BE_LOOKED_UP = {
    "citations": "answers must name their sources",
    "access": "not everybody may see everything",
    "removal": "single items must be removable",
}
_DEMANDS = {"citations": "yes", "access": "restricted", "removal": "yes"}


@dataclass(frozen=True)
class Conclusion:
    """`approach` is the verdict, `asked` what the answers alone point to, `measured` what the evidence alone
    says, None where it leaves both dimensions open. `changes` are single answers that would change what the
    answers point to."""

    approach: Approach
    headline: str
    standing: Standing
    confidence: Confidence
    why: str
    asked: Verdict
    measured: Approach | None
    points: tuple[Point, ...]
    disagreements: tuple[str, ...]
    next_steps: tuple[str, ...]
    changes: tuple[Change, ...]

    @property
    def badge(self) -> str:
        return STANDINGS[self.standing]


def conclude(answers: Mapping[str, str], evidence: Evidence) -> Conclusion:
    """The verdict on these answers and this evidence. Raises KeyError for an answer that there is not."""
    asked = decide(answers)
    demands = [words for key, words in MUST_BE_LOOKED_UP.items() if answers.get(key) == _DEMANDS[key]]
    looking_up, tuning = evidence.looking_up, evidence.tuning
    wanted_lookup, wanted_tuning = asked.lookup >= ENOUGH, asked.tuning >= ENOUGH
    lookup = _settled(looking_up, wanted_lookup) or (wanted_lookup and bool(demands))
    tuned = _settled(tuning, wanted_tuning)
    described = bool(asked.contributions)  # who said nothing contradicts nothing
    disagreements = [
        *(_lookup_disagreement(looking_up, wanted_lookup, demands) if described else ()),
        *(_tuning_disagreement(tuning, wanted_tuning, evidence) if described else ()),
    ]
    approach = _approach(lookup, tuned)
    standing = _standing(evidence, lookup, tuned, described, bool(disagreements))
    confidence, why = _confidence(standing, evidence, asked)
    return Conclusion(
        approach,
        (AFTER_PROMPTING if asked.first_step else HEADLINES)[approach],
        standing,
        confidence,
        why,
        asked,
        None if looking_up == tuning == "open" else _approach(looking_up == "yes", tuning == "yes"),
        tuple(points(evidence, answers)),
        tuple(disagreements),
        tuple(next_steps(evidence, asked)),
        tuple(what_would_change(answers)),
    )


def _settled(measured: Answer, wanted: bool) -> bool:
    """What was measured where that says something, else what was wanted."""
    return wanted if measured == "open" else measured == "yes"


def _approach(lookup: bool, tuned: bool) -> Approach:
    return {
        (True, True): "both",
        (True, False): "rag",
        (False, True): "fine_tuning",
        (False, False): "prompt",
    }[lookup, tuned]  # type: ignore[return-value]


def _lookup_disagreement(measured: Answer, wanted: bool, demands: list[str]) -> list[str]:
    if measured == "no" and wanted and demands:
        return [
            "Retrieval made no more answers right than there were without it; it is needed all the same, "
            f"because {' and '.join(demands)}."
        ]
    if measured == "no" and wanted:
        return ["Your answers ask for retrieval, and on your questions it gained nothing."]
    if measured == "yes" and not wanted:
        return ["Your answers do not ask for retrieval, and on your questions it clearly helped."]
    return []


def _tuning_disagreement(measured: Answer, wanted: bool, evidence: Evidence) -> list[str]:
    if measured == "no" and wanted and evidence.behaviour is None:
        return [
            "Your answers ask for tuning, and the adapter made no more answers right; whether it mends form "
            "and consistency is not measured yet."
        ]
    if measured == "no" and wanted:
        return [
            "Your answers ask for tuning, and the adapter mended neither what is right nor how it is said."
        ]
    if measured == "yes" and not wanted:
        return ["Your answers do not ask for tuning, and on your questions the adapter clearly helped."]
    return []


def _standing(evidence: Evidence, lookup: bool, tuned: bool, described: bool, disagree: bool) -> Standing:
    if evidence.matrix is None and evidence.behaviour is None:
        return "unmeasured"
    if not described:
        return "undescribed"
    if disagree:
        return "contradicted"
    needed = [(evidence.looking_up, lookup), (evidence.tuning, tuned)]
    if any(wanted and measured != "yes" for measured, wanted in needed):
        return "thin"
    return "supported" if lookup or tuned or "open" not in dict(needed) else "thin"


def _confidence(standing: Standing, evidence: Evidence, asked: Verdict) -> tuple[Confidence, str]:
    """How certain the verdict is, and why, in a sentence."""
    answered = len(CRITERIA) - len(asked.unanswered)
    count = evidence.matrix.questions if evidence.matrix else 0
    about = f"{count} question{'s' * (count != 1)} measured, {answered} of {len(CRITERIA)} answered"
    if standing == "supported" and count >= ENOUGH_QUESTIONS and asked.margin > 1:
        return "high", f"High: answers and evidence agree, and neither is close ({about})."
    if standing == "supported":
        reason = (
            f"fewer than {ENOUGH_QUESTIONS} questions"
            if count < ENOUGH_QUESTIONS
            else "the answers are close"
        )
        return "medium", f"Medium: answers and evidence agree, but {reason} ({about})."
    if standing == "contradicted" and count >= ENOUGH_QUESTIONS:
        return "medium", f"Medium: the evidence is clear, and your answers say otherwise ({about})."
    if standing == "unmeasured":
        return "low", f"Low: this rests on your answers alone ({about})."
    if standing == "undescribed":
        return "low", f"Low: nothing was said about the task yet ({about})."
    reason = "answers and evidence disagree" if standing == "contradicted" else "the evidence leaves it open"
    return "low", f"Low: {reason} ({about})."
