from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.decision import behaviour as module
from playground.decision.behaviour import behaviour_steps, reworded
from playground.decision.trial_results import Said
from playground.decision.verdict import Approach
from playground.evaluation.formats import FormatCheck
from playground.steps import finish
from tests.decisions import BOTH, PROMPT, RAG, TUNED

CONFIGS: dict[Approach, Any] = {"prompt": PROMPT, "rag": RAG, "fine_tuning": TUNED, "both": BOTH}
QUESTIONS = [f"Question {number}?" for number in range(12)]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """The adapter answers in the form, always alike; without one every wording gets another answer."""
    calls: list[tuple[str, int]] = []

    def ask(workspace: object, question: str, config: Any, fresh: bool) -> Said:
        calls.append((question, config.engine.seed))
        if not config.grounded and not config.adapter:
            return Said("Nothing to quote.", False, abstained=True)
        return Said("Answer: yes." if config.adapter else question, True, sources=("a.md",))

    monkeypatch.setattr(module, "ask", ask)
    yield calls


def test_rewording_changes_nothing_of_what_is_asked() -> None:
    wordings = reworded("May I park here?")
    assert wordings[0] == "May I park here?"
    assert len(wordings) == 4
    assert all("may i park here" in each.lower() for each in wordings)


def test_own_wordings_are_asked_besides_and_none_twice() -> None:
    assert reworded("Why?", ["How come?", "Why?"])[4:] == ["How come?"]


def test_form_and_likeness_are_counted_for_each_approach(
    asked: list[tuple[str, int]], tmp_path: Path
) -> None:
    check = FormatCheck("regex", "Answer: .*")
    found = finish(behaviour_steps(None, CONFIGS, QUESTIONS, check))  # type: ignore[arg-type]
    tuned, plain, silent = (found.columns[name] for name in ("fine_tuning", "rag", "prompt"))
    assert (tuned.valid, tuned.consistent, tuned.answered) == (1.0, 1.0, 1.0)
    assert plain.valid == 0.0
    assert 0 < plain.consistent < 1
    assert (silent.valid, silent.consistent, silent.answered) == (None, 1.0, 0.0)
    assert tuned.sources == ("a.md",)


def test_the_adapter_is_held_against_the_same_without_it(asked: list[tuple[str, int]]) -> None:
    check = FormatCheck("regex", "Answer: .*")
    found = finish(behaviour_steps(None, CONFIGS, QUESTIONS, check))  # type: ignore[arg-type]
    effect = {each.name: each for each in found.format_effects}["RAG + fine-tuned"]
    assert (effect.baseline, effect.verdict, effect.difference.mean) == ("RAG", "better", 1.0)
    assert {each.name for each in found.consistency_effects} == {"Fine-tuned", "RAG + fine-tuned"}


def test_without_a_form_only_likeness_is_compared(asked: list[tuple[str, int]]) -> None:
    found = finish(behaviour_steps(None, CONFIGS, QUESTIONS))  # type: ignore[arg-type]
    assert found.format_effects == ()
    assert all(column.valid is None for column in found.columns.values())


def test_a_refusal_and_an_answer_are_not_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([Said("Yes.", True), Said("No idea.", False, abstained=True)] * 2)
    monkeypatch.setattr(module, "ask", lambda *_, **__: next(answers))
    found = finish(behaviour_steps(None, {"rag": RAG}, ["Why?"]))  # type: ignore[arg-type]
    assert found.columns["rag"].consistent == pytest.approx(2 / 6)  # of six pairs two are alike
    assert found.columns["rag"].answered == 0.5


def test_citation_marks_do_not_make_answers_unlike(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([Said("Ten days [1].", True), Said("Ten days [2].", True)] * 2)
    monkeypatch.setattr(module, "ask", lambda *_, **__: next(answers))
    found = finish(behaviour_steps(None, {"rag": RAG}, ["Why?"]))  # type: ignore[arg-type]
    assert found.columns["rag"].consistent == 1.0


def test_every_repeat_has_another_seed(asked: list[tuple[str, int]]) -> None:
    finish(behaviour_steps(None, {"rag": RAG}, ["Why?"], repeats=3))  # type: ignore[arg-type]
    assert sorted({seed for _, seed in asked}) == [0, 1, 2]
    assert len(asked) == 12
