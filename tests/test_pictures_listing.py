"""Which documents are pictures, and what is shown of them."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from playground.documents import Document
from playground.errors import ReadError
from playground.library import Library
from playground.pictures.listing import Picture, caption_of, is_picture, on_white, pictures_in, thumbnail
from tests import files_for_reading as files
from tests.homes import document


def test_pictures_are_told_by_their_names():
    names = ["a.png", "b/c.JPG", "d.jpeg", "e.WebP", "f.pdf", "png", "g.png.txt"]
    assert [name for name in names if is_picture(name)] == ["a.png", "b/c.JPG", "d.jpeg", "e.WebP"]


def test_the_pictures_of_a_library_are_listed_by_name_for_those_who_may_see_them(tmp_path: Path):
    library = Library(tmp_path)
    for name, readers in (("b.png", ()), ("a.jpg", ("anna",)), ("c.md", ())):
        library.add(document(name, name), b"content of " + name.encode(), readers)
    ids = {entry.name: entry.id for entry in library.entries()}
    everything = [Picture(ids["a.jpg"], "a.jpg", 16), Picture(ids["b.png"], "b.png", 16)]
    assert pictures_in(library) == pictures_in(library, "anna") == everything
    assert pictures_in(library, "ben") == everything[1:]


def test_a_caption_is_everything_but_the_name():
    text = "shoes red boots\n\nBoots of leather\n\nRB-12"
    assert caption_of(Document("1", "shoes/red-boots.png", text)) == "Boots of leather\n\nRB-12"
    assert caption_of(Document("1", "red-boots.png", "red boots")) == ""


def test_a_thumbnail_is_a_small_jpeg():
    small = Image.open(BytesIO(thumbnail(files.picture(size=(640, 320), colour="red"), 64)))
    assert (small.format, small.size) == ("JPEG", (64, 32))
    with pytest.raises(ReadError):
        thumbnail(b"words", 64)


def test_what_is_see_through_is_white():
    clear = files.saved(Image.new("RGBA", (4, 4), (255, 0, 0, 0)))
    assert on_white(clear, 4).getpixel((1, 1)) == (255, 255, 255)
