import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.decision.criteria import CRITERIA
from playground.decision.verdict import ENOUGH, decide, what_would_change

CASES = {
    "a handbook that changes, with citations": (
        {"failure": "information", "change": "daily", "citations": "yes", "breadth": "yes"},
        "rag",
    ),
    "each customer's own accounts": (
        {"failure": "information", "access": "restricted", "removal": "yes"},
        "rag",
    ),
    "messages into queues with names of the house": (
        {"failure": "behaviour", "narrow": "yes", "vocabulary": "yes", "examples": "many", "change": "never"},
        "fine_tuning",
    ),
    "reports in a fixed form": (
        {"failure": "behaviour", "style": "critical", "examples": "some", "citations": "no"},
        "fine_tuning",
    ),
    "a brand's voice over facts of today": (
        {"failure": "both", "style": "critical", "change": "daily", "citations": "nice", "examples": "many"},
        "both",
    ),
    "nothing is known yet": ({"failure": "unknown", "prompting": "no"}, "prompt"),
    "few calls and few examples": (
        {"failure": "behaviour", "style": "matters", "examples": "none", "volume": "few"},
        "prompt",
    ),
}
ANSWERS = st.fixed_dictionaries(
    {}, optional={each.key: st.sampled_from([option.value for option in each.options]) for each in CRITERIA}
)


@pytest.mark.parametrize("case", CASES)
def test_cases_that_articles_agree_on(case: str) -> None:
    answers, approach = CASES[case]
    assert decide(answers).approach == approach


def test_no_answer_is_a_better_prompt_first() -> None:
    verdict = decide({})
    assert (verdict.approach, verdict.first_step, len(verdict.unanswered)) == ("prompt", True, len(CRITERIA))


def test_prompting_that_is_exhausted_is_no_first_step() -> None:
    assert not decide({"prompting": "yes"}).first_step


def test_every_answer_shows_what_it_adds() -> None:
    verdict = decide({"citations": "yes", "style": "critical", "prompting": "no"})
    assert [(each.criterion.key, each.lookup, each.tuning) for each in verdict.contributions] == [
        ("prompting", 0, 0),
        ("citations", 3, -1),
        ("style", 0, 3),
    ]
    assert (verdict.lookup, verdict.tuning) == (3, 2)
    assert verdict.contributions[0].silent


def test_tuning_for_a_data_problem_is_pointed_out() -> None:
    answers = {"failure": "information", "style": "critical", "narrow": "yes", "vocabulary": "yes"}
    assert decide(answers).tuning >= ENOUGH
    assert "never fine-tune for a data problem" in decide(answers).contradictions[0]


def test_retrieval_for_a_behaviour_problem_is_pointed_out() -> None:
    answers = {"failure": "behaviour", "citations": "yes", "change": "daily"}
    assert "never use retrieval for a behaviour problem" in decide(answers).contradictions[0]


def test_an_adapter_and_access_rights_do_not_go_together() -> None:
    answers = {"failure": "behaviour", "style": "critical", "narrow": "yes", "access": "restricted"}
    answers |= {"examples": "many", "vocabulary": "yes"}
    assert any("train it on form only" in each for each in decide(answers).contradictions)


def test_an_unknown_criterion_or_answer_is_refused() -> None:
    with pytest.raises(KeyError, match="weather"):
        decide({"weather": "fine"})
    with pytest.raises(KeyError, match="citations cannot be answered with perhaps"):
        decide({"citations": "perhaps"})


@given(ANSWERS)
def test_what_would_change_the_verdict_does(answers: dict[str, str]) -> None:
    now = decide(answers).approach
    for change in what_would_change(answers):
        then = decide({**answers, change.criterion.key: change.option.value}).approach
        assert then == change.approach != now


@given(ANSWERS)
def test_the_margin_is_how_many_points_are_needed(answers: dict[str, str]) -> None:
    verdict = decide(answers)
    assert verdict.margin >= 1


def test_every_criterion_explains_itself_and_has_two_answers_or_more() -> None:
    for criterion in CRITERIA:
        assert criterion.question.endswith("?")
        assert criterion.explanation.endswith(".")
        assert len(criterion.options) >= 2
        assert len({option.value for option in criterion.options}) == len(criterion.options)


ARTICLES = {
    "knowledge that changes": ("change", "daily", "lookup"),
    "answers with their sources": ("citations", "yes", "lookup"),
    "access rights": ("access", "restricted", "lookup"),
    "removal and audit": ("removal", "yes", "lookup"),
    "large and diverse knowledge": ("breadth", "yes", "lookup"),
    "decisions that are explained": ("explain", "yes", "lookup"),
    "missing information": ("failure", "information", "lookup"),
    "little money to begin with": ("budget", "start", "lookup"),
    "a fixed format, a tone": ("style", "critical", "tuning"),
    "a narrow skill": ("narrow", "yes", "tuning"),
    "an unusual vocabulary": ("vocabulary", "yes", "tuning"),
    "answers at once": ("latency", "strict", "tuning"),
    "very many calls": ("volume", "many", "tuning"),
    "many good examples": ("examples", "many", "tuning"),
    "wrong behaviour": ("failure", "behaviour", "tuning"),
}
"""The rows of the table that articles answer with: what speaks for what."""


@pytest.mark.parametrize("row", ARTICLES)
def test_every_row_of_the_articles_leans_the_way_they_say(row: str) -> None:
    criterion, answer, side = ARTICLES[row]
    verdict = decide({criterion: answer})
    other = "tuning" if side == "lookup" else "lookup"
    assert getattr(verdict, side) > 0 >= getattr(verdict, other)


def test_all_rows_for_one_side_lead_there_and_all_rows_together_to_both() -> None:
    sides = {
        side: {criterion: answer for criterion, answer, leans in ARTICLES.values() if leans == side}
        for side in ("lookup", "tuning")
    }
    assert decide(sides["lookup"]).approach == "rag"
    assert decide(sides["tuning"]).approach == "fine_tuning"
    together = {
        "failure": "both",
        "change": "monthly",
        "citations": "yes",
        "style": "critical",
        "narrow": "yes",
    }
    assert decide({**together, "examples": "many"}).approach == "both"


def test_examples_that_contradict_each_other_are_pointed_out() -> None:
    found = decide({"failure": "behaviour", "style": "critical", "narrow": "yes", "examples": "noisy"})
    assert any("Tuning needs consistent examples" in each for each in found.contradictions)
