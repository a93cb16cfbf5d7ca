from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import pytest

from playground import startup
from playground.config import DEFAULT, PipelineConfig
from playground.jobs import Jobs
from playground.startup import MODELS, SAMPLES, begin_loading, begin_reading, start_indexing
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, found, put, use_fake_encoder


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    encoder = use_fake_encoder(monkeypatch)
    monkeypatch.setattr(startup, "load_encoder", lambda config: encoder)
    return encoder


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(home)


@pytest.fixture
def two_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sample documents that are read in no time."""

    def steps(workspace: Workspace, sample: str) -> Generator[None, None, None]:
        put(workspace, "ants.md", "The ant carries leaves.")
        put(workspace, "bees.md", "The bee makes honey.")
        yield

    monkeypatch.setattr(startup, "sample_steps", steps)


def test_the_model_is_loaded_and_runs_once(workspace: Workspace, encoder: FakeEncoder) -> None:
    jobs = Jobs()
    begin_loading(workspace, jobs)
    jobs.wait()
    job = jobs.get(MODELS)
    assert job is not None and job.state == "done"
    assert encoder.encoded == [["Is everything ready?"]]


@pytest.mark.parametrize("already_read", [False, True])
def test_samples_are_indexed_however_soon_they_are_read(
    workspace: Workspace, two_samples: None, already_read: bool
) -> None:
    jobs = Jobs()
    begin_reading(workspace, jobs, "handbook")
    if already_read:
        jobs.wait()
    begin_loading(workspace, jobs, "handbook")
    jobs.wait()
    assert workspace.status(DEFAULT).complete
    assert found(workspace, "honey", DEFAULT)[0] == "bees.md"


def test_samples_that_are_there_are_not_read_again(
    workspace: Workspace, two_samples: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = Jobs()
    begin_reading(workspace, jobs, "")
    assert jobs.get(SAMPLES) is None
    monkeypatch.setattr(workspace.library, "names", lambda: dict.fromkeys(handbook_files(), "id"))
    begin_reading(workspace, jobs, "handbook")
    assert jobs.get(SAMPLES) is None


def handbook_files() -> frozenset[str]:
    return startup.scenarios()["handbook"].file_names


def test_the_documents_of_a_scenario_are_for_its_readers(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "insects" / "documents").mkdir(parents=True)
    for name, text in {"ants.md": "The ant carries leaves.", "bees.md": "The bee makes honey."}.items():
        (tmp_path / "insects" / "documents" / name).write_text(text)
    insects = replace(
        startup.scenarios()["handbook"], folder=tmp_path / "insects", readers={"bees.md": ("keeper",)}
    )
    monkeypatch.setattr(startup, "scenarios", lambda: {"insects": insects})
    assert [intake.kept for intake in startup.sample_steps(workspace, "insects")] == [True, True]
    assert [(entry.name, entry.restricted) for entry in workspace.library.entries()] == [
        ("ants.md", False),
        ("bees.md", True),
    ]


def test_indexing_that_was_interrupted_goes_on(workspace: Workspace, home: Path) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    next(steps := workspace.index_steps(SMALL))
    left = workspace.library.wanted_indexes()
    steps.close()
    workspace.library.want_index(*left[0])  # as a killed process leaves it
    jobs = Jobs()
    begin_loading(workspace, jobs)
    jobs.wait()
    assert workspace.interrupted() == []
    assert workspace.status(SMALL).complete


def test_a_setting_is_indexed_by_one_job_at_a_time(workspace: Workspace) -> None:
    jobs = Jobs()
    job = start_indexing(workspace, jobs, SMALL)
    assert job.title == "Indexing structural chunks of 20 tokens, overlap 0"
    other_top_k = SMALL.with_values({"retrieval.top_k": 3})
    assert startup.indexing_key(workspace, SMALL) == startup.indexing_key(workspace, other_top_k)
    assert startup.indexing_key(workspace, SMALL) != startup.indexing_key(workspace, PipelineConfig())
    jobs.wait()
