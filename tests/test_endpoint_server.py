"""The endpoint engine against a real server, `transformers serve`, with two models of a few kilobytes.

The server is started once; the last test ends it in the middle of an answer.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from playground.chunking.chunk import Chunk
from playground.config import EngineConfig, PromptConfig
from playground.engines.endpoint import EndpointEngine
from playground.engines.endpoint_discovery import discover, list_models
from playground.errors import ServerError
from playground.retrieval import Hit, StageScore
from tests.servers import free_port, no_servers_in_the_environment
from tests.tiny_models import tiny_causal_lm

BASE, TUNED = "tiny/base", "tiny/tuned"
TEXT = "A laptop may be returned within 14 days."
HITS = [Hit(Chunk("d1", 0, len(TEXT), TEXT, 8), "returns.md", fused=StageScore(1.0, 1))]
START_SECONDS = 90


@dataclass
class Served:
    """The server; `log` is what it has written."""

    port: int
    process: "subprocess.Popen[bytes]"
    log: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def engine(self, adapter: str = "", **settings: object) -> EndpointEngine:
        values: dict = {"model": BASE, "address": self.address, "max_tokens": 12, **settings}
        return EndpointEngine(
            EngineConfig(name="endpoint", **values), PromptConfig(system="Be brief."), adapter
        )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("served")
    for name, architecture in ((BASE, "qwen2"), (TUNED, "llama")):
        as_in_the_cache_of_the_hub(folder, name, architecture)
    port, log = free_port(), folder / "log"
    command = [str(Path(sys.executable).parent / "transformers"), "serve", "--device", "cpu"]
    quiet = {"HF_HUB_CACHE": str(folder), "HF_HUB_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [*command, "--host", "127.0.0.1", "--port", str(port)],
            env={**os.environ, **quiet},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    served = Served(port, process, log)
    try:
        wait_for(served)
        yield served
    finally:
        process.kill()
        process.wait(10)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    no_servers_in_the_environment(monkeypatch)


def as_in_the_cache_of_the_hub(cache: Path, name: str, architecture: str) -> None:
    revision = "0" * 40
    folder = cache / f"models--{name.replace('/', '--')}"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text(revision)
    tiny_causal_lm(folder / "snapshots" / revision, architecture)


def wait_for(served: Served) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and served.process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{served.port}/health", timeout=1):
                return
        except (URLError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"transformers serve did not start: {served.log.read_text()[-2000:]}")


def test_its_models_are_listed(server: Served) -> None:
    assert sorted(list_models(server.address)) == [BASE, TUNED]


def test_it_is_found_on_its_port(server: Served) -> None:
    [found] = discover({server.port: "vLLM"})
    assert (found.address, sorted(found.models)) == (server.address, [BASE, TUNED])


def test_an_answer_streams(server: Served) -> None:
    seen: list[str] = []
    answer = server.engine().answer("How long?", HITS, seen.append)
    assert len(seen) > 2
    assert all(later.startswith(earlier) for earlier, later in pairwise(seen))
    assert answer.model == f"{BASE}@main"
    assert (answer.engine, answer.adapter) == ("endpoint", "")
    assert answer.completion_tokens == 12
    assert answer.prompt_tokens > 20
    assert answer.notes == ("The answer was cut after 12 tokens (engine.max_tokens).",)
    assert TEXT in answer.prompt[-1].content


def test_the_same_question_has_the_same_answer(server: Served) -> None:
    assert server.engine().answer("How long?", []).text == server.engine().answer("How long?", []).text


def test_the_tuned_model_is_another_name_on_the_same_server(server: Served) -> None:
    base = server.engine().answer("How long?", [])
    tuned = server.engine(adapter=TUNED).answer("How long?", [])
    assert (tuned.adapter, tuned.model) == (TUNED, f"{TUNED}@main")
    assert tuned.text != base.text
    assert server.engine().answer("How long?", []).text == base.text


def test_a_wrong_model_name_is_said_with_the_right_ones(server: Served) -> None:
    with pytest.raises(ServerError, match=f"it lists no model tiny/typo .*{BASE}") as caught:
        server.engine(model="tiny/typo").answer("How long?", [])
    assert "\n" not in str(caught.value)


def test_stopping_leaves_a_server_that_still_answers(server: Served) -> None:
    def stop(text: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.engine(max_tokens=1500).answer("How long?", [], stop)
    assert server.engine().answer("How long?", []).completion_tokens == 12


def test_a_server_that_dies_half_way_is_said_with_how_much_had_come(server: Served) -> None:
    seen: list[str] = []

    def kill(text: str) -> None:
        seen.append(text)
        if len(seen) == 3:
            server.process.kill()

    with pytest.raises(
        ServerError, match=r"broke off after \d+ tokens of the answer: the connection was lost"
    ):
        server.engine(max_tokens=1500).answer("How long?", [], kill)
    assert len(seen) >= 3
