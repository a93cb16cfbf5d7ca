"""Engines, prompts and adapters on the Compare page, with an engine that says what it is told to."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

from playground import credentials
from playground import workspace as workspace_module
from playground.adapters.card import Kind
from playground.config import DEFAULT, PipelineConfig
from playground.embedding import BUILTIN_SHA256
from playground.engines import downloads, endpoint_discovery
from playground.engines.downloads import DownloadProgress
from playground.engines.endpoint_discovery import Server
from playground.engines.engine import Answer, LabelledNeighbour, Message
from playground.engines.loading import examples_folder, load_engine
from playground.errors import ServerError
from playground.intake import take_in
from playground.jobs import Job
from playground.pipeline import Trace
from playground.retrieval import Hit
from playground.ui import resources, state
from playground.ui.background import job_line
from playground.ui.compare import adapter_toggle
from playground.ui.compare.answer_cards import certainty_in_words
from playground.workspace import Workspace
from tests.adapter_folders import CARD, write_adapter
from tests.homes import lookups_pending
from tests.test_compare_page import QUESTION, RETURNS, ask, badges, drawn, open_page

LOCAL = "engine.name:local_model,engine.model:tiny%2Fmodel"
CLOSED_BOOK = f"{LOCAL},engine.retrieval:false"
ADDRESS = "http://127.0.0.1:11434/v1"
WEIGHTS = "f" * 64
WORDS = ["Within ", "14 ", "days ", "of ", "delivery."]
ANSWER = Answer("14 days. Ask us.", engine="local_model", model="tiny/model")


class FakeModel:
    """Says WORDS one after another, then `answer`, with the adapter's id as its name."""

    def __init__(self, config: PipelineConfig, answer: Answer = ANSWER, meanwhile: Any = None) -> None:
        self.config = config
        self._answer = answer
        self._meanwhile: Callable[[], None] = meanwhile or (lambda: None)

    def answer(
        self, question: str, passages: Sequence[Hit], on_text: Callable[[str], None] | None = None
    ) -> Answer:
        for count in range(1, len(WORDS) + 1):
            if on_text:
                on_text("".join(WORDS[:count]))
            if count == 3:
                self._meanwhile()
                time.sleep(0.1)  # more than what passes between two drawings
        return replace(self._answer, adapter=self.config.adapter)


@pytest.fixture
def library(home: Path) -> Path:
    """One document, indexed with the default settings."""
    workspace = Workspace(home)
    list(take_in(workspace, [("returns.md", RETURNS.encode())]))
    list(workspace.index_steps(DEFAULT))
    workspace.close()
    return home


