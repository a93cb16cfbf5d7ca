"""What everything that asks a server over HTTP has in common: how long it waits, where its key is put on a
request, and its failures in one line each.

This module knows neither what is asked nor which library asks. Keys come from `playground.credentials`.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from playground import credentials
from playground.errors import ServerError

CONNECT_SECONDS = 5.0
SILENCE_SECONDS = 60.0
"""How long nothing may come, before the answer or between two pieces of it."""
RETRIES = 2
PATIENCE_SECONDS = 10.0
"""A server that asks for a longer pause is not waited for: the person is told."""
PLACEHOLDER = "none"
"""What clients get for a key; the real one is put on the request itself, by `authorize`."""

_SENT_HEADERS = frozenset(
    "host accept accept-encoding connection content-type content-length transfer-encoding user-agent".split()
)
_VENDORS = (credentials.OPENAI_ADDRESS, credentials.COHERE_ADDRESS)
_LONGEST_WORDS = 300
_LISTED_MODELS = 5


class Failure(ServerError):
    """A request that failed. `status` is the HTTP status, 0 without one; `reason` is the short half of the
    message; `words` are what the server said, without its key."""

    def __init__(self, message: str, status: int = 0, reason: str = "", words: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason or message
        self.words = words


def client_settings(address: str) -> dict[str, Any]:
    """Settings of an HTTP client (httpx, or its successor httpx2) for one server."""
    return {
        "follow_redirects": False,  # else documents would be sent to a server that nobody has added
        "trust_env": not credentials.is_loopback(address),  # a proxy has no business on this machine
        "event_hooks": {"request": [authorize], "response": []},
    }


def authorize(request: Any) -> None:
    """Put the key of the server that `request` really goes to on it, and take off what else the client added.

    The environment may hold headers for one vendor (OPENAI_CUSTOM_HEADERS, OPENAI_ORG_ID) that the vendor's
    client sends to every server.
    """
    address = str(request.url)
    if credentials.origin(address) not in map(credentials.origin, _VENDORS):
        for name in set(request.headers) - _SENT_HEADERS:
            del request.headers[name]
    request.headers.pop("authorization", None)
    if key := credentials.key_for(address):
        request.headers["authorization"] = f"Bearer {key}"


def wants_long_pause(headers: Mapping[str, str]) -> bool:
    """Whether a refusal asks for a longer pause than anybody waits for here."""
    seconds = retry_after(headers)
    return seconds is not None and seconds > PATIENCE_SECONDS


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The pause in seconds that a refusal asks for, None where it says none or a date."""
    try:
        return max(0.0, float(headers.get("retry-after", "")))
    except ValueError:
        return None


def unreachable(address: str) -> Failure:
    return Failure(
        f"{address} cannot be reached; start the server, or check the address",
        reason="the connection was lost",
    )


def silent(address: str) -> Failure:
    return Failure(
        f"{address} did not answer within {SILENCE_SECONDS:g} s; it may be loading the model: try again",
        reason=f"nothing came for {SILENCE_SECONDS:g} s",
    )


def undocumented(address: str, expected: str) -> Failure:
    """The server answered, but not as its API's documentation has it."""
    return Failure(
        f"{address} answered with something else than {expected}; check the address and what runs there",
        reason="what came could not be read",
    )


def broke_off(address: str, tokens: int, reason: str) -> Failure:
    """The server ended an answer half-way."""
    came = "1 token" if tokens == 1 else f"{tokens} tokens"
    return Failure(f"{address} broke off after {came} of the answer: {reason}; ask again", reason=reason)


def refusal(
    address: str,
    status: int,
    body: Any,
    headers: Mapping[str, str],
    model: str = "",
    models: Sequence[str] | None = None,
) -> Failure:
    """A status that is not 200, said in one line. `headers` have lower-case names.

    `models` are those that the server lists, None where it lists none or was not asked.
    """
    words = _shortened(credentials.without_key(words_of(body), address))
    if models is not None:
        models = [_shortened(credentials.without_key(_one_line(name), address)) for name in models]
    said = f": {words}" if words else ""
    if status in (401, 403, 498):
        has_key = bool(credentials.key_for(address))
        message = (
            f"{address} refuses the key ({status}){said}; give the right one for this server"
            if has_key
            else f"{address} wants a key ({status}); give one for this server"
        )
    elif status == 429:
        pause = retry_after(headers)
        when = f"in {pause:.0f} s" if pause else "later"
        message = f"{address} was asked more often than its rate limit allows{said}; try again {when}"
    elif 300 <= status < 400:
        target = _one_line(headers.get("location", "another address"))
        target = _shortened(credentials.without_key(target, address))
        message = f"{address} sends on to {target}, which is not followed; give that address if you trust it"
    elif status == 404:
        message = f"{address} {_not_found(model, models)}"
    elif status >= 500:
        message = (
            f"{address} failed ({status}){said}{_unlisted(model, models)}; try again, or look into its log"
        )
    else:
        message = f"{address} refuses the request ({status}){said}"
    return Failure(message, status, words or f"status {status}", words)


def words_of(body: Any) -> str:
    """What a server says in the body of a refusal, in one line: {"error": {"message": ...}}, {"error": ...},
    {"message": ...}, {"detail": ...} with a text or a list of such, or plain text."""
    if isinstance(body, Mapping):
        for name in ("error", "message", "detail", "msg"):
            if body.get(name):
                place = ".".join(map(str, body["loc"])) if isinstance(body.get("loc"), list) else ""
                return _one_line(f"{place} {words_of(body[name])}")
        return ""
    if isinstance(body, list | tuple):
        return _one_line("; ".join(words_of(part) for part in body))
    if isinstance(body, bytes):
        body = body.decode("utf-8", "replace")
    if not isinstance(body, str) or re.match(r"\s*<(!doctype|html)", body, re.IGNORECASE):
        return ""
    return _one_line(body)


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _shortened(text: str) -> str:
    """Comes after the key was taken out: half a key would not be found."""
    return text if len(text) <= _LONGEST_WORDS else text[: _LONGEST_WORDS - 1] + "…"


def _not_found(model: str, models: Sequence[str] | None) -> str:
    if not model or models is None or model in models:
        return "has nothing at that path (404); check the address, which mostly ends in /v1"
    return f"has no model {model}; {_listing(models)}"


def _unlisted(model: str, models: Sequence[str] | None) -> str:
    if not model or models is None or model in models:
        return ""
    return f"; it lists no model {model} ({_listing(models)})"


def _listing(models: Sequence[str]) -> str:
    more = len(models) - _LISTED_MODELS
    names = ", ".join(models[:_LISTED_MODELS]) or "none"
    return f"it has {names}" + (f" and {more} more" if more > 0 else "")
