"""Pictures as documents: name, caption, and the text in them."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from playground.errors import ReadError
from playground.reading import picture as module
from playground.reading import read_bytes, read_many
from playground.reading.draft import Draft
from playground.reading.limits import Limits
from playground.reading.picture import open_picture, read_picture, words_of
from playground.reading.recognition import NotRecognised
from tests import files_for_reading as files

Recognise = Callable[[Image.Image], str]


@pytest.fixture
def nothing_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "recognise", lambda picture: "")


def read(data: bytes, name: str = "photo.png") -> Draft:
    return read_picture(data, name, Limits())


def test_a_picture_says_its_name_its_caption_and_what_is_written_on_it():
    data = files.picture(["AX-204-K", "29.90 EUR"], caption="A drill für Holz.", title="Cordless drill")
    draft = read(data, "tools/cordless_drill-02.png")
    assert draft.text == (
        "tools cordless drill 02\n\nCordless drill\n\nA drill für Holz.\n\nAX-204-K\n29.90 EUR"
    )
    assert (draft.title, draft.note) == ("Cordless drill", "")


@pytest.mark.usefixtures("nothing_recognised")
def test_the_caption_of_a_jpeg_and_a_webp_is_the_one_in_exif():
    for kind in ("JPEG", "WEBP"):
        assert read(files.picture(kind=kind, caption="Eine grüne Tür")).text == "photo\n\nEine grüne Tür"


@pytest.mark.usefixtures("nothing_recognised")
def test_captions_are_read_in_whatever_encoding_they_were_written():
    for text in ("Café".encode(), "Café".encode("latin-1")):
        about = PngInfo()
        about.add(b"tEXt", b"description\0" + text)
        assert read(files.saved(Image.new("L", (9, 9)), pnginfo=about)).text == "photo\n\nCafé"


@pytest.mark.usefixtures("nothing_recognised")
def test_what_is_said_already_is_not_said_again():
    data = files.picture(title="Red Boots!", caption="red boots")
    assert read(data, "red-boots.png").text == "red boots"


@pytest.mark.usefixtures("nothing_recognised")
def test_a_picture_that_says_nothing_is_still_a_document():
    assert read(files.picture(), "IMG_2041.png").text == "IMG 2041"
    assert read(files.picture(), "---.png").text == "---.png"


def test_a_name_in_words_has_its_folders_and_no_extension():
    assert words_of("shoes/red-boots_02.final.JPG") == "shoes red boots 02 final"
    assert words_of("böden\\Eiche.png") == "böden Eiche"


@given(st.text(min_size=1))
def test_every_name_has_words(name: str):
    assert words_of(name)


@pytest.mark.usefixtures("nothing_recognised")
def test_a_broken_exif_costs_only_the_caption():
    data = files.saved(Image.new("RGB", (9, 9)), "JPEG", exif=b"Exif\0\0nonsense")
    assert read(data, "a.jpg").text == "a"


def test_where_nothing_can_be_recognised_the_rest_is_read_with_a_note(monkeypatch: pytest.MonkeyPatch):
    def fail(picture: Image.Image) -> str:
        raise NotRecognised("text in the picture was not recognised; get it somewhere")

    monkeypatch.setattr(module, "recognise", fail)
    draft = read(files.picture(["AX-204-K"], caption="A drill"))
    assert draft.text == "photo\n\nA drill"
    assert draft.note == "text in the picture was not recognised; get it somewhere"


def test_what_is_no_single_whole_picture_is_one_line():
    whole, photo = files.picture(["words"]), files.picture(["words"], "JPEG")
    bad = {
        "animated.png": files.animation("PNG"),
        "animated.webp": files.animation("WEBP"),
        "half.png": whole[: len(whole) // 2],
        "half.jpg": photo[: len(photo) // 2],
        "head.png": b"\x89PNG\r\n\x1a\n" + bytes(50),
        "large.png": files.picture(size=(9000, 9000), mode="1"),
        "larger.png": files.picture(size=(14000, 14000), mode="1"),
    }
    reasons = [result.reason for result in read_many(bad.items())]
    animated = "the format is not supported: it is an animated picture; save one picture of it as PNG"
    damaged = (
        "it is damaged: it cannot be opened as a picture; open it in the program that made it and save it "
        "again"
    )
    allowed = "more than the 80 million pixels allowed; save it smaller"
    assert reasons == [
        *[animated] * 2,
        *[damaged] * 3,
        f"it has 9,000 x 9,000 pixels, {allowed}",
        f"it has {allowed}",
    ]


def test_a_photograph_with_a_second_one_in_its_jpeg_is_no_animation():
    assert read_bytes(files.animation("MPO"), "phone.jpg").ok


def test_pictures_are_opened_upright_and_no_larger_than_wanted():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned to the left
    turned = files.saved(Image.new("RGB", (300, 100), "red"), "JPEG", exif=exif)
    assert open_picture(turned, 150).size == (50, 150)
    assert open_picture(files.picture(size=(30, 20)), 150).size == (30, 20)


def test_every_mode_is_opened_as_rgb_and_what_is_see_through_as_rgba():
    modes = {mode: open_picture(files.picture(mode=mode), 50).mode for mode in ("1", "L", "P", "RGB", "RGBA")}
    assert modes == {"1": "RGB", "L": "RGB", "P": "RGB", "RGB": "RGB", "RGBA": "RGBA"}


def test_a_large_picture_is_brought_to_the_size_in_which_text_is_looked_for(monkeypatch: pytest.MonkeyPatch):
    seen: list[tuple[int, int]] = []
    monkeypatch.setattr(module, "recognise", lambda picture: seen.append(picture.size) or "")
    read(files.picture(size=(4000, 3000)))
    assert seen == [(2000, 1500)]


def test_opening_what_is_no_picture_says_so():
    with pytest.raises(ReadError, match="it cannot be opened as a picture"):
        open_picture(b"words", 100)


def test_a_picture_of_a_palette_keeps_its_caption():
    drawn = ImageOps.posterize(Image.new("RGB", (9, 9), "red"), 2).convert("P")
    about = PngInfo()
    about.add_text("DESCRIPTION", "A red square")
    assert "A red square" in read(files.saved(drawn, pnginfo=about)).text
