"""The Fine-tune page without a browser and without a training: the steps of one are given by hand."""

import json
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from playground.adapters.card import AdapterCard, CurvePoint, Difference, Forgetting, Scores
from playground.adapters.estimate import Estimate
from playground.adapters.examples import Example, ExampleFile, examples_hash
from playground.adapters.kept_examples import keep_examples, kept_examples
from playground.adapters.progress import TrainingProgress
from playground.adapters.scoring import HeldOutRow, write_rows
from playground.adapters.settings import TrainingSettings
from playground.adapters.training import TrainingRequest
from playground.config import DEFAULT
from playground.embedding import BUILTIN_SHA256
from playground.engines.loading import examples_folder
from playground.errors import InputError, PlaygroundError
from playground.intake import take_in_folder
from playground.paths import app_script, pages_folder
from playground.scenarios.gallery import scenarios
from playground.ui import resources, state
from playground.ui.fine_tune import job as fine_tune_job
from playground.ui.fine_tune.job import RunStep, TrainingRun, lowest
from playground.ui.fine_tune.questions import known_questions, outside_questions
from playground.ui.fine_tune.results import compared_config, difference_words
from playground.ui.fine_tune.settings import estimate_words
from playground.ui.fine_tune.state import Draft, ExampleSource, proposed_name, read_source
from playground.ui.fine_tune.training import duration, progress_line, round_ends
from tests.adapter_folders import CARD, write_adapter
from tests.homes import lookups_pending, put
from tests.test_documents_page import press, run, shown, wait_until

CURVE = (CurvePoint(2, 2.0, 2.5), CurvePoint(4, 1.0, 1.5), CurvePoint(6, 0.5, 1.75))
SCORES = Scores("match", 10, 0.21, 0.83, Difference(0.62, 0.4, 0.8), 0.9)
MINE = replace(CARD, base_hash=BUILTIN_SHA256, curve=CURVE, scores=SCORES)
ROWS = [
    HeldOutRow("My parcel is <late>.", "Sorry about the wait!", "Call <b>us</b>.", "Sorry!", 0.2, 0.8, 0.1),
    HeldOutRow("Which size?", "Tell me the size.", "Tell me the size.", "Sorry!", 1.0, 0.0, 0.0),
]


@dataclass
class FakeTraining:
    """`train_steps` by hand: one step, then it waits for `go_on`, then another, then the adapter is there."""

    requests: list[TrainingRequest] = field(default_factory=list)
    go_on: threading.Event = field(default_factory=threading.Event)
    closed: bool = False
    error: str = ""

    def __call__(self, request: TrainingRequest) -> Generator[TrainingProgress, None, Path]:
        self.requests.append(request)
        try:
            yield TrainingProgress("training", 2, 6, 1.0, 130.0, CURVE[:1], 2)
            while not self.go_on.wait(0.02) and not request.stop.is_set():
                yield TrainingProgress("training", 2, 6, 1.0, 130.0, CURVE[:1], 2)
            if self.error:
                raise PlaygroundError(self.error)
            yield TrainingProgress("done", 6, 6, 3.0, 0.0, CURVE, 4)
            card = replace(MINE, name=request.name, examples_hash=hash_of(request))
            write_adapter(request.out, card)
            write_rows(request.out, ROWS)
            return request.out
        finally:
            self.closed = True


def hash_of(request: TrainingRequest) -> str:
    return examples_hash([*request.examples, *request.held_out])


@pytest.fixture(autouse=True)
def training(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeTraining]:
    fake = FakeTraining()
    monkeypatch.setattr(fine_tune_job, "train_steps", fake)
    yield fake
    fake.go_on.set()
    resources.trainings().wait()


@pytest.fixture
def page() -> AppTest:
    return AppTest.from_file(str(pages_folder() / "fine_tune.py"), default_timeout=60)


def example_lines(count: int = 20) -> str:
    """Answers that are all different, to questions that are nothing alike."""
    words = "amber birch cedar delta ember fjord grove heron indigo jetty".split()
    rows = [
        {"input": f"{word} {other} {word}{other}?", "output": f"{other} is {word}."}
        for word in words
        for other in words
    ]
    return "\n".join(json.dumps(row) for row in rows[:count])


