"""Every sample scenario is whole: it reads, its labels are true, and its examples are no test in disguise."""

import hashlib
from collections import Counter

import pytest

from playground.adapters.example_checks import check, overlap_with
from playground.adapters.examples import read_examples
from playground.config import DEFAULT
from playground.decision.verdict import decide
from playground.documents import Document
from playground.questions.labels import LabelledQuestion
from playground.questions.lookup import load_questions, resolve_all
from playground.reading import read_file
from playground.scenarios.gallery import Scenario, scenarios
from playground.scenarios.measuring import stored_run

ALL = list(scenarios())


@pytest.fixture(params=ALL, scope="module")
def scenario(request: pytest.FixtureRequest) -> Scenario:
    return scenarios()[request.param]


@pytest.fixture(scope="module")
def documents(scenario: Scenario) -> dict[str, Document]:
    results = {path.name: read_file(path) for path in sorted(scenario.documents.iterdir())}
    assert {name: result.reason for name, result in results.items() if result.document is None} == {}
    return {name: result.document for name, result in results.items() if result.document}


@pytest.fixture(scope="module")
def questions(scenario: Scenario) -> list[LabelledQuestion]:
    return load_questions(scenario.questions)


def test_no_two_scenarios_share_the_name_of_a_document() -> None:
    names = Counter(name for each in scenarios().values() for name in each.file_names)
    assert [name for name, count in names.items() if count > 1] == []


def test_the_handbook_comes_first_and_titles_differ() -> None:
    assert ALL[0] == "handbook"
    assert len({each.title for each in scenarios().values()}) == len(ALL)


def test_a_scenario_has_documents_questions_and_examples_enough(
    scenario: Scenario, documents: dict[str, Document], questions: list[LabelledQuestion]
) -> None:
    assert len(documents) >= 4
    assert len({path.suffix for path in scenario.documents.iterdir()}) >= 2
    assert len(questions) >= 20
    assert len({question.id for question in questions}) == len(questions)
    assert len({question.question for question in questions}) == len(questions)
    assert sum(not question.answerable for question in questions) >= 2
    assert len(read_examples(scenario.examples).examples) >= 60


def test_every_label_is_found_in_its_document(
    documents: dict[str, Document], questions: list[LabelledQuestion]
) -> None:
    assert set(resolve_all(questions, documents)) == {question.id for question in questions}


def test_an_answerable_question_has_an_expected_answer(questions: list[LabelledQuestion]) -> None:
    assert [each.id for each in questions if each.answerable and not each.answers] == []


def test_the_examples_are_consistent_and_hold_none_of_the_questions(
    scenario: Scenario, questions: list[LabelledQuestion]
) -> None:
    report = check(read_examples(scenario.examples))
    assert [line for line in report.lines if line[0] == "error"] == []
    assert overlap_with(report, [question.question for question in questions]) == []


def test_outputs_have_the_format_that_is_asked_for(scenario: Scenario) -> None:
    form = scenario.format
    if form is None:
        return
    examples = read_examples(scenario.examples).examples
    assert [each.output for each in examples if not form.valid(each.output)] == []


def test_what_can_be_clicked_is_a_labelled_question(
    scenario: Scenario, questions: list[LabelledQuestion]
) -> None:
    assert 3 <= len(scenario.sample_questions) <= 6
    assert set(scenario.sample_questions) <= {question.question for question in questions}


def test_the_questionnaire_leads_to_what_articles_recommend(scenario: Scenario) -> None:
    assert decide(scenario.answers).approach == scenario.usually
    assert decide(scenario.answers).unanswered == ()


def test_presets_are_settings_that_work(scenario: Scenario) -> None:
    assert scenario.presets
    for values in scenario.presets.values():
        DEFAULT.with_values(values)


def test_trials_are_about_labelled_evidence(
    scenario: Scenario, documents: dict[str, Document], questions: list[LabelledQuestion]
) -> None:
    by_id = {question.id: question for question in questions}
    gold = resolve_all(questions, documents)
    texts = {document.id: document.text for document in documents.values()}
    trials = scenario.trials
    for named in filter(None, (trials.removal, trials.restricted)):
        assert by_id[named].answers and gold[named]
    if trials.change:
        evidence = [texts[span.document_id][span.start : span.end] for span in gold[trials.change.question]]
        assert any(trials.change.old in text for text in evidence)
        assert any(trials.change.old in answer for answer in by_id[trials.change.question].answers)
    assert set(scenario.readers) <= scenario.file_names


def test_the_stored_run_is_of_these_documents(scenario: Scenario, documents: dict[str, Document]) -> None:
    run = stored_run(scenario)
    assert run is not None, f"{scenario.key} has no stored run: make scenarios STORE=--write"
    kept = {name: mark for name, mark in run.documents.items() if not name.endswith(".png")}
    now = {
        name: hashlib.sha256(each.text.encode()).hexdigest()
        for name, each in documents.items()
        if name in kept  # what is recognised in a picture is not the same on every machine
    }
    assert kept == now
    assert run.documents.keys() == documents.keys()
