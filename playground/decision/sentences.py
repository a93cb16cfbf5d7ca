"""Evidence in plain sentences: what speaks for and against, and what to measure next.

Figures are said as they were measured, with how sure they are. This module does not know what the verdict is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from playground.decision.evidence import Evidence
from playground.decision.matrix import Matrix
from playground.decision.trial_results import Behaviour, Freshness, Withdrawal
from playground.decision.verdict import Verdict
from playground.evaluation.statistics import FEWEST_FOR_A_VERDICT, Comparison, in_words, signed

Sign = Literal["for", "against", "open", "time", "cost"]

STRICT_MILLISECONDS = 500.0
"""What the questionnaire calls at once."""

_ENGINE_CAUSES = ("abstained", "not_used", "wrong_format")
_DATA_CAUSES = ("not_in_documents", "lost_in_reading", "split_by_chunking", "not_retrieved")


@dataclass(frozen=True)
class Point:
    """One thing that counts. `sign` says how it counts: for what it names, against it, or open."""

    sign: Sign
    text: str


def points(evidence: Evidence, answers: Mapping[str, str]) -> list[Point]:
    """All that was measured, the weightiest first."""
    found: list[Point] = []
    if evidence.matrix:
        found += _of_matrix(evidence.matrix)
    if evidence.freshness:
        found += _of_freshness(evidence.freshness)
    if evidence.removal:
        found += _of_removal(evidence.removal)
    if evidence.restriction:
        found += _of_restriction(evidence.restriction)
    if evidence.behaviour:
        found += _of_behaviour(evidence.behaviour)
    if evidence.matrix:
        found += _of_time(evidence.matrix, answers)
        found += _of_failures(evidence.matrix)
    if evidence.cheapest:
        found.append(Point("cost", evidence.cheapest))
    return found


def next_steps(evidence: Evidence, asked: Verdict) -> Iterator[str]:
    """What to do to know more, the most telling first."""
    matrix = evidence.matrix
    if asked.first_step:
        yield "Try the prompt in earnest first: ten versions on the same twenty questions cost an afternoon."
    if asked.unanswered:
        count = len(asked.unanswered)
        yield f"Answer the {count} question{'s' * (count != 1)} about your task that you have left open."
    if matrix is None:
        yield "Measure the four approaches on at least twenty labelled questions of your own."
    else:
        yield from _more_of(matrix)
    if evidence.freshness is None:
        yield "Change a fact in a document, and see when each approach says the new one."
    if evidence.removal is None:
        yield "Delete a document on a copy of your library, and see what is still said."
    if evidence.behaviour is None:
        yield "Ask some questions in other words, and see whether form and answer stay the same."


def seconds_in_words(seconds: float) -> str:
    """ "0.4 s", "12 s", "3 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


def _more_of(matrix: Matrix) -> Iterator[str]:
    if matrix.questions < FEWEST_FOR_A_VERDICT:
        missing = FEWEST_FOR_A_VERDICT - matrix.questions
        yield f"Label {missing} more question{'s' * (missing != 1)}: from {matrix.questions} nothing follows."
    elif matrix.questions < 20:
        yield f"Label {20 - matrix.questions} more questions: twenty are a start."
    for effect in matrix.effects:
        more = effect.comparison.more_questions
        if effect.comparison.verdict == "too close to call" and more and effect.approach in ("rag", "both"):
            about = f"{float(f'{more:.2g}'):,.0f}"
            what = f"{effect.comparison.name} against {effect.comparison.baseline}"
            yield f"{what} is too close to call: about {about} more question{'s' * (more != 1)} would tell."
            break
    if "fine_tuning" not in matrix.cells:
        yield "Train an adapter on Fine-tune, and measure all four approaches."


def _of_matrix(matrix: Matrix) -> Iterator[Point]:
    if rag := matrix.effect("rag", "prompt"):
        yield Point(_sign(rag), f"Looking up against the prompt alone: **{_words(rag)}**")
    if tuned := matrix.effect("both", "rag"):
        yield Point(_sign(tuned), f"Adding the adapter to RAG: **{_words(tuned)}**")
    if alone := matrix.effect("rag", "fine_tuning"):
        yield Point(_sign(alone), f"RAG against the adapter alone: **{_words(alone)}**")
    if (cited := matrix.cited.get("rag")) and cited.of:
        yield Point(
            "for", f"RAG cites evidence in {cited.count} of {cited.of} answers; an adapter cites nothing"
        )
    silent = {each: matrix.silent[each] for each in ("rag", "fine_tuning") if each in matrix.silent}
    if any(count.of for count in silent.values()):
        told = [
            f"{'RAG' if each == 'rag' else 'the adapter'} in {count.count} of {count.of}"
            for each, count in silent.items()
        ]
        sign: Sign = "for" if all(count.count == count.of for count in silent.values()) else "open"
        yield Point(sign, f"Silent where the documents say nothing: {', '.join(told)}")


