"""What is installed, which engines can run, what is missing and how to get it. It changes nothing."""

import importlib.metadata
import importlib.util
import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass

from playground import credentials, settings
from playground.config import EncoderConfig
from playground.embedding import best_device, load_encoder
from playground.engines.downloads import SUGGESTED, on_disk
from playground.engines.endpoint_discovery import Server, discover, list_models
from playground.errors import ConfigError, PlaygroundError
from playground.index.dense import chroma_client
from playground.pictures import clip
from playground.reading import recognition

_PACKAGES = (
    "streamlit",
    "torch",
    "transformers",
    "sentence-transformers",
    "chromadb",
    "tantivy",
    "peft",
    "trl",
    "openai",
    "cohere",
)
_SHOWN_MODELS = 3
_ENDPOINT = "endpoint engine"


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
    yield _local_model()
    yield _text_in_pictures()
    yield _clip()
    yield from _servers()
    yield from _keys()
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


def _local_model() -> Finding:
    name, model = "local_model engine", settings.local_model()
    if not model:
        text = f"no model chosen; set PLAYGROUND_MODEL, or choose one in the app ({SUGGESTED} is suggested)"
        return Finding(name, True, text)
    if on_disk(model):
        return Finding(name, True, f"{model} is on this machine")
    text = f"PLAYGROUND_MODEL={model} is not on this machine; fetch it in the app, or name a model folder"
    return Finding(name, False, text)


def _text_in_pictures() -> Finding:
    name = "text in pictures"
    if recognition.is_installed():
        return Finding(name, True, f"recognised by rapidocr {importlib.metadata.version('rapidocr')}")
    return Finding(name, False, f"not recognised; {recognition.HOW_TO_GET_IT}")


def _clip() -> Finding:
    name, model = "CLIP model", settings.clip_model()
    if not model:
        text = (
            "none chosen: pictures are found by caption and text; set PLAYGROUND_CLIP, or choose one on the "
            f"Documents page ({clip.SUGGESTED} is suggested)"
        )
        return Finding(name, True, text)
    if clip.is_on_machine(model):
        return Finding(name, True, f"{model} is on this machine")
    text = f"PLAYGROUND_CLIP={model} is not on this machine; fetch it in the app, or name a model folder"
    return Finding(name, False, text)


def _servers() -> Iterator[Finding]:
    """OpenAI-compatible servers that answer, and why the one that the environment names does not."""
    found = discover()
    for server in found:
        yield Finding(_ENDPOINT, True, _described(server))
    named = credentials.endpoint_address()
    if named and not any(server.address == named for server in found):
        yield _named_server(named)
    elif not found:
        text = "no server on this machine; start Ollama, vLLM, llama.cpp or LM Studio, or give an address"
        yield Finding(_ENDPOINT, True, text)


def _named_server(address: str) -> Finding:
    """It may only have been too slow for the look at all of them."""
    try:
        models = list_models(address, retries=0)
    except PlaygroundError as error:
        return Finding(_ENDPOINT, False, f"PLAYGROUND_ENDPOINT_URL: {error}")
    return Finding(_ENDPOINT, True, _described(Server("PLAYGROUND_ENDPOINT_URL", address, tuple(models))))


def _described(server: Server) -> str:
    names = ", ".join(server.models[:_SHOWN_MODELS])
    more = len(server.models) - _SHOWN_MODELS
    listed = f"with {names}" + (f" and {more} more" if more > 0 else "") if names else "without a model"
    return f"{server.kind} at {server.address} {listed}"


def _keys() -> Iterator[Finding]:
    """Which variables hold keys, and for which server; never a key."""
    keys = list(credentials.environment_keys())
    for each in keys:
        if not each.address:
            text = "a key is set, but for no server; set PLAYGROUND_ENDPOINT_URL to its address"
            yield Finding(each.variable, False, text)
            continue
        try:
            server = credentials.origin(each.address)
            credentials.key_for(each.address)
        except ConfigError as error:
            yield Finding(each.variable, False, str(error))
        else:
            yield Finding(each.variable, True, f"a key is set, sent to {server} alone")
    if not keys:
        yield Finding("keys", True, "none in the environment; only servers that want one need it")


def _hub() -> Finding:
    offline = os.environ.get("HF_HUB_OFFLINE", "") not in ("", "0")
    text = "switched off by HF_HUB_OFFLINE" if offline else "only asked for models that you name"
    return Finding("model hub", True, text)
