from collections.abc import Iterator
from pathlib import Path

import pytest

from playground import startup
from playground.config import DEFAULT, ChunkingConfig, PipelineConfig
from playground.documents import Document
from playground.embedding import encoder_id
from playground.index_overview import index_needs, library_rows, load_sample, restart, setting_name
from playground.jobs import Jobs
from playground.workspace import Workspace
from tests.fakes import FakeEncoder

SMALLER = DEFAULT.with_values({"chunking.size": 100})
OTHER = DEFAULT.with_values({"chunking.strategy": "fixed", "chunking.size": 100, "chunking.overlap": 20})


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    encoder = FakeEncoder(id=encoder_id(DEFAULT.encoder))
    monkeypatch.setattr("playground.workspace.load_encoder", lambda config: encoder)
    opened = Workspace(tmp_path / "home")
    yield opened
    opened.close()


def add(workspace: Workspace, name: str, text: str) -> None:
    workspace.add(Document(f"id of {name}", name, text), text.encode())


def index(workspace: Workspace, config: PipelineConfig) -> None:
    for _ in workspace.index_steps(config):
        pass


def test_columns_that_cut_alike_need_one_index(workspace: Workspace) -> None:
    found = index_needs(workspace, Jobs(), [DEFAULT, OTHER, DEFAULT.with_values({"retrieval.mode": "dense"})])
    assert [(need.columns, need.name) for need in found] == [
        ((0, 2), "structural 200"),
        ((1,), "fixed 100, overlap 20"),
    ]


def test_a_column_without_retrieval_needs_no_index(workspace: Workspace) -> None:
    closed = OTHER.with_values({"retrieval.mode": "none"})
    assert [need.columns for need in index_needs(workspace, Jobs(), [closed, DEFAULT])] == [(1,)]
    assert [need.columns for need in index_needs(workspace, Jobs(), [closed])] == [()]


def test_new_documents_are_what_an_index_lacks(workspace: Workspace) -> None:
    add(workspace, "a.md", "One text.")
    index(workspace, DEFAULT)
    assert index_needs(workspace, Jobs(), [DEFAULT])[0].reason == ""
    add(workspace, "b.md", "Another text.")
    assert index_needs(workspace, Jobs(), [DEFAULT])[0].reason == "1 document to index"


def test_the_changed_setting_is_named(workspace: Workspace) -> None:
    add(workspace, "a.md", "One text.")
    assert index_needs(workspace, Jobs(), [SMALLER])[0].reason == "1 document to index"
    index(workspace, DEFAULT)
    without = DEFAULT.with_values({"chunking.prefix": "false"})
    reasons = [need.reason for need in index_needs(workspace, Jobs(), [SMALLER, without, OTHER])]
    assert reasons == [
        "chunk size changed from 200 to 100",
        "title prefix switched off",
        "structural 200 → fixed 100, overlap 20",
    ]


def test_the_most_similar_index_explains_the_change(workspace: Workspace) -> None:
    add(workspace, "a.md", "One text.")
    index(workspace, OTHER)
    index(workspace, DEFAULT)
    fixed = OTHER.with_values({"chunking.overlap": 10})
    assert index_needs(workspace, Jobs(), [fixed])[0].reason == "overlap changed from 20 to 10"


def test_a_row_says_in_how_many_indexes_a_document_is(workspace: Workspace) -> None:
    add(workspace, "a.md", "One text.")
    index(workspace, DEFAULT)
    add(workspace, "b.md", "Another text.")
    rows = library_rows(workspace, index_needs(workspace, Jobs(), [DEFAULT, OTHER]))
    assert [(row.entry.name, row.chunks, row.indexed, row.needed) for row in rows] == [
        ("a.md", 1, 1, 2),
        ("b.md", None, 0, 2),
    ]


def test_a_failed_job_is_told_and_can_be_begun_anew(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(workspace, "a.md", "One text.")
    jobs = Jobs()
    working = FakeEncoder(id=encoder_id(DEFAULT.encoder))
    with monkeypatch.context() as broken:
        broken.setattr("playground.workspace.load_encoder", lambda config: 1 / 0)
        startup.start_indexing(workspace, jobs, DEFAULT)
        jobs.wait()
    (need,) = index_needs(workspace, jobs, [DEFAULT])
    assert need.job is not None
    assert (need.job.state, need.indexing) == ("failed", False)
    assert "division by zero" in need.job.error
    monkeypatch.setattr("playground.workspace.load_encoder", lambda config: working)
    restart(jobs, need.job)
    jobs.wait()
    (need,) = index_needs(workspace, jobs, [DEFAULT])
    assert need.status.complete
    assert need.job is None


def test_loading_the_sample_reads_it_and_indexes_it_for_every_column(workspace: Workspace) -> None:
    jobs = Jobs()
    load_sample(workspace, jobs, "handbook", [DEFAULT, OTHER])
    jobs.wait()
    found = index_needs(workspace, jobs, [DEFAULT, OTHER])
    assert [(need.status.documents, need.status.complete) for need in found] == [(14, True), (14, True)]


def test_settings_are_named_in_a_few_words() -> None:
    assert setting_name(ChunkingConfig("semantic", 300, 0)) == "semantic 300"
    assert setting_name(ChunkingConfig("fixed", 100, 20, False)) == "fixed 100, overlap 20, no prefix"
