"""What was measured on the scenarios is kept with them, and measuring again says the same.

`make scenarios` measures all of them again; here two are: one that looks documents up, and one of labels.
"""

from dataclasses import replace
from typing import Any

import pytest

from playground.scenarios.gallery import Scenario, scenarios
from playground.scenarios.measuring import Figures, StoredRun, deviations, keep, measure_steps, stored_run
from playground.steps import finish
from tests.decisions import freshness, said, withdrawal

MEASURED_AGAIN = ("support_intents", "moderation")


@pytest.fixture(params=list(scenarios()), scope="module")
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return scenarios()[request.param]


def known(scenario: Scenario) -> StoredRun:
    found = stored_run(scenario)
    assert found is not None, f"{scenario.key} has no stored run: make scenarios STORE=--write"
    return found


def test_every_scenario_was_measured_by_all_four_approaches(scenario: Scenario) -> None:
    run = known(scenario)
    assert run.scenario == scenario.key
    assert list(run.approaches) == ["prompt", "rag", "fine_tuning", "both"]
    assert all(figures.low <= figures.share <= figures.high for figures in run.approaches.values())
    assert run.questions == sum(1 for _ in scenario.questions.read_text(encoding="utf-8").splitlines())


def test_what_a_scenario_proposes_was_tried(scenario: Scenario) -> None:
    run, wanted = known(scenario), scenario.trials
    assert (run.freshness is not None) == (wanted.change is not None)
    assert (run.removal is not None) == bool(wanted.removal)
    assert (run.restriction is not None) == bool(wanted.restricted)
    for trial in filter(None, (run.removal, run.restriction)):
        assert trial.left == 0


@pytest.mark.parametrize("name", MEASURED_AGAIN)
def test_measuring_again_says_the_same(name: str) -> None:
    run = finish(measure_steps(scenarios()[name]))
    assert deviations(known(scenarios()[name]), run) == []


def test_on_the_handbook_a_change_shows_at_once_and_a_deleted_document_is_gone(handbook: StoredRun) -> None:
    found = handbook.freshness
    assert found is not None and handbook.removal is not None
    assert (found.before.said, found.after.said) == (True, True)
    assert handbook.removal.left == 0


@pytest.fixture(scope="module")
def handbook() -> StoredRun:
    return known(scenarios()["handbook"])


def test_a_share_outside_its_interval_is_a_deviation(handbook: StoredRun) -> None:
    rag = handbook.approaches["rag"]
    nothing = Figures(0, rag.of, 0.0, 0.1, None, 0, rag.unanswerable)
    now = replace(handbook, approaches={**handbook.approaches, "rag": nothing})
    assert deviations(handbook, now) == [f"handbook, rag: 0% right, stored {rag.low:.0%} to {rag.high:.0%}"]


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"removal": withdrawal(left=2)}, "2 passages of a.md found, though deleted"),
        ({"restriction": withdrawal(left=1)}, "1 passages of a.md found, though hidden"),
        ({"freshness": freshness(after=said("It is ten.", False))}, "the new fact is no longer said"),
    ],
)
def test_what_may_never_be_is_a_deviation(handbook: StoredRun, changed: dict[str, Any], line: str) -> None:
    assert deviations(handbook, replace(handbook, **changed)) == [f"handbook: {line}"]


def test_a_stored_run_is_read_as_it_was_written(handbook: StoredRun, tmp_path: Any) -> None:
    elsewhere = replace(scenarios()["handbook"], folder=tmp_path)
    assert stored_run(elsewhere) is None
    keep(elsewhere, handbook)
    assert stored_run(elsewhere) == handbook
