import logging
import traceback
from collections.abc import Iterator
from threading import Thread
from time import monotonic

import pytest

from playground import credentials, servers
from playground.chunking.chunk import Chunk
from playground.config import EngineConfig, PipelineConfig, PromptConfig
from playground.engines import endpoint
from playground.engines.endpoint import EndpointEngine
from playground.engines.endpoint_client import list_models
from playground.errors import ConfigError, ServerError
from playground.pipeline import Parts, run
from playground.retrieval import Hit, StageScore
from tests.servers import (
    BrokenOff,
    ChatServer,
    LoopbackServer,
    Raw,
    Refusal,
    Silence,
    free_port,
    no_servers_in_the_environment,
    running,
)

QUESTION = "How long may a laptop be returned?"
KEY = "sk-q8Zt-51aa"
HITS = [
    Hit(Chunk(f"d{number}", 10, 10 + len(text), text, 5), f"{number}.md", fused=StageScore(1.0, number))
    for number, text in enumerate(
        ["A laptop may be returned within 14 days.", "Tea is green.", "It rains."], 1
    )
]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    no_servers_in_the_environment(monkeypatch)
    endpoint._refused_options.cache_clear()


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with running(ChatServer(KEY)) as server:
        yield server


def engine(server: LoopbackServer, adapter: str = "", **settings: object) -> EndpointEngine:
    values: dict = {"model": "base", "address": server.address, **settings}
    return EndpointEngine(EngineConfig(name="endpoint", **values), PromptConfig(), adapter)


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


def test_an_answer_streams_and_has_its_citations(server: ChatServer) -> None:
    seen: list[str] = []
    answer = engine(server).answer(QUESTION, HITS, seen.append)
    assert seen == ["Within 14 ", "Within 14 days [1]."]
    assert answer.text == "Within 14 days."
    assert [(each.document_id, each.passage, each.start) for each in answer.citations] == [("d1", 0, 10)]
    assert (answer.prompt_tokens, answer.completion_tokens, answer.notes) == (7, 2, ())


def test_an_answer_says_what_made_it(server: ChatServer) -> None:
    answer = engine(server).answer(QUESTION, HITS)
    assert (answer.engine, answer.model, answer.adapter) == ("endpoint", "base-2026", "")
    assert [message.role for message in answer.prompt] == ["system", "user"]
    assert [vars(message) for message in answer.prompt] == server.chats[0].body["messages"]


def test_a_tuned_model_is_asked_instead_of_the_base(server: ChatServer) -> None:
    answer = engine(server, adapter="tuned").answer(QUESTION, [])
    assert server.chats[0].body["model"] == "tuned"
    assert (answer.model, answer.adapter) == ("tuned-2026", "tuned")


def test_the_settings_are_sent(server: ChatServer) -> None:
    engine(server, temperature=0.7, seed=11, max_tokens=33).answer(QUESTION, [])
    body = server.chats[0].body
    assert (body["temperature"], body["seed"], body["max_tokens"]) == (0.7, 11, 33)


def test_the_timings_add_up_to_the_answers_time(server: ChatServer) -> None:
    config = PipelineConfig(engine=EngineConfig(name="endpoint", model="base", address=server.address))
    trace = run(QUESTION, config, Parts(engine(server)))
    stages = ("prompt", "first_token", "generation")
    assert set(stages) <= trace.timings.keys()
    assert sum(trace.timings[stage] for stage in stages) == pytest.approx(trace.timings["total"], abs=5)


def test_a_server_that_does_not_count_tokens_is_said_so(server: ChatServer) -> None:
    server.says_usage = False
    answer = engine(server).answer(QUESTION, [])
    assert (answer.prompt_tokens, answer.completion_tokens) == (0, 0)
    assert answer.notes == ("The server does not say how many tokens it used.",)


def test_a_server_that_refuses_an_option_is_asked_again_without_it(server: ChatServer) -> None:
    server.refused = {"stream_options": "Unrecognized request argument supplied: stream_options"}
    assert engine(server).answer(QUESTION, []).text == "Within 14 days."
    assert ["stream_options" in request.body for request in server.chats] == [True, False]
    engine(server).answer("And a phone?", [])
    assert "stream_options" not in server.chats[-1].body  # it is not refused twice
    assert len(server.chats) == 3


