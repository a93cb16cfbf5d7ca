"""Changing, deleting and hiding a document, with an encoder and an adapter that are known by heart."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import workspace as module
from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
from playground.config import PipelineConfig
from playground.decision import trials
from playground.decision.rehearsal import edited, rehearsal
from playground.decision.trials import Retraining, freshness_steps, removal_steps, restriction_steps
from playground.documents import Document, Heading, Page
from playground.engines.engine import Answer
from playground.engines.extractive import ExtractiveEngine
from playground.errors import InputError
from playground.questions.labels import Gold, LabelledQuestion
from playground.retrieval import Hit
from playground.steps import finish
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, bring_up_to_date, put, use_fake_encoder

FEE = LabelledQuestion(
    "fee",
    "What is the parking fee?",
    ("ten euros",),
    True,
    (Gold("fees.md", quote="The parking fee is ten euros."),),
)
HOURS = LabelledQuestion(
    "hours",
    "When does the garage close?",
    ("at nine",),
    True,
    (Gold("hours.md", quote="The garage closes at nine."),),
)


@dataclass
class Learned:
    """An adapter's engine that says one thing by heart, whatever it is asked."""

    text: str
    name: str = "extractive"

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        return Answer(self.text, engine=self.name)

    def forget(self) -> None: ...


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    encoder = use_fake_encoder(monkeypatch)
    monkeypatch.setattr(module, "load_engine", lambda config, home: _engine(encoder, config))
    monkeypatch.setattr(module, "adapter_version", lambda config, home: 0)
    opened = Workspace(tmp_path / "home")
    put(opened, "fees.md", "The parking fee is ten euros.")
    put(opened, "hours.md", "The garage closes at nine.")
    bring_up_to_date(opened)
    yield opened
    opened.close()


@pytest.fixture
def adapter(tmp_path: Path) -> PipelineConfig:
    """An adapter that learned the fee, asked without documents."""
    folder = tmp_path / "learned"
    folder.mkdir()
    (folder / "says.txt").write_text("The fee is ten euros.")
    return SMALL.with_values({"adapter": str(folder), "engine.retrieval": False})


def _engine(encoder: FakeEncoder, config: PipelineConfig) -> Any:
    if not config.adapter:
        return ExtractiveEngine(encoder)
    return Learned((Path(config.adapter) / "says.txt").read_text())


def test_a_changed_fact_is_said_by_retrieval_and_not_by_the_adapter(
    workspace: Workspace, adapter: PipelineConfig
) -> None:
    found = finish(freshness_steps(workspace, SMALL, FEE, "ten euros", "twelve euros", adapter))
    assert (found.before.said, found.after.said, found.still_old) == (True, True, False)
    assert "twelve euros" in found.after.text
    assert found.after.sources == ("fees.md",)
    assert found.adapter.said
    assert found.seconds > 0


def test_the_persons_own_library_stays_as_it_was(workspace: Workspace) -> None:
    before = workspace.library.hashes()
    finish(freshness_steps(workspace, SMALL, FEE, "ten euros", "twelve euros"))
    finish(removal_steps(workspace, SMALL, "fees.md", [FEE]))
    finish(restriction_steps(workspace, SMALL, "fees.md", [FEE]))
    assert workspace.library.hashes() == before
    assert workspace.library.readers() == {}
    assert "ten euros" in workspace.run(FEE.question, SMALL).answer.text


def test_a_fact_is_changed_wherever_its_document_says_it(workspace: Workspace) -> None:
    put(workspace, "fees.md", "The parking fee is ten euros. Guests pay ten euros too. A pass is ten eurosa.")
    found = finish(freshness_steps(workspace, SMALL, FEE, "ten euros", "two euros"))
    assert not found.still_old


def test_other_documents_that_say_the_old_fact_are_named(workspace: Workspace) -> None:
    put(workspace, "poster.md", "Parking: ten euros!")
    found = finish(freshness_steps(workspace, SMALL, FEE, "ten euros", "twelve euros"))
    assert found.elsewhere == ("poster.md",)


def test_words_that_are_not_in_the_evidence_cannot_be_changed(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="does not say “eleven euros”; choose words that stand in it"):
        finish(freshness_steps(workspace, SMALL, FEE, "eleven euros", "twelve euros"))


