"""Models that are brought here, from a server on loopback that answers as the hub does."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread, Timer
from typing import Any
from urllib.parse import urlsplit

import pytest

from playground.engines import downloads
from playground.engines.downloads import DownloadProgress, download_size, download_steps, on_disk
from playground.engines.engine import Message
from playground.engines.language_model import load_language_model
from playground.errors import ModelError
from tests.tiny_models import tiny_causal_lm

NAME = "someone/tiny"
COMMIT = "c0ffee" + "0" * 34
UNWANTED = ("README.md", "pytorch_model.bin", "consolidated.safetensors", "onnx/model.onnx", "train.py")


class Hub:
    """The hub's list of files, and the files. `gated` gives the list and not the files; `hold` stops a file's
    bytes half-way until it is set; `break_off` closes the connection there, once for each file in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: list[str] = []
        self.gated = False
        self.hold: dict[str, Event] = {}
        self.break_off: set[str] = set()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub.answer(self)

            def do_GET(self) -> None:
                hub.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._http.server_address[1]}"
        Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        for event in self.hold.values():
            event.set()
        self._http.shutdown()
        self._http.server_close()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = urlsplit(handler.path).path
        self.asked.append(f"{handler.command} {handler.path}")
        file = path.removeprefix(f"/{NAME}/resolve/main/")
        if path == f"/api/models/{NAME}":
            self.send(handler, 200, json.dumps(self.description("blobs=true" in handler.path)).encode())
        elif file == path or not (self.folder / file).is_file():
            self.send(handler, 404, b"{}", {"X-Error-Code": "RepoNotFound"})
        elif self.gated:
            self.send(handler, 403, b"{}", {"X-Error-Code": "GatedRepo"})
        else:
            self.send_file(handler, file)

    def description(self, with_sizes: bool) -> dict[str, Any]:
        files: list[dict[str, Any]] = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                size = {"size": path.stat().st_size} if with_sizes else {}
                files.append({"rfilename": path.relative_to(self.folder).as_posix(), **size})
        return {"id": NAME, "sha": COMMIT, "siblings": files}

    def send_file(self, handler: BaseHTTPRequestHandler, file: str) -> None:
        content = (self.folder / file).read_bytes()
        headers = {"X-Repo-Commit": COMMIT, "ETag": f'"{hashlib.sha256(content).hexdigest()}"'}
        begin = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        if begin:
            headers["Content-Range"] = f"bytes {begin[1]}-{len(content) - 1}/{len(content)}"
            content = content[int(begin[1]) :]
        self.send(handler, 206 if begin else 200, content, headers, file)

    def send(
        self,
        handler: BaseHTTPRequestHandler,
        status: int,
        content: bytes,
        headers: dict[str, str] | None = None,
        file: str = "",
    ) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(content)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        half = len(content) // 2
        handler.wfile.write(content[:half])
        if file in self.break_off:
            self.break_off.remove(file)
            handler.close_connection = True
            return
        if file in self.hold:
            self.hold[file].wait(30)
        handler.wfile.write(content[half:])


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with the files beside it that real ones have."""
    folder = tiny_causal_lm(tmp_path_factory.mktemp("hub") / "tiny")
    for name in UNWANTED:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(b"x" * 100_000)
    return folder


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "cache"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)
    monkeypatch.setattr("huggingface_hub.constants.DOWNLOAD_CHUNK_SIZE", 10_000)
    monkeypatch.setattr(downloads, "STEP_SECONDS", 0.01)
    return folder


def point_at(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", address)
    template = address + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)


@pytest.fixture
def hub(published: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    hub = Hub(published)
    point_at(hub.address, monkeypatch)
    yield hub
    hub.stop()


def needed(folder: Path) -> list[Path]:
    return [path for path in folder.iterdir() if path.is_file() and path.name not in UNWANTED]


def failure() -> str:
    """Why a model cannot be had; the same for its size and its download, and always one line."""
    said = set()
    for attempt in (lambda: download_size(NAME), lambda: list(download_steps(NAME))):
        with pytest.raises(ModelError) as caught:
            attempt()
        said.add(str(caught.value))
    assert len(said) == 1
    message = said.pop()
    assert "\n" not in message
    return message


def test_only_what_loading_needs_is_counted_and_nothing_is_fetched(hub: Hub, cache: Path) -> None:
    assert download_size(NAME) == sum(path.stat().st_size for path in needed(hub.folder))
    assert not on_disk(NAME)
    asked = [each for each in hub.asked if NAME in each]
    assert asked == [f"GET /api/models/{NAME}?blobs=true"]


def test_a_model_arrives_step_by_step_and_is_then_loaded_without_the_hub(hub: Hub, cache: Path) -> None:
    size = download_size(NAME)
    hub.hold["model.safetensors"] = Event()
    steps = []
    for step in download_steps(NAME):
        steps.append(step)
        if step.done_bytes > size // 2:
            hub.hold["model.safetensors"].set()
    done = [step.done_bytes for step in steps]
    assert done == sorted(done)
    assert len(set(done)) > 2
    assert steps[-1] == DownloadProgress(size, size)
    assert steps[-1].share == 1.0
    assert on_disk(NAME)
    assert not [each for each in hub.asked for name in UNWANTED if each.endswith(name)]
    asked = len(hub.asked)
    model = load_language_model(NAME)
    assert model.generate([Message("user", "What?")], max_tokens=3).completion_tokens == 3
    assert len(hub.asked) == asked


def test_what_is_here_is_not_fetched_again(hub: Hub, cache: Path) -> None:
    for _ in download_steps(NAME):
        pass
    asked = len(hub.asked)
    steps = list(download_steps(NAME))
    assert [step.share for step in steps] == [1.0]
    assert len(hub.asked) == asked


def test_a_download_that_is_cancelled_goes_on_where_it_stopped(hub: Hub, cache: Path) -> None:
    hub.hold["model.safetensors"] = Event()
    weights = (hub.folder / "model.safetensors").stat().st_size
    others = download_size(NAME) - weights
    with closing(download_steps(NAME)) as steps:
        for step in steps:
            if step.done_bytes > others + weights / 3:
                break
        Timer(0.2, hub.hold["model.safetensors"].set).start()
    assert not on_disk(NAME)
    left = list((cache / "models--someone--tiny" / "blobs").iterdir())
    assert len(left) == len(needed(hub.folder)) - 1  # all but the weights, and nothing that is half there
    hub.asked.clear()
    assert list(download_steps(NAME))[-1].share == 1.0
    assert on_disk(NAME)
    assert [each for each in hub.asked if each.startswith("GET /someone")] == [
        f"GET /{NAME}/resolve/main/model.safetensors"
    ]


def test_a_connection_that_breaks_is_taken_up_again(hub: Hub, cache: Path) -> None:
    hub.break_off.add("model.safetensors")
    steps = list(download_steps(NAME))
    done = [step.done_bytes for step in steps]
    assert done == sorted(done)
    assert steps[-1].share == 1.0
    assert on_disk(NAME)
    weights = next((cache / "models--someone--tiny" / "snapshots").glob("*/model.safetensors"))
    assert weights.read_bytes() == (hub.folder / "model.safetensors").read_bytes()


def test_a_model_that_the_hub_does_not_know_is_said(hub: Hub) -> None:
    with pytest.raises(ModelError, match="there is no model someone/else here or on the hub"):
        download_size("someone/else")


def test_a_gated_model_is_said_when_its_files_are_refused(hub: Hub) -> None:
    hub.gated = True
    with pytest.raises(ModelError, match="the hub gives someone/tiny only to accounts that accepted its"):
        list(download_steps(NAME))
    assert not on_disk(NAME)


def test_a_model_in_another_format_is_said(hub: Hub, tmp_path: Path) -> None:
    shutil.copytree(hub.folder, tmp_path / "pickled")
    (tmp_path / "pickled" / "model.safetensors").unlink()
    hub.folder = tmp_path / "pickled"
    assert "someone/tiny has no model.safetensors on the hub" in failure()


def test_too_little_room_on_disk_is_said_before_anything_is_fetched(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=300_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    with pytest.raises(ModelError, match=r"someone/tiny needs 403 kB on disk and 300 kB are free in .*cache"):
        list(download_steps(NAME))
    assert [each for each in hub.asked if "resolve" in each] == []


def test_a_hub_that_cannot_be_reached_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    point_at("http://127.0.0.1:9", monkeypatch)
    assert failure() == (
        f"{NAME} is not on this machine, and the hub cannot be reached; connect, or give the path of a model "
        "folder"
    )


def test_a_hub_that_is_switched_off_is_said(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    assert "is not on this machine, and the hub is switched off" in failure()


def test_a_name_that_no_model_can_have_is_said(cache: Path) -> None:
    with pytest.raises(ModelError, match="neither a folder nor a hub name"):
        download_size("not a name!")
    assert not on_disk("not a name!")
    assert not on_disk("")


def test_a_folder_is_on_disk_when_it_is_whole(published: Path, tmp_path: Path) -> None:
    assert on_disk(str(published))
    assert download_size(str(published)) == sum(path.stat().st_size for path in needed(published))
    for missing in ("config.json", "model.safetensors", "tokenizer.json"):
        shutil.copytree(published, tmp_path / missing)
        (tmp_path / missing / missing).unlink()
        assert not on_disk(str(tmp_path / missing))
    assert not on_disk(str(tmp_path / "nothing"))
