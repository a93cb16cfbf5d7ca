"""Read one file or many: each gives a document or one reason, in order, and none stops the others.

This module does not know formats (see `formats`) nor how a parser is kept in check (see `process`).
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from playground.documents import Document, Heading, Page
from playground.errors import ReadError
from playground.reading.limits import Limits, size_words
from playground.reading.process import Worker

DEFAULT = Limits()
Item = Path | tuple[str, bytes] | tuple[str, Path]
"""A file under its own name, or a name with the content or with the place of the content."""


@dataclass(frozen=True)
class ReadResult:
    """What became of one file: a document, or the one reason why there is none; `reason` is empty when ok.

    `note` says what was left out although the file was read, or is empty.
    """

    name: str
    ok: bool
    document: Document | None
    reason: str
    seconds: float
    note: str = ""


def read_file(path: Path, name: str | None = None, limits: Limits = DEFAULT) -> ReadResult:
    """Read a file under `name` (its own name unless told). Never raises for a bad file or a missing one."""
    return next(read_many([(name or path.name, path)], limits))


def read_bytes(data: bytes, name: str, limits: Limits = DEFAULT) -> ReadResult:
    """Read content that is in memory already. Never raises for bad content."""
    return next(read_many([(name, data)], limits))


def read_many(items: Iterable[Item], limits: Limits = DEFAULT) -> Iterator[ReadResult]:
    """Read file after file with one warm process, which is replaced when a file takes it down.

    Results come in the order of the items, each as soon as it is there; nothing is read ahead.
    """
    with Reader(limits) as reader:
        for item in items:
            name, content = (item.name, item) if isinstance(item, Path) else item
            yield reader.read(name, content)


class Reader:
    """A warm parsing process for callers that ask file by file. A context manager; one thread at a time."""

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._limits = limits
        self._worker = Worker()

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *_: object) -> None:
        self._worker.close()

    def read(self, name: str, content: bytes | Path) -> ReadResult:
        """Read one file. Never raises for a bad one; a process that it took down is replaced for the next."""
        start = time.perf_counter()
        try:
            data = _loaded(content, self._limits)
            draft = self._worker.read(data, name, self._limits)
        except ReadError as error:
            return ReadResult(name, False, None, str(error), time.perf_counter() - start)
        document = _document(name, data, draft)
        return ReadResult(name, True, document, "", time.perf_counter() - start, draft["note"])


def document_id(name: str, content: bytes) -> str:
    """The first 16 hexadecimal digits of the hash of name and content: the same file, the same id."""
    return hashlib.sha256(name.encode("utf-8", "surrogateescape") + b"\0" + content).hexdigest()[:16]


def _loaded(content: bytes | Path, limits: Limits) -> bytes:
    """The bytes of a file that is neither empty nor too large; too large is known before it is loaded."""
    try:
        size = content.stat().st_size if isinstance(content, Path) else len(content)
        if size > limits.file_bytes:
            raise ReadError(
                f"it is too large: {size_words(size)}, and the limit is {size_words(limits.file_bytes)}; "
                "split it into smaller files"
            )
        data = content.read_bytes() if isinstance(content, Path) else content
    except OSError as error:
        raise ReadError(f"it cannot be opened ({error.strerror}); check its path and permissions") from error
    if not data.strip(b" \t\r\n\0"):
        raise ReadError("the file is empty; add one with text in it")
    return data


def _document(name: str, data: bytes, draft: dict[str, Any]) -> Document:
    return Document(
        id=document_id(name, data),
        name=name,
        text=draft["text"],
        title=draft["title"] or PurePosixPath(name.replace("\\", "/")).stem,
        pages=tuple(Page(**page) for page in draft["pages"]),
        headings=tuple(Heading(**heading) for heading in draft["headings"]),
    )
