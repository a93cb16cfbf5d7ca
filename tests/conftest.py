"""Every test gets a data home of its own, no network, and Streamlit without the caches of the test before."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

# The hub's client reads these once, when it is imported.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_OFFLINE"] = "1"

import pytest

import playground.settings  # noqa: F401  (sets the thread pools, before any test imports numpy)
from tests.browser import HOW_TO_GET_CHROMIUM, find_chromium
from tests.servers import no_servers_in_the_environment


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data home; nothing of the person who runs the tests is read or changed."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PLAYGROUND_HOME", str(folder))
    for variable in ("PLAYGROUND_CHROMA_URL", "PLAYGROUND_MODEL", "PLAYGROUND_CLIP"):
        monkeypatch.delenv(variable, raising=False)
    no_servers_in_the_environment(monkeypatch)
    return folder


@pytest.fixture(autouse=True)
def _empty_streamlit_caches() -> Iterator[None]:
    """Streamlit's caches belong to the process. They are left alone where no test has loaded Streamlit."""
    yield
    if streamlit := sys.modules.get("streamlit"):
        streamlit.cache_data.clear()
        streamlit.cache_resource.clear()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a browser where there is none."""
    if find_chromium() is None:
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(pytest.mark.skip(reason="no Chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once, in one line, that the browser was left out."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if "browser" in getattr(report, "keywords", {})
    ]
    if skipped and find_chromium() is None:
        tests = "1 browser test was" if len(skipped) == 1 else f"{len(skipped)} browser tests were"
        terminalreporter.write_line(f"{tests} skipped: {HOW_TO_GET_CHROMIUM}")
