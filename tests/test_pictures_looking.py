"""Vectors of all pictures, brought up to date step by step."""

from pathlib import Path

import pytest

from playground.pictures import looking
from playground.pictures.listing import pictures_in
from playground.pictures.looking import Looked, look_at_pictures, look_steps
from playground.pictures.vectors import PictureVectors
from playground.workspace import Workspace
from tests import files_for_reading as files
from tests.fakes import ColourModel
from tests.homes import document, use_fake_encoder


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    use_fake_encoder(monkeypatch)
    return Workspace(home)


def add(workspace: Workspace, name: str, colour: str) -> str:
    content = files.picture(colour=colour, size=(8, 8))
    return workspace.add(document(name, f"{name} {colour}"), content).document_id


def look(workspace: Workspace, model: ColourModel) -> list[Looked]:
    return list(look_at_pictures(workspace.library, PictureVectors(workspace.home), model))


def test_every_picture_is_looked_at_once(workspace: Workspace):
    model = ColourModel()
    for name, colour in (("a.png", "red"), ("b.png", "blue")):
        add(workspace, name, colour)
    workspace.add(document("c.md", "text"), b"text")
    assert look(workspace, model) == [Looked(0, 2), Looked(2, 2)]
    add(workspace, "d.png", "green")
    assert look(workspace, model) == [Looked(0, 1), Looked(1, 1)]
    assert look(workspace, model) == [Looked(0, 0)]
    assert model.looked == [2, 1]
    assert look(workspace, ColourModel("other"))[0] == Looked(0, 3)


def test_progress_is_said_and_what_was_done_stays(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(looking, "TOGETHER", 1)
    for name, colour in (("a.png", "red"), ("b.png", "blue"), ("c.png", "green")):
        add(workspace, name, colour)
    steps = look_at_pictures(workspace.library, PictureVectors(workspace.home), ColourModel())
    assert [next(steps), next(steps)] == [Looked(0, 3), Looked(1, 3)]
    steps.close()
    assert look(workspace, ColourModel())[0] == Looked(0, 2)


def test_what_is_called_a_picture_and_is_none_is_passed_over(workspace: Workspace):
    workspace.add(document("a.png", "no picture"), b"words")
    add(workspace, "b.png", "red")
    model = ColourModel()
    assert look(workspace, model)[-1] == Looked(2, 2)
    assert look(workspace, model) == [Looked(0, 0)]
    found, _ = PictureVectors(workspace.home).get(model.id, pictures_in(workspace.library))
    assert [each.name for each in found] == ["b.png"]


def test_a_picture_that_is_deleted_while_it_is_looked_at_leaves_nothing(workspace: Workspace):
    document_id = add(workspace, "a.png", "red")

    class Deleting(ColourModel):
        def encode_pictures(self, pictures):  # type: ignore[no-untyped-def]
            workspace.delete([document_id])
            return super().encode_pictures(pictures)

    look(workspace, Deleting())
    assert PictureVectors(workspace.home).count() == 0


def test_the_model_is_loaded_first(workspace: Workspace, monkeypatch: pytest.MonkeyPatch):
    asked: list[tuple[str, bool]] = []

    def load(name: str, download: bool) -> ColourModel:
        asked.append((name, download))
        return ColourModel()

    monkeypatch.setattr(looking, "load_clip", load)
    add(workspace, "a.png", "red")
    assert list(look_steps(workspace, "some/clip", download=True)) == [
        Looked(0, 0),
        Looked(0, 1),
        Looked(1, 1),
    ]
    assert asked == [("some/clip", True)]
