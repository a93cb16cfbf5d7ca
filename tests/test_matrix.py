from playground.config import DEFAULT
from playground.decision.matrix import NAMES, Count, approach_of, matrix_of, matrix_plan, newest_matrix
from playground.evaluation.results import Contender
from tests import evaluations
from tests.decisions import BOTH, CONTENDERS, PROMPT, RAG, TUNED, matrix, run_of


def test_the_four_differ_in_looking_up_and_in_the_adapter_only() -> None:
    plan = matrix_plan("Mine", evaluations.questions(2), DEFAULT, "my-adapter")
    assert [each.name for each in plan.contenders] == ["Prompt only", "RAG", "Fine-tuned", "RAG + fine-tuned"]
    first = plan.contenders[0].config
    changed = {name for each in plan.contenders for name in each.config.differences(first)}
    assert changed == {"engine.retrieval", "adapter"}


def test_without_an_adapter_there_are_two() -> None:
    plan = matrix_plan("Mine", evaluations.questions(2), DEFAULT)
    assert [approach_of(each.config) for each in plan.contenders] == ["prompt", "rag"]


def test_a_run_is_read_whatever_its_columns_are_called_and_wherever_they_stand() -> None:
    other = Contender("Something else", DEFAULT.with_values({"retrieval.top_k": 9}))
    contenders = [
        Contender("x", BOTH),
        other,
        Contender("y", PROMPT),
        Contender("z", RAG),
        Contender("t", TUNED),
    ]
    run = evaluations.run("✓✓", "✗✗", "✗✗", "✓✗", "✗✓", of=evaluations.plan(2, *contenders))
    found = matrix_of(run)
    assert found is not None
    assert found.places == {"prompt": 2, "rag": 3, "fine_tuning": 4, "both": 0}


def test_columns_that_differ_in_more_are_no_two_by_two() -> None:
    larger = RAG.with_values({"retrieval.top_k": 9})
    assert (
        matrix_of(
            evaluations.run("✓", "✗", of=evaluations.plan(1, Contender("a", PROMPT), Contender("b", larger)))
        )
        is None
    )


def test_gold_passages_are_no_rag() -> None:
    contenders = [CONTENDERS[0], Contender("Gold passages", RAG, gold_passages=True)]
    assert matrix_of(evaluations.run("✓", "✗", of=evaluations.plan(1, *contenders))) is None


def test_shares_and_effects_are_paired_by_question() -> None:
    found = matrix("✗" * 20, "✓" * 15 + "✗" * 5)
    assert (found.cells["rag"].right.count, found.cells["rag"].right.of) == (15, 20)  # type: ignore[union-attr]
    effect = found.effect("rag", "prompt")
    assert effect is not None and effect.difference is not None
    assert (effect.difference.mean, effect.verdict) == (0.75, "better")
    assert found.effect("both", "rag") is None


def test_questions_that_an_adapter_learned_count_for_no_approach() -> None:
    seen = [evaluations.record("✓", seen=True), evaluations.record("✗")]
    run = evaluations.run("✗✗", "✓✓", seen, "✓✓", of=evaluations.plan(2, *CONTENDERS))
    found = matrix_of(run)
    assert found is not None
    assert (found.questions, found.seen) == (1, 1)
    assert found.cells["rag"].right.of == 1  # type: ignore[union-attr]


def test_silence_is_counted_where_there_is_no_answer() -> None:
    plan = evaluations.plan(3, *CONTENDERS[:2])
    plan = type(plan)(plan.question_set, evaluations.questions(3, unanswerable=2), plan.contenders)
    silent = evaluations.record("○", abstained=True)
    run = evaluations.run("✓✗✗", [evaluations.record("✓"), silent, evaluations.record("✗")], of=plan)
    found = matrix_of(run)
    assert found is not None
    assert found.silent == {"prompt": Count(0, 2), "rag": Count(1, 2)}


def test_silence_towards_who_may_not_see_the_evidence_counts_too() -> None:
    hidden = evaluations.record("○", abstained=True, withheld=True)
    told = evaluations.record("✗", withheld=True)
    found = matrix_of(
        evaluations.run([hidden, hidden], [hidden, told], of=evaluations.plan(2, *CONTENDERS[:2]))
    )
    assert found is not None
    assert found.silent == {"prompt": Count(2, 2), "rag": Count(1, 2)}


def test_citations_are_counted_over_what_was_answered() -> None:
    cited = evaluations.record("✓", figures={"citation_recall": 0.5})
    records = [cited, evaluations.record("✗"), evaluations.record("✗", abstained=True)]
    found = matrix_of(evaluations.run("✗✗✗", records, of=evaluations.plan(3, *CONTENDERS[:2])))
    assert found is not None
    assert found.cited == {"prompt": None, "rag": Count(1, 2)}


def test_the_newest_whole_two_by_two_counts_before_a_newer_half() -> None:
    half, whole = run_of("✗", "✓"), run_of("✗", "✓", "✗", "✓")
    found = newest_matrix([half, whole])
    assert found is not None and list(found.cells) == list(NAMES)
    only = newest_matrix([half])
    assert only is not None and list(only.cells) == ["prompt", "rag"]
    assert newest_matrix([]) is None
