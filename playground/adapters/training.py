"""One training from the outside: start the process that trains, hear how far it is, end it.

The training runs in a process of its own (see `playground.adapters.worker`), so that nobody who asks waits
for it, and so that one that is cancelled or killed leaves nothing: it writes into a hidden folder beside the
adapter's, which gets the adapter's name when everything is in it. This module does not know what is trained.
"""

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

import playground
from playground import settings as environment_settings
from playground.adapters.card import CurvePoint
from playground.adapters.estimate import cores, note_speed
from playground.adapters.examples import Example
from playground.adapters.progress import TrainingProgress
from playground.adapters.settings import TrainingSettings
from playground.adapters.tuner import OutsideQuestion
from playground.errors import InputError, PlaygroundError
from playground.reading import frames

UNFINISHED = ".playground-training"
"""How the name of a folder ends in which a training writes."""

_COMMAND: tuple[str, ...] = (sys.executable, "-P", "-m", "playground.adapters.worker")
_TICK_SECONDS = 0.5
_STALE_SECONDS = 24 * 60 * 60
_LAST_WORDS = 4000  # bytes


@dataclass(frozen=True)
class TrainingRequest:
    """What to train: `examples` to learn from, `held_out` to score with, `outside` to see what is forgotten.

    `out` is the adapter's folder, not there yet or empty. In the `background`, beside an app that answers, a
    training takes half of the cores and steps back for everybody else. Setting `stop` ends the training early
    and keeps the best weights so far.
    """

    name: str
    examples: Sequence[Example]
    held_out: Sequence[Example]
    settings: TrainingSettings
    out: Path
    outside: Sequence[OutsideQuestion] = ()
    background: bool = False
    stop: threading.Event = field(default_factory=threading.Event)


def train_steps(request: TrainingRequest) -> Generator[TrainingProgress, None, Path]:
    """Train, and return the folder of the finished adapter. There is a step at least every half second.

    Closing the generator ends the training, and nothing is left of it. Raises InputError where `out` holds
    something, and PlaygroundError with the one reason where the training fails.
    """
    refuse_full(request.out)
    if not request.examples:
        raise InputError("there is no example to learn from; add some, or hold fewer of them out")
    request.out.parent.mkdir(parents=True, exist_ok=True)
    _sweep(request.out.parent)
    folder = Path(
        tempfile.mkdtemp(
            prefix=f".{request.out.name.lstrip('.')}-", suffix=UNFINISHED, dir=request.out.parent
        )
    )
    try:
        finished = yield from _run(request, folder)
        refuse_full(request.out)
        folder.chmod(0o755)  # as any other folder; a temporary one is for its owner alone
        with contextlib.suppress(FileNotFoundError):
            request.out.rmdir()
        folder.rename(request.out)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    note_speed(environment_settings.home(), request.settings, request.background, finished)
    return request.out


def _run(request: TrainingRequest, folder: Path) -> Generator[TrainingProgress, None, dict[str, Any]]:
    """Watch over the process until it has written everything; its last message is what it measured."""
    began = time.monotonic()
    latest = TrainingProgress("loading")
    with tempfile.TemporaryFile() as words, _process(request, words) as process:
        messages = _messages(process)
        _send(process, _as_message(request, folder))
        told = False
        while True:
            if request.stop.is_set() and not told:
                told = True
                _send(process, {"stop": True})
            try:
                message = messages.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                yield _ticked(latest, time.monotonic() - began)
                continue
            if message is None:
                raise PlaygroundError(_why_lost(process, words))
            if "reason" in message:
                raise PlaygroundError(message["reason"])
            if "done" in message:
                process.wait()
                yield replace(latest, phase="done", seconds=time.monotonic() - began, seconds_left=0.0)
                return message["done"]
            latest = _progress(message, time.monotonic() - began)
            yield latest


