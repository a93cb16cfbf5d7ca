import socket
import tomllib
from collections.abc import Iterator

import pytest
from streamlit import config

from playground import paths
from playground.errors import InputError
from playground.ui import serve as serving


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[dict]:
    """The options of every server that would have been started."""
    from streamlit.web import bootstrap

    calls: list[dict] = []
    monkeypatch.setattr(bootstrap, "load_config_options", lambda options: None)
    monkeypatch.setattr(
        bootstrap, "run", lambda script, is_hello, args, flag_options: calls.append(flag_options)
    )
    return calls


def test_a_taken_port_is_one_clear_line(taken_port: int) -> None:
    with pytest.raises(InputError) as error:
        serving.serve(taken_port)
    assert str(error.value) == (
        f"port {taken_port} cannot be used at 127.0.0.1 (address already in use); choose another with --port"
    )


def test_a_port_that_cannot_exist_is_refused() -> None:
    with pytest.raises(InputError, match="port 70000 is not between 1 and 65535"):
        serving.serve(70000)


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(InputError, match=r"cannot be used at 192\.0\.2\.1"):
        serving.serve(8501, "192.0.2.1")


def test_the_address_is_printed_once_and_this_machine_alone_is_served(
    started: list[dict], taken_port: int, capsys: pytest.CaptureFixture
) -> None:
    port = taken_port + 1 if taken_port < 65535 else taken_port - 1
    assert serving.serve(port) == 0
    assert capsys.readouterr().out == f"The playground is at http://localhost:{port} (Ctrl+C ends it)\n"
    assert started[0]["server.address"] == "127.0.0.1"
    assert started[0]["server.port"] == port


def test_every_option_in_the_file_is_one_that_streamlit_knows() -> None:
    written = dict(serving._flatten(tomllib.loads(paths.streamlit_settings().read_text(encoding="utf-8"))))
    assert written["theme.dark.primaryColor"] == "#5F7CF2"
    assert written["server.maxUploadSize"] == 100
    assert written["browser.gatherUsageStats"] is False
    assert set(written) <= set(config.get_config_options())


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("127.0.0.1", "http://localhost:8501"),
        ("0.0.0.0", "http://localhost:8501"),
        ("192.0.2.1", "http://192.0.2.1:8501"),
        ("2001:db8::1", "http://[2001:db8::1]:8501"),
    ],
)
def test_the_printed_link_can_be_opened(address: str, link: str) -> None:
    assert serving._link(address, 8501) == link
