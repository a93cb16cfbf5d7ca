"""One worker process from the outside: start it, give it a file, kill it when the time is up.

A pipe to `python -m` instead of multiprocessing: that would import the running script (a Streamlit page) once
more in every child, or fork a process full of threads. This module does not know what a document is.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO, cast

import playground
from playground.errors import ReadError
from playground.reading import frames
from playground.reading.limits import Limits, size_words

_END_SECONDS = 2
_COMMAND = (sys.executable, "-P", "-m", "playground.reading.worker")


class Worker:
    """A warm parsing process; started by the first file, and again after it was lost. Not for two threads
    at once. Use as a context manager, or call `close`."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def pid(self) -> int | None:
        """The process, or None where none runs."""
        return self._process.pid if self._process else None

    def read(self, data: bytes, name: str, limits: Limits) -> dict[str, Any]:
        """The draft of a file, as plain values. Raises ReadError with the one reason why there is none."""
        process = self._started()
        request = {"name": name, "limits": asdict(limits)}
        timed_out = threading.Event()

        def stop() -> None:
            timed_out.set()
            process.kill()

        timer = threading.Timer(limits.seconds, stop)
        timer.start()
        try:
            reply = _exchange(process, request, data)
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
            timer.join()
        if reply is None:
            raise ReadError(_why_lost(timed_out.is_set(), self.close(), limits))
        if reply["retire"] or timed_out.is_set():
            self.close()
        if "reason" in reply:
            raise ReadError(reply["reason"])
        return reply["draft"]

    def close(self) -> int:
        """End the process, if there is one, and return its exit status (negative: the signal)."""
        process, self._process = self._process, None
        if process is None:
            return 0
        requests, replies = _pipes(process)
        # A process that died by itself has its own status; one that still waits for work is told to end.
        with contextlib.suppress(OSError):
            requests.close()
        try:
            status = process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            status = process.wait()
        replies.close()
        return status

    def _started(self) -> subprocess.Popen[bytes]:
        """The process, ready for a file. A process that somebody killed meanwhile is replaced."""
        if self._process and self._process.poll() is not None:
            self.close()
        if self._process is None:
            self._process = process = subprocess.Popen(
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment(),
            )
            if frames.receive_message(_pipes(process)[1]) is None:
                status = self.close()
                raise ReadError(
                    f"the reading process does not start (exit status {status}); run playground doctor"
                )
        return self._process


def _exchange(
    process: subprocess.Popen[bytes], request: dict[str, Any], data: bytes
) -> dict[str, Any] | None:
    """Send the file and wait for the answer; None where the process died over it."""
    requests, replies = _pipes(process)
    try:
        frames.send_message(requests, request)
        frames.send(requests, data)
    except OSError:  # a broken pipe; the reply may be there all the same, and if not, says so
        pass
    return frames.receive_message(replies)


def _pipes(process: subprocess.Popen[bytes]) -> tuple[BinaryIO, BinaryIO]:
    return cast(BinaryIO, process.stdin), cast(BinaryIO, process.stdout)


def environment() -> dict[str, str]:
    """One thread for the numeric libraries (each further one takes address space, which is limited), and this
    very package first, wherever it was imported from."""
    root = str(Path(playground.__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _why_lost(timed_out: bool, status: int, limits: Limits) -> str:
    if timed_out:
        return f"reading it takes longer than {limits.seconds:g} seconds; split it into smaller files"
    return (
        f"the parser crashed on it ({_ending(status)}): it is damaged, or needs more memory than the "
        f"{size_words(limits.memory_bytes)} allowed; open it in the program that made it and save it again"
    )


def _ending(status: int) -> str:
    with contextlib.suppress(ValueError):
        return signal.Signals(-status).name
    return f"exit status {status}"