def upload(page: AppTest, content: str, name: str = "support-tone.jsonl") -> AppTest:
    uploader = page.file_uploader(key=f"example_file_{page.session_state['fine_tune_draft'].uploads}")
    uploader.set_value([(name, content.encode(), "application/json")])
    return run(page)


def metrics(page: AppTest) -> dict[str, str]:
    return {each.label: each.value for each in page.metric}


def add_adapter(card: AdapterCard = MINE, id: str = "support-tone-1") -> str:
    folder = write_adapter(resources.adapters().folder / id, card)
    write_rows(folder, ROWS)
    return id


def table(page: AppTest) -> Any:
    return page.dataframe[0].value


# Before anything is there


def test_an_empty_page_says_what_to_do_and_cannot_train(page: AppTest) -> None:
    run(page)
    assert page.button(key="train").disabled
    assert "Add examples first" in shown(page)
    assert "The learning curve appears here" in shown(page)
    assert "No adapters yet" in shown(page)
    assert not page.dataframe


# Examples


def test_uploaded_examples_are_counted_and_split(page: AppTest) -> None:
    upload(run(page), example_lines(20))
    assert metrics(page) == {"Usable": "20", "For training": "16", "Held out": "4"}
    assert "support-tone.jsonl" in shown(page)
    assert "No duplicates, empty outputs or contradictions" in shown(page)
    assert page.text_input(key="adapter_name").value == "support tone"
    assert not page.button(key="train").disabled


def test_bad_lines_are_listed_with_their_number_and_reason(page: AppTest) -> None:
    content = example_lines(10) + '\n{"input": "only <i>this</i>"}\nno JSON'
    upload(run(page), content)
    assert "<tr><td>11</td><td>there is no &quot;output&quot;, only &quot;input&quot;</td></tr>" in shown(
        page
    )
    assert "<tr><td>12</td><td>this is not JSON" in shown(page)
    assert "2 lines cannot be read" in shown(page)


def test_a_file_that_cannot_be_used_says_why_and_the_examples_from_before_stay(page: AppTest) -> None:
    upload(run(page), example_lines(10))
    upload(page, "nothing *at* all", "other.jsonl")
    assert "other.jsonl holds no usable example" in page.error[0].value
    assert metrics(page)["Usable"] == "10"
    upload(page, example_lines(12))
    assert not page.error
    assert metrics(page)["Usable"] == "12"


def test_the_held_out_share_is_a_slider(page: AppTest) -> None:
    upload(run(page), example_lines(20))
    page.slider(key="held_out").set_value(50)
    run(page)
    assert metrics(page) == {"Usable": "20", "For training": "10", "Held out": "10"}
    page.slider(key="held_out").set_value(0)
    run(page)
    assert metrics(page)["Held out"] == "0"


def test_the_sample_examples_are_one_click(page: AppTest) -> None:
    press(run(page), "sample_examples_handbook")
    assert int(metrics(page)["Usable"]) >= 90
    assert "handbook examples.jsonl" in shown(page)


def test_only_the_samples_of_what_is_open_have_buttons(page: AppTest) -> None:
    def buttons() -> list[str]:
        return [each.label for each in run(page).button if str(each.key).startswith("sample_")]

    assert buttons() == ["Sample answers", "Sample messages"]
    list(take_in_folder(resources.workspace(), scenarios()["bank_assistant"].documents))
    assert buttons() == ["Sample answers", "Sample questions"]
    list(take_in_folder(resources.workspace(), scenarios()["handbook"].documents))
    assert buttons()[0] == "Company handbook answers"


def test_the_examples_of_any_other_scenario_are_one_choice(page: AppTest) -> None:
    run(page)
    page.selectbox(key="other_sample").set_value("moderation")
    assert "moderation examples.jsonl" in shown(run(page))
    assert page.selectbox(key="other_sample").value is None


def test_a_question_of_the_question_set_among_the_examples_is_told(page: AppTest) -> None:
    list(take_in_folder(resources.workspace(), scenarios()["handbook"].documents))
    question = known_questions(resources.workspace())[0].question
    line = json.dumps({"input": question, "output": "It is so."})
    upload(run(page), example_lines(10) + "\n" + line)
    assert "1 question of the question set is among the examples" in shown(page).replace("\\", "")
    upload(page, example_lines(10))
    assert "No question of the question set is among the examples" in shown(page)


