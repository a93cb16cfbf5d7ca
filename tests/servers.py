"""Servers on loopback that answer as the documented APIs do, and refuse whatever those would refuse.

Each remembers the requests that came. `then` scripts what happens to the next requests instead of an answer:
a `Refusal`, a `BrokenOff` answer, a `Silence`; afterwards requests are answered again.
"""

import json
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import pytest

from playground import credentials
from tests.documented_apis import wrong_chat, wrong_rerank

QUICKLY = {"retry-after-ms": "1"}
"""What a refusal says so that a client tries again at once."""


@dataclass(frozen=True)
class Request:
    """A request that came. `headers` have lower-case names."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@dataclass(frozen=True)
class Refusal:
    """A status with a body: a text as it is, everything else as JSON."""

    status: int
    body: Any = field(default_factory=lambda: {"error": {"message": "no"}})
    headers: dict[str, str] = field(default_factory=lambda: dict(QUICKLY))


@dataclass(frozen=True)
class Raw:
    """Bytes that are sent as the body of a 200, of this type."""

    body: bytes
    type: str = "application/json"


@dataclass(frozen=True)
class BrokenOff:
    """An answer whose connection ends after so many pieces of text; with `announced` it had said that more
    would come."""

    pieces: int
    announced: bool = True


@dataclass(frozen=True)
class Silence:
    """An answer of which nothing more comes after so many pieces, until the server stops."""

    pieces: int = 0


Script = Refusal | Raw | BrokenOff | Silence


class LoopbackServer:
    """A server at `address`, which wants `key` where there is one."""

    def __init__(self, key: str = "") -> None:
        self.key = key
        self.requests: list[Request] = []
        self.script: list[Script] = []
        self.stopped = Event()
        self.hung_up = Event()
        """Set when a client closed the connection before its answer had ended."""
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                server.handle(self)

            def do_POST(self) -> None:
                server.handle(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_address[1]
        self.origin = f"http://127.0.0.1:{self.port}"
        Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"{self.origin}/v1"

    def then(self, *script: Script) -> None:
        """What happens to the next requests that are not for the list of models."""
        self.script.extend(script)

    def stop(self) -> None:
        self.stopped.set()
        self._http.shutdown()
        self._http.server_close()

    def handle(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("content-length", 0))
        content = handler.rfile.read(length)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        request = Request(handler.command, handler.path, headers, json.loads(content) if content else None)
        self.requests.append(request)
        try:
            if self.key and request.authorization != f"Bearer {self.key}":
                send(handler, 401, {"error": {"message": f"wrong key: {request.authorization}"}})
            elif self.script and not request.path.endswith("/models"):
                self.play(handler, request, self.script.pop(0))
            else:
                self.answer(handler, request)
        except (BrokenPipeError, ConnectionResetError):
            self.hung_up.set()

    def play(self, handler: BaseHTTPRequestHandler, request: Request, script: Script) -> None:
        if isinstance(script, Refusal):
            send(handler, script.status, script.body, script.headers)
        elif isinstance(script, Raw):
            start(handler, 200, script.type, {"content-length": str(len(script.body))})
            handler.wfile.write(script.body)
        elif isinstance(script, Silence):
            self.stopped.wait(30)

    def answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        send(handler, 404, {"detail": "Not Found"})


class ChatServer(LoopbackServer):
    """OpenAI's chat completions and list of models. Answers in the pieces of `text`, and says its usage where
    the request asks for it."""

    def __init__(self, key: str = "", text: Sequence[str] = ("Within 14 ", "days [1].")) -> None:
        super().__init__(key)
        self.text = list(text)
        self.models = ["base", "tuned"]
        self.owner = "vllm"
        self.finish = "stop"
        self.longest = 0
        """Characters that a prompt may have; 0 is any number."""
        self.refused: dict[str, str] = {}
        """Fields that are not taken, each with what the server says about it."""
        self.says_usage = True
        self.until = Event()
        """An answer ends only once this is set."""
        self.until.set()

    @property
    def chats(self) -> list[Request]:
        return [request for request in self.requests if request.path == "/v1/chat/completions"]

    def play(self, handler: BaseHTTPRequestHandler, request: Request, script: Script) -> None:
        if isinstance(script, BrokenOff | Silence) and not wrong_chat(request.body):
            length = (
                {"content-length": "100000"} if not isinstance(script, BrokenOff) or script.announced else {}
            )
            start(handler, 200, "text/event-stream", length)
            for piece in (self.text * 50)[: script.pieces]:
                event(handler, self.chunk(request, {"content": piece}))
        super().play(handler, request, script)

    def answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if (request.method, request.path) == ("GET", "/v1/models"):
            data = [{"id": n, "object": "model", "created": 1, "owned_by": self.owner} for n in self.models]
            send(handler, 200, {"object": "list", "data": data})
        elif (request.method, request.path) == ("POST", "/v1/chat/completions"):
            self.chat(handler, request)
        else:
            super().answer(handler, request)

    def chat(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        body = request.body
        prompt = sum(len(message["content"]) for message in body["messages"])
        unwanted = next((said for name, said in self.refused.items() if name in body), "")
        if wrong := wrong_chat(body) or unwanted:
            send(handler, 400, {"error": {"message": wrong, "type": "invalid_request_error"}})
        elif body["model"] not in self.models:
            message = f"The model `{body['model']}` does not exist."
            send(handler, 404, {"error": {"message": message, "code": "model_not_found"}})
        elif self.longest and prompt > self.longest:
            message = f"This model's maximum context length is {self.longest}, you sent {prompt}."
            send(handler, 400, {"error": {"message": message, "code": "context_length_exceeded"}})
        else:
            self.stream(handler, request)

    def stream(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        start(handler, 200, "text/event-stream", {})
        event(handler, self.chunk(request, {"role": "assistant"}))
        for piece in self.text:
            event(handler, self.chunk(request, {"content": piece}))
        while not self.until.wait(0.02):
            event(handler, self.chunk(request, {"content": "and "}))
        event(handler, self.chunk(request, {}, finish=self.finish))
        if self.says_usage and request.body.get("stream_options", {}).get("include_usage"):
            usage = {"prompt_tokens": 7, "completion_tokens": len(self.text), "total_tokens": 9}
            event(handler, {**self.chunk(request, {}), "choices": [], "usage": usage})
        handler.wfile.write(b"data: [DONE]\n\n")

    def chunk(self, request: Request, delta: dict[str, str], finish: str | None = None) -> dict[str, Any]:
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion.chunk",
            "created": 1,
            "model": f"{request.body['model']}-2026",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}],
        }


class RerankApi(LoopbackServer):
    """Cohere's rerank. A document's score is the share of its words that are in the query."""

    def answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        if (request.method, request.path) != ("POST", "/v2/rerank"):
            return super().answer(handler, request)
        if wrong := wrong_rerank(request.body):
            return send(handler, 400, {"id": "1", "message": wrong})
        query = set(request.body["query"].split())
        results = []
        for index, document in enumerate(request.body["documents"]):
            words = document.split()
            score = sum(word in query for word in words) / max(len(words), 1)
            results.append({"index": index, "relevance_score": score})
        results.sort(key=lambda result: -result["relevance_score"])
        return send(handler, 200, {"id": "1", "results": results, "meta": {"api_version": {"version": "2"}}})


def start(handler: BaseHTTPRequestHandler, status: int, type: str, headers: dict[str, str]) -> None:
    handler.send_response(status)
    for name, value in {"content-type": type, **headers}.items():
        handler.send_header(name, value)
    handler.end_headers()


def send(
    handler: BaseHTTPRequestHandler, status: int, body: Any, headers: dict[str, str] | None = None
) -> None:
    text = body if isinstance(body, str) else json.dumps(body)
    type = "text/html" if text.startswith("<") else "application/json"
    start(handler, status, type, {"content-length": str(len(text.encode())), **(headers or {})})
    handler.wfile.write(text.encode())


def event(handler: BaseHTTPRequestHandler, data: Any) -> None:
    handler.wfile.write(f"data: {json.dumps(data)}\n\n".encode())
    handler.wfile.flush()


@contextmanager
def running(server: "LoopbackServer") -> Iterator[Any]:
    """The server, stopped afterwards; its key, if it wants one, is known for its address meanwhile."""
    if server.key:
        credentials.remember(server.origin, server.key)
    try:
        yield server
    finally:
        server.stop()
        credentials.forget(server.origin)


def no_servers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the keys and servers of the person who runs the tests."""
    for variable in (
        "PLAYGROUND_ENDPOINT_URL",
        "PLAYGROUND_ENDPOINT_KEY",
        "OPENAI_API_KEY",
        "CO_API_KEY",
        "COHERE_API_KEY",
    ):
        monkeypatch.delenv(variable, raising=False)


def free_port() -> int:
    """A port of loopback on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
