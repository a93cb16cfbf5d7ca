"""Answers from an OpenAI-compatible server: Ollama, vLLM, llama.cpp, `transformers serve`, a vendor.

A tuned model is another model name on the same server. This module knows the conversation, not the prompt's
wording (`playground.engines.prompts`), and no keys (`playground.servers` puts them on the requests).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any

from playground import credentials, servers
from playground.config import EngineConfig, PromptConfig
from playground.engines.endpoint_client import client, failures
from playground.engines.engine import Answer, Message
from playground.engines.prompts import build_prompt, is_refusal, parse_citations
from playground.retrieval import Hit
from playground.servers import Failure

# How OpenAI, vLLM (both its wordings, and the one where no token is left for the answer), llama.cpp, Mistral,
# Cohere, Google and Anthropic say that a prompt is too long.
_TOO_LONG = re.compile(
    r"context[ _-]?(length|size|window)|maximum context|max_tokens must be at least 1, got -|too many tokens"
    r"|prompt is too long|input token count|exceeds? the model's maximum",
    re.IGNORECASE,
)
_REFUSES_OPTION = re.compile(
    r"unsupported|not support|unrecogni[sz]ed|unknown|extra|not permitted|not allowed|unexpected",
    re.IGNORECASE,
)
_KNOBS = {"temperature": "engine.temperature", "seed": "engine.seed"}


class EndpointEngine:
    """Asks one server, streaming. `adapter` names the tuned model there, asked instead of `engine.model`."""

    name = "endpoint"

    def __init__(self, engine: EngineConfig, prompt: PromptConfig, adapter: str = "") -> None:
        """Raises ConfigError for a server that nobody here has added."""
        self._client = client(engine.address)  # here, because loading the library is no part of an answer
        self._engine = engine
        self._prompt = prompt
        self._adapter = adapter
        self._model = adapter or engine.model

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        """See `Engine.answer`. Passages that the server finds too long are left out from the end.

        Raises ServerError with the reason in one line, ConfigError as the constructor does. What `on_text`
        raises ends the request and is passed on.
        """
        credentials.require_known(self._engine.address)  # it may have been forgotten meanwhile
        begin = perf_counter()
        kept = list(passages)
        refused = _refused_options(self._engine.address, self._model)
        while True:
            messages = build_prompt(question, kept, self._prompt)
            asked = perf_counter()
            try:
                reply = self._ask(messages, refused, on_text)
                break
            except Failure as failure:
                if kept and _too_long(failure):
                    kept.pop()
                elif option := self._refused_option(failure, refused):
                    refused.add(option)
                else:
                    raise
        return self._answer(messages, reply, kept, len(passages), (asked - begin) * 1000)

    def _ask(
        self, messages: Sequence[Message], refused: set[str], on_text: Callable[[str], None] | None
    ) -> "_Reply":
        reply = _Reply(begin=perf_counter())
        with failures(self._engine.address, self._model):
            stream: Any = self._client.chat.completions.create(
                model=self._model,
                messages=[{"role": each.role, "content": each.content} for each in messages],  # type: ignore[misc]
                stream=True,
                **self._options(refused),
            )
        with stream:
            for chunk in self._chunks(stream):
                if reply.add(chunk) and on_text:
                    on_text(reply.text)
        reply.end = perf_counter()
        if not reply.finish:
            raise self._unfinished(reply)
        return reply

    def _chunks(self, stream: Any) -> Iterator[Any]:
        """The chunks; an error of the stream says how much of the answer had come before it."""
        pieces = 0
        try:
            with failures(self._engine.address, self._model):
                for chunk in stream:
                    pieces += bool(_piece(chunk))
                    yield chunk
        except Failure as failure:
            if not pieces:
                raise
            raise servers.broke_off(self._engine.address, pieces, failure.reason) from None

    def _unfinished(self, reply: "_Reply") -> Failure:
        """The connection ended as if all were said, but no finish reason had come."""
        if reply.chunks:
            return servers.broke_off(self._engine.address, reply.pieces, "the connection was lost")
        return servers.undocumented(self._engine.address, "an OpenAI-compatible server's answer")

    def _options(self, refused: set[str]) -> dict[str, Any]:
        options: dict[str, Any] = {
            "temperature": self._engine.temperature,
            "seed": self._engine.seed,
            "max_tokens": self._engine.max_tokens,
            "stream_options": {"include_usage": True},
        }
        if "max_tokens" in refused:  # newer models of OpenAI have another name for it
            options["max_completion_tokens"] = options["max_tokens"]
        return {name: value for name, value in options.items() if name not in refused}

    def _refused_option(self, failure: Failure, refused: set[str]) -> str:
        """The option that the server says it does not take, "" where it says something else."""
        if failure.status not in (400, 422) or not _REFUSES_OPTION.search(failure.words):
            return ""
        named = (name for name in self._options(refused) if re.search(rf"\b{name}\b", failure.words))
        return next((name for name in named if name != "max_completion_tokens"), "")

    def _answer(
        self, messages: Sequence[Message], reply: "_Reply", kept: Sequence[Hit], found: int, prompt_ms: float
    ) -> Answer:
        cited = parse_citations(reply.text.strip(), kept)
        first = reply.first or reply.end
        return Answer(
            cited.text,
            cited.citations,
            abstained=is_refusal(cited.text),
            engine=self.name,
            model=reply.model or self._model,
            adapter=self._adapter,
            prompt=tuple(messages),
            prompt_tokens=_count(reply.usage, "prompt_tokens"),
            completion_tokens=_count(reply.usage, "completion_tokens"),
            notes=tuple(self._notes(reply, found - len(kept), found)),
            dropped_citations=cited.dropped,
            unsupported=cited.unsupported,
            timings={
                "prompt": prompt_ms,
                "first_token": (first - reply.begin) * 1000,
                "generation": (reply.end - first) * 1000,
            },
        )

    def _notes(self, reply: "_Reply", dropped: int, found: int) -> Iterator[str]:
        if dropped:
            yield f"{dropped} of {found} passages did not fit into the model's context, and were left out."
        for option in sorted(_refused_options(self._engine.address, self._model) & _KNOBS.keys()):
            yield f"The server does not take {_KNOBS[option]}; it used its own."
        if reply.finish == "length" and reply.text.strip():
            yield f"The answer was cut after {self._engine.max_tokens} tokens (engine.max_tokens)."
        elif not reply.text.strip() and reply.reasoned:
            yield "The model spent all its tokens on reasoning; raise engine.max_tokens."
        elif reply.finish == "content_filter":
            yield "The server's content filter ended the answer."
        if reply.usage is None:
            yield "The server does not say how many tokens it used."


@dataclass
class _Reply:
    """An answer while it comes. Times are readings of `perf_counter`, in seconds."""

    begin: float
    end: float = 0.0
    first: float = 0.0
    text: str = ""
    model: str = ""
    finish: str = ""
    usage: Any = None
    chunks: int = 0
    pieces: int = 0
    reasoned: bool = False

    def add(self, chunk: Any) -> bool:
        """Take in a chunk; whether it brought text."""
        self.chunks += 1
        piece, choice = _piece(chunk), _choice(chunk)
        if piece:
            self.first = self.first or perf_counter()
            self.text += piece
            self.pieces += 1
        delta = getattr(choice, "delta", None)
        self.reasoned = self.reasoned or any(
            getattr(delta, name, None) for name in ("reasoning", "reasoning_content")
        )
        self.model = str(getattr(chunk, "model", None) or self.model)
        self.finish = str(getattr(choice, "finish_reason", None) or self.finish)
        self.usage = getattr(chunk, "usage", None) or self.usage
        return bool(piece)


def _too_long(failure: Failure) -> bool:
    """Whether a server says that the prompt is too long; llama.cpp does so with 400 and with 500."""
    return failure.status in (400, 413, 422, 500) and bool(_TOO_LONG.search(failure.words))


def _choice(chunk: Any) -> Any:
    """The only choice of a chunk; the one with the usage has none."""
    choices = getattr(chunk, "choices", None)
    return choices[0] if isinstance(choices, list) and choices else None


def _piece(chunk: Any) -> str:
    content = getattr(getattr(_choice(chunk), "delta", None), "content", None)
    return content if isinstance(content, str) else ""


def _count(usage: Any, name: str) -> int:
    value = getattr(usage, name, None)
    return value if isinstance(value, int) else 0


@lru_cache(maxsize=64)
def _refused_options(address: str, model: str) -> set[str]:
    """What a server has refused to take for a model; kept, so that only the first question pays for it."""
    return set()