def test_settings_that_a_server_does_not_take_are_said(server: ChatServer) -> None:
    server.refused = {
        "max_tokens": "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
        "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    }
    answer = engine(server, max_tokens=33).answer(QUESTION, [])
    assert server.chats[-1].body["max_completion_tokens"] == 33
    assert answer.notes == ("The server does not take engine.temperature; it used its own.",)


def test_passages_that_do_not_fit_are_left_out_from_the_end(server: ChatServer) -> None:
    whole = engine(server).answer(QUESTION, HITS)
    server.longest = sum(len(message.content) for message in whole.prompt) - len("It rains.") - 1
    answer = engine(server).answer(QUESTION, HITS)
    assert answer.notes == ("1 of 3 passages did not fit into the model's context, and were left out.",)
    assert [citation.passage for citation in answer.citations] == [0]
    assert "It rains." not in answer.prompt[-1].content
    assert "Tea is green." in answer.prompt[-1].content


def test_a_question_that_does_not_fit_by_itself_is_a_failure(server: ChatServer) -> None:
    server.longest = 20
    assert failure(server).startswith("SERVER refuses the request (400): This model's maximum context length")
    assert len(server.chats) == len(HITS) + 1


@pytest.mark.parametrize(
    "words",
    [
        "max_tokens must be at least 1, got -186.",
        "You passed 1015 input tokens. However, the model's context length is only 1024 tokens.",
        "request (4390 tokens) exceeds the available context size (4096 tokens), try increasing it",
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 4292.",
    ],
)
def test_servers_say_in_many_ways_that_a_prompt_is_too_long(server: ChatServer, words: str) -> None:
    server.then(Refusal(400, {"error": {"message": words}}))
    assert len(engine(server).answer(QUESTION, HITS).notes) == 1


def test_a_prompt_that_is_too_long_may_be_said_inside_the_stream(server: ChatServer) -> None:
    event = b'data: {"error": {"code": 400, "message": "exceeds the available context size"}}\n\n'
    server.then(Raw(event, "text/event-stream"))
    assert "1 of 3 passages" in engine(server).answer(QUESTION, HITS).notes[0]


def test_an_answer_that_was_cut_says_so(server: ChatServer) -> None:
    server.finish = "length"
    notes = engine(server, max_tokens=5).answer(QUESTION, []).notes
    assert notes == ("The answer was cut after 5 tokens (engine.max_tokens).",)


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


def test_stopping_closes_the_stream(server: ChatServer) -> None:
    server.until.clear()

    def stop(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        engine(server).answer(QUESTION, [], stop)
    assert server.hung_up.wait(5)


def test_an_unknown_server_gets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="nobody here has added"):
        EndpointEngine(
            EngineConfig(name="endpoint", model="m", address="http://models.example.org/v1"), PromptConfig()
        )


def test_a_server_that_was_forgotten_gets_nothing_any_more() -> None:
    address = "http://models.example.org/v1"
    credentials.remember(address, "")
    asking = EndpointEngine(EngineConfig(name="endpoint", model="m", address=address), PromptConfig())
    credentials.forget(address)
    with pytest.raises(ConfigError, match="nobody here has added"):
        asking.answer(QUESTION, HITS)


def test_the_environment_of_a_vendors_client_goes_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {
        "OPENAI_API_KEY": "sk-openai-1",
        "OPENAI_ADMIN_KEY": "sk-openai-2",
        "OPENAI_ORG_ID": "org-3",
        "OPENAI_PROJECT_ID": "project-4",
        "OPENAI_CUSTOM_HEADERS": "Authorization: Bearer sk-openai-5\nApi-Key: sk-openai-6",
        "HTTP_PROXY": f"http://127.0.0.1:{free_port()}",
    }
    for name, value in secrets.items():
        monkeypatch.setenv(name, value)
    with running(ChatServer()) as server:
        engine(server).answer(QUESTION, [])
        list_models(server.address)
        sent = repr([request.headers for request in server.requests])
        assert len(server.requests) == 2
    assert not [value for value in ("sk-openai", "org-3", "project-4", "authorization") if value in sent]


def test_a_key_is_in_no_log(server: ChatServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.then(Refusal(500))
    engine(server).answer(QUESTION, HITS)
    assert server.chats[-1].authorization == f"Bearer {KEY}"
    assert caplog.records
    assert KEY not in caplog.text + repr([vars(record) for record in caplog.records])


def test_two_at_once_get_their_own_answers(server: ChatServer) -> None:
    found: dict[str, str] = {}

    def ask(model: str) -> None:
        found[model] = engine(server, adapter=model).answer(QUESTION, []).model

    threads = [Thread(target=ask, args=(model,)) for model in ("base", "tuned")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {"base": "base-2026", "tuned": "tuned-2026"}