def test_labelled_questions_become_examples_through_their_evidence() -> None:
    put(resources.workspace(), "returns.md", "Hardware may be returned within 14 days. Dogs are welcome.")
    documents = {
        "returns.md": resources.workspace().library.document(
            resources.workspace().library.names()["returns.md"]
        )
    }
    line = {"question": "When?", "relevant": [{"document": "returns.md", "quote": "within 14 days"}]}
    source = read_source("questions.jsonl", json.dumps(line).encode(), lambda: documents)
    assert source.file == ExampleFile((Example("When?", "within 14 days", 1),))
    assert [each.question for each in source.questions] == ["When?"]
    with pytest.raises(InputError, match="does not fit the documents"):
        read_source("questions.jsonl", json.dumps(line).encode(), dict)


def test_the_sample_questions_are_offered_where_their_documents_are(page: AppTest) -> None:
    list(take_in_folder(resources.workspace(), scenarios()["handbook"].documents))
    press(run(page), "sample_questions_handbook")
    assert int(metrics(page)["Usable"]) >= 20
    assert "question set" not in shown(page)


# Settings


def test_a_language_model_that_is_not_here_cannot_be_trained(page: AppTest) -> None:
    upload(run(page), example_lines())
    page.segmented_control(key="trained").set_value("local_model")
    run(page)
    assert page.button(key="train").disabled
    assert "is not on this machine, and only a model that is can be trained" in shown(page)
    assert page.slider(key="epochs").value == 3
    page.segmented_control(key="trained").set_value("extractive")
    run(page)
    assert not page.button(key="train").disabled


def test_what_is_set_for_one_kind_waits_while_the_other_is_looked_at(page: AppTest) -> None:
    run(page)
    page.select_slider(key="rank").set_value(32)
    run(page)
    page.segmented_control(key="trained").set_value("local_model")
    run(page)
    assert page.select_slider(key="rank").value == 8
    page.segmented_control(key="trained").set_value("extractive")
    run(page)
    assert page.select_slider(key="rank").value == 32


def test_too_few_examples_for_training_are_refused_with_the_remedy(page: AppTest) -> None:
    upload(run(page), example_lines(1))
    assert page.button(key="train").disabled
    assert "At least 2 examples for training are needed" in shown(page)


def test_a_name_that_is_taken_gets_a_version() -> None:
    draft = Draft(ExampleSource("support-tone.jsonl", ExampleFile(())))
    assert draft.name_besides([]) == "support tone"
    assert draft.name_besides(["support tone", "support tone v2"]) == "support tone v3"
    draft.name = "support tone"
    assert draft.name_besides(["support tone"]) == "support tone"


@pytest.mark.parametrize(
    ("file_name", "name"),
    [("support_tone.v2.jsonl", "support tone.v2"), (".jsonl", "adapter"), ("a/b.csv", "b")],
)
def test_an_adapter_is_named_after_its_examples(file_name: str, name: str) -> None:
    assert proposed_name(file_name) == name


def test_an_estimate_says_whether_it_is_a_guess() -> None:
    assert estimate_words(Estimate(120.0, 1_503_238_554, True)).endswith("measured by the last training here")
    assert estimate_words(Estimate(120.0, 1_503_238_554, False)) == (
        "About 2 min and 1.4 GB of memory, a guess before the first one here"
    )


# Training


def test_a_training_is_drawn_while_it_runs_and_its_adapter_is_kept(
    page: AppTest, training: FakeTraining
) -> None:
    upload(run(page), example_lines(20))
    page.number_input(key="steps_exactly").set_value(6)
    run(page)
    press(page, "train")
    wait_until(lambda: isinstance(resources.trainings().active()[0].progress, RunStep))
    wait_until(lambda: bool(resources.trainings().active()[0].progress.progress.curve))
    run(page)
    assert page.get("plotly_chart")
    assert "Step 2 of 6 · 1 s gone · about 2 min 10 s left" in progress_texts(page)
    assert table(page)["State"].tolist() == ["◐ training …"]
    assert page.button(key="train").disabled
    training.go_on.set()
    resources.trainings().wait()
    run(page)
    assert "kept step 4 of 6" in shown(page)
    assert table(page)["Adapter"].tolist() == ["support tone"]
    assert table(page)["Held out"].tolist() == [83]
    assert page.text_input(key="adapter_name").value == "support tone v2"
    request = training.requests[0]
    assert (len(request.examples), len(request.held_out), request.settings.steps) == (16, 4, 6)
    assert request.background
    assert training.closed


