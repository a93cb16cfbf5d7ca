from pathlib import Path

import pytest

from playground.evaluation.gold_passages import gold_hits
from playground.questions.labels import GoldSpan
from playground.retrieval import Hit, StageScore
from playground.workspace import Workspace
from tests.homes import SMALL, bring_up_to_date, paragraphs, put, use_fake_encoder

PARAGRAPH = len(paragraphs("ant", 1)) + 2  # with the empty line behind it


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    use_fake_encoder(monkeypatch)
    return Workspace(home)


def first_words(hits: list[Hit]) -> list[str]:
    return [hit.chunk.text.split()[0] for hit in hits]


def test_the_chunks_with_evidence_come_in_the_order_of_the_text_each_once(workspace: Workspace) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 5)).document_id
    bees = put(workspace, "bees.md", paragraphs("bee", 2)).document_id
    bring_up_to_date(workspace)
    spans = [
        GoldSpan(ants, 3 * PARAGRAPH + 5, 3 * PARAGRAPH + 9),
        GoldSpan(bees, 0, 5),
        GoldSpan(ants, 5, 9),
        GoldSpan(ants, 3 * PARAGRAPH, 3 * PARAGRAPH + 20),
    ]
    hits = gold_hits(workspace, SMALL, spans)
    assert first_words(hits) == ["ant0a", "ant3a", "bee0a"]
    assert [hit.document_name for hit in hits] == ["ants.md", "ants.md", "bees.md"]
    assert [hit.final for hit in hits] == [StageScore(1.0, 1), StageScore(1.0, 2), StageScore(1.0, 3)]


def test_evidence_over_two_chunks_brings_both(workspace: Workspace) -> None:
    ants = put(workspace, "ants.md", paragraphs("ant", 3)).document_id
    bring_up_to_date(workspace)
    spans = [GoldSpan(ants, PARAGRAPH - 8, PARAGRAPH + 4)]
    assert first_words(gold_hits(workspace, SMALL, spans)) == ["ant0a", "ant1a"]


def test_without_an_index_the_evidence_itself_is_the_passage(workspace: Workspace) -> None:
    fees = put(workspace, "fees.md", "The fee is 30 euros. It rose in May.").document_id
    spans = [GoldSpan(fees, 21, 36), GoldSpan(fees, 11, 19), GoldSpan(fees, 11, 19)]
    config = SMALL.with_values({"retrieval.mode": "none"})
    hits = gold_hits(workspace, config, spans)
    assert [hit.chunk.text for hit in hits] == ["30 euros", "It rose in May."]
    assert [(hit.chunk.start, hit.chunk.end) for hit in hits] == [(11, 19), (21, 36)]
    trace = workspace.run("What is the fee?", config, given=hits)
    assert trace.passages == tuple(hits)


def test_evidence_that_the_person_who_asks_may_not_see_is_left_out(workspace: Workspace) -> None:
    pay = put(workspace, "pay.md", "The fee is 30 euros.").document_id
    news = put(workspace, "news.md", "It rose in May.").document_id
    workspace.set_readers(pay, ["anna"])
    spans = [GoldSpan(pay, 11, 19), GoldSpan(news, 0, 15)]
    texts_and_ranks = {}
    for reader in ("", "anna", "ben"):
        config = SMALL.with_values({"retrieval.mode": "none", "retrieval.reader": reader})
        hits = gold_hits(workspace, config, spans)
        texts_and_ranks[reader] = [(hit.chunk.text, hit.final.rank) for hit in hits]
    both = [("30 euros", 1), ("It rose in May.", 2)]
    assert texts_and_ranks == {"": both, "anna": both, "ben": [("It rose in May.", 1)]}


def test_without_evidence_there_are_no_passages(workspace: Workspace) -> None:
    assert gold_hits(workspace, SMALL, []) == []


def test_a_document_that_is_not_here_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(KeyError):
        gold_hits(workspace, SMALL, [GoldSpan("gone", 0, 5)])
