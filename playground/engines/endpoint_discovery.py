"""Finds OpenAI-compatible servers that run on this machine.

Only this machine is asked, on the ports where such servers listen unless told otherwise, and the one server
that PLAYGROUND_ENDPOINT_URL names. A web server of another kind may listen there: only a list of models in
the documented form counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Lock, Thread
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playground import credentials
from playground.engines.endpoint_client import documented_models, list_models
from playground.errors import ConfigError

__all__ = ["Server", "discover", "list_models"]

SECONDS = 0.5
"""How long all of it takes at most."""
PORTS = {11434: "Ollama", 8000: "vLLM", 8080: "llama.cpp", 1234: "LM Studio"}
# Ports 8000 and 8080 belong to many; these servers say in their list who they are.
_OWNERS = {"vllm": "vLLM", "llamacpp": "llama.cpp", "library": "Ollama", "organization_owner": "LM Studio"}
_SHARED_PORTS = (8000, 8080)
_OTHER = "OpenAI-compatible server"
_LONGEST_LIST = 4_000_000


@dataclass(frozen=True)
class Server:
    """A server that answers. `address` ends in /v1; `models` are the names that it lists."""

    kind: str
    address: str
    models: tuple[str, ...]


def discover(ports: Mapping[int, str] = PORTS) -> list[Server]:
    """The servers that answer within SECONDS: that of PLAYGROUND_ENDPOINT_URL, then those on `ports` (port ->
    the kind to expect there). Never raises: what does not answer is not there."""
    addresses = {f"http://127.0.0.1:{port}/v1": port for port in ports}
    if named := credentials.endpoint_address():
        addresses = {named: addresses.pop(named, 0), **addresses}
    deadline = monotonic() + SECONDS
    found: dict[str, list[Mapping[str, Any]]] = {}
    lock = Lock()

    def ask(address: str) -> None:
        models = _models(address, deadline)
        with lock:
            if models is not None:
                found[address] = models

    # Threads of an executor would be waited for when the program ends.
    threads = [Thread(target=ask, args=(address,), daemon=True) for address in addresses]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    with lock:
        answered = dict(found)
    return [
        Server(
            _kind(port, ports, answered[address]), address, tuple(each["id"] for each in answered[address])
        )
        for address, port in addresses.items()
        if address in answered
    ]


def _kind(port: int, ports: Mapping[int, str], models: Sequence[Mapping[str, Any]]) -> str:
    owners = {str(model.get("owned_by", "")).lower() for model in models}
    named = next((kind for owner, kind in _OWNERS.items() if owner in owners), "")
    if named or port not in ports:
        return named or _OTHER
    return _OTHER if port in _SHARED_PORTS else ports[port]


def _models(address: str, deadline: float) -> list[Mapping[str, Any]] | None:
    """The models that a server lists, None where it does not answer as documented."""
    try:
        return documented_models(_get(f"{address}/models", deadline))
    except (OSError, HTTPException, ConfigError):
        return None


def _get(url: str, deadline: float) -> bytes:
    """The body of a page. Redirects are not followed, and no proxy is asked."""
    credentials.origin(url)  # raises for what is no address
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    headers = {"Accept": "application/json"}
    if key := credentials.key_for(url):
        headers["Authorization"] = f"Bearer {key}"
    connection = kind(str(parts.hostname), parts.port, timeout=_left(deadline))
    try:
        connection.request("GET", parts.path, headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            raise OSError(f"status {response.status}")
        body = b""
        while piece := response.read1(65536):
            body += piece
            if monotonic() > deadline or len(body) > _LONGEST_LIST:
                raise OSError("too much, or too late")
        return body
    finally:
        connection.close()


def _left(deadline: float) -> float:
    return max(0.001, deadline - monotonic())
