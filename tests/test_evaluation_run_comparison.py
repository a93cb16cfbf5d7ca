from dataclasses import replace

from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Plan, Run
from playground.evaluation.results import Contender
from playground.evaluation.run_comparison import DocumentChanges, compare_runs, document_changes
from playground.questions.lookup import Gold, LabelledQuestion
from tests.evaluations import BASE, OTHER, plan, questions, record, run

ALONE = (Contender("Balanced", BASE),)


def alone(signs: str, asked: tuple[LabelledQuestion, ...] = ()) -> Run:
    """A run of one contender."""
    return run(signs, of=Plan("x", asked or questions(len(signs)), ALONE))


def test_a_contender_is_compared_with_itself_question_by_question() -> None:
    found = compare_runs(alone("✗✗✗✗✗✗✗✗✗✗✓"), alone("✓✓✓✓✓✓✓✓✓✓✗"))
    (change,) = found.contenders
    assert (found.questions, change.name, change.comparison.baseline) == (11, "Balanced", "before")
    assert change.comparison.difference is not None
    assert change.comparison.difference.mean == 9 / 11
    assert change.comparison.discordance is not None
    assert (change.comparison.discordance.gained, change.comparison.discordance.lost) == (10, 1)
    assert change.comparison.verdict == "better"
    assert [each.question.id for each in change.gained] == [f"q{number}" for number in range(1, 11)]
    assert [(each.question.id, each.after.outcome) for each in change.lost] == [("q11", "wrong")]


def test_questions_are_matched_by_their_words_whatever_their_ids_and_order() -> None:
    first = LabelledQuestion("a", "What is  the fee?", ("30",))
    again = replace(first, id="7", question="what is the fee?")
    gone, new = LabelledQuestion("b", "Who pays?"), LabelledQuestion("c", "When?")
    found = compare_runs(alone("✗✓", (first, gone)), alone("✓✓", (new, again)))
    assert found.questions == 1
    assert (found.only_earlier, found.only_later) == ((gone,), (new,))
    assert [each.question for each in found.contenders[0].gained] == [again]


def test_the_same_words_twice_are_two_questions() -> None:
    twice = (LabelledQuestion("a", "Fee?"), LabelledQuestion("b", "Fee?"))
    found = compare_runs(alone("✓✗", twice), alone("✓✓", twice))
    assert found.questions == 2
    assert [each.question.id for each in found.contenders[0].gained] == ["b"]


def test_contenders_are_matched_by_their_configuration_before_their_name() -> None:
    before = run("✓", "✗", of=plan(1, Contender("A", BASE), Contender("B", OTHER)))
    after = run("✗", "✓", of=plan(1, Contender("B", BASE), Contender("C", OTHER)))
    found = compare_runs(before, after)
    assert [(each.name, each.earlier, each.later) for each in found.contenders] == [("B", 0, 0), ("C", 1, 1)]
    assert [len(each.gained) for each in found.contenders] == [0, 1]


def test_contenders_of_one_name_say_which_settings_differ() -> None:
    before = run("✓", "✓", of=plan(1, Contender("Mine", BASE), Contender("Gone", OTHER)))
    after = run("✓", "✓", of=plan(1, Contender("Mine", BASE.with_values({"retrieval.top_k": 9})), *ALONE))
    found = compare_runs(before, after)
    # Balanced has the configuration that Mine had: it is the same, under another name.
    assert [(each.name, each.settings) for each in found.contenders] == [("Balanced", {})]
    other = run("✓", of=plan(1, Contender("Mine", OTHER)))
    (change,) = compare_runs(before, other).contenders
    assert (change.name, change.earlier) == ("Mine", 1)
    (change,) = compare_runs(run("✓", of=plan(1, Contender("Mine", BASE))), other).contenders
    assert change.settings == {"retrieval.mode": ("hybrid", "dense")}


def test_gold_passages_are_never_compared_with_a_search() -> None:
    before = run("✓", of=plan(1, Contender("A", BASE)))
    found = compare_runs(before, run("✓", of=plan(1, Contender("A", BASE, gold_passages=True))))
    assert found.contenders == ()
    assert (found.contenders_only_earlier, found.contenders_only_later) == (("A",), ("A",))


def test_what_nobody_can_judge_is_neither_gained_nor_lost() -> None:
    (change,) = compare_runs(alone("? ✗!"), alone("✓✓?✓")).contenders
    assert [each.question.id for each in change.gained] == ["q4"]
    assert change.lost == ()
    assert change.comparison.n == 1


def test_two_contenders_are_corrected_as_one_family() -> None:
    pair = (Contender("A", BASE), Contender("B", OTHER))
    before, after = "✗" * 12, "✓" * 6 + "✗" * 6  # six gained, none lost: p = 0.031 alone
    (change,) = compare_runs(alone(before), alone(after)).contenders
    assert change.comparison.verdict == "better"
    several = compare_runs(run(before, before, of=plan(12, *pair)), run(after, after, of=plan(12, *pair)))
    assert [each.comparison.verdict for each in several.contenders] == ["too close to call"] * 2
    assert [each.comparison.p_adjusted for each in several.contenders] == [0.0625, 0.0625]


def test_another_label_is_told_and_one_that_moved_is_the_same() -> None:
    label = Gold("fees.md", 0, 6, "30 eur")
    first = LabelledQuestion("a", "Fee?", ("30",), relevant=(label,))
    moved = replace(first, relevant=(Gold("fees.md", 50, 56, "30 eur"),))
    assert compare_runs(alone("✓", (first,)), alone("✓", (moved,))).relabelled == ()
    other = replace(first, answers=("40",))
    assert compare_runs(alone("✓", (first,)), alone("✓", (other,))).relabelled == (other,)


def test_documents_are_told_apart_by_their_hashes() -> None:
    before = {"a.md": "1", "b.md": "2", "c.md": "3", "d.md": "4"}
    after = {"a.md": "1", "b.md": "9", "moved/c.md": "3", "e.md": "5"}
    assert document_changes(before, after) == DocumentChanges(
        ("e.md",), ("d.md",), ("b.md",), (("c.md", "moved/c.md"),)
    )
    assert document_changes(before, before).none


def test_versions_and_the_format_that_differ_are_told() -> None:
    before = replace(alone("✓"), versions={"torch": "2.0", "old": "1", "peft": "1"})
    after = replace(alone("✓"), versions={"torch": "2.1", "new": "1", "peft": "1"})
    found = compare_runs(before, after)
    assert found.versions == {"torch": ("2.0", "2.1"), "old": ("1", ""), "new": ("", "1")}
    assert not found.check_changed
    checked = replace(after, plan=replace(after.plan, check=FormatCheck("labels", "yes")))
    assert compare_runs(before, checked).check_changed


def test_questions_that_an_adapter_learned_say_nothing() -> None:
    learned = (record("✓", seen=True), record("✓"))
    (change,) = compare_runs(alone("✗✗"), run(learned, of=Plan("x", questions(2), ALONE))).contenders
    assert change.comparison.n == 1
