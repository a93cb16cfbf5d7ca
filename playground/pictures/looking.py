"""Bring the vectors of a library's pictures up to date, step by step, for work in the background.

What is cancelled or killed goes on where it stopped. This module does not know how pictures are searched.
"""

import hashlib
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from playground.errors import ReadError
from playground.library import Library
from playground.pictures.clip import LONGEST, PictureModel, load_clip
from playground.pictures.listing import Picture, on_white, pictures_in
from playground.pictures.vectors import PictureVectors
from playground.workspace import Workspace

TOGETHER = 8  # pictures between two steps of the progress


@dataclass(frozen=True)
class Looked:
    """How far it is: `done` of `total` pictures; 0 of 0 while the model is loaded."""

    done: int
    total: int


def look_steps(workspace: Workspace, name: str, download: bool = False) -> Generator[Looked, None, None]:
    """Load the model called `name` and let it look at all pictures that it has not seen. Raises ModelError
    where the model cannot be had."""
    yield Looked(0, 0)
    model = load_clip(name, download)
    yield from look_at_pictures(workspace.library, PictureVectors(workspace.home), model)


def look_at_pictures(
    library: Library, vectors: PictureVectors, model: PictureModel
) -> Generator[Looked, None, None]:
    """The same with a model that is loaded."""
    waiting = vectors.missing(model.id, pictures_in(library))
    yield Looked(0, len(waiting))
    for begin in range(0, len(waiting), TOGETHER):
        together = waiting[begin : begin + TOGETHER]
        _look(library, vectors, model, together)
        yield Looked(begin + len(together), len(waiting))
    vectors.keep_only(library.ids())  # what was deleted while it was looked at


def _look(
    library: Library, vectors: PictureVectors, model: PictureModel, pictures: Sequence[Picture]
) -> None:
    new = []
    for picture in pictures:
        with suppress(KeyError):  # deleted meanwhile
            data = library.content(picture.document_id)
            content = hashlib.sha256(data).digest()
            try:
                if vectors.has(model.id, content):
                    vectors.put(model.id, picture, content)
                else:
                    new.append((picture, content, on_white(data, LONGEST)))
            except ReadError:  # it is called a picture, and is none
                vectors.put(model.id, picture, content)
    if new:
        found = model.encode_pictures([opened for _, _, opened in new])
        for (picture, content, _), vector in zip(new, found, strict=True):
            vectors.put(model.id, picture, content, vector)
