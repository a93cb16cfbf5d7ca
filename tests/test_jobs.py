import threading
from collections.abc import Generator
from functools import partial

import pytest

from playground.errors import PlaygroundError
from playground.jobs import Job, Jobs


class Gate:
    """Steps that go on only when they are let; `closed` says that the generator has cleaned up."""

    def __init__(self, count: int = 3) -> None:
        self.count = count
        self.begun = threading.Event()
        self.go = threading.Event()
        self.closed = False

    def steps(self) -> Generator[int, None, None]:
        try:
            for number in range(self.count):
                yield number
                self.begun.set()
                assert self.go.wait(10)
        finally:
            self.closed = True


@pytest.fixture
def jobs() -> Jobs:
    return Jobs()


def ended(error: BaseException) -> Job:
    def steps() -> Generator[int, None, None]:
        yield 1
        raise error

    jobs = Jobs()
    job = jobs.start("a", "Failing", steps)
    jobs.wait()
    return job


def test_a_job_runs_to_its_end_and_keeps_its_last_step(jobs: Jobs) -> None:
    job = jobs.start("a", "Counting", lambda: (number for number in (1, 2, 3)))
    jobs.wait()
    assert (job.state, job.progress, job.active, jobs.active()) == ("done", 3, False, [])
    assert jobs.get("a") is job
    assert jobs.get("b") is None


def test_one_runs_at_a_time_and_the_others_wait_in_order(jobs: Jobs) -> None:
    gate = Gate()
    order: list[str] = []

    def note(name: str) -> Generator[int, None, None]:
        order.append(name)
        yield 0

    first = jobs.start("first", "First", gate.steps)
    assert gate.begun.wait(10)
    others = [jobs.start(name, name, partial(note, name)) for name in ("b", "a")]
    assert [job.state for job in (first, *others)] == ["running", "waiting", "waiting"]
    assert jobs.active() == [first, *others]
    assert jobs.active_key("b") and not jobs.active_key("c")
    gate.go.set()
    jobs.wait()
    assert order == ["b", "a"]


def test_a_job_that_is_started_anew_stands_behind_the_running_one(jobs: Jobs) -> None:
    jobs.start("again", "Again", lambda: (number for number in (1,)))
    jobs.wait()
    gate = Gate()
    running = jobs.start("running", "Running", gate.steps)
    assert gate.begun.wait(10)
    again = jobs.start("again", "Again", lambda: (number for number in (1,)))
    assert jobs.active() == [running, again]
    gate.go.set()
    jobs.wait()


def test_a_key_that_is_active_is_not_started_twice(jobs: Jobs) -> None:
    gate = Gate()
    job = jobs.start("a", "First", gate.steps)
    assert jobs.start("a", "Second", gate.steps) is job
    gate.go.set()
    jobs.wait()
    assert jobs.start("a", "Third", gate.steps) is not job
    jobs.wait()


def test_cancelling_stops_a_running_job_and_lets_it_clean_up(jobs: Jobs) -> None:
    gate = Gate(1000)
    job = jobs.start("a", "Long", gate.steps)
    assert gate.begun.wait(10)
    job.cancel()
    gate.go.set()
    jobs.wait()
    assert (job.state, gate.closed) == ("cancelled", True)
    assert job.progress < 3


def test_a_waiting_job_that_is_cancelled_never_begins(jobs: Jobs) -> None:
    gate, never = Gate(), Gate()
    jobs.start("a", "First", gate.steps)
    waiting = jobs.start("b", "Second", never.steps)
    waiting.cancel()
    assert waiting.state == "cancelled"
    gate.go.set()
    jobs.wait()
    assert (waiting.state, never.begun.is_set()) == ("cancelled", False)


def test_an_error_for_people_is_shown_as_it_is() -> None:
    job = ended(PlaygroundError("the disk is full"))
    assert (job.state, job.error) == ("failed", "the disk is full")


def test_any_other_error_is_one_line_with_its_kind() -> None:
    job = ended(ValueError("wrong\nin two lines"))
    assert job.error == "ValueError: wrong; the log has the details"


class Panic(BaseException):
    """As libraries in Rust raise it: not an Exception."""


def test_no_failure_keeps_the_next_job_from_running(jobs: Jobs) -> None:
    def failing_at_its_end() -> Generator[int, None, None]:
        try:
            yield 1
        finally:
            raise ValueError("at the end")

    def panic() -> Generator[int, None, None]:
        raise Panic("at the disco")
        yield

    def no_generator() -> Generator[int, None, None]:
        raise OSError("cannot begin")

    failing = [jobs.start(str(each), "Failing", each) for each in (failing_at_its_end, panic, no_generator)]
    last = jobs.start("last", "Last", lambda: (number for number in (1,)))
    jobs.wait()
    assert [job.state for job in (*failing, last)] == ["failed", "failed", "failed", "done"]
    assert "Panic: at the disco" in failing[1].error
