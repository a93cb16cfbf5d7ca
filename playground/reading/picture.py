"""PNG, JPEG and WebP: the file's name in words, the caption that the file carries, the text in the picture.

This module does not know how text is recognised (see `recognition`), nor what a picture shows.
"""

import re
import struct
from contextlib import suppress
from io import BytesIO
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from playground.errors import ReadError
from playground.reading.draft import Draft, own_title, tidy
from playground.reading.formats import unsupported
from playground.reading.limits import Limits
from playground.reading.recognition import NotRecognised, recognise

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "WEBP")
MOST_PIXELS = 80_000_000
LONGEST = 2000
"""Pixels of the longer side in which text is looked for; a larger picture is brought to this size first."""
_IMAGE_DESCRIPTION = 0x010E  # its number in EXIF
_BROKEN_EXIF = (SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, OSError, struct.error)


def read_picture(data: bytes, name: str, limits: Limits) -> Draft:
    """The name in words, the title, the caption and the recognised text, each a paragraph; what says the same
    as another paragraph is left out.

    Raises ReadError for a damaged picture, for an animation, and for one with too many pixels. The note says
    where text was not recognised.
    """
    picture = open_picture(data, LONGEST)
    title, caption = own_title(_text(picture, "title")), tidy(_text(picture, "description") or _exif(picture))
    note = recognised = ""
    try:
        recognised = tidy(recognise(picture))
    except NotRecognised as error:
        note = str(error)
    paragraphs: list[str] = []
    for part in (words_of(name), title, caption, recognised):
        if part and _bare(part) not in map(_bare, paragraphs):
            paragraphs.append(part)
    return Draft("\n\n".join(paragraphs), title=title, note=note)


def words_of(name: str) -> str:
    """A file's name as words, those of its folders too: "shoes/red-boots_02.png" gives "shoes red boots 02".
    Folders count, because a text that came twice is kept once: two pictures are not one for their name."""
    path = PurePosixPath(name.replace("\\", "/"))
    return _spaced(str(path.with_suffix("")) if path.name else "") or name


def open_picture(data: bytes, longest: int) -> "Image":
    """A picture as RGB, or as RGBA where it is see-through, upright, no side longer than `longest` pixels.

    Raises ReadError as `read_picture` does.
    """
    from PIL import Image

    try:
        return _opened(data, longest)
    except (ReadError, MemoryError):
        raise
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except Exception as error:  # Pillow raises anything at all on a damaged file
        raise ReadError(
            "it is damaged: it cannot be opened as a picture; open it in the program that made it and save "
            "it again"
        ) from error


def _opened(data: bytes, longest: int) -> "Image":
    from PIL import Image, ImageOps

    picture: Image.Image = Image.open(BytesIO(data), formats=FORMATS)
    if picture.width * picture.height > MOST_PIXELS:
        raise _too_large(f"{picture.width:,} x {picture.height:,} pixels, ")
    # A photograph of a telephone may hold a second one in its JPEG; that is no animation.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise unsupported("an animated picture", "save one picture of it as PNG")
    picture.draft(None, (longest, longest))  # a JPEG is decoded at a fraction of its size at once
    picture.load()
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    if picture.mode != mode:
        picture = picture.convert(mode)
    picture.thumbnail((longest, longest))
    with suppress(*_BROKEN_EXIF):
        ImageOps.exif_transpose(picture, in_place=True)
    return picture


def _too_large(size: str = "") -> ReadError:
    most = f"{MOST_PIXELS // 1_000_000} million pixels"
    return ReadError(f"it has {size}more than the {most} allowed; save it smaller")


def _text(picture: "Image", key: str) -> str:
    """A text chunk of a PNG. Many programs write UTF-8 where the format says Latin-1."""
    for name, value in picture.info.items():
        if isinstance(name, str) and name.lower() == key and isinstance(value, str):
            return _as_written(value)
    return ""


def _exif(picture: "Image") -> str:
    """EXIF's ImageDescription, in a JPEG or a WebP, and in a PNG too."""
    with suppress(*_BROKEN_EXIF):
        found = picture.getexif().get(_IMAGE_DESCRIPTION)
        return _as_written(found) if isinstance(found, str) else ""
    return ""


def _as_written(text: str) -> str:
    """A text that Pillow took for Latin-1, by the bytes that it was made of."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _bare(text: str) -> str:
    return _spaced(text.casefold())


def _spaced(text: str) -> str:
    return " ".join(re.findall(r"[^\W_]+", text))
