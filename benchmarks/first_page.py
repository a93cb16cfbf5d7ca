"""How long a person waits for the first page, from starting the command in an empty data home.

    python -m benchmarks.first_page [--quick]

Prints the median in seconds until the question field is drawn in Chromium, and until the server answers.
"""

import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from benchmarks.measure import Options, Result, command
from playground.errors import InputError
from tests.browser import HOW_TO_GET_CHROMIUM, Server, find_chromium, new_page, open_browser

MOST = 3.0  # seconds from the server's start


def wait_for_first_page(browser: Browser, home: Path) -> tuple[float, float]:
    """Seconds from starting the process until the server answers, and until the page is drawn."""
    page = new_page(browser)
    started = time.perf_counter()
    with Server(home) as server:
        answered = time.perf_counter() - started
        page.goto(server.url)
        page.locator(".st-key-question").wait_for()
        drawn = time.perf_counter() - started
    page.context.close()
    return answered, drawn


def run(options: Options) -> Iterator[Result]:
    """The median of several starts. Raises InputError where there is no Chromium."""
    if find_chromium() is None:
        raise InputError(HOW_TO_GET_CHROMIUM)
    with open_browser() as browser:
        runs = range(2 if options.quick else 5)
        measured = [wait_for_first_page(browser, options.work / f"home-{run}") for run in runs]
    answered, drawn = (statistics.median(times) for times in zip(*measured, strict=True))
    yield Result(
        "first page drawn after the server's start",
        drawn,
        most=MOST,
        unit="s",
        note=f"the server answers after {answered:.2f} s",
    )


if __name__ == "__main__":
    sys.exit(command(run, __doc__))
