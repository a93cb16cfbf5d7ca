"""What the documentation of the servers' APIs allows in a request; see `tests.servers`."""

from collections.abc import Callable, Sequence
from typing import Any


def wrong_chat(body: Any) -> str:
    """What OpenAI's documentation does not allow in the body of a request for a chat completion."""
    checks: dict[str, Callable[[Any], bool]] = {
        "model": lambda value: isinstance(value, str) and value != "",
        "messages": lambda value: isinstance(value, list) and bool(value) and all(map(_is_message, value)),
        "stream": lambda value: value is True,
        "stream_options": lambda value: value == {"include_usage": True},
        "temperature": lambda value: type(value) in (int, float) and 0 <= value <= 2,
        "seed": lambda value: type(value) is int,
        "max_tokens": lambda value: type(value) is int and value > 0,
        "max_completion_tokens": lambda value: type(value) is int and value > 0,
    }
    return _wrong(body, checks, required=("model", "messages"))


def wrong_rerank(body: Any) -> str:
    """What Cohere's documentation does not allow in the body of a request for a reranking."""
    checks: dict[str, Callable[[Any], bool]] = {
        "model": lambda value: isinstance(value, str) and value != "",
        "query": lambda value: isinstance(value, str) and value.strip() != "",
        "documents": lambda value: (
            isinstance(value, list)
            and 0 < len(value) <= 1000
            and all(isinstance(each, str) for each in value)
        ),
        "top_n": lambda value: type(value) is int and value >= 1,
    }
    return _wrong(body, checks, required=("model", "query", "documents"))


def _wrong(body: Any, checks: dict[str, Callable[[Any], bool]], required: Sequence[str]) -> str:
    if not isinstance(body, dict):
        return "the body is not a JSON object"
    if missing := [name for name in required if name not in body]:
        return f"{missing[0]} is required"
    for name, value in body.items():
        if name not in checks:
            return f"Unrecognized request argument supplied: {name}"
        if not checks[name](value):
            return f"invalid value for {name}: {value!r}"
    return ""


def _is_message(message: Any) -> bool:
    return (
        isinstance(message, dict)
        and message.keys() == {"role", "content"}
        and message["role"] in ("system", "user", "assistant")
        and isinstance(message["content"], str)
    )
