"""Search over the settings: what follows from the answers."""

from typing import Any

from playground.config import PipelineConfig
from playground.evaluation.records import Plan, Record, Run
from playground.evaluation.results import Contender
from playground.search.plan import (
    YOURS,
    Target,
)
from playground.search.results import (
    SearchResult,
    Trial,
    choose,
    effects,
    front,
    search_result,
    trials,
)
from tests.evaluations import BASE, OTHER, questions, run

SHORT = BASE.with_values({"retrieval.top_k": 3})
KEYWORD = BASE.with_values({"retrieval.mode": "keyword"})
MODES = {"retrieval.mode": ("dense", "keyword", "hybrid"), "retrieval.top_k": (3, 5)}


def told(config: PipelineConfig, *knobs: str) -> tuple[Any, ...]:
    values = dict(config.items())
    return tuple(values[knob] for knob in knobs)


def trial(position: int, quality: float | None, p95: float | None, config: PipelineConfig = BASE) -> Trial:
    return Trial(f"trial {position}", config, quality, p95, position)


def test_only_what_was_asked_everything_is_a_trial() -> None:
    found = trials(run("✓✗", "✓ "), Target())
    assert [(each.name, each.quality) for each in found] == [("Balanced", 0.5)]
    unscored = run("✓ ", "✗ ", unscored=("q2",))
    assert [each.quality for each in trials(unscored, Target())] == [1.0, 0.0]


def test_another_figure_can_be_searched_for() -> None:
    column = [Record("wrong", figures={"recall@5": 1.0}), Record("wrong", figures={"recall@5": 0.5})]
    first, second = trials(run(column, "✓✓"), Target("recall@5"))
    assert (first.quality, second.quality) == (0.75, None)


def test_the_best_within_the_limit_is_chosen() -> None:
    found = [trial(0, 0.5, 100), trial(1, 0.9, 900), trial(2, 0.7, 300), trial(3, 0.7, 200)]
    assert choose(found, Target()) == found[1]
    assert choose(found, Target(limit=300)) == found[3]  # of equals the faster one
    assert choose(found, Target(limit=50)) is None
    assert choose([trial(0, None, 10)], Target()) is None


def test_the_front_is_what_nobody_beats_on_both() -> None:
    found = [
        trial(0, 0.5, 100),
        trial(1, 0.9, 900),
        trial(2, 0.4, 300),
        trial(3, None, 1),
        trial(4, 1.0, None),
    ]
    assert front(found) == [found[0], found[1]]


def test_an_effect_is_the_mean_of_the_trials_that_have_the_value() -> None:
    dense3 = OTHER.with_values({"retrieval.top_k": 3})
    found = [
        trial(0, 0.2, 100, dense3),
        trial(1, 0.4, 200, OTHER),
        trial(2, 0.6, 300, SHORT),
        trial(3, 1.0, None, BASE),
        trial(4, None, 10, KEYWORD),
    ]
    shown = [
        (each.knob, each.value, round(each.quality, 6), each.p95, each.trials)
        for each in effects(found, MODES)
    ]
    assert shown == [
        ("retrieval.mode", "dense", 0.3, 150.0, 2),
        ("retrieval.mode", "hybrid", 0.8, 300.0, 2),
        ("retrieval.top_k", 3, 0.4, 200.0, 2),
        ("retrieval.top_k", 5, 0.7, 200.0, 2),
    ]


def test_a_knob_that_does_nothing_in_a_trial_has_no_effect_there() -> None:
    rrf = BASE.with_values({"retrieval.fusion": "rrf"})
    knobs = {"retrieval.mode": ("dense", "hybrid"), "retrieval.fusion": ("weighted", "rrf")}
    found = [trial(0, 0.0, 1, OTHER), trial(1, 0.5, 1, BASE), trial(2, 0.9, 1, rrf)]
    shown = [(each.value, each.quality) for each in effects(found, knobs) if each.knob == "retrieval.fusion"]
    assert shown == [("weighted", 0.5), ("rrf", 0.9)]


def test_what_is_not_on_the_grid_is_no_part_of_an_effect() -> None:
    long = BASE.with_values({"retrieval.top_k": 20})
    found = [trial(0, 1.0, 1, long), trial(1, 0.5, 1, SHORT), trial(2, 0.7, 1, BASE)]
    assert [each.trials for each in effects(found, MODES)] == [1, 1]


def searched(first: Run, report: Run | None, limit: float | None = None, chosen: str = "") -> SearchResult:
    return search_result(first, report, Target(limit=limit), MODES, chosen)


def of(count: int, *names: str) -> Plan:
    configs = [BASE, OTHER, SHORT]
    return Plan("x", questions(count), tuple(map(Contender, names, configs)))


def test_the_choice_is_reported_on_the_other_half() -> None:
    first = run("✓✗✗✗", "✓✓✓✗", of=of(4, YOURS, "dense"))
    report = run("✗" * 12, "✓" * 12, of=of(12, YOURS, "dense"))
    found = searched(first, report)
    assert found.choice == "dense: 75 % right on the half that chose."
    assert found.report == (
        "On 12 questions that had no part in the choice: 100 % right, "
        "+100 points against your settings: better."
    )
    assert found.comparison is not None
    assert (found.comparison.name, found.comparison.baseline) == ("dense", YOURS)


def test_few_questions_give_no_verdict() -> None:
    first = run("✗✗", "✓✗", of=of(2, YOURS, "dense"))
    found = searched(first, run("✗✗", "✓✓", of=of(2, YOURS, "dense")))
    assert found.report == (
        "On 2 questions that had no part in the choice: 100 % right, 2 questions are too few to tell."
    )


def test_settings_that_are_the_best_already_are_told() -> None:
    first = run("✓✓", "✓✗", of=of(2, YOURS, "dense"))
    found = searched(first, run("✓✗", "✓✓", of=of(2, YOURS, "dense")))
    assert found.unchanged
    assert found.choice.startswith("Your own settings are the best: 100 % right on the half that chose.")
    assert found.report == "On 2 questions that had no part in the choice: 50 % right."
    assert found.comparison is None


def test_a_report_that_was_left_is_no_report() -> None:
    first = run("✗✗", "✓✗", of=of(2, YOURS, "dense"))
    found = searched(first, run("✗✗", "✓ ", of=of(2, YOURS, "dense")), chosen="dense")
    assert "was not asked to its end" in found.report


def test_questions_that_could_not_be_asked_are_told() -> None:
    found = searched(run("!!", "!!", of=of(2, YOURS, "dense")), None)
    assert found.choice.endswith("2 of the questions could not be asked at all.")


def test_a_limit_that_nobody_meets_is_told() -> None:
    slow = [Record("right", latency={"total": 620.0})]
    assert searched(run(slow, slow, of=of(1, YOURS, "dense")), None, limit=100).choice == (
        "None of the 2 that were tried answers within 100 ms at p95; the fastest takes 620 ms."
    )


def test_without_a_trial_or_a_figure_nothing_is_chosen() -> None:
    nothing = searched(run("  ", "  ", of=of(2, YOURS, "dense")), None)
    assert nothing.choice == "No combination was asked all questions before the search was stopped."
    assert searched(run("??", "??"), None).choice.startswith("None of these questions says anything")
    assert nothing.report == ""
