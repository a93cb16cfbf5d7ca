"""Long work in the background: one at a time, with progress, cancel and an end that can be read later.

A job is a generator of steps. This module does not know what the steps are; nobody draws in its thread.
"""

import logging
import queue
import threading
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Literal

from playground.errors import PlaygroundError

State = Literal["waiting", "running", "done", "cancelled", "failed"]


@dataclass
class Job:
    """`progress` is the last step that the generator gave; `error` is one line for the person."""

    key: str
    title: str
    steps: Callable[[], Generator[Any, None, None]]
    state: State = "waiting"
    progress: Any = None
    error: str = ""
    _cancelled: bool = False

    @property
    def active(self) -> bool:
        return self.state in ("waiting", "running")

    @property
    def cancelling(self) -> bool:
        """Cancelled, but the step that runs has not ended yet."""
        return self._cancelled and self.active

    def cancel(self) -> None:
        """Stop before the next step. What the steps so far have finished stays."""
        self._cancelled = True
        if self.state == "waiting":
            self.state = "cancelled"

    def run(self) -> None:
        if self._cancelled:
            return
        self.state = "running"
        try:
            end: State = "done"
            with closing(self.steps()) as steps:
                for self.progress in steps:
                    if self._cancelled:
                        end = "cancelled"
                        break
            self.state = end
        except PlaygroundError as error:
            self.state, self.error = "failed", str(error)
        except BaseException as error:  # a panic of a library in Rust is no Exception; the next job must run
            logging.getLogger(__name__).exception("%s failed", self.title)
            reason = (str(error).strip().splitlines() or ["no reason given"])[0]
            self.state, self.error = "failed", f"{type(error).__name__}: {reason}; the log has the details"


class Jobs:
    """A queue of jobs and one thread that works it off; the thread ends with the process."""

    def __init__(self) -> None:
        self._queue: queue.Queue[Job] = queue.Queue()
        self._jobs: dict[str, Job] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self, key: str, title: str, steps: Callable[[], Generator[Any, None, None]]) -> Job:
        """Queue a job; while one with this key is active, that one is returned instead."""
        with self._lock:
            running = self._jobs.get(key)
            if running and running.active:
                return running
            self._jobs.pop(key, None)  # so that the jobs stand in the order in which they were queued
            job = self._jobs[key] = Job(key, title, steps)
            self._queue.put(job)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="jobs", daemon=True)
                self._thread.start()
            return job

    def get(self, key: str) -> Job | None:
        return self._jobs.get(key)

    def active_key(self, key: str) -> bool:
        """Whether a job with this key waits or runs."""
        return any(job.key == key for job in self.active())

    def active(self) -> list[Job]:
        """Running first, then waiting ones in the order in which they will run."""
        with self._lock:
            return [job for job in self._jobs.values() if job.active]

    def wait(self) -> None:
        """Return when every job that was started has ended."""
        self._queue.join()

    def _work(self) -> None:
        while True:
            job = self._queue.get()
            try:
                job.run()
            finally:
                self._queue.task_done()
