"""A copy of the library to try things on: documents, index and embeddings, gone when the trial ends.

What is changed or deleted there stays in the person's own library as it was. This module does not know what
is tried.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playground.adapters.registry import AdapterLibrary
from playground.config import PipelineConfig
from playground.documents import Document
from playground.engines.loading import examples_file
from playground.index import IndexProgress
from playground.reading.read import document_id
from playground.workspace import Workspace

_NOBODY = "nobody"
"""Reads what nobody may read: without any reader a document would be everybody's."""


@contextmanager
def rehearsal(workspace: Workspace) -> Iterator[Workspace]:
    """A workspace with the same documents, not indexed yet. Embeddings come along, so that indexing them
    again takes the time of writing only."""
    with TemporaryDirectory(prefix="playground-rehearsal-") as folder:
        copy = Workspace(Path(folder))
        try:
            workspace.cache.copy_to(copy.cache)
            readers = workspace.library.readers()
            for name, document in workspace.documents().items():
                content, allowed = workspace.library.content(document.id), readers.get(document.id, ())
                hidden = document.id in readers and not allowed
                copy.add(replace(document, name=name), content, {_NOBODY} if hidden else allowed)
            yield copy
        finally:
            copy.drop()


def local(config: PipelineConfig, home: Path) -> PipelineConfig:
    """The same settings for a copy: what is named in the home is named by its path."""
    values = {}
    if config.adapter and config.engine.name != "endpoint":
        values["adapter"] = str(AdapterLibrary(home).find(config.adapter))
    if config.engine.examples:
        values["engine.examples"] = str(examples_file(config.engine.examples, home))
    return config.with_values(values)


def indexed(copy: Workspace, *configs: PipelineConfig) -> Generator[IndexProgress]:
    """Bring the indexes of these configurations up to date, those that need one."""
    for config in configs:
        if config.retrieves and not copy.status(config).complete:
            yield from copy.index_steps(config)


def edited(document: Document, start: int, end: int, text: str) -> Document:
    """A new version in which `text` stands in the place of the characters from `start` to `end`; pages and
    headings move along. Its id is that of the new text as a file."""
    whole = document.text[:start] + text + document.text[end:]
    shift = len(text) - (end - start)

    def moved(offset: int) -> int:
        return offset if offset <= start else max(offset + shift, start)

    return replace(
        document,
        id=document_id(document.name, whole.encode("utf-8", "surrogatepass")),
        text=whole,
        pages=tuple(replace(page, start=moved(page.start), end=moved(page.end)) for page in document.pages),
        headings=tuple(replace(each, start=moved(each.start)) for each in document.headings),
    )
