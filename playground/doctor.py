"""What is installed, which engines can run, what is missing and how to get it. It changes nothing."""

import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from playground import settings
from playground.config import EncoderConfig
from playground.embedding import best_device, load_encoder
from playground.errors import PlaygroundError
from playground.index.dense import chroma_client

_PACKAGES = ("streamlit", "torch", "transformers", "sentence-transformers", "chromadb", "tantivy")


@dataclass(frozen=True)
class Finding:
    """One line: whether it works, and what to know or do."""

    name: str
    ok: bool
    text: str


def examine() -> Iterator[Finding]:
    """Findings one by one; the first ones come at once, the last ones load the encoder."""
    yield Finding("Python", True, f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    for package in _PACKAGES:
        yield _package(package)
    yield _home()
    yield _dense_search()
    yield _encoder()
    yield Finding("extractive engine", True, "built in: quotes from the documents, needs nothing else")
    yield _hub()


def _package(name: str) -> Finding:
    try:
        return Finding(name, True, importlib.metadata.version(name))
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, f"missing; pip install {name}")


def _home() -> Finding:
    home = settings.home()
    existing = next(each for each in (home, *home.parents) if each.exists())
    if existing.is_dir() and os.access(existing, os.W_OK):
        return Finding("data home", True, str(home))
    return Finding("data home", False, f"{home} cannot be written; set PLAYGROUND_HOME to a folder that can")


def _dense_search() -> Finding:
    url = settings.chroma_url()
    if not url:
        return Finding("Chroma", True, "embedded; set PLAYGROUND_CHROMA_URL to use a server")
    try:
        chroma_client(settings.home())
    except (PlaygroundError, ImportError) as error:
        return Finding("Chroma", False, str(error))
    return Finding("Chroma", True, f"server at {url}")


def _encoder() -> Finding:
    try:
        encoder = load_encoder(EncoderConfig())
        encoder.encode(["Does it work?"])
    except (PlaygroundError, ImportError) as error:
        return Finding("built-in encoder", False, str(error))
    device, precision = best_device()
    return Finding("built-in encoder", True, f"{encoder.id} on {device} in {str(precision).split('.')[-1]}")


def _hub() -> Finding:
    offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    text = "switched off by HF_HUB_OFFLINE" if offline else "only asked for models that you name"
    return Finding("model hub", True, text)
