import logging
import traceback
from collections.abc import Iterator
from time import monotonic

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from playground import credentials, servers
from playground.chunking.chunk import Chunk
from playground.config import RerankingConfig
from playground.errors import ConfigError, ServerError
from playground.reranking import load_reranker, rerank
from playground.reranking.server import RerankServer
from playground.retrieval import Hit, StageScore
from tests.fakes import FakeEncoder
from tests.servers import (
    LoopbackServer,
    Raw,
    Refusal,
    RerankApi,
    Silence,
    no_servers_in_the_environment,
    running,
)

KEY = "co-q8Zt-51aa"
QUESTION = "return a laptop"
TEXTS = ["tea is green", "return a laptop", "a laptop is grey"]
SCORES = [0.0, 1.0, 0.5]


def hits(texts: list[str]) -> list[Hit]:
    return [
        Hit(Chunk(f"d{number}", 0, len(text), text, 3), f"{number}.md", fused=StageScore(1.0, number))
        for number, text in enumerate(texts, 1)
    ]


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    no_servers_in_the_environment(monkeypatch)


@pytest.fixture
def server() -> Iterator[RerankApi]:
    with running(RerankApi(KEY)) as server:
        yield server


def reranker(server: LoopbackServer, path: str = "") -> RerankServer:
    return RerankServer(RerankingConfig("server", "rerank-v3.5", address=server.origin + path))


def failure(server: LoopbackServer) -> str:
    """What is said when hits cannot be scored; always one line, and never with the key in it."""
    with pytest.raises(ServerError) as caught:
        reranker(server).score(QUESTION, hits(TEXTS))
    message = str(caught.value)
    everything = "".join(traceback.format_exception(caught.value)) + repr(vars(caught.value))
    assert KEY not in everything
    assert "\n" not in message
    return message.replace(server.origin, "SERVER")


def results(*scores: tuple[object, object]) -> Refusal:
    """An answer with these (index, score) pairs."""
    pairs = [{"index": index, "relevance_score": score} for index, score in scores]
    return Refusal(200, {"id": "1", "results": pairs})


def test_scores_come_back_in_the_order_of_the_hits(server: RerankApi) -> None:
    assert reranker(server).score(QUESTION, hits(TEXTS)) == pytest.approx([0.0, 1.0, 0.5])


def test_the_request_is_as_documented(server: RerankApi) -> None:
    reranker(server).score(QUESTION, hits(TEXTS))
    [request] = server.requests
    assert (request.method, request.path, request.authorization) == ("POST", "/v2/rerank", f"Bearer {KEY}")
    assert request.body == {"model": "rerank-v3.5", "query": QUESTION, "documents": TEXTS, "top_n": 3}


def test_a_configuration_loads_it_and_the_hits_are_put_in_order(server: RerankApi) -> None:
    config = RerankingConfig("server", "rerank-v3.5", address=server.origin)
    loaded = load_reranker(config, FakeEncoder())
    assert loaded is not None
    sorted_hits = rerank(QUESTION, hits(TEXTS), loaded, candidates=20)
    assert [hit.chunk.text for hit in sorted_hits] == [TEXTS[1], TEXTS[2], TEXTS[0]]
    assert sorted_hits[0].reranked == StageScore(1.0, 1)


@pytest.mark.parametrize("path", ["", "/", "/v1", "/v2", "/v2/"])
def test_the_address_may_name_the_version(server: RerankApi, path: str) -> None:
    assert len(reranker(server, path).score(QUESTION, hits(TEXTS))) == 3


def test_more_than_a_thousand_passages_are_asked_in_turns(server: RerankApi) -> None:
    scores = reranker(server).score(QUESTION, hits(["tea"] * 1000 + ["laptop"]))
    assert (len(scores), scores[-2:]) == (1001, [0.0, 1.0])
    assert [len(request.body["documents"]) for request in server.requests] == [1000, 1]


def test_a_server_without_a_key_gets_none() -> None:
    with running(RerankApi()) as server:
        assert len(reranker(server).score(QUESTION, hits(TEXTS))) == 3
        assert server.requests[0].authorization == ""


def test_coheres_key_goes_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", KEY)
    monkeypatch.setenv("CO_API_URL", "http://models.example.org")
    with running(RerankApi()) as server:
        reranker(server).score(QUESTION, hits(TEXTS))
        assert KEY not in repr(server.requests)


def test_without_an_address_it_is_coheres_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match=r"https://api\.cohere\.com"):
        RerankServer(RerankingConfig("server", "rerank-v3.5"))
    monkeypatch.setenv("COHERE_API_KEY", KEY)
    RerankServer(RerankingConfig("server", "rerank-v3.5"))


