"""Every way in which a server can fail the endpoint engine has its own line."""

import traceback
from collections.abc import Iterator
from time import monotonic

import pytest

from playground import credentials, servers
from playground.engines import endpoint
from playground.errors import ServerError
from tests.endpoints import HITS, KEY, QUESTION, engine
from tests.servers import (
    BrokenOff,
    ChatServer,
    LoopbackServer,
    Raw,
    Refusal,
    Silence,
    no_servers_in_the_environment,
    running,
)


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    no_servers_in_the_environment(monkeypatch)
    endpoint._refused_options.cache_clear()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running(ChatServer(KEY)) as server:
        yield server


def failure(server: LoopbackServer, **settings: object) -> str:
    """What is said when a question cannot be answered; always one line, and never with the key in it."""
    with pytest.raises(ServerError) as caught:
        engine(server, **settings).answer(QUESTION, HITS)
    message = str(caught.value)
    everything = (
        "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(vars(caught.value))
    )
    assert KEY not in everything
    assert "\n" not in message
    assert server.address in message
    return message.replace(server.address, "SERVER")


def test_a_question_that_does_not_fit_by_itself_is_a_failure(server: ChatServer) -> None:
    server.longest = 20
    assert failure(server).startswith("SERVER refuses the request (400): This model's maximum context length")
    assert len(server.chats) == len(HITS) + 1


def test_a_server_that_is_not_there_cannot_be_reached(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "RETRIES", 0)
    server.stop()
    assert failure(server) == "SERVER cannot be reached; start the server, or check the address"


@pytest.mark.parametrize(
    ("pieces", "said"), [(0, "did not answer within 0.2 s"), (3, "broke off after 3 tokens")]
)
def test_silence_ends_the_wait(
    server: ChatServer, monkeypatch: pytest.MonkeyPatch, pieces: int, said: str
) -> None:
    monkeypatch.setattr(servers, "RETRIES", 0)
    monkeypatch.setattr(servers, "SILENCE_SECONDS", 0.2)
    server.then(Silence(pieces))
    assert said in failure(server)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_is_said_without_the_key(server: ChatServer, status: int) -> None:
    server.then(Refusal(status, {"error": {"message": f"Incorrect API key provided: {KEY}"}}))
    assert failure(server) == (
        f"SERVER refuses the key ({status}): Incorrect API key provided: [key]; "
        "give the right one for this server"
    )


def test_a_key_at_the_end_of_a_long_message_is_not_cut_in_half(server: ChatServer) -> None:
    for length in range(285, 300):
        server.then(Refusal(400, {"error": {"message": "x" * length + KEY}}))
        assert KEY[:4] not in failure(server)


def test_a_missing_key_is_asked_for(server: ChatServer) -> None:
    credentials.forget(server.address)
    assert failure(server) == "SERVER wants a key (401); give one for this server"


def test_a_rate_limit_that_passes_is_waited_for(server: ChatServer) -> None:
    server.then(Refusal(429), Refusal(429))
    assert engine(server).answer(QUESTION, []).text == "Within 14 days."
    assert len(server.chats) == 3


def test_a_rate_limit_that_stays_is_said(server: ChatServer) -> None:
    server.then(*[Refusal(429, {"error": {"message": "Rate limit reached"}})] * 3)
    assert failure(server) == (
        "SERVER was asked more often than its rate limit allows: Rate limit reached; try again later"
    )


def test_a_long_pause_is_told_instead_of_waited_for(server: ChatServer) -> None:
    server.then(Refusal(429, headers={"retry-after": "40"}))
    begin = monotonic()
    assert failure(server).endswith("try again in 40 s")
    assert (len(server.chats), monotonic() - begin < 5) == (1, True)


def test_a_model_that_is_not_there_comes_with_those_that_are(server: ChatServer) -> None:
    server.models = [f"m{number}" for number in range(1, 8)]
    assert failure(server) == "SERVER has no model base; it has m1, m2, m3, m4, m5 and 2 more"


def test_a_path_that_is_not_there_is_not_taken_for_a_model() -> None:
    with running(LoopbackServer()) as other:
        assert "has nothing at that path (404)" in failure(other)


def test_a_bad_request_is_said_in_the_servers_words(server: ChatServer) -> None:
    server.then(Refusal(422, {"detail": [{"loc": ["body", "seed"], "msg": "too\nlarge"}]}))
    assert failure(server) == "SERVER refuses the request (422): body.seed too large"


def test_a_failing_server_is_tried_three_times(server: ChatServer) -> None:
    server.then(*[Refusal(500, "<html><body>oops</body></html>")] * 3)
    assert failure(server) == "SERVER failed (500); try again, or look into its log"
    assert len(server.chats) == 3


def test_a_failing_server_may_lack_the_model(server: ChatServer) -> None:
    server.then(*[Refusal(500, "Internal Server Error")] * 3)
    assert "it lists no model other (it has base, tuned)" in failure(server, model="other")


@pytest.mark.parametrize("announced", [True, False])
def test_an_answer_that_breaks_off_says_how_much_had_come(server: ChatServer, announced: bool) -> None:
    server.then(BrokenOff(3, announced))
    said = failure(server)
    assert said == "SERVER broke off after 3 tokens of the answer: the connection was lost; ask again"


def test_an_error_inside_the_stream_is_said(server: ChatServer) -> None:
    event = f'data: {{"error": {{"message": "out of memory, {KEY}"}}}}\n\n'
    server.then(Raw(event.encode(), "text/event-stream"))
    assert failure(server) == "SERVER failed (500): out of memory, [key]; try again, or look into its log"


@pytest.mark.parametrize(
    "raw",
    [
        Raw(b"<html>Welcome</html>", "text/html"),
        Raw(b'{"answer": 42}'),
        Raw(b"data: {not JSON}\n\n", "text/event-stream"),
        Raw(b"data: 7\n\n", "text/event-stream"),
        Raw(b"", "text/event-stream"),
    ],
)
def test_an_answer_in_another_form_is_one_line(server: ChatServer, raw: Raw) -> None:
    server.then(raw)
    assert "SERVER" in failure(server)


def test_a_redirect_is_not_followed(server: ChatServer) -> None:
    with running(ChatServer()) as elsewhere:
        target = f"{elsewhere.address}/chat/completions"
        server.then(Refusal(307, "", {"location": target}))
        assert f"sends on to {target}, which is not followed" in failure(server)
        assert elsewhere.requests == []
