"""The Documents page without a browser, with a fake encoder."""

import time
from collections.abc import Callable, Generator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground import startup
from playground.config import DEFAULT, PipelineConfig
from playground.documents import Document
from playground.embedding import encoder_id
from playground.index import IndexProgress
from playground.jobs import Job
from playground.paths import pages_folder
from playground.questions.labels import Gold, LabelledQuestion
from playground.ui import resources
from playground.ui.background import about, job_line
from playground.ui.documents.upload import pasted_name, uploads
from tests.fakes import FakeEncoder

POLICY = "# Returns\n\nHardware may be returned within 14 days.\n\n# Dogs\n\nDogs are welcome in Leer.\n"


@pytest.fixture(autouse=True)
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    fake = FakeEncoder(id=encoder_id(DEFAULT.encoder))
    for module in ("playground.workspace", "playground.ui.documents.view"):
        monkeypatch.setattr(f"{module}.load_encoder", lambda config: fake)
    return fake


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(pages_folder() / "documents.py"), default_timeout=60)


def nothing() -> Generator[Any, None, None]:
    yield from ()


def finish_loading() -> None:
    """As if the encoder had been loaded in the background."""
    resources.jobs().start(startup.MODELS, "Loading the built-in encoder", nothing)
    resources.jobs().wait()


def add(name: str, text: str) -> str:
    document = Document(f"id{abs(hash(name))}", name, text)
    resources.workspace().add(document, text.encode())
    return document.id


def index(config: PipelineConfig = DEFAULT) -> None:
    for _ in resources.workspace().index_steps(config):
        pass


def run(page: AppTest) -> AppTest:
    page.run()
    assert not page.exception, page.exception
    return page


def shown(page: AppTest) -> str:
    """Everything that is written on the page."""
    kinds = (page.markdown, page.html, page.caption, page.text, page.error, page.warning)
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def press(page: AppTest, key: str) -> AppTest:
    page.button(key=key).click()
    return run(page)


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline, "it did not happen within 30 seconds"
        time.sleep(0.02)


def test_without_documents_there_are_two_ways_to_begin(page: AppTest) -> None:
    run(page)
    assert "No documents yet" in shown(page)
    assert page.button(key="load_sample").label == "Load the sample handbook"
    assert len(page.file_uploader) == 1
    assert "How the text is cut" not in shown(page)


def test_the_sample_handbook_is_one_click(page: AppTest) -> None:
    press(run(page), "load_sample")
    resources.jobs().wait()
    run(page)
    assert "14 documents" in shown(page)
    assert "Index is up to date" in shown(page)
    assert page.button(key="index_now").disabled


def test_pasted_text_is_read_once_and_told_in_one_line(page: AppTest) -> None:
    run(page)
    page.text_input(key="paste_name").set_value("Returns")
    page.text_area(key="paste_text").set_value(POLICY)
    press(page, "paste_add")
    uploads().wait()
    for _ in range(3):
        run(page)
    assert [entry.name for entry in resources.workspace().library.entries()] == ["Returns.md"]
    assert shown(page).count("<b>Returns.md</b>") == 1
    assert "1 document to index" in shown(page)


def test_uploads_are_read_each_for_itself_and_emptied(page: AppTest) -> None:
    run(page)
    files = [("a.md", POLICY.encode(), "text/markdown"), ("b.txt", b"", "text/plain")]
    page.file_uploader[0].set_value(files)
    run(page)
    uploads().wait()
    run(page)
    assert f"<b>a.md</b><span>{len(POLICY.strip())} characters</span>" in shown(page)
    assert "<b>b.txt</b><span>The file is empty; add one with text in it</span>" in shown(page)
    assert page.file_uploader[0].value == []


def test_uploads_are_read_while_an_index_is_being_built(page: AppTest) -> None:
    run(page)
    waiting = {"on": True}

    def busy() -> Generator[IndexProgress, None, None]:
        while waiting["on"]:
            time.sleep(0.01)
            yield IndexProgress(64, 128, 64, 2.0)

    job = resources.jobs().start("index of something", "Indexing", busy)
    page.text_area(key="paste_text").set_value("Dogs are welcome.")
    press(page, "paste_add")
    uploads().wait()
    run(page)
    assert job.state == "running"
    assert [entry.name for entry in resources.workspace().library.entries()] == ["Pasted text.md"]
    assert page.button(key="cancel").label == "Cancel"
    press(page, "cancel")
    wait_until(lambda: job.state == "cancelled")
    waiting["on"] = False


def test_names_and_texts_are_never_markup(page: AppTest) -> None:
    add("<img src=x onerror=alert(1)>.md", "<script>alert(2)</script> text")
    finish_loading()
    run(page)
    drawn = "\n".join(str(element.value) for element in page.html)
    assert "<script" not in drawn
    assert "<img" not in drawn
    assert "&lt;script&gt;alert(2)&lt;/script&gt; text" in drawn


def test_index_now_brings_every_column_up_to_date(page: AppTest) -> None:
    add("a.md", POLICY)
    run(page)
    button = page.button(key="index_now")
    assert button.label == "Index now, about 1 s"
    assert not button.disabled
    press(page, "index_now")
    resources.jobs().wait()
    run(page)
    assert "Index is up to date" in shown(page)
    assert resources.workspace().status(DEFAULT).complete


def test_a_setting_that_is_used_in_a_column_shows_what_has_to_be_indexed_again(page: AppTest) -> None:
    add("a.md", POLICY)
    index()
    finish_loading()
    run(page)
    page.slider(key="size_left").set_value(100)
    run(page)
    press(page, "use_left_b")
    assert "Index of B is out of date: chunk size changed from 200 to 100" in shown(page)
    assert "A, C, D" in shown(page)


