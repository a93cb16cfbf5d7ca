import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from playground import credentials
from playground.config import EngineConfig, PipelineConfig
from playground.credentials import OPENAI_ADDRESS
from playground.errors import ConfigError
from playground.servers import authorize
from tests.servers import no_servers_in_the_environment

ADDRESS = "https://models.example.org/v1"
KEY = "sk-q8Zt-51aa"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    no_servers_in_the_environment(monkeypatch)
    yield
    credentials.forget(ADDRESS)


def test_a_key_is_for_every_path_of_its_server() -> None:
    credentials.remember(ADDRESS, f" {KEY}\n")
    assert credentials.key_for("https://MODELS.example.org:443/v2/rerank") == KEY


@pytest.mark.parametrize(
    "other",
    [
        "http://models.example.org/v1",
        "https://models.example.org:8443/v1",
        "https://models.example.org.evil.net/v1",
        "https://example.org/v1",
        "https://evil.net/https://models.example.org/v1",
    ],
)
def test_a_key_is_for_no_other_server(other: str) -> None:
    credentials.remember(ADDRESS, KEY)
    assert credentials.key_for(other) == ""
    assert not credentials.known(other)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "models.example.org",
        "ftp://models.example.org",
        "https://",
        "https://models.example.org:port",
        "https://models.example.org\\@evil.net",
        "https://models.example.org@evil.net",
        "https://models.exam\nple.org",
        "https://mödels.example.org",
    ],
)
def test_what_is_no_plain_address_has_no_key_and_is_not_known(address: str) -> None:
    assert not credentials.known(address)
    with pytest.raises(ConfigError, match="address"):
        credentials.remember(address, KEY)


@given(st.sampled_from(["http", "https"]), st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){0,2}", fullmatch=True))
def test_the_default_port_is_the_same_server(scheme: str, host: str) -> None:
    port = {"http": 80, "https": 443}[scheme]
    assert credentials.origin(f"{scheme}://{host}/a") == credentials.origin(f"{scheme}://{host}:{port}/b")
    assert credentials.origin(f"{scheme}://{host}") != credentials.origin(f"{scheme}://{host}:{port + 1}")


def test_a_server_without_a_key_is_added_too_and_can_be_forgotten() -> None:
    assert not credentials.known(ADDRESS)
    credentials.remember(ADDRESS, "")
    assert (credentials.known(ADDRESS), credentials.key_for(ADDRESS)) == (True, "")
    credentials.forget(ADDRESS)
    assert not credentials.known(ADDRESS)


def test_an_unknown_server_is_refused_with_the_remedy() -> None:
    with pytest.raises(ConfigError, match="PLAYGROUND_ENDPOINT_URL") as caught:
        credentials.require_known(ADDRESS)
    assert ADDRESS in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "LOCALHOST"])
def test_this_machine_is_always_known(host: str) -> None:
    assert credentials.known(f"http://{host}:11434/v1")


@pytest.mark.parametrize("host", ["localhost.evil.net", "127.0.0.1.evil.net", "10.0.0.1", "0.0.0.0", "[::2]"])
def test_what_only_looks_like_this_machine_is_not_known(host: str) -> None:
    assert not credentials.known(f"http://{host}:11434/v1")


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel", "zero\x00"])
def test_a_key_that_cannot_be_sent_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(ConfigError, match="copy it once more") as caught:
        credentials.remember(ADDRESS, key)
    assert key not in str(caught.value)
    assert not credentials.known(ADDRESS)


def test_the_environment_names_a_server_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", ADDRESS)
    assert (credentials.known(ADDRESS), credentials.key_for(ADDRESS)) == (True, "")
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
    assert credentials.key_for(ADDRESS) == KEY
    credentials.remember(ADDRESS, "sk-typed-in")
    assert credentials.key_for(ADDRESS) == "sk-typed-in"


@pytest.mark.parametrize(
    ("variable", "address"),
    [
        ("OPENAI_API_KEY", "https://api.openai.com/v1"),
        ("CO_API_KEY", "https://api.cohere.com"),
        ("COHERE_API_KEY", "https://api.cohere.com/v2"),
    ],
)
def test_a_vendors_key_goes_to_the_vendor_alone(
    variable: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not credentials.known(address)
    monkeypatch.setenv(variable, KEY)
    assert (credentials.known(address), credentials.key_for(address)) == (True, KEY)
    for other in (ADDRESS, "http://localhost:8000/v1", address.replace("https", "http")):
        assert credentials.key_for(other) == ""


def test_a_request_carries_the_key_of_the_server_that_it_goes_to(monkeypatch: pytest.MonkeyPatch) -> None:
    def sent(address: str) -> dict[str, str]:
        headers = {"authorization": "Bearer none", "openai-organization": "org-3", "accept": "*/*"}
        request = httpx.Request("GET", address, headers=headers)
        authorize(request)
        return {name: value for name, value in request.headers.items() if name != "host"}

    assert sent(OPENAI_ADDRESS) == {"openai-organization": "org-3", "accept": "*/*"}
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    assert sent(OPENAI_ADDRESS)["authorization"] == f"Bearer {KEY}"
    assert sent(ADDRESS) == {"accept": "*/*"}


def test_a_key_in_the_environment_without_its_server_is_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
    assert credentials.key_for("http://localhost:8000/v1") == ""
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", "models.example.org")
    assert credentials.key_for("http://localhost:8000/v1") == ""
    assert not credentials.known("models.example.org")


def test_a_broken_key_in_the_environment_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-one sk-two")
    with pytest.raises(ConfigError, match="OPENAI_API_KEY") as caught:
        credentials.key_for("https://api.openai.com/v1")
    assert "sk-one" not in str(caught.value)


def test_a_key_is_taken_out_of_what_a_server_says() -> None:
    credentials.remember(ADDRESS, KEY)
    said = f"Incorrect API key provided: {KEY}."
    assert credentials.without_key(said, ADDRESS) == "Incorrect API key provided: [key]."
    assert credentials.without_key(said, "http://localhost:8000/v1") == said


def test_a_key_is_in_no_setting_and_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", KEY)
    credentials.remember(ADDRESS, KEY)
    config = PipelineConfig(engine=EngineConfig(name="endpoint", model="m", address=ADDRESS))
    assert KEY not in json.dumps(config.to_dict()) + repr(config) + repr(list(credentials.environment_keys()))
