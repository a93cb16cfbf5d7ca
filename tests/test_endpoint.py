import logging
from collections.abc import Iterator
from threading import Thread

import pytest

from playground import credentials
from playground.config import EngineConfig, PipelineConfig, PromptConfig
from playground.engines import endpoint
from playground.engines.endpoint import EndpointEngine
from playground.engines.endpoint_client import list_models
from playground.errors import ConfigError
from playground.pipeline import Parts, run
from tests.endpoints import HITS, KEY, QUESTION, engine
from tests.servers import (
    ChatServer,
    Raw,
    Refusal,
    free_port,
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


def test_a_refusal_in_the_answer_is_an_abstention(server: ChatServer) -> None:
    server.text = ["I cannot answer this ", "from the documents."]
    assert engine(server).answer(QUESTION, HITS).abstained


@pytest.mark.parametrize(
    ("choice", "note"),
    [
        (
            '{"delta": {"reasoning_content": "Well"}, "finish_reason": "length"}',
            "The model spent all its tokens on reasoning; raise engine.max_tokens.",
        ),
        (
            '{"delta": {"content": "A"}, "finish_reason": "content_filter"}',
            "The server's content filter ended the answer.",
        ),
    ],
)
def test_why_an_answer_is_short_is_said(server: ChatServer, choice: str, note: str) -> None:
    server.then(Raw(f'data: {{"choices": [{choice}]}}\n\ndata: [DONE]\n\n'.encode(), "text/event-stream"))
    assert note in engine(server).answer(QUESTION, []).notes
