"""The app in a real browser: start the server, open pages in Chromium, wait, and look for what went wrong.

Used by the browser tests and by the screenshots. This module does not know what is on the pages.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
HOW_TO_GET_CHROMIUM = (
    "Chromium was not found; get it with `sudo apt-get install chromium` "
    "(macOS: `brew install --cask chromium`)"
)
# Without a sandbox, because tests run as root in containers; the rest keeps the browser from calling home.
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# A card that scrolls by itself (code, a table's canvas) is allowed to be wider inside than outside.
SIDEWAYS = """() => {
    const inside = '[class*="st-key-"], [class*="st-key-"] *, .pg, .pg *, [data-testid=stMain]';
    const own = 'pre, code, svg, svg *, canvas, input, textarea, '
        + '[data-testid=stDataFrame], [data-testid=stDataFrame] *';
    const margin = 8;  // an icon in a button may reach beyond it by some pixels
    const wide = element => element.clientWidth > 1 && element.scrollWidth > element.clientWidth + margin;
    const found = [...document.querySelectorAll(inside)].filter(element => wide(element)
        && !element.matches(own)
        && (element.matches('[data-testid=stMain]')
            || !['auto', 'scroll'].includes(getComputedStyle(element).overflowX)));
    if (wide(document.documentElement)) found.unshift(document.documentElement);
    const name = element => `${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''}`;
    return found.map(element => `${name(element)}: ${element.scrollWidth} > ${element.clientWidth} pixels: `
        + element.textContent.trim().slice(0, 60));
}"""


def find_chromium() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)


class Server:
    """`playground` in a process of its own, at a free port of this machine, until the block ends.

    `home` becomes its data home; `arguments` are added to the command. What it prints goes to `home.log`
    beside the home.
    """

    def __init__(self, home: Path, *arguments: str, start_within: float = 60.0) -> None:
        self.home = home
        self.arguments = arguments
        self.start_within = start_within
        self.log = home.with_name(f"{home.name}.log")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "playground", "--port", str(self.port), *self.arguments]
        self.home.mkdir(parents=True, exist_ok=True)
        with self.log.open("w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, "PLAYGROUND_HOME": str(self.home), "HF_HUB_OFFLINE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._wait_for_health()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self, signal_number: int = signal.SIGTERM) -> None:
        """End the server and everything that it started; SIGKILL gives it no chance to tidy up."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal_number)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=10)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def _wait_for_health(self) -> None:
        deadline = time.monotonic() + self.start_within
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"the server ended at once with status {self.process.returncode}: {self._said()}"
                )
            if answers(f"{self.url}/_stcore/health"):
                return
            time.sleep(0.05)
        raise TimeoutError(f"the server did not answer within {self.start_within:.0f} s: {self._said()}")

    def _said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:]


def answers(url: str) -> bool:
    """Whether a server answers at `url` with success."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


def free_port() -> int:
    """A port of this machine that nobody listens at right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def open_browser() -> Iterator[Browser]:
    """A headless Chromium with an empty profile. Raises RuntimeError where there is none."""
    chromium = find_chromium()
    if chromium is None:
        raise RuntimeError(HOW_TO_GET_CHROMIUM)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=CHROMIUM_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def new_page(
    browser: Browser, width: int = 1280, height: int = 900, theme: Literal["light", "dark"] = "light"
) -> Page:
    """A page of its own profile, `width` by `height` CSS pixels, that prefers `theme`."""
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    return context.new_page()


def wait_until_idle(page: Page, within: float = 60.0) -> None:
    """Wait, `within` seconds, until the script has run to its end; then nothing on the page may be an error.

    A click reaches the server a moment later, so idle means: idle, and still idle after a pause.
    """
    deadline = time.monotonic() + within
    idle = "[data-testid=stApp][data-test-script-state=notRunning]"
    while True:
        page.wait_for_selector(idle, timeout=max(1.0, (deadline - time.monotonic()) * 1000))
        page.wait_for_timeout(250)
        if page.query_selector(idle):
            break
    assert_no_exception(page)


def upload_and_index(page: Page, url: str, *files: Path) -> None:
    """Bring files through the Documents page, and wait until they are indexed."""
    page.goto(f"{url}/documents")
    wait_until_idle(page)
    page.locator(".st-key-files input[type=file]").set_input_files([str(file) for file in files])
    expect(page.locator(".st-key-upload_lines")).to_contain_text(files[-1].name, timeout=60_000)
    page.locator(".st-key-index_now button").click()
    expect(page.locator(".st-key-index_status")).to_contain_text("up to date", timeout=120_000)
    wait_until_idle(page)


def assert_no_exception(page: Page) -> None:
    """Fail with the text of the first exception that Streamlit shows."""
    texts = page.locator("[data-testid=stException]").all_inner_texts()
    assert not texts, f"{page.url} shows an exception: {texts[0]}"


def scrolled_sideways(page: Page) -> list[str]:
    """What is wider inside than outside: the page itself, its cards, and what lies in them."""
    return list(page.evaluate(SIDEWAYS))


def assert_nothing_scrolls_sideways(page: Page) -> None:
    """Fail with a line for each element whose content is wider than itself."""
    found = scrolled_sideways(page)
    assert not found, "\n".join([f"{page.url} scrolls sideways:", *found])
