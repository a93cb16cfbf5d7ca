"""The other process: takes a file over its standard input, answers with its text or with the one reason.

It is started as `python -m playground.reading.worker` and serves file after file, so that imports are paid
once. It does not know about time: whoever started it kills it. Anything that a parser prints is thrown away,
because standard output carries the answers.
"""

import contextlib
import faulthandler
import importlib
import logging
import mmap
import os
import sys
import warnings
from dataclasses import asdict
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from playground.errors import ReadError
from playground.reading.draft import Draft
from playground.reading.formats import format_of
from playground.reading.frames import receive, receive_message, send_message
from playground.reading.limits import Limits, size_words

_READERS = {
    "pdf": ("pdf", "read_pdf"),
    "docx": ("office", "read_docx"),
    "pptx": ("office", "read_pptx"),
    "html": ("office", "read_html"),
    "epub": ("office", "read_epub"),
    "xlsx": ("sheets", "read_xlsx"),
    "csv": ("sheets", "read_csv"),
    "eml": ("mail", "read_eml"),
    "markdown": ("text", "read_markdown"),
    "text": ("text", "read_text"),
}
_PICTURES = ("png", "jpeg", "webp")
_GRACE = 10
"""Seconds beyond a file's limit after which the process ends itself, for the case that nobody is left to
kill it."""


def main() -> None:
    """Serve until standard input ends."""
    requests, replies = take_over_pipes()
    send_message(replies, {"ready": True})
    with Path(os.devnull).open("w") as nowhere:
        while (request := receive_message(requests)) is not None:
            data = receive(requests)
            if data is None:
                return
            limits = Limits(**request["limits"])
            faulthandler.dump_traceback_later(limits.seconds + _GRACE, exit=True, file=nowhere)
            reply = answer(data, request["name"], limits)
            reply["retire"] = _is_spent(limits)
            faulthandler.cancel_dump_traceback_later()
            send_message(replies, reply)
            if reply["retire"]:
                return


def answer(data: bytes, name: str, limits: Limits) -> dict[str, Any]:
    """The reply to one file: {"draft": {...}} or {"reason": "..."}."""
    kind = ""
    try:
        limit_memory(limits.memory_bytes)
        kind = format_of(data, name, limits)
        draft = _read(kind, data, name, limits)
        if not draft.text.strip():
            return {"reason": f"there is no text in it; {_what_then(kind)}"}
        return {"draft": asdict(draft)}
    except ReadError as error:
        return {"reason": str(error)}
    except MemoryError:
        allowed = size_words(limits.memory_bytes)
        return {"reason": f"it needs more memory than the {allowed} allowed; split it into smaller files"}
    except Exception as error:  # parsers raise anything at all on a damaged file
        return {"reason": damaged(kind or PurePosixPath(name).suffix.lstrip("."), error)}


def damaged(kind: str, error: BaseException) -> str:
    """The reason for a file that its own parser refuses."""
    detail = " ".join(f"{type(error).__name__}: {error}".split())[:120]
    return (
        f"it is damaged: it cannot be read as {kind.upper() or 'text'} ({detail}); "
        "open it in the program that made it and save it again"
    )


def _read(kind: str, data: bytes, name: str, limits: Limits) -> Draft:
    if kind in _PICTURES:  # the only ones whose name is part of their text
        from playground.reading.picture import read_picture

        return read_picture(data, name, limits)
    module, function = _READERS[kind]
    return getattr(importlib.import_module(f"playground.reading.{module}"), function)(data, limits)


def _what_then(kind: str) -> str:
    if kind in ("docx", "pptx", "html", "epub"):
        return "if it holds pictures of text, run OCR on them first"
    return "it would never be found"


def limit_memory(size: int) -> None:
    """Keep the address space under `size` bytes, where the platform has such a limit and keeps it."""
    try:
        import resource
    except ImportError:  # Windows
        return
    with contextlib.suppress(ValueError, OSError):  # macOS refuses it
        resource.setrlimit(resource.RLIMIT_AS, (size, resource.getrlimit(resource.RLIMIT_AS)[1]))


def _is_spent(limits: Limits) -> bool:
    """Whether half the allowed memory is still taken after a file: the next one deserves a fresh process."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:  # not Linux, so there is no limit either
        return False
    return pages * mmap.PAGESIZE > limits.memory_bytes // 2


def take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Standard input and output for the frames alone; whatever prints from now on prints into nothing."""
    replies = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    warnings.simplefilter("ignore")
    logging.disable()
    return sys.stdin.buffer, replies


if __name__ == "__main__":
    main()
