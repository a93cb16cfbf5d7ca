import pytest

from playground.decision.conclusion import conclude
from playground.decision.evidence import Evidence
from playground.decision.matrix import Matrix
from playground.decision.trial_results import Behaviour
from playground.evaluation.statistics import Pair, compare_pairs
from tests.decisions import freshness, matrix, withdrawal

KNOWLEDGE = {"failure": "information", "change": "daily", "citations": "yes", "prompting": "yes"}
FORM = {"failure": "behaviour", "style": "critical", "examples": "many", "prompting": "yes"}
BOTH = {"failure": "both", "style": "critical", "change": "daily", "examples": "many", "prompting": "yes"}


def helps(count: int = 40) -> Matrix:
    """Looking up helps, the adapter does not change one answer."""
    return matrix("✗" * count, "✓" * count, "✗" * count, "✓" * count)


def tunes(count: int = 40) -> Matrix:
    """The adapter helps, looking up does not change one answer."""
    return matrix("✗" * count, "✗" * count, "✓" * count, "✓" * count)


def open_() -> Matrix:
    """Nothing is more than chance."""
    return matrix("✓✗" * 10, "✗✓" * 9 + "✓✓", "✓✗" * 9 + "✗✓", "✗✓" * 10)


def test_without_evidence_the_answers_decide_and_it_is_said() -> None:
    found = conclude(KNOWLEDGE, Evidence())
    assert (found.approach, found.standing, found.confidence) == ("rag", "unmeasured", "low")
    assert found.headline == "Start with RAG"
    assert found.measured is None


def test_evidence_that_agrees_supports() -> None:
    found = conclude(KNOWLEDGE, Evidence(helps()))
    assert (found.approach, found.standing, found.measured) == ("rag", "supported", "rag")
    assert found.confidence == "high"


def test_few_questions_give_less_confidence() -> None:
    found = conclude(KNOWLEDGE, Evidence(helps(12)))
    assert (found.standing, found.confidence) == ("supported", "medium")


def test_evidence_that_is_open_is_thin() -> None:
    found = conclude(KNOWLEDGE, Evidence(open_()))
    assert (found.approach, found.standing, found.measured) == ("rag", "thin", None)
    assert any("too close to call" in step for step in found.next_steps)


def test_a_gain_that_nobody_asked_for_changes_the_verdict_and_is_pointed_out() -> None:
    found = conclude(FORM, Evidence(helps()))
    assert found.approach == "rag"
    assert found.standing == "contradicted"
    assert (
        "Your answers do not ask for retrieval, and on your questions it clearly helped."
        in found.disagreements
    )


def test_retrieval_that_gained_nothing_is_left_out() -> None:
    answers = {"failure": "information", "change": "monthly", "prompting": "yes"}
    found = conclude(answers, Evidence(tunes()))
    assert found.approach == "fine_tuning"
    assert "gained nothing" in found.disagreements[0]


@pytest.mark.parametrize(
    ("key", "value"), [("citations", "yes"), ("access", "restricted"), ("removal", "yes")]
)
def test_what_must_be_cited_hidden_or_removed_is_looked_up_all_the_same(key: str, value: str) -> None:
    answers = {"failure": "information", "prompting": "yes", key: value}
    found = conclude(answers, Evidence(tunes()))
    assert found.approach in ("rag", "both")
    assert "needed all the same" in found.disagreements[0]


def test_tuning_beside_retrieval_is_judged_by_what_it_adds_there() -> None:
    all_alone = matrix("✗" * 40, "✓" * 40, "✓" * 40, "✓" * 40)  # the adapter alone is as good as RAG
    found = conclude(BOTH, Evidence(all_alone))
    assert found.measured == "rag"
    assert "whether it mends form and consistency is not measured yet" in found.disagreements[0]


def test_form_that_the_adapter_mends_speaks_for_it() -> None:
    comparison = compare_pairs([Pair("RAG + fine-tuned", "RAG", [1.0] * 20, [0.0] * 20)], binary=False)
    behaviour = Behaviour(20, 4, 1, {}, format_effects=tuple(comparison))
    found = conclude(BOTH, Evidence(helps(), behaviour=behaviour))
    assert (found.approach, found.standing) == ("both", "supported")


def test_a_prompt_that_was_not_tried_comes_first() -> None:
    found = conclude({**KNOWLEDGE, "prompting": "no"}, Evidence(helps()))
    assert found.headline == "A better prompt, then RAG"
    assert found.next_steps[0].startswith("Try the prompt in earnest first")


def test_never_fine_tune_for_a_data_problem() -> None:
    answers = {
        "failure": "information",
        "style": "critical",
        "narrow": "yes",
        "vocabulary": "yes",
        "examples": "many",
    }
    found = conclude(answers, Evidence())
    assert any("never fine-tune for a data problem" in each for each in found.asked.contradictions)


def test_trials_are_told_with_what_they_took() -> None:
    evidence = Evidence(helps(), freshness(), withdrawal(told=1, of=2), withdrawal(told=0, of=2))
    told = [point.text for point in conclude(KNOWLEDGE, evidence).points]
    assert "A changed fact: RAG says it after 4.0 s, the adapter still says the old one" in told
    assert "A deleted document is gone from every search at once" in told
    assert "The adapter tells what a deleted document says in 1 of 2 answers" in told
    assert "The adapter told nothing of a restricted document in 2 answers: it had not learned it" in told


def test_passages_that_are_found_though_deleted_are_a_fault() -> None:
    points = conclude({}, Evidence(removal=withdrawal(left=3))).points
    assert (points[0].sign, points[0].text) == ("against", "3 passages of a deleted document are still found")


def test_too_few_questions_settle_nothing() -> None:
    found = conclude(KNOWLEDGE, Evidence(helps(6)))
    assert found.measured is None
    assert "Label 4 more questions: from 6 nothing follows." in found.next_steps


def test_who_said_nothing_of_the_task_contradicts_nothing() -> None:
    found = conclude({}, Evidence(helps()))
    assert (found.approach, found.standing, found.disagreements) == ("rag", "undescribed", ())
    assert found.why.startswith("Low: nothing was said about the task yet")
