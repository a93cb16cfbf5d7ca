"""The client of OpenAI-compatible servers, the models that a server lists, and what the client's errors mean.

It does not know prompts or answers. Keys are put on the requests by `playground.servers.authorize`; no client
ever holds one.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from playground import credentials, servers
from playground.servers import Failure

if TYPE_CHECKING:
    from openai import OpenAI


def client(address: str, retries: int | None = None) -> "OpenAI":
    """A client for one server, whose connections are shared. Raises ConfigError for an address that nobody
    here has added, or whose key cannot be sent."""
    from openai import OpenAI, Timeout

    credentials.require_known(address)
    credentials.key_for(address)
    return OpenAI(
        api_key=servers.PLACEHOLDER,
        base_url=address,
        max_retries=servers.RETRIES if retries is None else retries,
        timeout=Timeout(servers.SILENCE_SECONDS, connect=servers.CONNECT_SECONDS),
        http_client=_connections(credentials.origin(address)),
    )


def list_models(address: str, retries: int | None = None) -> list[str]:
    """Names of the models that a server lists, in its order.

    Raises ServerError with the reason in one line, ConfigError as `client` does.
    """
    with failures(address):
        # As bytes: the client's own reading breaks on what is no list of models.
        models = documented_models(client(address, retries).get("/models", cast_to=bytes))
    if models is None:
        raise servers.undocumented(address, "a list of models")
    return [str(model["id"]) for model in models]


def documented_models(body: bytes) -> list[Mapping[str, Any]] | None:
    """The models in the body of an answer to /v1/models, None unless it has the documented form."""
    try:
        page = json.loads(body)
    except ValueError:
        return None
    if not isinstance(page, dict) or page.get("object") != "list":
        return None
    models = page.get("data") or []  # null is Ollama without a model
    named = isinstance(models, list) and all(
        isinstance(model, dict) and isinstance(model.get("id"), str) for model in models
    )
    return models if named else None


@contextmanager
def failures(address: str, model: str = "") -> Iterator[None]:
    """Turn the client's errors into a Failure of one line. With `model`, a server that does not know it is
    asked which models it has."""
    import httpx
    import openai

    try:
        yield
    # `from None`: the library's own errors hold the request, and words of the server as they came.
    except openai.APIStatusError as error:
        raise _refusal(address, model, error) from None
    except (openai.APIConnectionError, httpx.TransportError) as error:
        raise _lost(address, error) from None
    except openai.APIError as error:  # an error in the middle of a stream has no status
        body = error.body if error.body is not None else error.message
        raise servers.refusal(address, _status_in(body), body, {}) from None
    except (openai.OpenAIError, ValueError):  # what came was not JSON, or not in the form of the API
        raise servers.undocumented(address, "an OpenAI-compatible server's answer") from None


def _refusal(address: str, model: str, error: Any) -> Failure:
    headers = {name.lower(): value for name, value in error.response.headers.items()}
    models = None
    # `transformers serve` fails with 500 where it has no such model.
    if model and (error.status_code == 404 or error.status_code >= 500):
        models = _models_if_listed(address)
    return servers.refusal(address, error.status_code, error.body, headers, model, models)


def _models_if_listed(address: str) -> list[str] | None:
    try:
        return list_models(address, retries=1)  # a server that has just failed may hang up once
    except Failure:
        return None


def _lost(address: str, error: Exception) -> Failure:
    import openai

    names = {type(each).__name__ for each in (error, error.__cause__)}
    timed_out = isinstance(error, openai.APITimeoutError) or any(name.endswith("Timeout") for name in names)
    if timed_out and "ConnectTimeout" not in names:
        return servers.silent(address)
    return servers.unreachable(address)


def _status_in(body: Any) -> int:
    """The status that an error inside a stream names; 500 where it names none."""
    code = str(body.get("code")) if isinstance(body, dict) else ""
    return int(code) if code.isdecimal() and 400 <= int(code) < 600 else 500


@lru_cache(maxsize=8)
def _connections(server: str) -> Any:
    """Kept, because a handshake before every question would count as the model's time."""
    from openai import DefaultHttpxClient

    settings = servers.client_settings(server)
    settings["event_hooks"]["response"].append(_do_not_wait_long)
    return DefaultHttpxClient(**settings)


def _do_not_wait_long(response: Any) -> None:
    if servers.wants_long_pause(response.headers):
        response.headers["x-should-retry"] = "false"