@contextlib.contextmanager
def _process(request: TrainingRequest, words: Any) -> Generator[subprocess.Popen[bytes], None, None]:
    """The process that trains; however this is left, it is gone afterwards."""
    process = subprocess.Popen(
        _COMMAND,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=words,
        env=environment(request.background),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        with contextlib.suppress(OSError):  # closing flushes into a pipe that nobody reads any more
            cast(BinaryIO, process.stdin).close()


def environment(background: bool) -> dict[str, str]:
    """How many cores the process may take, and that it looks for models on this machine only."""
    root = str(Path(playground.__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    values = os.environ | {
        "PYTHONPATH": path,
        "HF_HUB_OFFLINE": "1",
        "TRANSFORMERS_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "TOKENIZERS_PARALLELISM": "false",
        # The trainer takes every accelerator that it sees, and splits a batch among them.
        "CUDA_VISIBLE_DEVICES": os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0],
    }
    if background:
        # A thread that waits for others must sleep: spinning takes the core from whoever asks a question.
        values |= {"OMP_NUM_THREADS": str(max(1, cores() // 2)), "OMP_WAIT_POLICY": "PASSIVE"}
    return values


def _messages(process: subprocess.Popen[bytes]) -> "queue.Queue[dict[str, Any] | None]":
    """What the process says, as it says it; None when it has died."""
    messages: queue.Queue[dict[str, Any] | None] = queue.Queue()

    def listen() -> None:
        with cast(BinaryIO, process.stdout) as stream:
            while (message := frames.receive_message(stream)) is not None:
                messages.put(message)
        messages.put(None)

    threading.Thread(target=listen, name="training", daemon=True).start()
    return messages


def _send(process: subprocess.Popen[bytes], message: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # it died; the messages end, which is where that is dealt with
        frames.send_message(cast(BinaryIO, process.stdin), message)


def _as_message(request: TrainingRequest, folder: Path) -> dict[str, Any]:
    return {
        "name": request.name,
        "examples": [asdict(example) for example in request.examples],
        "held_out": [asdict(example) for example in request.held_out],
        "settings": request.settings.as_dict(),
        "outside": [asdict(question) for question in request.outside],
        "folder": str(folder.resolve()),
        "background": request.background,
    }


def _progress(message: dict[str, Any], seconds: float) -> TrainingProgress:
    curve = tuple(CurvePoint(**point) for point in message.pop("curve"))
    return TrainingProgress(**message, curve=curve, seconds=seconds)


def _ticked(latest: TrainingProgress, seconds: float) -> TrainingProgress:
    """The same once more, some time later."""
    left = latest.seconds_left
    if left is not None:
        left = max(left - (seconds - latest.seconds), 0.0)
    return replace(latest, seconds=seconds, seconds_left=left)


def refuse_full(out: Path) -> None:
    if out.is_dir() and not any(out.iterdir()):
        return
    if out.exists() or out.is_symlink():
        raise InputError(f"{out} is there already and is not an empty folder; choose another one")


def _sweep(parent: Path) -> None:
    """Delete what a training left when this machine lost its power under it."""
    for path in parent.glob(f".*{UNFINISHED}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                shutil.rmtree(path)


def _why_lost(process: subprocess.Popen[bytes], words: Any) -> str:
    """One line on a process that ended without saying why."""
    status = process.wait()
    words.seek(max(words.seek(0, os.SEEK_END) - _LAST_WORDS, 0))
    lines = [line.strip() for line in words.read().decode("utf-8", "replace").splitlines() if line.strip()]
    last = f" (last words: {lines[-1][:300]})" if lines else ""
    ending = f"exit status {status}"
    with contextlib.suppress(ValueError):
        ending = signal.Signals(-status).name
    if ending == "SIGKILL":
        return (
            f"the training was killed, most likely because memory ran out{last}; a smaller batch, shorter "
            "examples or a smaller model needs less"
        )
    return f"the training broke off with {ending}{last}; try it again, or run playground doctor"
