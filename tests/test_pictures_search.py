"""Pictures by text and by photo, with a model that sees colours and without any."""

from dataclasses import replace
from pathlib import Path

import pytest

from playground.config import PipelineConfig
from playground.errors import ReadError
from playground.intake import take_in
from playground.pictures import search as module
from playground.pictures.looking import look_at_pictures
from playground.pictures.search import PictureSearch, search_by_photo, search_by_text
from playground.pictures.vectors import PictureVectors
from playground.reading import ReadResult
from playground.workspace import Workspace
from tests import files_for_reading as files
from tests.fakes import ColourModel
from tests.homes import SMALL, bring_up_to_date, document, put, use_fake_encoder

TEXTS = {"boots.png": "boots\n\nLeather boots\n\nRB-12", "kettle.jpg": "kettle\n\nSteel kettle\n\n34.90 EUR"}
COLOURS = {"boots.png": "red", "kettle.jpg": "blue"}
WRITTEN = (
    "By caption and by the text in the picture; with a CLIP model it would also be found by what it shows."
)


@pytest.fixture
def workspace(home: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    encoder = use_fake_encoder(monkeypatch)
    monkeypatch.setattr(module, "load_encoder", lambda config: encoder)
    workspace = Workspace(home)
    for name, text in TEXTS.items():
        workspace.add(document(name, text), files.picture(colour=COLOURS[name], size=(8, 8)))
    put(workspace, "shop.md", "Boots and steel kettles are sold here, RB-12 too.")
    bring_up_to_date(workspace)
    return workspace


@pytest.fixture
def model(workspace: Workspace) -> ColourModel:
    """It has looked at all pictures."""
    model = ColourModel()
    list(look_at_pictures(workspace.library, PictureVectors(workspace.home), model))
    return model


def names(result: PictureSearch) -> list[str]:
    return [each.picture.name for each in result.found]


def by_text(
    workspace: Workspace, text: str, model: ColourModel | None = None, config: PipelineConfig = SMALL
) -> PictureSearch:
    return search_by_text(workspace, text, config, model)


def reading(monkeypatch: pytest.MonkeyPatch, text: str, note: str = "", reason: str = "") -> None:
    """What the reader makes of every photo."""

    def read(data: bytes, name: str) -> ReadResult:
        found = None if reason else document(name, text)
        return ReadResult(name, not reason, found, reason, 0.1, note)

    monkeypatch.setattr(module, "read_bytes", read)


def test_with_a_model_a_text_finds_what_the_pictures_show(workspace: Workspace, model: ColourModel):
    result = by_text(workspace, "something blue", model)
    assert [(each.picture.name, each.score) for each in result.found] == [
        ("kettle.jpg", pytest.approx(1, abs=0.01)),
        ("boots.png", pytest.approx(0, abs=0.01)),
    ]
    assert result.how == "By what the pictures show, with colours: cosine similarity, 1 is the same."


def test_with_a_model_a_photo_finds_what_looks_like_it(workspace: Workspace, model: ColourModel):
    photo = files.picture(colour="red", size=(30, 20), kind="WEBP")
    assert names(search_by_photo(workspace, "x.webp", photo, SMALL, model)) == ["boots.png", "kettle.jpg"]
    assert names(search_by_photo(workspace, "x.webp", photo, SMALL, model, limit=1)) == ["boots.png"]


def test_a_photo_that_cannot_be_opened_is_one_line(workspace: Workspace, model: ColourModel):
    for each in (model, None):
        with pytest.raises(ReadError, match="it cannot be opened as a picture"):
            search_by_photo(workspace, "x.png", b"\x89PNG\r\n\x1a\n" + bytes(20), SMALL, each)


def test_what_was_not_looked_at_yet_is_said(workspace: Workspace, model: ColourModel):
    workspace.add(document("sky.png", "sky"), files.picture(colour="blue", size=(9, 9)))
    result = by_text(workspace, "blue", model)
    assert names(result) == ["kettle.jpg", "boots.png"]
    assert result.how.endswith("1 picture is not looked at yet, and cannot be found.")


def test_a_deleted_picture_is_not_found(workspace: Workspace, model: ColourModel):
    workspace.delete([workspace.library.names()["boots.png"]])
    assert names(by_text(workspace, "red", model)) == ["kettle.jpg"]
    assert "not looked at" not in by_text(workspace, "red", model).how


def test_without_a_model_captions_and_texts_are_searched_and_no_other_document(workspace: Workspace):
    result = by_text(workspace, "RB-12")
    assert names(result)[0] == "boots.png"
    assert result.how == WRITTEN
    assert by_text(workspace, "steel").found[0].picture.name == "kettle.jpg"


def test_without_a_model_words_and_meaning_count_whatever_the_configuration_searches_by(workspace: Workspace):
    for mode in ("keyword", "none"):
        other = SMALL.with_values({"retrieval.mode": mode})
        assert by_text(workspace, "steel", config=other) == by_text(workspace, "steel")
    assert len(by_text(workspace, "steel").found) == 2


def test_a_picture_with_much_text_is_found_once(workspace: Workspace):
    text = "poster\n\n" + "\n\n".join(
        f"The {number}th line of the long poster on the wall." for number in range(9)
    )
    workspace.add(document("poster.png", text), files.picture(size=(9, 9)))
    bring_up_to_date(workspace)
    assert sorted(names(by_text(workspace, "poster line"))) == ["boots.png", "kettle.jpg", "poster.png"]
    assert names(by_text(workspace, "poster line"))[0] == "poster.png"


def test_without_a_model_what_is_not_indexed_is_said(workspace: Workspace):
    other = replace(SMALL, chunking=replace(SMALL.chunking, size=30))
    result = by_text(workspace, "steel", config=other)
    assert result == PictureSearch((), f"{WRITTEN} 2 pictures are not indexed yet, and cannot be found.")


def test_who_may_not_see_a_picture_does_not_find_it(workspace: Workspace, model: ColourModel):
    workspace.set_readers(workspace.library.names()["boots.png"], ["anna"])
    ben = SMALL.with_values({"retrieval.reader": "ben"})
    assert names(by_text(workspace, "red", model, ben)) == ["kettle.jpg"]
    assert names(by_text(workspace, "RB-12", config=ben)) == ["kettle.jpg"]
    assert (
        names(by_text(workspace, "RB-12", config=SMALL.with_values({"retrieval.reader": "anna"})))[0]
        == "boots.png"
    )


def test_without_a_model_a_photo_is_searched_by_its_caption_and_text(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    reading(monkeypatch, "IMG 7\n\n34.90 EUR")
    result = search_by_photo(workspace, "IMG_7.jpg", b"photo", SMALL, None)
    assert names(result)[0] == "kettle.jpg"
    assert result.how == (
        "By the photo's caption and the text in it, compared with those of each picture; with a CLIP model "
        "it would also be found by what it shows."
    )


def test_a_photo_without_words_finds_nothing_and_says_why(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    reading(monkeypatch, "boots", note="text in the picture was not recognised; get it")
    assert search_by_photo(workspace, "boots.png", b"photo", SMALL, None) == PictureSearch(
        (),
        "The photo carries no caption and no text that could be read, so there is nothing to search by; with "
        "a CLIP model it would also be found by what it shows. Text in the picture was not recognised; get "
        "it.",
    )


def test_a_photo_with_a_tag_finds_the_picture_with_that_tag(workspace: Workspace):
    photo = files.picture(["RB-12"], kind="JPEG")
    assert names(search_by_photo(workspace, "IMG_7.jpg", photo, SMALL, None))[0] == "boots.png"


def test_pictures_come_in_like_all_other_files(workspace: Workspace):
    files_given = [("new/green-door.png", files.picture(["GD-7"], colour="green", caption="A door"))]
    assert [intake.line for intake in take_in(workspace, files_given)] == ["28 characters"]
    bring_up_to_date(workspace)
    assert names(by_text(workspace, "GD-7"))[0] == "new/green-door.png"
