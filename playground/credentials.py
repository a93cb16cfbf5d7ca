"""Keys of servers: in this process' memory or in the environment, each for one server only.

A key belongs to the scheme, host and port that it was given for, and is never sent to another. This module is
also the list of servers that somebody here has added: a setting that came with a shared link may name any
address, and a person's documents must not be sent there. It does not know what the servers are for.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from threading import Lock
from urllib.parse import urlsplit

from playground.errors import ConfigError

OPENAI_ADDRESS = "https://api.openai.com/v1"
COHERE_ADDRESS = "https://api.cohere.com"
HIDDEN = "[key]"

_DEFAULT_PORTS = {"http": 80, "https": 443}
_remembered: dict[str, str] = {}
_lock = Lock()


@dataclass(frozen=True)
class EnvironmentKey:
    """A key that the environment holds, and the one server that it is for ("" where none is named)."""

    variable: str
    address: str
    key: str = field(repr=False)


def origin(address: str) -> str:
    """Scheme, host and port of an address, written in one way. Raises ConfigError where it is no address."""
    remedy = "give one like http://localhost:8000/v1"
    # What parsers read differently could be one server here and another where the request is sent.
    if not re.fullmatch(r"[!-~]+", address) or re.search(r"[\\@]", address):
        raise ConfigError(f"a server's address has plain letters, no spaces, no \\ and no @; {remedy}")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"{address} is not an address; {remedy}") from error
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname:
        raise ConfigError(f"{address} is not an address; {remedy}")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"{parts.scheme}://{host}" + ("" if port in (None, _DEFAULT_PORTS[parts.scheme]) else f":{port}")


def remember(address: str, key: str) -> None:
    """Add a server, with its key or "" where it wants none, until this process ends.

    Raises ConfigError where the address is none, or where the key holds what no key can.
    """
    server, key = origin(address), key.strip()
    _require_sendable(key, f"the key for {server}")
    with _lock:
        _remembered[server] = key


def forget(address: str) -> None:
    """Remove a server that was added, and its key. What the environment names stays."""
    with _lock:
        _remembered.pop(origin(address), None)


def key_for(address: str) -> str:
    """The key of a server, or "" where there is none. One that was added comes before the environment's.

    Raises ConfigError where the address is none, or where the environment's key holds what no key can.
    """
    server = origin(address)
    with _lock:
        if _remembered.get(server):
            return _remembered[server]
    for each in environment_keys():
        if _same_server(each.address, server):
            _require_sendable(each.key, each.variable)
            return each.key
    return ""


def known(address: str) -> bool:
    """Whether documents may be sent there: this machine, a server that was added, or one that the environment
    names."""
    try:
        server = origin(address)
    except ConfigError:
        return False
    with _lock:
        if server in _remembered:
            return True
    named = [endpoint_address(), *(each.address for each in environment_keys())]
    return is_loopback(address) or any(_same_server(each, server) for each in named)


def require_known(address: str) -> None:
    """Raises ConfigError, with the remedy, for an address that is not `known`."""
    origin(address)  # raises for what is no address, without quoting it: there may be a password in it
    if not known(address):
        raise ConfigError(
            f"nothing is sent to {address}, because nobody here has added that server; add it together with "
            "its key, or name it in PLAYGROUND_ENDPOINT_URL"
        )


def is_loopback(address: str) -> bool:
    """Whether an address is on this machine."""
    host = urlsplit(origin(address)).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def endpoint_address() -> str:
    """The server that PLAYGROUND_ENDPOINT_URL names, or "". What stands behind the path could be a key."""
    return re.split(r"[?#]", os.environ.get("PLAYGROUND_ENDPOINT_URL", "").strip())[0].rstrip("/")


def environment_keys() -> Iterator[EnvironmentKey]:
    """The keys that the environment holds, each with the one server that it is for."""
    for variable, address in (
        ("PLAYGROUND_ENDPOINT_KEY", endpoint_address()),
        ("OPENAI_API_KEY", OPENAI_ADDRESS),
        ("CO_API_KEY", COHERE_ADDRESS),
        ("COHERE_API_KEY", COHERE_ADDRESS),
    ):
        if key := os.environ.get(variable, "").strip():
            yield EnvironmentKey(variable, address, key)


def without_key(text: str, address: str) -> str:
    """`text`, which came from a server or a library, with the server's key taken out."""
    key = key_for(address)
    return text.replace(key, HIDDEN) if key else text


def _same_server(address: str, server: str) -> bool:
    try:
        return origin(address) == server
    except ConfigError:  # the environment may name what is no address
        return False


def _require_sendable(key: str, what: str) -> None:
    """A header cannot carry other characters, and the libraries' errors would quote the whole key."""
    if not re.fullmatch(r"[!-~]*", key):
        raise ConfigError(f"{what} holds a space or a character that no key has; copy it once more")
