"""Pictures by a text or by a photo: by what they show, with a CLIP model, or else by what is written.

Every result says in a sentence which way it was found. Without a model it is the ordinary retrieval, over the
pictures' chunks alone. This module does not know how anything is drawn.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from playground.config import DEFAULT, PipelineConfig
from playground.embedding import load_encoder
from playground.errors import ReadError
from playground.pictures.clip import LONGEST, PictureModel
from playground.pictures.listing import Picture, caption_of, on_white, pictures_in
from playground.pictures.vectors import PictureVectors
from playground.reading import read_bytes
from playground.retrieval import retrieve
from playground.workspace import Workspace

if TYPE_CHECKING:
    import numpy as np

LIMIT = 12
CHUNKS = 100  # a picture with much text in it has several, and counts by its best

WITH_A_MODEL = "with a CLIP model it would also be found by what it shows"


@dataclass(frozen=True)
class FoundPicture:
    """A picture with its score (higher is better, comparable within one result only)."""

    picture: Picture
    score: float


@dataclass(frozen=True)
class PictureSearch:
    """Pictures, best first, and the sentences that say how they were found, or why nothing was."""

    found: tuple[FoundPicture, ...]
    how: str


def search_by_text(
    workspace: Workspace, text: str, config: PipelineConfig, model: PictureModel | None, limit: int = LIMIT
) -> PictureSearch:
    """The pictures that fit a text, of those that `config.retrieval.reader` may see.

    With a `model` by the cosine similarity of text and picture, else by captions and recognised text in the
    index of `config`, by words and by meaning as the default does, whatever `config` leaves out of that.
    """
    if model:
        return _by_vector(workspace, model, model.encode_texts([text]), config, limit)
    how = f"By caption and by the text in the picture; {WITH_A_MODEL}."
    return _by_words(workspace, text, config, limit, how)


def search_by_photo(
    workspace: Workspace,
    name: str,
    photo: bytes,
    config: PipelineConfig,
    model: PictureModel | None,
    limit: int = LIMIT,
) -> PictureSearch:
    """The pictures that are like a photo (a file called `name`, which the library does not keep).

    With a `model` by the cosine similarity of the two, else by the photo's caption and the text recognised in
    it, as `search_by_text` would. Raises ReadError, in one line, where the photo cannot be read.
    """
    if model:
        return _by_vector(workspace, model, model.encode_pictures([on_white(photo, LONGEST)]), config, limit)
    read = read_bytes(photo, name)
    if read.document is None:
        raise ReadError(read.reason)
    note = f" {read.note[:1].upper()}{read.note[1:]}." if read.note else ""
    words = caption_of(read.document)
    if not words:
        how = "The photo carries no caption and no text that could be read, so there is nothing to search by"
        return PictureSearch((), f"{how}; {WITH_A_MODEL}.{note}")
    how = f"By the photo's caption and the text in it, compared with those of each picture; {WITH_A_MODEL}."
    return _by_words(workspace, words, config, limit, how + note)


def _by_vector(
    workspace: Workspace, model: PictureModel, query: "np.ndarray", config: PipelineConfig, limit: int
) -> PictureSearch:
    pictures = pictures_in(workspace.library, config.retrieval.reader)
    known = PictureVectors(workspace.home)
    seen, vectors = known.get(model.id, pictures)
    scores = vectors @ query[0] if seen else []
    found = sorted(map(FoundPicture, seen, map(float, scores)), key=lambda each: -each.score)
    how = f"By what the pictures show, with {model.id}: cosine similarity, 1 is the same."
    return PictureSearch(
        tuple(found[:limit]), how + _left_out(len(known.missing(model.id, pictures)), "looked at")
    )


def _by_words(workspace: Workspace, text: str, config: PipelineConfig, limit: int, how: str) -> PictureSearch:
    pictures = {each.document_id: each for each in pictures_in(workspace.library, config.retrieval.reader)}
    status = workspace.status(config)
    lacking = len(pictures.keys() & status.missing)
    how += _left_out(lacking, "indexed")
    if lacking == len(pictures):
        return PictureSearch((), how)
    hits = retrieve(
        text,
        lambda question: load_encoder(config.encoder).encode([question], query=True)[0],
        workspace.index(config),
        DEFAULT.retrieval,
        CHUNKS,
        {},
        readable=pictures.keys(),
    )
    best: dict[str, float] = {}
    for hit in hits:
        best.setdefault(hit.chunk.document_id, hit.final.score)
    found = [FoundPicture(pictures[each], score) for each, score in best.items()]
    return PictureSearch(tuple(found[:limit]), how)


def _left_out(count: int, what: str) -> str:
    if not count:
        return ""
    return f" {count} picture{'s are' if count > 1 else ' is'} not {what} yet, and cannot be found."
