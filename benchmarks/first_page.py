"""How long a person waits for the first page, from starting the command in an empty data home.

    python -m benchmarks.first_page [--runs N]

Prints the medians in seconds: until the server answers, and until the question field is drawn in Chromium.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser import Server, new_page, open_browser

TARGET = 3.0  # seconds from the server's start


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


def main() -> int:
    """Measure and print. Returns 1 where the page is later than the target."""
    parser = argparse.ArgumentParser(description="Seconds until the first page is drawn.")
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        measured = [wait_for_first_page(browser, Path(folder) / f"home-{run}") for run in range(runs)]
    answered, drawn = (statistics.median(times) for times in zip(*measured, strict=True))
    print(f"first page: server answers after {answered:.2f} s, drawn after {drawn:.2f} s (target: {TARGET})")
    return 0 if drawn <= TARGET else 1


if __name__ == "__main__":
    sys.exit(main())
