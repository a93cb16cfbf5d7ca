"""A data home whose encoder is known by heart, for tests of what works on a home."""

import pytest

from playground import workspace as module
from playground.config import PipelineConfig
from playground.documents import Document
from playground.engines.extractive import ExtractiveEngine
from playground.index import IndexProgress
from playground.library import Added
from playground.reading.read import document_id
from playground.workspace import Workspace
from tests.fakes import FakeEncoder

SMALL = PipelineConfig().with_values({"chunking.size": 20, "chunking.prefix": False})
"""Chunks of at most 20 words, searched without their headings."""


def use_fake_encoder(monkeypatch: pytest.MonkeyPatch, encoder: FakeEncoder | None = None) -> FakeEncoder:
    """Every workspace of this test embeds with this one."""
    chosen = encoder or FakeEncoder()
    monkeypatch.setattr(module, "load_encoder", lambda config: chosen)
    monkeypatch.setattr(module, "encoder_id", lambda config: f"{chosen.id}-{config.name}")
    monkeypatch.setattr(module, "load_query_encoder", lambda config, home: chosen)
    monkeypatch.setattr(module, "load_engine", lambda config, home: ExtractiveEngine(chosen))
    monkeypatch.setattr("playground.evaluation.running.load_encoder", lambda config: chosen)
    return chosen


def document(name: str, text: str) -> Document:
    return Document(document_id(name, text.encode()), name, text)


def put(workspace: Workspace, name: str, text: str) -> Added:
    """Add a text as its own file."""
    return workspace.add(document(name, text), text.encode())


def bring_up_to_date(workspace: Workspace, config: PipelineConfig = SMALL) -> list[IndexProgress]:
    return list(workspace.index_steps(config))


def found(workspace: Workspace, question: str, config: PipelineConfig = SMALL) -> list[str]:
    """Names of the documents that are found, best first."""
    return [hit.document_name for hit in workspace.run(question, config, depth=20).hits]


def paragraphs(topic: str, count: int) -> str:
    """A text of `count` chunks, each with words that no other chunk has."""
    return "\n\n".join(
        " ".join(f"{topic}{number}{letter}" for letter in "abcdefghijklmno") + "." for number in range(count)
    )


def lookups_pending() -> bool:
    """Whether anything is being looked up in the background."""
    from playground.ui import resources

    return not all(each.done() for each in list(resources.lookups()._results.values()))