def test_the_preview_waits_for_the_encoder(page: AppTest) -> None:
    add("a.md", POLICY)
    run(page)
    assert "The encoder is loading" in shown(page)
    finish_loading()
    run(page)
    assert "The encoder is loading" not in shown(page)


def test_two_settings_are_compared_and_nothing_is_embedded(page: AppTest, encoder: FakeEncoder) -> None:
    add("a.md", " ".join(f"word{number}" for number in range(50)))
    finish_loading()
    run(page)
    for key, value in (("size_left", 20), ("size_right", 20), ("overlap_right", 5)):
        page.slider(key=key).set_value(value)
    page.segmented_control(key="strategy_left").set_value("fixed")
    run(page)
    assert "3 chunks" in shown(page)  # 20, 20, 10 tokens
    assert "mean 17" in shown(page)
    assert 'class="shared" title="also in the chunk before"' in shown(page)
    assert "≠" in shown(page)
    assert encoder.encoded == []


def test_an_overlap_above_half_the_size_counts_as_half(page: AppTest) -> None:
    add("a.md", " ".join(f"word{number}" for number in range(50)))
    finish_loading()
    run(page)
    page.slider(key="size_left").set_value(20)
    page.slider(key="overlap_left").set_value(200)
    page.segmented_control(key="strategy_left").set_value("fixed")
    run(page)
    assert "4 chunks" in shown(page)  # 20 tokens each, 10 of them from the one before


def test_an_own_labelled_answer_that_a_setting_cuts_is_counted(page: AppTest) -> None:
    add("a.md", " ".join(f"word{number}" for number in range(50)))
    label = Gold("a.md", quote="word18 word19 word20 word21")
    resources.questions().add("Mine", LabelledQuestion("q", "Which words?", relevant=(label,)))
    finish_loading()
    run(page)
    for key, value in (("size_left", 20), ("overlap_left", 0), ("size_right", 20), ("overlap_right", 5)):
        page.slider(key=key).set_value(value)
    for side in ("left", "right"):
        page.segmented_control(key=f"strategy_{side}").set_value("fixed")
    run(page)
    assert "1 of 1 labelled answer cut in two" in shown(page)
    assert "1 labelled answer in one piece" in shown(page)


def test_a_long_document_is_cut_by_meaning_only_on_demand(page: AppTest, encoder: FakeEncoder) -> None:
    add("a.md", "Dogs are welcome. " * 4000)
    finish_loading()
    run(page)
    page.segmented_control(key="strategy_right").set_value("semantic")
    run(page)
    assert encoder.encoded == []
    press(page, "cut_right")
    assert len(encoder.encoded) == 1


def test_a_document_is_viewed_with_its_chunks(page: AppTest) -> None:
    document_id = add("a.md", POLICY)
    index()
    page.session_state["viewed"] = document_id
    run(page)
    assert page.button(key="view_later").disabled
    count = len(resources.workspace().index(DEFAULT).chunks_of(document_id))
    assert f"content_cut: {count} chunk{'s' * (count != 1)}]" in shown(page)
    assert f"characters 1 to {len(POLICY)} of {len(POLICY)}" in shown(page)
    assert shown(page).count('<div class="chunk"') == count


def test_find_narrows_the_library(page: AppTest) -> None:
    add("returns.md", POLICY)
    add("dogs.md", "Dogs are welcome.")
    run(page)
    page.text_input(key="find").set_value("DOG")
    run(page)
    assert list(page.dataframe[0].value["Document"]) == ["dogs.md"]
    page.text_input(key="find").set_value("cats")
    run(page)
    assert "No document has this in its name or title" in shown(page)


def test_a_failed_job_says_why_and_offers_another_try(page: AppTest) -> None:
    add("a.md", POLICY)
    run(page)

    def broken() -> Generator[Any, None, None]:
        raise OSError("disk is full")
        yield

    key = startup.indexing_key(resources.workspace(), DEFAULT)
    resources.jobs().start(key, "Indexing", broken)
    resources.jobs().wait()
    run(page)
    assert "disk is full" in shown(page)
    assert page.button(key="retry_0").label == "Try again"


def test_progress_says_how_far_how_fast_and_how_long() -> None:
    job = Job("index", "Indexing", nothing, "running", IndexProgress(50, 200, 50, 2.0))
    assert job_line(job) == (0.25, "Indexing: 50 of 200 chunks · 25 chunks a second · about 6 s left")
    waiting = Job("index", "Indexing", nothing)
    assert job_line(waiting) == (None, "Indexing: waits for its turn")


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.1, "about 1 s"), (45, "about 45 s"), (200, "about 3 min"), (7200, "about 2.0 h")],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert about(seconds) == words


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("", "Pasted text.md"),
        ("Notes", "Notes.md"),
        ("a.txt", "a.txt"),
        ("v1.2", "v1.2.md"),
        ("a/b", "a-b.md"),
    ],
)
def test_pasted_text_gets_the_name_of_a_file(given: str, name: str) -> None:
    assert pasted_name(given) == name


def test_going_to_a_place_and_then_to_another_document(page: AppTest) -> None:
    text = "".join(f"line {number:04}\n" for number in range(2000))
    first, second = add("a.md", text), add("b.md", text.replace("line", "word"))
    finish_loading()
    run(page)
    page.selectbox(key=f"preview_place_{first}").set_value("At 50 %")
    run(page)
    assert "characters 10,001 to" in shown(page)
    page.selectbox(key="preview_document").set_value(second)
    run(page)
    assert page.selectbox(key=f"preview_place_{second}").value == "Beginning"
    assert "word 0000" in shown(page)
    press(page, "preview_later")
    assert "word 0000" not in shown(page)