def progress_texts(page: AppTest) -> str:
    return "\n".join(each.proto.text for each in page.get("progress"))


def test_stop_and_keep_the_best_keeps_an_adapter(page: AppTest, training: FakeTraining) -> None:
    upload(run(page), example_lines())
    press(page, "train")
    wait_until(lambda: bool(training.requests))
    wait_until(lambda: bool(resources.trainings().active()[0].progress.progress.curve))
    press(run(page), "stop")
    resources.trainings().wait()
    assert training.requests[0].stop.is_set()
    assert [entry.card.name for entry in resources.adapters().entries()] == ["support tone"]


def test_a_cancelled_training_leaves_nothing(page: AppTest, training: FakeTraining) -> None:
    upload(run(page), example_lines())
    press(page, "train")
    wait_until(lambda: bool(training.requests))
    press(run(page), "cancel_training")
    resources.trainings().wait()
    run(page)
    assert training.closed
    assert not resources.adapters().entries()
    assert not list(resources.adapters().folder.iterdir())
    assert "was cancelled, nothing was kept" in page.info[0].value
    press(page, "close_training")
    assert not page.info


def test_a_failed_training_says_why_in_one_line(page: AppTest, training: FakeTraining) -> None:
    training.error = "memory ran out; choose a smaller batch"
    training.go_on.set()
    press(upload(run(page), example_lines()), "train")
    resources.trainings().wait()
    run(page)
    assert page.error[0].value == "Training support tone failed: memory ran out; choose a smaller batch"
    assert not resources.adapters().entries()


def test_another_session_finds_the_training_and_its_examples(page: AppTest, training: FakeTraining) -> None:
    press(upload(run(page), example_lines(20)), "train")
    wait_until(lambda: bool(training.requests))
    reloaded = AppTest.from_file(str(pages_folder() / "fine_tune.py"), default_timeout=60)
    run(reloaded)
    assert metrics(reloaded) == {"Usable": "20", "For training": "16", "Held out": "4"}
    assert reloaded.button(key="train").disabled
    assert reloaded.button(key="cancel_training")


def test_training_does_not_wait_for_indexing_nor_indexing_for_training(
    page: AppTest, training: FakeTraining
) -> None:
    press(upload(run(page), example_lines(20)), "train")
    wait_until(lambda: bool(training.requests))
    job = resources.jobs().start("index", "Indexing", lambda: (yield from ()))
    resources.jobs().wait()
    assert job.state == "done"
    assert resources.trainings().active()


def test_the_scenario_questions_say_what_is_forgotten(page: AppTest, training: FakeTraining) -> None:
    list(take_in_folder(resources.workspace(), scenarios()["handbook"].documents))
    questions = outside_questions(resources.workspace(), ())
    assert questions and all(each.passage for each in questions)
    one = questions[0].question
    assert one not in [each.question for each in outside_questions(resources.workspace(), (one,))]
    training.go_on.set()
    press(upload(run(page), example_lines()), "train")
    resources.trainings().wait()
    assert training.requests[0].outside == questions


def step(progress: TrainingProgress, batch: int = 2) -> RunStep:
    settings = TrainingSettings(batch=batch)
    request = TrainingRequest("tone", (Example("a", "b"),) * 4, (), settings, Path("x"))
    return RunStep(TrainingRun(request, "tone.jsonl", False), progress)


@pytest.mark.parametrize(
    ("progress", "share", "words"),
    [
        (TrainingProgress("loading", seconds=3), 0.0, "Loading the base model · 3 s gone"),
        (
            TrainingProgress("scoring before", 5, 20, 65.0),
            0.25,
            "Scoring the base on the held-out examples, 5 of 20 · 1 min 5 s gone",
        ),
        (
            TrainingProgress("training", 3, 6, 8.0, 9.0),
            0.5,
            "Step 3 of 6 · round 2 of 3 · 8 s gone · about 9 s left",
        ),
        (TrainingProgress("done", 6, 6, 8.0), 1.0, "Putting the adapter into the library, 6 of 6 · 8 s gone"),
    ],
)
def test_progress_says_the_phase_the_round_and_the_time(
    progress: TrainingProgress, share: float, words: str
) -> None:
    assert progress_line(step(progress)) == (share, words)