def test_bringing_the_adapter_up_to_date_is_counted_in_examples_and_seconds(
    workspace: Workspace, adapter: PipelineConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned: list[Sequence[Example]] = []

    def train(request: Any) -> Generator[Any, None, Path]:
        learned.append(request.examples)
        request.out.mkdir()
        (request.out / "says.txt").write_text("The fee is twelve euros.")
        yield from ()
        return Path(request.out)

    monkeypatch.setattr(trials, "train_steps", train)
    examples = [
        Example("What does parking cost?", "It is ten euros."),
        Example("Fee for parking?", "It is ten euros."),
        Example("When do you close?", "At nine."),
    ]
    retraining = Retraining(examples, TrainingSettings(held_out=0.0))
    steps = freshness_steps(workspace, SMALL, FEE, "ten euros", "twelve euros", adapter, retraining)
    update = finish(steps).update
    assert (update.examples, update.changed) == (3, 2)
    assert (update.answer.said, update.still_old) == (True, False)
    assert [each.output for each in learned[0]] == ["It is twelve euros.", "It is twelve euros.", "At nine."]


def test_an_adapter_that_never_learned_the_fact_is_not_trained_anew(
    workspace: Workspace, adapter: PipelineConfig
) -> None:
    retraining = Retraining([Example("When do you close?", "At nine.")], TrainingSettings())
    steps = freshness_steps(workspace, SMALL, FEE, "ten euros", "twelve euros", adapter, retraining)
    assert finish(steps).update is None


def test_a_deleted_document_is_found_by_no_search_and_told_by_the_adapter(
    workspace: Workspace, adapter: PipelineConfig
) -> None:
    found = finish(removal_steps(workspace, SMALL, "fees.md", [FEE, HOURS], adapter))
    assert [each.question for each in found.asked] == [FEE.question]
    assert found.found == {"dense": 0, "keyword": 0, "hybrid": 0}
    assert (found.asked[0].before.said, found.asked[0].after.said) == (True, False)
    assert (found.told_by_adapter, found.told_by_search) == (1, 0)


def test_a_hidden_document_is_found_by_nobody_else_and_told_by_the_adapter(
    workspace: Workspace, adapter: PipelineConfig
) -> None:
    found = finish(restriction_steps(workspace, SMALL, "fees.md", [FEE], adapter))
    assert found.left == 0
    assert (found.asked[0].before.said, found.asked[0].after.said) == (True, False)
    assert found.told_by_adapter == 1


def test_a_trial_without_an_adapter_says_nothing_of_one(workspace: Workspace) -> None:
    found = finish(removal_steps(workspace, SMALL, "fees.md", [FEE]))
    assert found.asked[0].adapter is None


def test_a_document_that_no_question_is_about_cannot_be_tried(workspace: Workspace) -> None:
    with pytest.raises(InputError, match="no labelled question has its evidence in hours"):
        finish(removal_steps(workspace, SMALL, "hours.md", [FEE]))


def test_what_is_hidden_in_the_library_is_hidden_in_its_copy(workspace: Workspace) -> None:
    wanted = workspace.library.names()["fees.md"]
    workspace.set_readers(wanted, {"anna"})
    with rehearsal(workspace) as copy:
        assert copy.library.readers() == {wanted: frozenset({"anna"})}


def test_the_copy_is_gone_afterwards(workspace: Workspace) -> None:
    with rehearsal(workspace) as copy:
        home = copy.home
        assert copy.library.ids() == workspace.library.ids()
    assert not home.exists()


@given(
    before=st.text(max_size=20),
    old=st.text(min_size=1, max_size=5),
    new=st.text(max_size=9),
    after=st.text(max_size=20),
)
def test_pages_and_headings_move_with_what_stands_behind_an_edit(
    before: str, old: str, new: str, after: str
) -> None:
    text = before + old + after
    start, end = len(before), len(before) + len(old)
    pages = (Page(1, 0, end), Page(2, end, len(text)))
    document = Document("d", "a.md", text, "", pages, (Heading(1, "After", end),))
    changed = edited(document, start, end, new)
    assert changed.text == before + new + after
    assert changed.text[changed.pages[1].start : changed.pages[1].end] == after
    assert changed.headings[0].start == start + len(new)
