"""Documents that not everybody may see, through a whole data home: library, index, search, answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground.access import as_rule, may_read
from playground.chunking import Chunk
from playground.config import PipelineConfig
from playground.engines.extractive import NO_PASSAGES
from playground.retrieval import Hit, StageScore
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, bring_up_to_date, found, paragraphs, put, use_fake_encoder

SECRET = "The salary of the director is Xanthippe euros."


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    return use_fake_encoder(monkeypatch)


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Iterator[Workspace]:
    """A salary that anna may see, and news for everybody."""
    opened = Workspace(home)
    put(opened, "news.md", "The salary of a trainee is 900 euros.\n\n" + paragraphs("bee", 5))
    opened.set_readers(put(opened, "pay.md", SECRET).document_id, ["anna"])
    bring_up_to_date(opened)
    yield opened
    opened.close()


def as_asked_by(reader: str, config: PipelineConfig = SMALL) -> PipelineConfig:
    return config.with_values({"retrieval.reader": reader})


def id_of(workspace: Workspace, name: str) -> str:
    return workspace.library.names()[name]


QUESTION = "What is the salary of the director?"


def test_who_asks_decides_what_is_found_and_answered(workspace: Workspace) -> None:
    for reader in ("", "anna"):
        assert workspace.run(QUESTION, as_asked_by(reader)).answer.text == SECRET
    trace = workspace.run(QUESTION, as_asked_by("ben"), depth=20)
    assert {hit.document_name for hit in trace.hits} == {"news.md"}
    assert "Xanthippe" not in repr(trace)
    assert "pay.md" not in repr(trace)


@pytest.mark.parametrize("mode", ["dense", "keyword", "hybrid"])
@pytest.mark.parametrize("reranking", ["none", "late_interaction"])
def test_every_way_of_searching_leaves_out_what_may_not_be_seen(
    workspace: Workspace, mode: str, reranking: str
) -> None:
    config = SMALL.with_values({"retrieval.mode": mode, "reranking.method": reranking})
    assert "pay.md" in found(workspace, QUESTION, as_asked_by("anna", config))
    assert set(found(workspace, QUESTION, as_asked_by("ben", config))) == {"news.md"}


def test_changed_readers_count_from_the_next_question_on(workspace: Workspace) -> None:
    ben, pay = as_asked_by("ben"), id_of(workspace, "pay.md")
    assert "pay.md" not in found(workspace, QUESTION, ben)
    before = workspace.revision
    workspace.set_readers(pay, ["anna", "ben"])
    assert workspace.revision > before
    assert "pay.md" in found(workspace, QUESTION, ben)
    workspace.set_readers(pay, ["anna"])
    assert "pay.md" not in found(workspace, QUESTION, ben)
    workspace.set_readers(pay, [])
    assert "pay.md" in found(workspace, QUESTION, ben)


def test_an_answer_is_remembered_for_the_person_who_asked(workspace: Workspace) -> None:
    runs = [workspace.run(QUESTION, as_asked_by(reader)) for reader in ("anna", "ben", "anna", "ben")]
    assert [run.cached for run in runs] == [False, False, True, True]
    assert [run.answer.text == SECRET for run in runs] == [True, False, True, False]


def test_a_name_that_no_document_has_sees_what_everybody_sees(workspace: Workspace) -> None:
    assert set(found(workspace, QUESTION, as_asked_by("a guest"))) == {"news.md"}


def test_without_restricted_documents_it_does_not_matter_who_asks(workspace: Workspace) -> None:
    workspace.set_readers(id_of(workspace, "pay.md"), [])
    runs = [workspace.run(QUESTION, as_asked_by(reader), depth=20) for reader in ("", "anna", "a guest")]
    assert runs[0].hits == runs[1].hits == runs[2].hits
    assert len(runs[0].hits) == 7


def test_as_many_passages_are_found_as_if_hidden_ones_were_not_there(workspace: Workspace) -> None:
    for number in range(4):
        hidden = put(workspace, f"pay{number}.md", paragraphs(f"salary director euros pay{number}x", 40))
        workspace.set_readers(hidden.document_id, ["anna"])
    bring_up_to_date(workspace)
    question = "salary director euros"
    config = SMALL.with_values({"retrieval.mode": "dense", "retrieval.top_k": 6})
    assert "news.md" not in found(workspace, question, config)[:6]
    trace = workspace.run(question, as_asked_by("ben", config))
    assert [hit.document_name for hit in trace.passages] == ["news.md"] * 6
    assert [hit.final.rank for hit in trace.passages] == [1, 2, 3, 4, 5, 6]


def test_a_new_version_is_hidden_as_the_old_one_was(workspace: Workspace) -> None:
    put(workspace, "pay.md", SECRET.replace("Xanthippe", "Sokrates"))
    bring_up_to_date(workspace)
    assert "Sokrates" in workspace.run(QUESTION, as_asked_by("anna")).answer.text
    assert set(found(workspace, QUESTION, as_asked_by("ben"))) == {"news.md"}


def test_a_copy_of_a_hidden_text_is_hidden_too(workspace: Workspace) -> None:
    put(workspace, "copy.md", SECRET)
    put(workspace, "pay.md", "Nothing to see.")  # the text lives on as the copy
    bring_up_to_date(workspace)
    assert "copy.md" in found(workspace, QUESTION, as_asked_by("anna"))
    assert set(found(workspace, QUESTION, as_asked_by("ben"))) == {"news.md"}


def test_known_bytes_that_come_with_readers_are_hidden_at_once(workspace: Workspace) -> None:
    text = "The salary of a trainee is 900 euros.\n\n" + paragraphs("bee", 5)
    ben, before = as_asked_by("ben"), workspace.revision
    assert "news.md" in found(workspace, QUESTION, ben)
    assert workspace.known_content("news.md", text.encode()) is not None
    assert workspace.revision == before
    assert workspace.known_content("news.md", text.encode(), ["anna"]) is not None
    assert found(workspace, QUESTION, ben) == []


def test_a_document_that_the_library_has_lost_is_hidden_before_the_indexes_hear_of_it(
    workspace: Workspace,
) -> None:
    workspace.library.delete([id_of(workspace, "pay.md")])
    assert set(found(workspace, QUESTION, as_asked_by("ben"))) == {"news.md"}


def test_given_passages_of_a_hidden_document_are_not_read(workspace: Workspace) -> None:
    hit = Hit(
        Chunk(id_of(workspace, "pay.md"), 0, len(SECRET), SECRET, 9), "pay.md", fused=StageScore(1.0, 1)
    )
    texts = [
        workspace.run(QUESTION, as_asked_by(reader), given=[hit]).answer.text for reader in ("anna", "ben")
    ]
    assert texts == [SECRET, NO_PASSAGES]


def test_readers_are_there_when_the_home_is_opened_again(workspace: Workspace, home: Path) -> None:
    workspace.close()
    again = Workspace(home)
    assert set(found(again, QUESTION, as_asked_by("ben"))) == {"news.md"}
    again.close()


# The law, on one home whose readers change all the time

NAMES = ("a.md", "b.md", "c.md", "d.md")
people = st.sampled_from(["anna", "ben", "clara"])


@pytest.fixture(scope="module")
def four_documents(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    with pytest.MonkeyPatch.context() as patched:
        use_fake_encoder(patched)
        opened = Workspace(tmp_path_factory.mktemp("home"))
        for name in NAMES:
            put(opened, name, paragraphs(f"salary {name[0]}", 6))
        bring_up_to_date(opened)
        yield opened
        opened.close()


@settings(deadline=None, max_examples=50)
@given(
    readers=st.tuples(*[st.frozensets(people, max_size=2)] * len(NAMES)),
    reader=people,
    mode=st.sampled_from(["dense", "keyword", "hybrid"]),
    top_k=st.integers(1, 8),
)
def test_nobody_is_ever_shown_a_hidden_document_and_top_k_is_filled(
    four_documents: Workspace, readers: tuple[frozenset[str], ...], reader: str, mode: str, top_k: int
) -> None:
    ids = [id_of(four_documents, name) for name in NAMES]
    for document_id, people_of_it in zip(ids, readers, strict=True):
        four_documents.set_readers(document_id, people_of_it)
    pairs = zip(ids, readers, strict=True)
    readable = {document_id for document_id, those in pairs if may_read(reader, as_rule(those))}
    chunks = four_documents.index(SMALL).chunk_counts()
    config = SMALL.with_values({"retrieval.mode": mode, "retrieval.top_k": top_k, "retrieval.reader": reader})
    trace = four_documents.run("salary", config)
    assert {hit.chunk.document_id for hit in trace.hits} <= readable
    assert len(trace.passages) == min(top_k, sum(chunks[each] for each in readable))
