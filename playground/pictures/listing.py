"""Which documents of a library are pictures, and what is shown of them.

This module does not know how pictures are searched.
"""

from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from playground.documents import Document
from playground.library import Library
from playground.reading.formats import SUPPORTED
from playground.reading.picture import open_picture, words_of

if TYPE_CHECKING:
    from PIL.Image import Image

_EXTENSIONS = {f".{extension}" for extension, what in SUPPORTED.items() if what == "picture"}
_QUALITY = 88


@dataclass(frozen=True)
class Picture:
    """A document that is a picture; `bytes` tells one content under the same id from another."""

    document_id: str
    name: str
    bytes: int


def is_picture(name: str) -> bool:
    """Whether a file of this name is one, by its extension: nothing is opened."""
    return PurePosixPath(name.replace("\\", "/")).suffix.lower() in _EXTENSIONS


def pictures_in(library: Library, reader: str = "") -> list[Picture]:
    """The pictures that `reader` may see, by name; with "" all of them."""
    readable = library.readable_by(reader)
    return [
        Picture(entry.id, entry.name, entry.bytes)
        for entry in library.entries()
        if is_picture(entry.name) and (readable is None or entry.id in readable)
    ]


def caption_of(document: Document) -> str:
    """What a picture says besides its name: title, caption, and the text that was recognised in it."""
    return document.text.removeprefix(words_of(document.name)).strip()


def on_white(data: bytes, longest: int) -> "Image":
    """A picture as RGB, upright, no side longer than `longest` pixels, white where it is see-through.

    Raises ReadError where it cannot be opened.
    """
    from PIL import Image

    picture = open_picture(data, longest)
    if picture.mode == "RGB":
        return picture
    ground = Image.new("RGB", picture.size, "white")
    ground.paste(picture, mask=picture.getchannel("A"))
    return ground


def thumbnail(data: bytes, longest: int) -> bytes:
    """A picture as a small JPEG. Raises ReadError as `on_white` does."""
    small = BytesIO()
    on_white(data, longest).save(small, "JPEG", quality=_QUALITY)
    return small.getvalue()
