from pathlib import Path

import pytest

from playground.chunking import Chunk
from playground.config import PipelineConfig
from playground.engines.extractive import NO_PASSAGES
from playground.errors import ConfigError, IndexMissing, ModelError
from playground.index import index as index_module
from playground.index.index import IndexCounts
from playground.retrieval import Hit, StageScore
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, bring_up_to_date, found, paragraphs, put, use_fake_encoder

OVERLAP = SMALL.with_values({"chunking.strategy": "fixed", "chunking.overlap": 10})

HONEY = Hit(Chunk("w", 0, 21, "The wasp makes honey.", 5), "wasps.md", fused=StageScore(1.0, 1))


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    return use_fake_encoder(monkeypatch)


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(home)


def bytes_on_disk(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


# Questions


def test_what_was_added_and_indexed_is_found(workspace: Workspace) -> None:
    put(workspace, "ants.md", "The ant carries leaves.")
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    trace = workspace.run("Who makes honey?", SMALL)
    assert trace.hits[0].document_name == "bees.md"
    assert trace.answer.text == "The bee makes honey."


def test_the_first_run_is_cold_a_repeated_one_cached_and_a_fresh_one_neither(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    runs = [workspace.run("Honey?", SMALL, fresh=fresh) for fresh in (False, False, True)]
    assert [(run.cold, run.cached) for run in runs] == [(True, False), (True, True), (False, False)]


def test_a_change_of_the_documents_makes_cached_answers_worthless(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    workspace.run("Honey?", SMALL)
    before = workspace.revision
    put(workspace, "wasps.md", "The wasp makes no honey.")
    assert workspace.revision > before
    assert not workspace.run("Honey?", SMALL).cached


def test_a_question_of_an_index_that_is_empty_says_what_to_do(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    with pytest.raises(IndexMissing, match=r"structural chunks of 20 tokens, overlap 0; index them first"):
        workspace.run("Honey?", SMALL)


def test_without_retrieval_nothing_has_to_be_indexed(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    trace = workspace.run("Honey?", SMALL.with_values({"retrieval.mode": "none"}))
    assert (trace.hits, trace.answer.text) == ((), NO_PASSAGES)


def test_passages_that_are_given_need_no_index_and_are_all_read(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    trace = workspace.run("Who makes honey?", SMALL, given=[HONEY])
    assert (trace.passages, trace.answer.text) == ((HONEY,), "The wasp makes honey.")


def test_an_answer_from_given_passages_is_never_taken_for_another(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    question = "Who makes honey?"
    runs = [workspace.run(question, SMALL, given=given) for given in ([HONEY], None, [], [HONEY], None)]
    assert [run.answer.text for run in runs] == [
        "The wasp makes honey.",
        "The bee makes honey.",
        NO_PASSAGES,
        "The wasp makes honey.",
        "The bee makes honey.",
    ]
    assert [run.cached for run in runs] == [False, False, False, True, True]


def test_given_passages_load_less_than_a_search_so_that_the_first_search_is_still_cold(
    workspace: Workspace,
) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    asked = [("Honey?", [HONEY]), ("Wasps?", [HONEY]), ("Honey?", None)]
    runs = [workspace.run(question, SMALL, given=given) for question, given in asked]
    assert [run.cold for run in runs] == [True, False, True]


def test_an_adapter_is_refused_as_long_as_there_are_none(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="adapter=x"):
        workspace.run("Honey?", SMALL.with_values({"adapter": "x"}))


# Replacing and deleting


def test_a_new_version_takes_the_place_of_the_old_one(workspace: Workspace, home: Path) -> None:
    put(workspace, "fees.md", "The fee is oldamount euros.")
    bring_up_to_date(workspace)
    added = put(workspace, "fees.md", "The fee is newamount euros.")
    assert (added.outcome, added.version) == ("replaced", 2)
    assert workspace.status(SMALL).missing == (added.document_id,)
    bring_up_to_date(workspace)
    assert found(workspace, "fee oldamount") == ["fees.md"]
    assert "newamount" in workspace.run("What is the fee?", SMALL).answer.text
    assert b"oldamount" not in bytes_on_disk(home)


def test_a_deleted_document_is_gone_from_answers_and_from_disk(workspace: Workspace, home: Path) -> None:
    other = SMALL.with_values({"chunking.prefix": True})
    secret = put(workspace, "secret.md", "The secret is Xanthippe.\n\n" + paragraphs("ant", 5))
    put(workspace, "bees.md", "The bee makes honey.\n\n" + paragraphs("bee", 5))
    for config in (SMALL, other):
        bring_up_to_date(workspace, config)
    assert found(workspace, "secret Xanthippe")[0] == "secret.md"
    assert b"Xanthippe" in bytes_on_disk(home)
    deletion = workspace.delete([secret.document_id])
    assert set(found(workspace, "secret Xanthippe")) == {"bees.md"}
    assert workspace.status(SMALL).documents == 1
    assert deletion.left == {
        workspace.index(config).folder.name: IndexCounts(0, 0, 0) for config in (SMALL, other)
    }
    assert deletion.forgotten_vectors == 12
    assert workspace.cache.count() == 12
    assert [path.name for path in (home / "library" / "files").iterdir()] == list(workspace.library.ids())
    assert b"xanthippe" not in bytes_on_disk(home).lower()


def test_a_vector_that_another_document_needs_stays(workspace: Workspace) -> None:
    one = put(
        workspace, "one.md", "Both say this.\n\nThe ant carries leaves and small stones home every day."
    )
    put(workspace, "other.md", "The ant carries leaves and small stones home every day.\n\nBoth say this.")
    bring_up_to_date(workspace)
    chunks = workspace.cache.count()
    assert workspace.delete([one.document_id]).forgotten_vectors == chunks - workspace.cache.count()
    assert set(found(workspace, "ant")) == {"other.md"}


def test_a_document_can_be_deleted_and_added_again(workspace: Workspace) -> None:
    for _ in range(2):
        added = put(workspace, "bees.md", "The bee makes honey.")
        assert added.outcome == "added"
        bring_up_to_date(workspace)
        assert found(workspace, "honey") == ["bees.md"]
        workspace.delete([added.document_id])
        assert found(workspace, "honey") == []
    assert workspace.index(SMALL).counts() == IndexCounts(0, 0, 0)


def test_deleting_what_is_not_there_changes_nothing(workspace: Workspace) -> None:
    put(workspace, "bees.md", "The bee makes honey.")
    bring_up_to_date(workspace)
    workspace.delete(["0" * 16])
    assert found(workspace, "honey") == ["bees.md"]


def test_a_deletion_that_was_broken_off_is_finished_when_the_home_is_opened(
    workspace: Workspace, home: Path
) -> None:
    added = put(workspace, "bees.md", "The bee makes honey.")
    put(workspace, "ants.md", "The ant carries leaves.")
    bring_up_to_date(workspace)
    workspace.library.delete([added.document_id])  # killed here: the indexes have not heard of it
    workspace.close()
    again = Workspace(home)
    assert found(again, "honey") == ["ants.md"]
    assert again.index(SMALL).counts() == IndexCounts(1, 1, 1)
    assert again.cache.count() == 1


# Indexing again


def test_unchanged_documents_embed_nothing(workspace: Workspace, encoder: FakeEncoder) -> None:
    put(workspace, "a.md", paragraphs("ant", 5))
    bring_up_to_date(workspace)
    encoder.encoded.clear()
    assert workspace.status(SMALL).complete
    bring_up_to_date(workspace)
    put(workspace, "b.md", paragraphs("bee", 2))
    steps = bring_up_to_date(workspace)
    assert (steps[-1].total, steps[-1].embedded) == (2, 2)
    assert sum(map(len, encoder.encoded)) == 2


def test_a_changed_overlap_embeds_only_texts_that_are_new(workspace: Workspace, encoder: FakeEncoder) -> None:
    plain = OVERLAP.with_values({"chunking.overlap": 0})
    put(workspace, "a.md", " ".join(f"w{number}" for number in range(100)))
    assert bring_up_to_date(workspace, plain)[-1].embedded == 5  # 0-20, 20-40, ...
    encoder.encoded.clear()
    end = bring_up_to_date(workspace, OVERLAP)[-1]  # 0-20, 10-30, 20-40, ...
    assert (end.total, end.embedded) == (9, 4)
    assert sum(map(len, encoder.encoded)) == 4


def test_a_second_setting_keeps_the_index_of_the_first(workspace: Workspace) -> None:
    put(workspace, "a.md", paragraphs("ant", 5))
    bring_up_to_date(workspace)
    bring_up_to_date(workspace, OVERLAP)
    assert workspace.status(SMALL).complete
    assert workspace.status(OVERLAP).complete
    assert workspace.status(SMALL).fingerprint != workspace.status(OVERLAP).fingerprint
    assert workspace.index(SMALL).counts() == IndexCounts(5, 5, 5)


def test_the_time_that_indexing_takes_is_learned(workspace: Workspace, home: Path) -> None:
    put(workspace, "a.md", paragraphs("ant", 60))
    characters = workspace.library.entries()[0].characters
    assert workspace.status(SMALL).seconds == characters / 30_000
    assert workspace.indexing_seconds() is None
    end = bring_up_to_date(workspace)[-1]
    measured = float((home / "characters_per_second").read_text())
    assert measured == pytest.approx(characters / end.seconds, rel=0.01)
    assert workspace.indexing_seconds() == characters / measured


def test_cancelling_keeps_what_was_finished_and_is_no_interruption(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "SORTED_TOGETHER", 64)
    put(workspace, "a.md", paragraphs("ant", 10))
    put(workspace, "b.md", paragraphs("bee", 100))
    steps = workspace.index_steps(SMALL)
    while next(steps).done == 0:
        assert workspace.interrupted() == [PipelineConfig(SMALL.chunking, SMALL.encoder)]
    before = workspace.revision
    steps.close()
    assert workspace.interrupted() == []
    assert workspace.revision == before + 1
    assert set(found(workspace, "ant3a bee3a")) == {"a.md"}
    assert len(workspace.status(SMALL).missing) == 1


def test_an_encoder_that_cannot_be_loaded_is_no_interruption(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(config: object) -> FakeEncoder:
        raise ModelError("the weights are gone")

    monkeypatch.setattr("playground.workspace.load_encoder", broken)
    put(workspace, "a.md", "ant")
    with pytest.raises(ModelError):
        bring_up_to_date(workspace)
    assert workspace.interrupted() == []