def _of_freshness(found: Freshness) -> Iterator[Point]:
    if not found.after.said:
        yield Point("against", f"A changed fact did not reach RAG's answer: “{found.question}”")
    else:
        text = f"A changed fact: RAG says it after {seconds_in_words(found.seconds)}"
        if found.update and found.update.answer.said:
            text += f", an adapter after {seconds_in_words(found.update.seconds)} of training"
        elif found.adapter and found.adapter.said:
            text += ", the adapter still says the old one"
        yield Point("for", text)
    if found.update and not found.update.answer.said:
        yield Point("against", "Training the adapter anew did not teach it the changed fact")


def _of_removal(found: Withdrawal) -> Iterator[Point]:
    if found.left:
        yield Point("against", f"{found.left} passages of a deleted document are still found")
    else:
        yield Point("for", "A deleted document is gone from every search at once")
    yield from _told(found, "a deleted document")


def _of_restriction(found: Withdrawal) -> Iterator[Point]:
    if found.left:
        yield Point("against", f"{found.left} passages of a restricted document reach who may not see it")
    else:
        yield Point("for", "A restricted document is hidden from who may not see it")
    yield from _told(found, "a restricted document")


def _told(found: Withdrawal, what: str) -> Iterator[Point]:
    asked = sum(each.adapter is not None for each in found.asked)
    if asked and found.told_by_adapter:
        yield Point(
            "against", f"The adapter tells what {what} says in {found.told_by_adapter} of {asked} answers"
        )
    elif asked:
        yield Point("open", f"The adapter told nothing of {what} in {asked} answers: it had not learned it")


def _of_behaviour(found: Behaviour) -> Iterator[Point]:
    for effect in found.format_effects:
        yield Point(_sign(effect), f"Answers in the wanted form, {_pair(effect)}: **{in_words(effect)}**")
    for effect in found.consistency_effects:
        yield Point(_sign(effect), f"The same answer to other words, {_pair(effect)}: **{in_words(effect)}**")


def _of_time(matrix: Matrix, answers: Mapping[str, str]) -> Iterator[Point]:
    times = {cell.name: cell.p95 for cell in matrix.cells.values() if cell.p95 is not None}
    if not times:
        return
    slowest = max(times, key=lambda name: times[name])
    text = f"{slowest} is the slowest: 95 of 100 answers within {times[slowest]:,.0f} ms"
    strict = answers.get("latency") == "strict" and times[slowest] > STRICT_MILLISECONDS
    yield Point("against" if strict else "time", text)


def _of_failures(matrix: Matrix) -> Iterator[Point]:
    """Whether what RAG gets wrong is missing information or behaviour."""
    causes = matrix.cells["rag"].causes
    engine = sum(causes.get(each, 0) for each in _ENGINE_CAUSES)
    data = sum(causes.get(each, 0) for each in _DATA_CAUSES)
    if not engine + data:
        return
    wrong = engine + data
    if engine > data:
        text = f"Of {wrong} answers that RAG lost, {engine} had the evidence before them: behaviour, not data"
    else:
        text = f"Of {wrong} answers that RAG lost, {data} lacked the evidence: data, not behaviour"
    yield Point("open", text)


def _pair(comparison: Comparison) -> str:
    return f"{comparison.name} against {comparison.baseline}"


def _words(comparison: Comparison) -> str:
    """The difference in points of right answers with its interval: "+59 points (+40 to +75): better"."""
    words = in_words(comparison)
    if comparison.difference is None or comparison.verdict == "too few questions":
        return words
    low, high = (signed(value) for value in (comparison.difference.low, comparison.difference.high))
    gain, _, rest = words.partition(":")
    return f"{gain} ({low} to {high}):{rest}"


def _sign(comparison: Comparison) -> Sign:
    return {"better": "for", "worse": "against", "equal": "against"}.get(comparison.verdict, "open")  # type: ignore[return-value]
