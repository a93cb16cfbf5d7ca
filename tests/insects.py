"""A document of three sentences and questions about it, for tests of evaluations on a real workspace."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from playground.evaluation.records import Plan, Run
from playground.evaluation.results import Contender
from playground.evaluation.running import begin, run_steps
from playground.questions.lookup import Gold, LabelledQuestion
from playground.workspace import Workspace
from tests.homes import SMALL, put, use_fake_encoder

BEES = (
    "The bee makes honey from nectar.\n\nThe ant carries leaves to its nest.\n\nThe wasp eats figs in autumn."
)
QUESTIONS = (
    LabelledQuestion("bee", "Who makes honey?", ("The bee",), relevant=(Gold("bees.md", 0, 32),)),
    LabelledQuestion("ant", "Who carries leaves?", ("The ant",), relevant=(Gold("bees.md", 34, 70),)),
    LabelledQuestion("moon", "How far away is the moon?", answerable=False),
)
KEYWORD = SMALL.with_values({"retrieval.mode": "keyword"})
RAG, OTHER = Contender("RAG", SMALL), Contender("Keyword", KEYWORD)
CLOSED = Contender("Closed book", SMALL.with_values({"engine.retrieval": False}))
GOLD = Contender("Gold passages", SMALL, gold_passages=True)


def insects(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """For a fixture: a workspace with the document, whose three sentences are a chunk each."""
    use_fake_encoder(monkeypatch)
    opened = Workspace(home)
    put(opened, "bees.md", BEES)
    yield opened
    opened.close()


def evaluate(
    workspace: Workspace,
    *contenders: Contender,
    questions: tuple[LabelledQuestion, ...] = QUESTIONS,
    **values: Any,
) -> Run:
    id = begin(workspace, Plan("Insects", questions, contenders, **values), "Insects")
    list(run_steps(workspace, id))
    return workspace.runs.run(id)
