"""Pictures of every page, wide and narrow, light and dark, of the real app with the sample documents.

    python -m benchmarks.screenshots [--out FOLDER] [--question QUESTION] [--docs FOLDER] [--only PAGE ...]

Starts the app with `--demo` in an empty data home, asks a question, evaluates the sample questions, trains
the built-in adapter on the sample messages, and saves each page: several minutes, most of them for the
training. The README shows those at 1280 pixels, light. Fails where a page shows an exception or scrolls
sideways, because a picture of that helps nobody.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from playwright.sync_api import Browser, Page, expect

from playground.guide import Guide, keep_guide
from playground.scenarios.gallery import scenarios
from tests.browser import Server, assert_nothing_scrolls_sideways, new_page, open_browser, wait_until_idle

Theme = Literal["light", "dark"]
WIDTHS = {1280: 900, 1920: 1080}
PATIENCE = 240.0  # seconds: on a slow machine the model has to load and the samples to be indexed first
TRAINING = 900.0  # seconds
EVALUATING = 900.0  # seconds
MESSAGE = "The logger beeps twice and then switches itself off."


@dataclass(frozen=True)
class Shot:
    """One page: its name in the file, its path in the address, and what to do before the picture. It is shown
    at its whole height, or only its first `height` pixels."""

    name: str
    path: str
    prepare: Callable[[Page, str], None]
    height: int | None = None


def ask(page: Page, question: str) -> None:
    """Ask on the first page and wait until the latency chart, the last thing drawn, is there."""
    field = page.locator(".st-key-question input")
    field.fill(question)
    field.press("Tab")
    wait_until_idle(page, PATIENCE)
    page.locator(".st-key-ask button").click()
    page.locator(".st-key-latency_chart").wait_for(timeout=PATIENCE * 1000)


def wait_for_library(page: Page, question: str) -> None:
    """The library lists the samples, and the preview beside it is drawn."""
    page.locator(".st-key-library").wait_for(timeout=PATIENCE * 1000)


def run_once(page: Page, question: str) -> None:
    """Measure the columns of Compare on the sample questions; later pictures show the run that is there."""
    run, figures = page.locator(".st-key-run button"), page.locator(".st-key-figures")
    run.first.wait_for(timeout=PATIENCE * 1000)
    if not figures.count():
        page.locator(".st-key-run button:not([disabled])").first.click(timeout=PATIENCE * 1000)
    figures.get_by_text("finished in").wait_for(timeout=EVALUATING * 1000)


def open_section(name: str) -> Callable[[Page, str], None]:
    """A section of the Evaluate page, after the run."""

    def prepare(page: Page, question: str) -> None:
        run_once(page, question)
        page.get_by_role("radio", name=name).click()
        wait_until_idle(page, PATIENCE)

    return prepare


def train_once(page: Page, question: str) -> None:
    """Train on the sample messages, with the defaults; later pictures show the adapter that is there."""
    chart, nothing = page.locator(".st-key-loss_chart .js-plotly-plot"), page.locator(".st-key-no_training")
    chart.or_(nothing).first.wait_for(timeout=PATIENCE * 1000)
    if nothing.count():
        page.locator(".st-key-sample_messages_handbook button").first.click()
        wait_until_idle(page, PATIENCE)
        page.locator(".st-key-train button").first.click()
    page.locator(".st-key-compare_now").wait_for(timeout=TRAINING * 1000)
    wait_until_idle(page, PATIENCE)
    chart.first.wait_for(timeout=PATIENCE * 1000)


def ask_four(page: Page, question: str) -> None:
    """The four approaches to one question, with the adapter that was trained last."""
    page.get_by_role("radio", name="Four approaches").click()
    wait_until_idle(page, PATIENCE)
    ask(page, question)


def decide_once(page: Page, question: str) -> None:
    """Measure the handbook's scenario and make all trials; later pictures show what is there."""
    page.locator(".st-key-needs").wait_for(timeout=PATIENCE * 1000)
    if page.locator(".st-key-tests").get_by_text("not tried").count():
        decide_section(page, "Scenarios")
        measure = page.locator(".st-key-scenario_measure_handbook button").first
        measure.click()
        expect(measure).to_be_disabled(timeout=PATIENCE * 1000)
        expect(measure).to_be_enabled(timeout=TRAINING * 1000)
        decide_section(page, "Trials")
        for kind, shown in TRIALS.items():
            page.locator(f".st-key-try_{kind} button").first.click()
            page.locator(f".st-key-trial_{kind}").get_by_text(shown).first.wait_for(timeout=TRAINING * 1000)
            wait_until_idle(page, PATIENCE)
        decide_section(page, "Verdict")
    page.locator(".st-key-break_even_chart .js-plotly-plot").wait_for(timeout=PATIENCE * 1000)


def decide_section(page: Page, name: str) -> None:
    page.locator(".st-key-decide_section").get_by_role("radio", name=name).click()
    wait_until_idle(page, PATIENCE)


