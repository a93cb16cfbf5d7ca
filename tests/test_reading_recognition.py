"""Text in pictures, with rapidocr itself: small pictures take it half a second."""

import socket
from collections.abc import Iterator
from io import BytesIO
from types import SimpleNamespace

import pytest
from PIL import Image

from playground.reading import recognition
from playground.reading.recognition import NotRecognised, is_installed, recognise
from tests import files_for_reading as files


@pytest.fixture
def not_loaded() -> Iterator[None]:
    """As in a process in which nothing was recognised yet."""
    recognition._engine.cache_clear()
    yield
    recognition._engine.cache_clear()


def drawn(*lines: str, **settings: object) -> Image.Image:
    return Image.open(BytesIO(files.picture(lines, **settings)))  # type: ignore[arg-type]


def test_lines_are_read_from_top_to_bottom():
    assert recognise(drawn("AX-204-K", "29.90 EUR")) == "AX-204-K\n29.90 EUR"


def test_a_picture_without_text_gives_none():
    assert recognise(drawn()) == ""


def test_a_shape_that_may_be_a_letter_is_none(monkeypatch: pytest.MonkeyPatch):
    found = SimpleNamespace(txts=("O", "7", " a line ", "no"), scores=(0.6, 0.97, 0.6, 0.79))
    monkeypatch.setattr(recognition, "_engine", lambda: lambda picture: found)
    assert recognise(drawn()) == "7\na line"


def test_a_strip_gets_an_edge_so_that_it_is_not_enlarged_beyond_measure(monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(recognition, "_engine", lambda: lambda picture: seen.append(picture.size))
    for size in ((1200, 60), (60, 1200), (300, 200)):
        recognise(drawn(size=size))
    assert seen == [(1200, 400), (400, 1200), (300, 200)]


def test_a_strip_is_read():
    assert recognise(drawn("a long strip", size=(1200, 60))) == "a long strip"


def test_a_see_through_picture_is_read():
    clear = Image.new("RGBA", (320, 120), (0, 0, 0, 0))
    clear.paste(drawn("clear", size=(320, 120)).convert("RGBA"), (0, 0))
    assert recognise(clear) == "clear"


@pytest.mark.usefixtures("not_loaded")
def test_nothing_is_ever_downloaded(monkeypatch: pytest.MonkeyPatch):
    from rapidocr.utils.download_file import DownloadFile

    def refuse(*arguments: object) -> None:
        raise AssertionError("a download was begun")

    monkeypatch.setattr(DownloadFile, "run", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert recognise(drawn("offline")) == "offline"


@pytest.mark.usefixtures("not_loaded")
def test_models_that_are_missing_are_said_and_not_fetched(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(recognition._PARTS, "Rec", "*_none_*.onnx")
    with pytest.raises(NotRecognised, match=r"there is no \*_none_\*.onnx in .*models; reinstall rapidocr"):
        recognise(drawn("words"))


def test_without_rapidocr_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(recognition, "_PACKAGES", ("rapidocr", "no_such_package"))
    assert not is_installed()
    with pytest.raises(NotRecognised) as caught:
        recognise(drawn("words"))
    assert str(caught.value) == (
        "text in the picture was not recognised; pip install rapidocr onnxruntime adds that"
    )


def test_an_engine_that_fails_costs_the_text_alone(monkeypatch: pytest.MonkeyPatch):
    def engine(picture: Image.Image) -> None:
        raise MemoryError("no room\nfor an array")

    monkeypatch.setattr(recognition, "_engine", lambda: engine)
    with pytest.raises(NotRecognised) as caught:
        recognise(drawn("words"))
    assert str(caught.value) == ("text in the picture was not recognised (MemoryError: no room for an array)")