@pytest.mark.parametrize(
    ("steps", "a_round", "ends"),
    [(6, 2, [2, 4, 6]), (5, 2, [2, 4, 5]), (2, 2, []), (6, 1, []), (100, 2, [])],
)
def test_rounds_are_drawn_where_they_can_be_told_apart(steps: int, a_round: int, ends: list[int]) -> None:
    assert round_ends(steps, a_round) == ends


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min"), (130, "2 min 10 s"), (1500, "25 min"), (3840, "1 h 4 min")],
)
def test_a_duration_is_as_exact_as_it_needs_to_be(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_the_best_step_is_the_one_with_the_lowest_held_out_loss() -> None:
    assert lowest(CURVE) == CURVE[1]
    assert lowest((CurvePoint(1, 0.5),)) is None


# Before and after


def test_scores_are_told_with_their_interval_and_examples_side_by_side(page: AppTest) -> None:
    add_adapter()
    run(page)
    text = shown(page)
    assert "+62 points (+40 to +80): better" in text
    assert "21 % →</span> 83 %" in text
    assert "9 of 10 are not what the base says" in text
    assert "My parcel is &lt;late&gt;." in text
    assert "Call &lt;b&gt;us&lt;/b&gt;." in text
    assert text.index("My parcel") < text.index("Which size?")
    assert "▲ gained" in text and "▼ lost" in text
    assert "none were there to see what was forgotten" in text


def test_forgetting_is_told_with_its_interval(page: AppTest) -> None:
    forgotten = Forgetting("found first", 40, 0.7, 0.6, Difference(-0.1, -0.2, -0.02))
    add_adapter(replace(MINE, forgetting=forgotten))
    run(page)
    assert "Other questions, found first, 40 not trained" in shown(page)
    assert "−10 points (−20 to −2): worse" in shown(page)


@pytest.mark.parametrize(
    ("difference", "words"),
    [
        (Difference(0.47, 0.38, 0.55), "+47 points (+38 to +55): better"),
        (Difference(0.02, -0.01, 0.05), "+2 points (−1 to +5): too close to call"),
        (Difference(0.0, 0.0, 0.0), "0 points (0 to 0): nothing changed"),
    ],
)
def test_a_difference_says_what_follows_from_it(difference: Difference, words: str) -> None:
    assert difference_words(difference, of=10) == words


def test_from_a_handful_of_examples_nothing_follows() -> None:
    words = difference_words(Difference(0.67, 0.67, 0.67), of=3)
    assert words == "+67 points (+67 to +67): 3 are too few to tell"


def test_a_damaged_list_of_examples_is_told_and_the_scores_stay(page: AppTest) -> None:
    add_adapter()
    (resources.adapters().folder / "support-tone-1" / "held_out.json").write_text("{")
    run(page)
    assert "cannot be read as held-out examples" in page.warning[0].value
    assert "+62 points" in shown(page)


def test_without_held_out_examples_the_page_says_so(page: AppTest) -> None:
    add_adapter(replace(MINE, scores=None, held_out=0))
    run(page)
    assert "Nothing was held out when this adapter was trained" in shown(page)


def test_compare_now_opens_the_four_approaches_with_the_adapter() -> None:
    id = add_adapter()
    page = AppTest.from_file(str(app_script()), default_timeout=120)
    page.run()
    page.switch_page(str(pages_folder() / "fine_tune.py")).run()
    assert not page.exception
    press(page, "compare_now")
    configs = [column.config for column in page.session_state["comparison"].columns]
    assert [config.approach for config in configs] == ["Prompt only", "RAG", "Fine-tuned", "RAG + fine-tuned"]
    assert [config.adapter for config in configs] == ["", "", id, id]
    assert {config.retrieval.mode for config in configs} == {"hybrid"}
    assert page.session_state["question"] == ROWS[0].input


def test_labelled_examples_are_kept_for_retrieval_without_those_held_out(home: Path) -> None:
    training, held_out = (Example("late", "wait"), Example("lost", "search")), (Example("gone", "search"),)
    keep_examples(home, "Süd & Nord.jsonl", training, held_out)
    name = kept_examples(home, examples_hash([*held_out, *training]))
    assert name.startswith("s-d-nord-")
    kept = (examples_folder(home) / f"{name}.jsonl").read_text()
    assert "lost" in kept and "gone" not in kept
    assert kept_examples(home, "00" * 32) == ""
    config = compared_config(DEFAULT, replace(MINE, labelled=True), name)
    assert config.engine.examples == name


def test_compare_takes_the_engine_that_the_adapter_belongs_to() -> None:
    now = DEFAULT.with_values({"encoder.name": "other", "retrieval.top_k": 7})
    model = compared_config(now, replace(MINE, kind="local_model", base="small"), "labels")
    assert (model.engine.name, model.engine.model, model.engine.examples) == ("local_model", "small", "")
    assert compared_config(now, MINE, "").encoder == DEFAULT.encoder
    assert model.retrieval.top_k == 7


# The library


def test_the_newest_adapter_is_shown_until_another_is_chosen(page: AppTest) -> None:
    add_adapter(replace(MINE, name="older", created="2026-01-01T00:00:00+00:00"), "older-1")
    add_adapter(replace(MINE, name="newer <b>one</b>", created="2026-02-01T00:00:00+00:00"), "newer-1")
    run(page)
    assert table(page)["Adapter"].tolist() == ["newer <b>one</b>", "older"]
    assert "newer \\<b\\>one\\</b\\>" in shown(page)
    assert "77 + 19 held out" in shown(page)
    assert "rank 16, 6 steps of 64, learning rate 0.001" in shown(page)


def test_an_adapter_for_another_base_is_shown_with_the_reason(page: AppTest) -> None:
    add_adapter(replace(MINE, base_hash="ff" * 32))
    run(page)
    assert table(page)["State"].tolist() == ["✗ other base"]
    assert "this is another model or another version of it" in shown(page)
    assert page.button(key="compare_now").disabled


def test_an_adapter_of_a_model_that_is_not_here_is_shown_with_the_reason(page: AppTest) -> None:
    add_adapter(replace(MINE, kind="local_model", base="someone/large"))
    run(page)
    wait_until(lambda: not lookups_pending())
    run(page)
    assert table(page)["State"].tolist() == ["✗ other base"]
    assert "is not on this machine" in shown(page)


def test_a_damaged_adapter_can_only_be_deleted(page: AppTest) -> None:
    folder = resources.adapters().folder / "broken-1"
    write_adapter(folder)
    (folder / "adapter_model.safetensors").write_bytes(b"no")
    run(page)
    assert table(page)["State"].tolist() == ["✗ damaged"]
    assert "rename_now" not in [button.key for button in page.button]
    press(page, "delete_adapter_now")
    assert not folder.exists()
    assert "No adapters yet" in shown(page)


def test_an_adapter_is_renamed(page: AppTest) -> None:
    id = add_adapter()
    run(page)
    page.text_input(key=f"new_name_{id}").set_value("  calmer tone ")
    press(page, "rename_now")
    assert table(page)["Adapter"].tolist() == ["calmer tone"]
    page.text_input(key=f"new_name_{id}").set_value("")
    press(page, "rename_now")
    assert page.error[0].value == "an adapter needs a name"


def test_a_deleted_adapter_is_switched_off_in_every_column(page: AppTest) -> None:
    id = add_adapter()
    config = DEFAULT.with_values({"adapter": id})
    page.session_state["comparison"] = state.Comparison([state.Column(DEFAULT), state.Column(config)])
    run(page)
    assert table(page)["State"].tolist() == ["✓ in use"]
    press(page, "delete_adapter_now")
    assert [column.config.adapter for column in page.session_state["comparison"].columns] == ["", ""]
    assert "Deleted support tone" in shown(page)


def test_an_export_comes_back_by_an_import(page: AppTest) -> None:
    content = resources.adapters().export(add_adapter())
    run(page)
    page.file_uploader(key="adapter_zip_0").set_value([("tone.zip", content, "application/zip")])
    run(page)
    assert table(page)["Adapter"].tolist() == ["support tone", "support tone"]
    assert "Imported support tone" in shown(page)


def test_a_refused_import_is_one_line(page: AppTest) -> None:
    run(page)
    page.file_uploader(key="adapter_zip_0").set_value([("tone.zip", b"no zip", "application/zip")])
    run(page)
    line = page.error[0].value.replace("\\", "")
    assert line == "tone.zip: the archive is not imported: it is no zip archive, or a damaged one"
    assert "No adapters yet" in shown(page)