def section_of_decide(name: str) -> Callable[[Page, str], None]:
    """A section of the Decide page, after everything was measured."""

    def prepare(page: Page, question: str) -> None:
        decide_once(page, question)
        decide_section(page, name)

    return prepare


def present(step: int) -> Callable[[Page, str], None]:
    """A step of the presentation of the four approaches."""

    def prepare(page: Page, question: str) -> None:
        ask_four(page, question)
        page.locator(".st-key-present button").first.click()
        for _ in range(step - 1):
            page.locator(".st-key-next button").wait_for(timeout=PATIENCE * 1000)
            page.keyboard.press("ArrowRight")
            wait_until_idle(page, PATIENCE)

    return prepare


TRIALS = {
    "freshness": "became",
    "removal": "was deleted",
    "restriction": "was hidden",
    "behaviour": "wordings each",
}
"""Each trial of the Decide page, and what stands in its card when it has been made."""

SHOTS = (
    Shot("compare", "", ask),
    Shot("documents", "documents", wait_for_library),
    Shot("evaluate", "evaluate", run_once, height=1080),
    Shot("evaluate-whole", "evaluate", run_once),
    Shot("evaluate-questions", "evaluate", open_section("Questions")),
    Shot("evaluate-map", "evaluate", open_section("Map")),
    Shot("evaluate-runs", "evaluate", open_section("Runs")),
    Shot("fine-tune", "fine_tune", train_once),
    Shot("four-approaches", "", lambda page, _: ask_four(page, MESSAGE)),
    Shot("decide", "decide", decide_once),
    Shot("decide-task", "decide", section_of_decide("Your task")),
    Shot("decide-trials", "decide", section_of_decide("Trials")),
    Shot("decide-costs", "decide", section_of_decide("Costs")),
    Shot("decide-scenarios", "decide", section_of_decide("Scenarios")),
    *(Shot(f"present-{step}", "", present(step)) for step in (1, 2, 3, 4, 5)),
)
IN_README = ("compare", "documents", "evaluate", "fine-tune", "decide")


def first_question() -> str:
    """The first of the questions that the page offers to click."""
    return scenarios()["handbook"].sample_questions[0]


def show_whole_page(page: Page, width: int, at_most: int | None = None) -> None:
    """Make the window as tall as the content: Streamlit scrolls inside the page, which a picture cuts off."""
    content = "document.querySelector('[data-testid=stMainBlockContainer]').getBoundingClientRect()"
    height = int(
        page.evaluate(
            f"Math.ceil({content}.bottom + document.querySelector('[data-testid=stMain]').scrollTop)"
        )
    )
    page.evaluate("document.activeElement?.blur()")
    height = max(WIDTHS[width], height)
    page.set_viewport_size({"width": width, "height": min(height, at_most or height)})
    page.wait_for_timeout(600)  # charts and tables follow the new size a moment later


def take_pictures(
    browser: Browser, url: str, folder: Path, question: str, shots: Sequence[Shot]
) -> Iterator[Path]:
    """Save and yield a picture for every page, width and theme."""
    for shot in shots:
        for width, height in WIDTHS.items():
            for theme in get_args(Theme):
                page = new_page(browser, width, height, theme)
                page.goto(f"{url}/{shot.path}")
                wait_until_idle(page, PATIENCE)
                shot.prepare(page, question)
                wait_until_idle(page, PATIENCE)
                show_whole_page(page, width, shot.height)
                assert_nothing_scrolls_sideways(page)
                picture = folder / f"{shot.name}-{width}-{theme}.png"
                page.screenshot(path=picture)
                page.context.close()
                yield picture


def main() -> int:
    """Take all pictures and copy the README's. Returns the exit status."""
    parser = argparse.ArgumentParser(
        description="Pictures of every page, of the real app with the sample documents."
    )
    parser.add_argument("--out", type=Path, default=Path("docs/screenshots"), help="folder of the pictures")
    parser.add_argument("--docs", type=Path, default=Path("docs"), help="folder of the README's pictures")
    parser.add_argument("--question", default="", help="what to ask (default: the samples' first question)")
    parser.add_argument(
        "--only", nargs="+", choices=[shot.name for shot in SHOTS], help="these pages (default: all)"
    )
    arguments = parser.parse_args()
    shots = [shot for shot in SHOTS if not arguments.only or shot.name in arguments.only]
    question = arguments.question or first_question()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, open_browser() as browser:
        home = Path(folder) / "home"
        home.mkdir()
        keep_guide(home, Guide(left=True))  # who reads the README is not on a first visit
        with Server(home, "--demo", start_within=PATIENCE) as server:
            for picture in take_pictures(browser, server.url, arguments.out, question, shots):
                print(picture)
    for name in {shot.name for shot in shots} & set(IN_README):
        picture = arguments.docs / f"{name}.png"
        shutil.copy(arguments.out / f"{name}-1280-light.png", picture)
        print(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