def test_an_unknown_server_gets_no_passages() -> None:
    address = "http://models.example.org"
    with pytest.raises(ConfigError, match="nobody here has added"):
        RerankServer(RerankingConfig("server", "rerank-v3.5", address=address))
    credentials.remember(address, "")
    known = RerankServer(RerankingConfig("server", "rerank-v3.5", address=address))
    credentials.forget(address)
    with pytest.raises(ConfigError, match="nobody here has added"):
        known.score(QUESTION, hits(TEXTS))


def test_a_refused_key_is_said_without_the_key(server: RerankApi) -> None:
    server.then(Refusal(401, {"message": f"invalid api token {KEY}"}))
    assert failure(server) == (
        "SERVER refuses the key (401): invalid api token [key]; give the right one for this server"
    )


def test_a_missing_key_is_asked_for(server: RerankApi) -> None:
    credentials.forget(server.origin)
    assert failure(server) == "SERVER wants a key (401); give one for this server"


def test_a_rate_limit_that_passes_is_waited_for(server: RerankApi) -> None:
    server.then(Refusal(429), Refusal(429))
    assert len(reranker(server).score(QUESTION, hits(TEXTS))) == 3
    assert len(server.requests) == 3


def test_a_rate_limit_that_stays_is_said(server: RerankApi) -> None:
    server.then(*[Refusal(429, {"message": "past the per minute request limit"})] * 3)
    assert failure(server) == (
        "SERVER was asked more often than its rate limit allows: past the per minute request limit; "
        "try again later"
    )


def test_a_long_pause_is_told_instead_of_waited_for(server: RerankApi) -> None:
    server.then(Refusal(429, {"message": "trial key"}, {"retry-after": "40"}))
    begin = monotonic()
    assert failure(server).endswith("trial key; try again in 40 s")
    assert (len(server.requests), monotonic() - begin < 5) == (1, True)


def test_a_bad_request_is_said_in_the_servers_words(server: RerankApi) -> None:
    server.then(Refusal(400, {"id": "1", "message": "invalid request: query must not be empty"}))
    assert failure(server) == ("SERVER refuses the request (400): invalid request: query must not be empty")


def test_a_server_without_the_path_is_said(server: RerankApi) -> None:
    server.then(Refusal(404, {"detail": "Not Found"}))
    assert "nothing at that path (404)" in failure(server)


def test_a_failing_server_is_tried_three_times(server: RerankApi) -> None:
    server.then(*[Refusal(503, "overloaded")] * 3)
    assert failure(server) == "SERVER failed (503): overloaded; try again, or look into its log"
    assert len(server.requests) == 3


def test_a_server_that_is_not_there_cannot_be_reached(
    server: RerankApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(servers, "RETRIES", 0)
    server.stop()
    assert failure(server) == "SERVER cannot be reached; start the server, or check the address"


def test_silence_ends_the_wait(server: RerankApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "SILENCE_SECONDS", 0.2)
    server.then(Silence())
    assert "did not answer within 0.2 s" in failure(server)


def test_a_redirect_is_not_followed(server: RerankApi) -> None:
    with running(RerankApi()) as elsewhere:
        server.then(Refusal(308, "", {"location": f"{elsewhere.origin}/v2/rerank"}))
        assert "which is not followed" in failure(server)
        assert elsewhere.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        results((0, 0.5), (1, 0.5)),
        results((0, 0.5), (1, 0.5), (3, 0.5)),
        results((0, 0.5), (1, 0.5), (-1, 0.5)),
        results((0, 0.5), (1, 0.5), (1, 0.5)),
        results((0, 0.5), (1, 0.5), (2, 0.5), (2, 0.7)),
        results((0, 0.5), (1, 0.5), ("two", 0.5)),
        results((0, 0.5), (1, 0.5), (2, None)),
        results((0, 0.5), (1, 0.5), (2, "high")),
        Refusal(200, '{"results": [{"index": 0, "relevance_score": NaN}]}'),
        Refusal(200, {"results": None}),
        Refusal(200, {"results": [1, 2, 3]}),
        Refusal(200, {"scores": [1, 2, 3]}),
        Refusal(200, [0.1, 0.2, 0.3]),
        Raw(b"<html>Welcome</html>", "text/html"),
        Raw(b""),
    ],
)
def test_an_answer_in_another_form_is_one_line(server: RerankApi, answer: Refusal | Raw) -> None:
    server.then(answer)
    assert failure(server).startswith("SERVER answered with something else than")


@settings(max_examples=20)
@given(st.permutations(range(5)), st.lists(st.floats(0, 1), min_size=5, max_size=5))
def test_any_order_of_the_answer_gives_the_same_scores(order: list[int], scores: list[float]) -> None:
    with running(RerankApi()) as server:
        server.then(results(*((index, scores[index]) for index in order)))
        assert reranker(server).score(QUESTION, hits(["text"] * 5)) == scores


def test_a_key_is_in_no_log(server: RerankApi, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    reranker(server).score(QUESTION, hits(TEXTS))
    assert caplog.records
    assert KEY not in caplog.text + repr([vars(record) for record in caplog.records])
