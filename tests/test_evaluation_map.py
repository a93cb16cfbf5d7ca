from pathlib import Path

import numpy as np
import pytest

from playground.config import PipelineConfig
from playground.evaluation import embedding_map
from playground.evaluation.embedding_map import build_map, project, sample
from playground.index import Index
from playground.questions.labels import GoldSpan, LabelledQuestion
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, bring_up_to_date, paragraphs, put, use_fake_encoder

PARAGRAPH = len(paragraphs("ant", 1)) + 2  # with the empty line behind it


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    chosen = use_fake_encoder(monkeypatch)
    monkeypatch.setattr(embedding_map, "load_query_encoder", lambda config, home: chosen)
    return chosen


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(home)


def clusters(of_each: int, dimension: int = 20) -> np.ndarray:
    """Two groups of vectors, far from each other; their lengths differ, and must not count."""
    noise = np.random.default_rng(0).normal(size=(2 * of_each, dimension)) * 0.05
    centres = np.repeat(np.eye(2, dimension), of_each, axis=0)
    return ((centres + noise) * np.linspace(1, 50, 2 * of_each)[:, None]).astype(np.float32)


# On a plane


def test_what_is_alike_is_near_whatever_the_lengths_of_the_vectors() -> None:
    plane = project(clusters(20))
    assert plane.shape == (40, 2)
    own, other = plane[:20], plane[20:]
    nearest_stranger = np.linalg.norm(own[:, None] - other[None], axis=2).min()
    to_nearest = np.linalg.norm(own[:, None] - own[None], axis=2) + np.eye(20) * 1e9
    assert to_nearest.min(axis=1).max() < nearest_stranger


def test_the_same_vectors_give_the_same_map() -> None:
    assert np.array_equal(project(clusters(20)), project(clusters(20)))


@pytest.mark.parametrize("count", [0, 1, 2, 4, 5, 6])
@pytest.mark.parametrize("dimension", [1, 2, 64])
def test_few_points_have_places_too(count: int, dimension: int) -> None:
    plane = project(np.random.default_rng(1).normal(size=(count, dimension)).astype(np.float32))
    assert plane.shape == (count, 2)
    assert np.isfinite(plane).all()


def test_equal_and_empty_vectors_do_no_harm() -> None:
    assert np.isfinite(project(np.ones((8, 4), np.float32))).all()
    assert np.isfinite(project(np.zeros((8, 4), np.float32))).all()


# Which chunks


def test_few_chunks_are_all_shown() -> None:
    assert sample([3, 1, 2], set(), most=3) == [3, 1, 2]


def test_of_many_chunks_those_that_matter_are_shown_and_others_at_random() -> None:
    keys = list(range(1000))
    chosen = sample(keys, {7, 990}, most=10)
    assert len(chosen) == 10 and {7, 990} <= set(chosen)
    assert chosen == sorted(chosen) == sample(keys, {7, 990}, most=10)
    assert chosen != sample(keys, {7, 990}, most=10, seed=1)


def test_never_more_than_the_most_are_shown() -> None:
    assert len(sample(list(range(100)), set(range(50)), most=10)) == 10


# From a workspace


def test_the_index_gives_back_what_it_was_given(workspace: Workspace, encoder: FakeEncoder) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 3)).document_id
    bring_up_to_date(workspace)
    index: Index = workspace.index(SMALL)
    assert [place[1:] for place in index.places()] == [
        (ants, at * PARAGRAPH, (at + 1) * PARAGRAPH - 2) for at in range(3)
    ]
    keys = [place[0] for place in index.places()]
    vectors = index.vectors([*keys, 10**6])
    assert list(vectors) == keys
    expected = encoder.encode(paragraphs("ant", 3).split("\n\n"))
    assert np.allclose(np.stack(list(vectors.values())), expected, atol=1e-6)
    assert index.vectors([]) == {}


def test_chunks_and_questions_are_on_one_map(workspace: Workspace) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 3)).document_id
    put(workspace, "bees.md", paragraphs("bee", 4))
    bring_up_to_date(workspace)
    questions = [LabelledQuestion("q1", "What is ant1a ant1b?"), LabelledQuestion("q2", "Who is there?")]
    gold = {"q1": [GoldSpan(ants, PARAGRAPH + 2, PARAGRAPH + 9)]}
    found = build_map(workspace, SMALL, questions, gold)
    assert [point.document_name for point in found.chunks] == ["ants.md"] * 3 + ["bees.md"] * 4
    assert found.chunks[1].chunk.text.startswith("ant1a")
    assert [(each.id, each.question, each.gold) for each in found.questions] == [
        ("q1", "What is ant1a ant1b?", (1,)),
        ("q2", "Who is there?", ()),
    ]
    assert (found.total, found.sampled) == (7, False)
    assert found == build_map(workspace, SMALL, questions, gold)


def test_of_a_large_index_evidence_and_hits_are_shown(workspace: Workspace) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 30)).document_id
    bring_up_to_date(workspace)
    hits = workspace.run("ant20a ant20b", SMALL).hits[:1]
    gold = {"q": [GoldSpan(ants, 0, 5)]}
    found = build_map(workspace, SMALL, [], gold, [hit.chunk for hit in hits], most=6)
    words = {point.chunk.text.split()[0] for point in found.chunks}
    assert len(words) == 6 and {"ant0a", "ant20a"} <= words
    assert (found.total, found.sampled) == (30, True)


def test_positions_are_those_of_chunks_that_overlap(workspace: Workspace) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 3)).document_id
    bring_up_to_date(workspace)
    found = build_map(workspace, SMALL, [], {})
    assert found.positions([GoldSpan(ants, PARAGRAPH - 8, PARAGRAPH + 4)]) == [0, 1]
    assert found.positions([GoldSpan("other", 0, 9)]) == []


def test_an_empty_index_has_an_empty_map(workspace: Workspace) -> None:
    found = build_map(workspace, PipelineConfig(), [], {})
    assert (found.chunks, found.questions, found.total) == ((), (), 0)
