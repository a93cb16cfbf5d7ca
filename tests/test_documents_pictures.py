"""The pictures on the Documents page without a browser, with a fake encoder and a model that sees colours."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground import startup
from playground.config import DEFAULT
from playground.documents import Document
from playground.embedding import encoder_id
from playground.errors import ModelError
from playground.paths import pages_folder
from playground.pictures.clip import load_clip
from playground.pictures.vectors import PictureVectors
from playground.ui import resources
from playground.ui.documents import view
from tests import files_for_reading as files
from tests.fakes import ColourModel, FakeEncoder

PICTURES = {"boots.png": ("red", "Leather boots"), "kettle.jpg": ("blue", "Steel *kettle*, RB-12")}
WRITTEN = (
    "By caption and by the text in the picture; with a CLIP model it would also be found by what it shows"
)


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    fake = FakeEncoder(id=encoder_id(DEFAULT.encoder))
    for module in ("playground.workspace", "playground.ui.documents.view", "playground.pictures.search"):
        monkeypatch.setattr(f"{module}.load_encoder", lambda config: fake)
    return fake


@pytest.fixture(autouse=True)
def model(monkeypatch: pytest.MonkeyPatch) -> ColourModel:
    """What every folder holds that is given as a model; its weights are its path."""
    colours = ColourModel()

    def load(name: str, download: bool = False) -> ColourModel:
        if "broken" in name:
            raise ModelError(f"{name} cannot be loaded: half of it is missing")
        return colours

    monkeypatch.setattr("playground.pictures.looking.load_clip", load)
    monkeypatch.setattr("playground.ui.documents.pictures.load_clip", load)
    monkeypatch.setattr("playground.pictures.clip.clip_id", lambda name: colours.id)
    return colours


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(pages_folder() / "documents.py"), default_timeout=60)


@pytest.fixture
def with_pictures() -> None:
    """Two pictures, indexed, and the encoder loaded."""

    def nothing() -> Generator[Any, None, None]:
        yield from ()

    for name, (colour, caption) in PICTURES.items():
        add(name, f"{name.partition('.')[0]}\n\n{caption}", files.picture(colour=colour, size=(12, 8)))
    for _ in resources.workspace().index_steps(DEFAULT):
        pass
    resources.jobs().start(startup.MODELS, "Loading the built-in encoder", nothing)
    resources.jobs().wait()


def add(name: str, text: str, content: bytes) -> None:
    resources.workspace().add(Document(f"id-{name}", name, text), content)


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def ask(page: AppTest, text: str) -> AppTest:
    page.text_input(key="picture_text").set_value(text)
    return run(page)


def choose(page: AppTest, name: str) -> AppTest:
    """Name a model, and wait until it has looked."""
    page.text_input(key="clip_model").set_value(name)
    run(page)
    resources.jobs().wait()
    return run(page)


def shown(page: AppTest) -> str:
    """Everything that is written on the page, without the marks that keep Markdown away."""
    kinds = (page.markdown, page.html, page.caption, page.text, page.error, page.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def names(page: AppTest) -> list[str]:
    """Of the pictures in the grid, as they stand there."""
    return [button.label for button in page.button if button.key.startswith("picture_open_")]


def test_without_pictures_there_is_no_card(page: AppTest) -> None:
    add("boots.md", "Boots", b"Boots")
    run(page)
    assert "**Pictures**" not in shown(page)
    assert not resources.workspace().home.joinpath("pictures.sqlite").exists()


@pytest.mark.usefixtures("with_pictures")
def test_all_pictures_are_there_with_their_captions(page: AppTest) -> None:
    run(page)
    assert names(page) == ["boots.png", "kettle.jpg"]
    assert '<div class="caption">Steel *kettle*, RB-12</div>' in shown(page)
    assert "**Pictures** :gray[2]" in shown(page)
    assert len(page.get("image")) == 2


@pytest.mark.usefixtures("with_pictures")
def test_a_text_finds_what_is_written_and_the_page_says_so(page: AppTest) -> None:
    ask(run(page), "RB-12")
    assert names(page)[0] == "kettle.jpg"
    assert WRITTEN in shown(page)
    assert '<div class="score">1.00</div>' in shown(page)
    ask(page, "")
    assert names(page) == ["boots.png", "kettle.jpg"]
    assert WRITTEN not in shown(page)


@pytest.mark.usefixtures("with_pictures")
def test_a_model_is_loaded_and_looks_in_the_background_once(page: AppTest, tmp_path: Path) -> None:
    choose(run(page), str(tmp_path))
    assert "It has looked at the pictures." in shown(page)
    ask(page, "red")
    assert names(page) == ["boots.png", "kettle.jpg"]
    assert "By what the pictures show, with colours: cosine similarity, 1 is the same." in shown(page)


@pytest.mark.usefixtures("with_pictures")
def test_new_pictures_are_looked_at_by_themselves_and_old_ones_not_again(
    page: AppTest, tmp_path: Path, model: ColourModel
) -> None:
    choose(run(page), str(tmp_path))
    add("door.webp", "door", files.picture(colour="green", size=(12, 8), kind="WEBP"))
    run(page)
    resources.jobs().wait()
    ask(page, "green")
    assert names(page)[0] == "door.webp"
    assert model.looked == [2, 1]


@pytest.mark.usefixtures("with_pictures")
def test_the_model_in_the_environment_is_used_from_the_start(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_CLIP", str(tmp_path))
    run(page)
    resources.jobs().wait()
    ask(run(page), "blue")
    assert names(page)[0] == "kettle.jpg"


@pytest.mark.usefixtures("with_pictures")
def test_a_model_that_cannot_be_loaded_is_one_line_and_does_not_stop_searching(
    page: AppTest, tmp_path: Path
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    choose(run(page), str(broken))
    assert "cannot be loaded: half of it is missing" in shown(page)
    ask(page, "RB-12")
    assert names(page)[0] == "kettle.jpg"
    assert not resources.jobs().active()
    broken.rename(tmp_path / "whole")
    choose(page, str(tmp_path / "whole"))
    assert WRITTEN not in shown(page)


@pytest.mark.usefixtures("with_pictures")
def test_a_path_where_nothing_lies_is_one_line(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("playground.pictures.looking.load_clip", load_clip)
    choose(run(page), "/no/such/folder")
    assert "there is no model folder at /no/such/folder; give a folder, or a hub name" in shown(page)


@pytest.mark.usefixtures("with_pictures")
def test_a_model_that_is_not_here_is_not_fetched_before_its_size_was_seen(
    page: AppTest, monkeypatch: pytest.MonkeyPatch, model: ColourModel
) -> None:
    monkeypatch.setattr("playground.pictures.clip.download_size", lambda name: 605_000_000)
    choose(run(page), "owner/clip")
    assert "Nothing is downloaded before you say so." in shown(page)
    assert model.looked == []
    page.button(key="clip_size").click()
    run(page)
    run(page)
    button = page.button(key="clip_download")
    assert button.label == "Download at most 605 MB"
    button.click()
    run(page)
    resources.jobs().wait()
    run(page)
    assert model.looked == [2]


@pytest.mark.usefixtures("with_pictures")
def test_a_photo_is_searched_by_and_taken_away_again(page: AppTest, tmp_path: Path) -> None:
    choose(run(page), str(tmp_path))
    photo = files.picture(colour="blue", size=(20, 20))
    page.file_uploader(key="picture_photo_0").set_value([("mine.png", photo, "image/png")])
    run(page)
    assert names(page) == ["kettle.jpg", "boots.png"]
    assert "Pictures like **mine.png**" in shown(page)
    page.button(key="picture_clear").click()
    run(page)
    assert names(page) == ["boots.png", "kettle.jpg"]
    assert "mine" not in shown(page)


@pytest.mark.usefixtures("with_pictures")
def test_a_photo_that_cannot_be_opened_is_one_line(page: AppTest) -> None:
    run(page)
    page.file_uploader(key="picture_photo_0").set_value([("mine.png", b"\x89PNG\r\n", "image/png")])
    run(page)
    assert "it cannot be opened as a picture" in shown(page)
    assert names(page) == []


@pytest.mark.usefixtures("with_pictures")
def test_a_deleted_picture_leaves_no_vector_and_no_thumbnail(page: AppTest, tmp_path: Path) -> None:
    workspace = resources.workspace()
    choose(run(page), str(tmp_path))
    assert PictureVectors(workspace.home).count() == 2
    workspace.delete(["id-boots.png"])
    run(page)
    assert names(page) == ["kettle.jpg"]
    assert PictureVectors(workspace.home).count() == 1
    workspace.delete(["id-kettle.jpg"])
    run(page)
    assert PictureVectors(workspace.home).count() == 0
    view.forget_documents()
    with pytest.raises(KeyError):
        view.picture_of("id-boots.png", 336)


@pytest.mark.usefixtures("with_pictures")
def test_many_pictures_are_shown_a_dozen_at_a_time(page: AppTest) -> None:
    for number in range(14):
        add(f"x{number:02}.png", f"x{number:02}", files.picture(size=(8 + number, 8)))
    run(page)
    assert len(names(page)) == 12
    assert page.button(key="pictures_more").label == "4 more of 16"
    page.button(key="pictures_more").click()
    run(page)
    assert len(names(page)) == 16


@pytest.mark.usefixtures("with_pictures")
def test_a_picture_opens_above_its_text(page: AppTest) -> None:
    run(page)
    page.button(key="picture_open_1").click()
    run(page)
    assert page.session_state["viewed"] == "id-kettle.jpg"
    assert "view_pager" not in shown(page)
    assert len(page.get("image")) == 3


def test_a_picture_that_cannot_be_opened_says_so(page: AppTest) -> None:
    add("torn.png", "torn", b"no picture")
    run(page)
    assert "It cannot be opened" in shown(page)
    assert names(page) == ["torn.png"]
