"""Search over the settings: the plan, and a whole search on a small home."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground.config import DEFAULT, PipelineConfig
from playground.errors import InputError
from playground.evaluation.records import Record
from playground.evaluation.results import Contender
from playground.evaluation.run_store import RunStore
from playground.questions.lookup import Gold, LabelledQuestion
from playground.search import searching
from playground.search.estimate import Estimate, cost_key, known_costs, time_needed
from playground.search.plan import (
    YOURS,
    Target,
    grid,
    halves,
    idle_knobs,
    plan_search,
    sensible,
    trial_name,
)
from playground.search.results import (
    Trial,
)
from playground.search.searching import Search, kept_searches, load_result, search_steps
from playground.workspace import Workspace
from tests.evaluations import BASE, plan, run
from tests.homes import SMALL
from tests.insects import insects

SHORT = BASE.with_values({"retrieval.top_k": 3})
KEYWORD = BASE.with_values({"retrieval.mode": "keyword"})
MODES = {"retrieval.mode": ("dense", "keyword", "hybrid"), "retrieval.top_k": (3, 5)}


def told(config: PipelineConfig, *knobs: str) -> tuple[Any, ...]:
    values = dict(config.items())
    return tuple(values[knob] for knob in knobs)


def trial(position: int, quality: float | None, p95: float | None, config: PipelineConfig = BASE) -> Trial:
    return Trial(f"trial {position}", config, quality, p95, position)


# The grid


def test_every_combination_is_in_the_grid_once() -> None:
    found = grid(DEFAULT, {"retrieval.mode": ("dense", "hybrid"), "retrieval.top_k": (3, 5)})
    assert [told(each, "retrieval.mode", "retrieval.top_k") for each in found] == [
        ("dense", 3),
        ("dense", 5),
        ("hybrid", 3),
        ("hybrid", 5),
    ]


def test_knobs_that_do_nothing_make_no_combinations() -> None:
    found = grid(
        DEFAULT,
        {
            "retrieval.mode": ("keyword", "hybrid"),
            "retrieval.fusion": ("weighted", "rrf"),
            "retrieval.dense_weight": (0.2, 0.8),
        },
    )
    assert [told(each, "retrieval.mode", "retrieval.fusion", "retrieval.dense_weight") for each in found] == [
        ("keyword", "weighted", 0.4),
        ("hybrid", "weighted", 0.2),
        ("hybrid", "weighted", 0.8),
        ("hybrid", "rrf", 0.4),
    ]


def test_what_cannot_work_is_left_out() -> None:
    found = grid(DEFAULT, {"chunking.size": (40, 100), "chunking.overlap": (0, 30)})
    assert [told(each, "chunking.size", "chunking.overlap") for each in found] == [
        (40, 0),
        (100, 0),
        (100, 30),
    ]


def test_what_looks_nothing_up_is_searched_with_retrieval() -> None:
    closed = DEFAULT.with_values({"engine.retrieval": False, "retrieval.mode": "none"})
    assert [each.retrieves for each in grid(closed, {"retrieval.top_k": (3, 5)})] == [True, True]


def test_a_grid_that_nobody_can_search_is_refused() -> None:
    with pytest.raises(InputError, match="10,000 combinations, and at most 5,000"):
        grid(DEFAULT, {"retrieval.top_k": range(1, 101), "reranking.candidates": range(1, 101)})


def test_the_sensible_values_take_in_a_reranker_of_ones_own() -> None:
    own = DEFAULT.with_values({"reranking.method": "cross_encoder", "reranking.model": "some/model"})
    assert sensible(own)["reranking.method"] == ("none", "late_interaction", "cross_encoder")
    models = {told(each, "reranking.method", "reranking.model") for each in grid(own, sensible(own))}
    assert models == {("none", ""), ("late_interaction", ""), ("cross_encoder", "some/model")}


def test_a_trial_is_called_by_the_values_that_are_tried_and_do_something() -> None:
    knobs = {
        "chunking.strategy": ("fixed", "structural"),
        "chunking.size": (200,),
        "chunking.prefix": (True, False),
        "retrieval.mode": ("dense", "hybrid"),
        "retrieval.fusion": ("weighted", "rrf"),
        "retrieval.top_k": (3, 5),
        "reranking.method": ("none", "late_interaction"),
    }
    assert trial_name(DEFAULT, knobs) == "structural · with headings · hybrid · weighted · top 5"
    dense = DEFAULT.with_values({"retrieval.mode": "dense", "reranking.method": "late_interaction"})
    assert trial_name(dense, knobs) == "structural · with headings · dense · top 5 · late interaction"
    assert trial_name(DEFAULT, {"chunking.size": (200,)}) == "as it is"


def test_without_retrieval_all_its_knobs_are_idle() -> None:
    idle = idle_knobs(DEFAULT.with_values({"engine.retrieval": False}))
    assert {"chunking.size", "retrieval.top_k", "reranking.method"} <= idle
    assert "engine.max_tokens" not in idle


# The halves


@given(st.lists(st.booleans(), max_size=30), st.integers(0, 3))
def test_two_halves_are_as_equal_as_can_be(answerable: list[bool], seed: int) -> None:
    asked = [LabelledQuestion(f"q{at}", "?", answerable=each) for at, each in enumerate(answerable)]
    first, second = halves(asked, seed)
    assert sorted([*first, *second], key=asked.index) == asked
    assert len(first) - len(second) in (0, 1)
    for kind in (True, False):
        counts = [sum(each.answerable is kind for each in half) for half in (first, second)]
        assert abs(counts[0] - counts[1]) <= 1
    assert [*first] == sorted(first, key=asked.index)
    assert halves(asked, seed) == (first, second)


# The plan


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    yield from insects(home, monkeypatch)


INSECTS = tuple(
    LabelledQuestion(f"{word}{at}", f"{question} ({at})", (answer,), relevant=(Gold("bees.md", *span),))
    for at in range(2)
    for word, question, answer, span in (
        ("bee", "Who makes honey?", "The bee", (0, 32)),
        ("ant", "Who carries leaves?", "The ant", (34, 70)),
    )
)
SECOND = 1.0
COSTS = {cost_key(SMALL): SECOND - 0.02}
"""A second a question, with the work on it."""


def test_a_plan_takes_the_whole_grid_where_there_is_time(workspace: Workspace) -> None:
    made = plan_search(workspace, INSECTS, SMALL, MODES, 1000, COSTS)
    assert (made.grid, made.planned, len(made.first), len(made.second)) == (6, 6, 2, 2)
    names = [contender.name for contender in made.contenders]
    assert names[0] == YOURS
    assert sorted(names[1:]) == [
        "dense · top 3",
        "dense · top 5",
        "hybrid · top 3",
        "keyword · top 3",
        "keyword · top 5",
    ]
    assert made.estimate.asking == pytest.approx(6 * 2 * SECOND)
    assert made.estimate.reporting == pytest.approx(5 * 2 * SECOND)


def test_a_plan_stays_within_its_budget_and_is_the_same_every_time(workspace: Workspace) -> None:
    made = plan_search(workspace, INSECTS, SMALL, MODES, 13, COSTS)
    assert len(made.contenders) == 3  # 3 are asked 2 and 2 questions: 12 seconds, and indexing
    assert made.estimate.seconds <= 13
    assert plan_search(workspace, INSECTS, SMALL, MODES, 13, COSTS) == made
    other = plan_search(workspace, INSECTS, SMALL, MODES, 13, COSTS, seed=3)
    assert other.contenders != made.contenders


def test_at_least_one_is_tried_besides_the_base(workspace: Workspace) -> None:
    assert len(plan_search(workspace, INSECTS, SMALL, MODES, 0, COSTS).contenders) == 2


def test_what_is_slow_is_passed_over_when_there_is_no_time_for_it(workspace: Workspace) -> None:
    slow = SMALL.with_values({"reranking.method": "late_interaction"})
    knobs = MODES | {"reranking.method": ("none", "late_interaction")}
    made = plan_search(workspace, INSECTS, SMALL, knobs, 30, COSTS | {cost_key(slow): 100})
    assert [each.config.reranking.method for each in made.contenders[2:]] == ["none"] * 4


def test_trials_of_one_index_stand_side_by_side(workspace: Workspace) -> None:
    made = plan_search(workspace, INSECTS, SMALL, MODES | {"chunking.size": (20, 30, 40)}, 1000, COSTS)
    sizes = [each.config.chunking.size for each in made.contenders]
    assert sizes[0] == 20
    assert sum(one != other for one, other in pairwise(sizes)) == 2


def test_an_index_is_paid_once(workspace: Workspace) -> None:
    one = workspace.status(SMALL).seconds
    keyword = SMALL.with_values({"retrieval.mode": "keyword"})
    assert time_needed(workspace, [SMALL, keyword], 10, COSTS) == Estimate(one, pytest.approx(20), 0)


def test_what_was_timed_before_is_known() -> None:
    columns = [Record("right", latency={"total": ms}) for ms in (100.0, 200.0, 900.0)], [Record("right")] * 3
    assert known_costs([run(*columns, of=plan(3))]) == {cost_key(BASE): 0.2}


# A whole search


def search(workspace: Workspace, budget: float = 1000, target: Target = Target()) -> Search:  # noqa: B008
    made = plan_search(workspace, INSECTS, SMALL, MODES, 1000, COSTS)
    list(search_steps(workspace, made, "Insects", target, budget))
    return kept_searches(workspace.runs)[0]


def test_a_search_tries_chooses_and_reports(workspace: Workspace) -> None:
    found = search(workspace)
    assert (found.state, found.question_set, found.grid, found.planned) == ("done", "Insects", 6, 6)
    first, report = workspace.runs.run(found.run), workspace.runs.run(found.report)
    assert (first.plan.kind, first.state, first.done) == ("search", "done", 12)
    assert (report.plan.kind, report.state, report.done) == (
        "report",
        "done",
        2 * len(report.plan.contenders),
    )
    assert not {each.id for each in first.plan.questions} & {each.id for each in report.plan.questions}
    assert report.plan.contenders[0] == Contender(YOURS, SMALL)
    result = load_result(workspace.runs, found)
    assert len(result.trials) == 6
    assert result.chosen is not None
    assert found.chosen == result.chosen.name
    assert {trial.name for trial in result.reported} <= {trial.name for trial in result.trials}


def test_a_search_is_there_after_a_restart(workspace: Workspace, home: Path) -> None:
    found = search(workspace)
    result = load_result(workspace.runs, found)
    anew = RunStore(home)
    (kept,) = kept_searches(anew)
    assert kept == found
    assert (kept.target, kept.knobs, kept.base) == (Target(), MODES, SMALL)
    assert load_result(anew, kept) == result
    anew.close()


def test_progress_counts_both_halves(workspace: Workspace) -> None:
    made = plan_search(workspace, INSECTS, SMALL, MODES, 1000, COSTS)
    steps = list(search_steps(workspace, made, "Insects", Target(), 1000))
    assert (steps[0].done, steps[0].total) == (0, 22)
    shown = [step.done for step in steps]
    assert shown == sorted(shown)
    assert any(step.what.startswith(f"1 of 6, {YOURS}") for step in steps)
    assert steps[-1].what.startswith("the other half: ")
    assert steps[-1].done == steps[-1].total


def test_when_the_budget_is_over_the_trials_stop_and_what_was_tried_is_reported(
    workspace: Workspace,
) -> None:
    found = search(workspace, budget=0)
    result = load_result(workspace.runs, found)
    assert found.state == "done"
    assert len(result.trials) == 2
    assert workspace.runs.run(found.run).state == "cancelled"
    assert workspace.runs.run(found.report).state == "done"


def test_a_search_that_is_cancelled_keeps_what_it_has_tried(workspace: Workspace) -> None:
    made = plan_search(workspace, INSECTS, SMALL, MODES, 1000, COSTS)
    steps = search_steps(workspace, made, "Insects", Target(), 1000)
    while next(steps).done < 5:
        pass
    steps.close()
    (kept,) = kept_searches(workspace.runs)
    assert (kept.state, kept.chosen, kept.report) == ("cancelled", "", "")
    assert len(load_result(workspace.runs, kept).trials) == 2


def test_nothing_is_reported_where_nobody_is_within_the_limit(workspace: Workspace) -> None:
    found = search(workspace, target=Target(limit=0.0))
    assert (found.state, found.chosen, found.report) == ("done", "", "")


def test_deleting_a_search_takes_its_runs_along(workspace: Workspace) -> None:
    found = search(workspace)
    workspace.runs.delete_search(found.id)
    assert kept_searches(workspace.runs) == []
    assert workspace.runs.entries() == []


def test_a_search_of_another_version_is_left_out(workspace: Workspace) -> None:
    workspace.runs.keep_search("old", "Insects", {"target": {"figure": "right"}})
    assert kept_searches(workspace.runs) == []


def test_the_report_asks_at_most_five(workspace: Workspace) -> None:
    found = [trial(at, at / 10, 100.0 * (at + 1)) for at in range(8)]
    names = [each.name for each in searching._reported(found, found[7])]
    assert names == ["trial 0", "trial 7", "trial 6", "trial 5", "trial 4"]
