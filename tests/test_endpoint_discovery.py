import socket
from collections.abc import Iterator
from time import monotonic
from typing import Any

import pytest

from playground import credentials
from playground.engines.endpoint_discovery import PORTS, Server, discover, list_models
from playground.errors import ConfigError, ServerError
from tests.servers import (
    ChatServer,
    LoopbackServer,
    Raw,
    Refusal,
    Silence,
    free_port,
    no_servers_in_the_environment,
    running,
)

KEY = "sk-q8Zt-51aa"


class Pages(LoopbackServer):
    """A web server that gives everybody who asks for the list of models this instead."""

    def __init__(self, page: Any) -> None:
        super().__init__()
        self.page = page

    def answer(self, handler: Any, request: Any) -> None:
        self.play(handler, request, self.page)


class Trickle(LoopbackServer):
    """A server that sends a line of its headers ten times a second, and never comes to an end."""

    def answer(self, handler: Any, request: Any) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(30):
            handler.wfile.write(b"x-%d: y\r\n" % number)
            if self.stopped.wait(0.1):
                return


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    no_servers_in_the_environment(monkeypatch)


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running(ChatServer()) as server:
        yield server


@pytest.mark.parametrize(
    ("owner", "kind"),
    [
        ("vllm", "vLLM"),
        ("llamacpp", "llama.cpp"),
        ("library", "Ollama"),
        ("organization_owner", "LM Studio"),
        ("somebody", "Ollama"),
    ],
)
def test_a_server_is_found_with_its_kind_and_models(server: ChatServer, owner: str, kind: str) -> None:
    server.owner = owner
    assert discover({free_port(): "vLLM", server.port: "Ollama"}) == [
        Server(kind, server.address, ("base", "tuned"))
    ]


def test_the_ports_are_those_of_the_servers_by_default() -> None:
    assert PORTS == {11434: "Ollama", 8000: "vLLM", 8080: "llama.cpp", 1234: "LM Studio"}


def test_a_port_that_many_use_says_nothing_about_the_kind(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.owner = "tiny"
    monkeypatch.setattr("playground.engines.endpoint_discovery._SHARED_PORTS", (server.port,))
    [found] = discover({server.port: "vLLM"})
    assert found.kind == "OpenAI-compatible server"


@pytest.mark.parametrize(
    "page",
    [
        Raw(b"<!doctype html><title>Playground</title>", "text/html"),
        Raw(b"ok", "text/plain"),
        Raw(b"[]"),
        Raw(b'{"models": ["a"]}'),
        Raw(b'{"object": "list", "data": ["a"]}'),
        Raw(b'{"object": "list", "data": {"id": "a"}}'),
        Raw(b'{"object": "list", "data": [{"name": "a"}]}'),
        Raw(b"\xff\xfe"),
        Refusal(404),
        Refusal(401),
        Refusal(500),
        Refusal(302, "", {"location": "http://127.0.0.1:9/v1/models"}),
    ],
)
def test_another_web_server_is_not_taken_for_one(page: Raw | Refusal) -> None:
    with running(Pages(page)) as server:
        assert discover({server.port: "vLLM"}) == []
        assert len(server.requests) == 1
        with pytest.raises(ServerError) as caught:
            list_models(server.address)
        assert "\n" not in str(caught.value)


def test_a_server_without_a_model_is_found() -> None:
    with running(Pages(Raw(b'{"object": "list", "data": null}'))) as server:
        assert discover({server.port: "Ollama"}) == [Server("Ollama", server.address, ())]
        assert list_models(server.address) == []


def test_looking_takes_half_a_second_however_slow_the_servers_are(server: ChatServer) -> None:
    with (
        running(Pages(Silence())) as silent,
        running(Trickle()) as trickle,
        socket.create_server(("127.0.0.1", 0)) as deaf,
    ):
        ports = {silent.port: "vLLM", trickle.port: "", deaf.getsockname()[1]: "", server.port: "Ollama"}
        begin = monotonic()
        found = discover(ports)
        assert monotonic() - begin < 0.9
    assert [each.address for each in found] == [server.address]


def test_only_what_was_asked_for_is_asked(server: ChatServer) -> None:
    assert discover({}) == []
    assert server.requests == []


def test_the_server_of_the_environment_comes_first_and_gets_its_key(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(ChatServer(KEY)) as named:
        credentials.forget(named.address)
        monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", f"{named.address}/")
        monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
        found = discover({server.port: "Ollama", named.port: "vLLM"})
    assert [each.address for each in found] == [named.address, server.address]
    assert [request.authorization for request in named.requests] == [f"Bearer {KEY}"]
    assert [request.authorization for request in server.requests] == [""]


def test_a_broken_address_in_the_environment_hides_no_other_server(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", "models.example.org")
    assert len(discover({server.port: "Ollama"})) == 1


def test_models_are_listed_in_the_servers_order(server: ChatServer) -> None:
    server.models = ["z", "a"]
    assert list_models(server.address) == ["z", "a"]


def test_a_refused_key_is_said_when_models_are_listed() -> None:
    with running(ChatServer(KEY)) as server:
        credentials.remember(server.address, "sk-wrong-key")
        with pytest.raises(ServerError, match="refuses the key") as caught:
            list_models(server.address)
        assert "sk-wrong-key" not in str(caught.value)


def test_an_unknown_server_is_not_asked_for_its_models() -> None:
    with pytest.raises(ConfigError, match="nobody here has added"):
        list_models("http://models.example.org/v1")