@pytest.fixture
def models(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Engines by their model's name; what is not in here is loaded as ever. The model is on this machine."""
    engines: dict[str, Any] = {"tiny/model": FakeModel}

    def load(config: PipelineConfig, home: Path) -> Any:
        make = engines.get(config.engine.model)
        return make(config) if make else load_engine(config, home)

    monkeypatch.setattr(workspace_module, "load_engine", load)
    monkeypatch.setattr(workspace_module, "adapter_version", lambda config, home: 0)
    monkeypatch.setattr(downloads, "on_disk", lambda name: name == "tiny/model")
    monkeypatch.setattr(adapter_toggle, "language_model_hash", lambda name: WEIGHTS)
    return engines


def put_adapter(
    home: Path,
    name: str,
    kind: Kind = "extractive",
    base: str = "builtin",
    day: int = 1,
    labelled: bool = False,
) -> str:
    """A whole adapter in the library of `home`, made on a day of January; gives its id."""
    card = replace(
        CARD,
        name=name,
        kind=kind,
        base=base,
        base_hash=BUILTIN_SHA256 if kind == "extractive" else WEIGHTS,
        created=f"2026-01-{day:02}T00:00:00+00:00",
        labelled=labelled,
    )
    write_adapter(home / "adapters" / name, card)
    return name


def column(page: AppTest, index: int = 0) -> state.Column:
    found: state.Column = page.session_state["comparison"].columns[index]
    return found


def keys(page: AppTest, kind: str) -> set[str]:
    return {str(element.key) for element in page.get(kind)}


# Engines


def test_the_engine_that_is_chosen_shows_its_own_settings(library: Path, models: dict[str, Any]) -> None:
    page = open_page(a="balanced")
    assert "prompt_system_a" not in keys(page, "text_area")
    column(page).set("engine.name", "local_model")
    page.run()
    assert column(page).config.engine.model == downloads.SUGGESTED
    assert "prompt_system_a" in keys(page, "text_area")
    assert "engine_model_a" in keys(page, "selectbox")
    assert "engine_address_a" not in keys(page, "selectbox")


def test_going_back_to_an_engine_finds_its_model_again(library: Path, models: dict[str, Any]) -> None:
    page = open_page(a=LOCAL)
    column(page).set("engine.name", "extractive")
    assert column(page).config.engine.model == ""
    column(page).set("engine.name", "local_model")
    assert column(page).config.engine.model == "tiny/model"


def test_a_model_is_downloaded_only_after_its_size_was_shown(
    library: Path, models: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    got: list[str] = []
    monkeypatch.setattr(downloads, "download_size", lambda name: 988_000_000)
    monkeypatch.setattr(downloads, "download_steps", lambda name: iter(got.append(name) or ()))  # type: ignore[func-returns-value]
    page = open_page(a="engine.name:local_model,engine.model:other%2Fmodel")
    assert "other/model is not on this machine" in "".join(each.value for each in page.caption)
    assert "download_a" not in keys(page, "button")
    page.button(key="size_a").click().run()
    wait_for_lookups(page)
    assert page.button(key="download_a").label == "Download 988 MB"
    assert got == []
    page.button(key="download_a").click().run()
    resources.jobs().wait()
    assert got == ["other/model"]


def wait_for_lookups(page: AppTest) -> None:
    deadline = time.monotonic() + 20
    while lookups_pending() and time.monotonic() < deadline:
        time.sleep(0.02)
    page.run()
    assert not page.exception


def test_a_server_that_was_found_offers_its_models(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        endpoint_discovery, "discover", lambda: [Server("Ollama", ADDRESS, ("base", "tuned"))]
    )
    monkeypatch.setattr(endpoint_discovery, "list_models", lambda address: ["base", "tuned"])
    page = open_page(a="balanced")
    column(page).set("engine.name", "endpoint")
    page.run()
    wait_for_lookups(page)
    page.selectbox(key="engine_address_a").set_value(ADDRESS).run()
    wait_for_lookups(page)
    assert column(page).problem.startswith("engine.name=endpoint needs engine.model")
    page.selectbox(key="engine_model_a").set_value("base").run()
    assert column(page).problem == ""
    assert column(page).config.engine.address == ADDRESS
    page.selectbox(key="adapter_a").set_value("tuned").run()
    assert column(page).config.adapter == "tuned"


def test_a_key_is_in_no_setting_no_export_and_no_address(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint_discovery, "discover", list)
    monkeypatch.setattr(endpoint_discovery, "list_models", lambda address: ["base"])
    address = "https%3A%2F%2Fmodels.example%2Fv1"
    page = open_page(a=f"engine.name:endpoint,engine.model:base,engine.address:{address}")
    assert "Nothing is sent to models.example" in "".join(each.value for each in page.caption)
    try:
        page.text_input(key="key_engine_a").set_value("sk-very-secret").run()
        assert credentials.key_for("https://models.example/v1") == "sk-very-secret"
        session = {name: page.session_state[name] for name in ("comparison", "key_engine_a")}
        exported = column(page).config.to_toml()
        assert "sk-very-secret" not in repr([dict(page.query_params), exported, drawn(page), session])
        assert "sk-very-secret" not in repr(page.main)
    finally:
        credentials.forget("https://models.example/v1")


# Prompts


def test_the_prompt_is_a_knob_of_its_column(library: Path, models: dict[str, Any]) -> None:
    page = open_page(a=LOCAL, b=LOCAL)
    assert 'class="diff' not in drawn(page)
    page.text_area(key="prompt_system_b").set_value("Answer in rhymes.").run()
    assert column(page, 1).config.prompt.system == "Answer in rhymes."
    assert "<dd>own</dd>" in drawn(page)
    assert drawn(page).count('class="diff ') == 1
    page.button(key="reset_prompt_b").click().run()
    assert column(page, 1).config == column(page, 0).config


@pytest.mark.parametrize(
    ("part", "text", "why"),
    [("prompt.passage", "{text}", "{number}"), ("prompt.examples", "no json", "line 1 is not JSON")],
)
def test_a_prompt_that_cannot_be_used_says_why(
    library: Path, models: dict[str, Any], part: str, text: str, why: str
) -> None:
    page = open_page(a=LOCAL)
    before = column(page).config
    column(page).set(part, text)
    page.run()
    assert why in column(page).problem
    assert column(page).config == before
    assert "Settings incomplete" in badges(page)


def test_the_prompt_that_was_sent_is_shown_escaped(library: Path, models: dict[str, Any]) -> None:
    answer = Answer("Yes.", engine="local_model", prompt=(Message("user", "Say <b>yes</b>"),))
    models["tiny/model"] = lambda config: FakeModel(config, answer)
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert "<dt>user</dt><dd>Say &lt;b&gt;yes&lt;/b&gt;</dd>" in drawn(page)


# Answers


def test_the_badges_come_from_the_run(library: Path, models: dict[str, Any]) -> None:
    answer = Answer(
        "Yes.",
        engine="local_model",
        model="somebody/really-this-one",
        completion_tokens=21,
        timings={"first_token": 400.0, "generation": 2000.0},
    )
    models["tiny/model"] = lambda config: FakeModel(config, answer)
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert "really\\-this\\-one" in badges(page) or "really-this-one" in badges(page)
    assert "first 0.4 s · 10 tokens/s" in badges(page)


def test_a_sentence_without_support_is_marked_and_dropped_citations_are_counted(
    library: Path, models: dict[str, Any]
) -> None:
    answer = Answer(
        "It is so. <i>Trust me.</i>", unsupported=((10, 26),), dropped_citations=2, notes=("1 of 2 fitted.",)
    )
    models["tiny/model"] = lambda config: FakeModel(config, answer)
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert 'title="This sentence cites no passage">&lt;i&gt;Trust me.&lt;/i&gt;</span>' in drawn(page)
    assert "2 citations point at no passage, and were dropped" in drawn(page)
    assert "1 of 2 fitted" in drawn(page)


def test_neighbours_that_voted_are_listed(library: Path, models: dict[str, Any]) -> None:
    answer = Answer("refund", neighbours=(LabelledNeighbour("Where is my <money>?", "refund", 0.874),))
    models["tiny/model"] = lambda config: FakeModel(config, answer)
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert "Where is my &lt;money&gt;?" in drawn(page)
    assert "similarity <b>0.87</b>" in drawn(page)


def test_only_the_nearest_neighbours_are_unfolded(library: Path, models: dict[str, Any]) -> None:
    neighbours = tuple(LabelledNeighbour(f"message {number}", "refund", 0.5) for number in range(30))
    models["tiny/model"] = lambda config: FakeModel(config, Answer("refund", neighbours=neighbours))
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert "30 labelled examples that voted" in shown_captions(page)
    assert "25 more that voted" in [each.label for each in page.expander]


def shown_captions(page: AppTest) -> str:
    return "\n".join(each.value for each in page.caption)


@pytest.mark.parametrize(
    ("values", "answer", "words"),
    [
        ({}, Answer("x", confidence=0.61), ""),
        ({}, Answer("x", confidence=0.37, adapter="tone"), "similarity 0.37"),
        ({"engine.examples": "queues"}, Answer("x", confidence=0.17), "similarity 0.17"),
        ({"engine.examples": "queues"}, Answer("x"), ""),
    ],
)
def test_a_cosine_is_not_called_confidence(values: dict[str, str], answer: Answer, words: str) -> None:
    trace = Trace("q", DEFAULT.with_values(values), (), answer)
    assert certainty_in_words(trace) == words


def test_a_failing_column_leaves_the_others_alone(library: Path, models: dict[str, Any]) -> None:
    class Refuses(FakeModel):
        def answer(self, *_: Any, **__: Any) -> Answer:
            raise ServerError("the server at models.example refuses the key")

    models["tiny/model"] = Refuses
    page = ask(open_page(a=CLOSED_BOOK, b="balanced"), QUESTION)
    assert "refuses the key" in page.error[0].value
    assert "14 days of delivery" in drawn(page)


def click(key: str) -> None:
    """What the server does when a button is clicked while the script runs."""
    context = get_script_run_ctx()
    assert context and context.script_requests
    widget = context.session_state._state._key_id_mapper.get_id_from_key(key)
    states = WidgetStates(widgets=[WidgetState(id=widget, trigger_value=True)])
    context.script_requests.request_rerun(
        RerunData(widget_states=states, page_script_hash=context.page_script_hash)
    )


def answers(page: AppTest) -> list[str]:
    return [element.value for element in page.get("html") if "pg answer" in element.value]


def test_stop_keeps_the_text_and_the_next_column_still_answers(library: Path, models: dict[str, Any]) -> None:
    models["tiny/model"] = lambda config: FakeModel(config, meanwhile=lambda: click("stop_a"))
    page = ask(open_page(a=CLOSED_BOOK, b="balanced"), QUESTION)
    stopped, whole = answers(page)
    assert "Within 14 days " in stopped
    assert "delivery" not in stopped
    assert "14 days of delivery" in whole
    assert "Stopped" in badges(page)
    assert "stop_a" not in keys(page, "button")


def test_another_click_meanwhile_asks_the_column_anew(library: Path, models: dict[str, Any]) -> None:
    clicks = ["add_column"]
    models["tiny/model"] = lambda config: FakeModel(
        config, meanwhile=lambda: click(clicks.pop()) if clicks else None
    )
    page = ask(open_page(a=CLOSED_BOOK), QUESTION)
    assert ["14 days. Ask us." in each for each in answers(page)] == [True, True]
    assert "Stopped" not in badges(page)


def test_a_column_is_the_same_after_another_page(library: Path, models: dict[str, Any]) -> None:
    page = ask(open_page(a=CLOSED_BOOK, b="balanced"), QUESTION)
    page.text_area(key="prompt_system_a").set_value("Answer in rhymes.").run()
    before = column(page).config
    page.switch_page("../../pages/documents.py").run()
    page.switch_page("../../pages/compare.py").run()
    assert not page.exception
    assert column(page).config == before
    assert page.text_area(key="prompt_system_a").value == "Answer in rhymes."


# Adapters


def test_an_adapter_that_is_switched_on_is_in_the_badge(library: Path, models: dict[str, Any]) -> None:
    put_adapter(library, "support-tone", "local_model", "tiny/model")
    page = open_page(a=CLOSED_BOOK)
    page.selectbox(key="adapter_a").set_value("support-tone").run()
    ask(page, QUESTION)
    assert "violet-badge[:material/extension: support-tone]" in badges(page)
    assert "what it learned is in its weights" in "".join(each.value for each in page.caption)
    page.selectbox(key="adapter_a").set_value("").run()
    assert "violet-badge" not in badges(page)


def test_an_adapter_for_another_base_is_listed_with_the_reason(library: Path) -> None:
    put_adapter(library, "fits")
    put_adapter(library, "support-tone", "local_model", "tiny/model")
    page = open_page(a="balanced")
    assert page.selectbox(key="adapter_a").options == ["No adapter", "fits"]
    line = next(each.value for each in page.caption if "Not for this column" in each.value)
    assert "support\\-tone" in line or "support-tone" in line
    assert "it was trained for a language model" in line


def test_four_approaches_fills_the_columns_with_the_newest_adapter(library: Path) -> None:
    put_adapter(library, "older", day=1)
    put_adapter(library, "newer", day=2)
    put_adapter(library, "other-base", "local_model", "tiny/model", day=3)
    page = open_page(a="balanced")
    page.segmented_control(key="preset").set_value("Four approaches").run()
    configs = [each.config for each in page.session_state["comparison"].columns]
    assert [each.adapter for each in configs] == ["", "", "newer", "newer"]
    heads = [each.value for each in page.markdown if each.value.startswith("### ")]
    names = [head.partition("&ensp;")[2] for head in heads]
    assert names == ["Prompt only", "RAG", "Fine-tuned", "RAG + fine-tuned"]
    assert page.segmented_control(key="preset").value == "Four approaches"


def test_a_browser_that_has_not_seen_the_new_columns_yet_changes_nothing_in_them(library: Path) -> None:
    put_adapter(library, "newer", day=2)
    page = open_page(a="keyword-only", b="fast", c="balanced", d="best-quality")
    page.segmented_control(key="preset").set_value("Four approaches")
    sent_by_the_old_page = page._tree.get_widget_states()
    page.run()
    page._run(sent_by_the_old_page)
    assert not page.exception
    configs = [each.config for each in page.session_state["comparison"].columns]
    assert [each.adapter for each in configs] == ["", "", "newer", "newer"]
    assert page.segmented_control(key="preset").value == "Four approaches"


def test_without_an_adapter_two_approaches_and_the_way_to_the_others(library: Path) -> None:
    page = open_page(a="balanced")
    page.segmented_control(key="preset").set_value("Four approaches").run()
    configs = [each.config for each in page.session_state["comparison"].columns]
    assert [each.approach for each in configs] == ["Prompt only", "RAG"]
    assert [link.label for link in page.get("page_link")] == ["Train an adapter to see the other two"]


def test_an_adapter_for_labelled_messages_brings_its_examples(library: Path) -> None:
    put_adapter(library, "intents", labelled=True)
    kept = f"messages-{CARD.examples_hash[:8]}"
    examples_folder(library).mkdir()
    (examples_folder(library) / f"{kept}.jsonl").write_text('{"input": "a", "output": "b"}\n')
    page = open_page(a="balanced")
    page.segmented_control(key="preset").set_value("Four approaches").run()
    assert {each.config.engine.examples for each in page.session_state["comparison"].columns} == {kept}
    assert "labelled examples" in drawn(page)
    assert page.segmented_control(key="preset").value == "Four approaches"


def test_a_download_says_how_far_it_is() -> None:
    job = Job("download x", "Downloading x", steps=lambda: iter(()), state="running")  # type: ignore[arg-type, return-value]
    job.progress = DownloadProgress(247_000_000, 1_976_000_000)
    assert job_line(job) == (0.125, "Downloading x: 247 MB of 2.0 GB")
