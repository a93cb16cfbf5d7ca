import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from playground.adapters import training
from playground.adapters.card import AdapterCard, CurvePoint, Difference, Forgetting, Scores
from playground.adapters.settings import TrainingSettings, defaults_for_language_model
from playground.cli_adapters import read_inputs, summary, training_settings
from playground.engines.language_model import unload_language_model
from playground.errors import InputError
from tests.command_lines import Run, in_process
from tests.test_training import CODE
from tests.tiny_models import tiny_causal_lm

FIELDS = ["input", "output", "score", "abstained", "latency_ms"]
TOPICS = {
    "card": ["my card is lost", "the card was stolen", "I cannot find my card", "where is my new card"],
    "cash": ["the machine gave no cash", "I need cash", "no cash came out", "withdraw some cash"],
    "loan": ["I want a loan", "how much is a loan", "can I repay the loan", "the loan is too dear"],
}
PAIRS = [(text, label) for label, texts in TOPICS.items() for text in texts]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """A command line in this process: exit status, output, errors."""
    return in_process(capsys)


@pytest.fixture
def examples(tmp_path: Path) -> Path:
    return write_lines(tmp_path / "examples.jsonl", [{"input": a, "output": b} for a, b in PAIRS])


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    rows = [{"input": "I lost my card", "output": "ignored"}, {"input": "cash, please", "id": 7}]
    return write_lines(tmp_path / "inputs.jsonl", rows)


@pytest.fixture
def fake_training(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_COMMAND", (sys.executable, "-c", CODE))


def write_lines(path: Path, rows: Sequence[dict]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def read_lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def one_line(errors: str, *parts: str) -> None:
    assert errors.startswith("playground")
    assert errors.count("\n") == 1
    for part in parts:
        assert part in errors


# train


@pytest.mark.usefixtures("fake_training")
def test_train_makes_an_adapter_and_prints_what_it_brought(run: Run, examples: Path, tmp_path: Path) -> None:
    out = tmp_path / "adapter"
    status, output, errors = run("train", "--examples", examples, "--out", out, "--steps", 3, "--seed", 1)
    assert (status, errors) == (0, "")
    lines = output.splitlines()
    assert lines[0] == "10 examples to learn from, 2 held out"
    assert lines[1].startswith("match") or lines[1].startswith("accuracy")
    assert "before" in lines[1]
    assert "95 % interval" in lines[1]
    assert lines[-1].endswith(str(out))
    card = AdapterCard.read(out)
    assert (card.name, card.settings["steps"], card.settings["seed"]) == ("adapter", 3, 1)


@pytest.mark.usefixtures("fake_training")
def test_bad_lines_are_listed_and_do_not_stop(run: Run, examples: Path, tmp_path: Path) -> None:
    with examples.open("a") as file:
        file.write('{"input": "no output"}\nthis is not JSON\n')
    status, output, errors = run("train", "--examples", examples, "--out", tmp_path / "a", "--steps", 2)
    assert status == 0
    assert "10 examples to learn from, 2 held out" in output
    assert f'{examples}, line 13: there is no "output"' in errors
    assert f"{examples}, line 14: this is not JSON" in errors


def test_a_folder_that_holds_something_is_refused_before_anything_is_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("dear")
    status, _, errors = run("train", "--examples", tmp_path / "none.jsonl", "--out", tmp_path)
    assert status == 2
    one_line(errors, str(tmp_path), "not an empty folder")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--held-out", "0.9"], "held_out=0.9"),
        (["--rank", "0"], "rank=0"),
        (["--steps", "many"], "invalid int value"),
        (["--engine", "nobody/nothing"], "nobody/nothing is not on this machine"),
        (["--engine", "local_model"], "PLAYGROUND_MODEL"),
    ],
)
def test_what_cannot_work_is_one_line(
    run: Run,
    examples: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    message: str,
) -> None:
    monkeypatch.delenv("PLAYGROUND_MODEL", raising=False)
    status, _, errors = run("train", "--examples", examples, "--out", tmp_path / "a", *arguments)
    assert status == 2
    one_line(errors, message)
    assert not (tmp_path / "a").exists()


def test_a_file_without_examples_is_one_line(run: Run, tmp_path: Path) -> None:
    empty = write_lines(tmp_path / "empty.jsonl", [{"question": "?"}])
    for path, message in ((empty, "no usable example"), (tmp_path / "none.jsonl", "cannot be read")):
        status, _, errors = run("train", "--examples", path, "--out", tmp_path / "a")
        assert status == 2
        one_line(errors, str(path), message)


def test_a_folder_that_is_no_model_is_one_line(run: Run, examples: Path, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    status, _, errors = run(
        "train", "--examples", examples, "--out", tmp_path / "a", "--engine", tmp_path / "model"
    )
    assert status == 2
    one_line(errors, str(tmp_path / "model"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["examples.jsonl", "model"]


def settings_of(*arguments: str) -> TrainingSettings:
    import argparse

    from playground.cli_adapters import add_commands

    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    return training_settings(parser.parse_args(["train", "--examples", "x", "--out", "y", *arguments]))


def test_what_is_not_given_has_the_defaults_of_the_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings_of() == TrainingSettings(learn_held_out=True)
    assert settings_of("--engine", "some/model") == defaults_for_language_model("some/model")
    monkeypatch.setenv("PLAYGROUND_MODEL", "my/model")
    assert settings_of("--engine", "local_model").model == "my/model"
    given = settings_of("--rank", "4", "--learning-rate", "0.01", "--no-early-stop", "--max-tokens", "99")
    learned = TrainingSettings(
        rank=4, learning_rate=0.01, early_stop=False, max_tokens=99, learn_held_out=True
    )
    assert given == learned
    assert settings_of("--rounds", "5") == TrainingSettings(rounds=5, learn_held_out=True)


def test_the_summary_says_scores_with_their_interval() -> None:
    difference = Difference(0.25, 0.1, 0.4)
    card = AdapterCard(
        "n", "extractive", "b", "h", 8, 2, "e", True, {}, "2026-01-01T00:00:00+00:00", 61.7,
        (CurvePoint(40, 0.1, 0.2),), Scores("accuracy", 20, 0.5, 0.75, difference, 0.3),
        Forgetting("found", 9, 1.0, 0.9, Difference(-0.1, -0.2, 0.0)),
    )  # fmt: skip
    assert summary(card) == [
        "accuracy              0.500 before, 0.750 after (+0.250, 95 % interval +0.100 to +0.400)",
        "moved                 30% of 20 held-out answers",
        "outside: found        1.000 before, 0.900 after (-0.100, 95 % interval -0.200 to +0.000)",
        "trained               62 s, 40 steps",
    ]


# predict


def test_extractive_train_and_predict_by_all_four_approaches(
    run: Run, examples: Path, inputs: Path, tmp_path: Path
) -> None:
    adapter = tmp_path / "adapter"
    status, output, errors = run(
        "train", "--examples", examples, "--out", adapter, "--steps", 4, "--batch", 8
    )
    assert (status, errors) == (0, "")
    assert AdapterCard.read(adapter).kind == "extractive"
    for approach in ("prompt", "rag", "adapter", "both"):
        out = tmp_path / f"{approach}.jsonl"
        status, output, errors = run(
            *("predict", "--inputs", inputs, "--out", out, "--adapter", adapter),
            *("--examples", examples, "--approach", approach),
        )
        assert (status, output, errors) == (0, "", "")
        rows = read_lines(out)
        assert [list(row) for row in rows] == [FIELDS, FIELDS]
        assert [row["input"] for row in rows] == ["I lost my card", "cash, please"]
        assert [row["output"] for row in rows] == ["card", "cash"]
        assert all(row["latency_ms"] > 0 and isinstance(row["abstained"], bool) for row in rows)
    status, _, _ = run("predict", "--inputs", inputs, "--out", tmp_path / "d.jsonl", "--adapter", adapter)
    assert status == 0
    assert [row["output"] for row in read_lines(tmp_path / "d.jsonl")] == [
        row["output"] for row in read_lines(tmp_path / "adapter.jsonl")
    ]


def test_a_language_model_trains_and_predicts_by_all_four_approaches(
    run: Run, examples: Path, inputs: Path, tmp_path: Path
) -> None:
    model = tiny_causal_lm(tmp_path / "model")
    adapter = tmp_path / "adapter"
    status, _, errors = run(
        *("train", "--examples", examples, "--engine", model, "--out", adapter),
        *("--steps", 2, "--learning-rate", "0.001", "--held-out", "0.1"),
    )
    assert (status, errors) == (0, "")
    outputs = {}
    for approach in ("prompt", "rag", "adapter", "both"):
        out = tmp_path / f"{approach}.jsonl"
        status, _, errors = run(
            *("predict", "--inputs", inputs, "--out", out, "--adapter", adapter),
            *("--examples", examples, "--approach", approach),
        )
        assert (status, errors) == (0, "")
        rows = read_lines(out)
        assert [list(row) for row in rows] == [FIELDS, FIELDS]
        assert all(0 < row["score"] <= 1 for row in rows)
        outputs[approach] = [row["output"] for row in rows]
    status, _, errors = run(
        *("predict", "--inputs", inputs, "--out", tmp_path / "x.jsonl", "--examples", examples),
        *("--approach", "prompt", "--engine", model),
    )
    assert (status, errors) == (0, "")
    assert [row["output"] for row in read_lines(tmp_path / "x.jsonl")] == outputs["prompt"]
    unload_language_model()


def test_prompt_and_rag_need_no_adapter(run: Run, examples: Path, inputs: Path, tmp_path: Path) -> None:
    for approach in ("prompt", "rag"):
        out = tmp_path / f"{approach}.jsonl"
        status, _, errors = run(
            "predict", "--inputs", inputs, "--out", out, "--examples", examples, "--approach", approach
        )
        assert (status, errors) == (0, "")
        assert [row["output"] for row in read_lines(out)] == ["card", "cash"]


def test_predict_refuses_what_cannot_work_in_one_line(
    run: Run, examples: Path, inputs: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    known = ("predict", "--inputs", inputs, "--out", out)
    for arguments, message in (
        ([], "--approach adapter needs --adapter"),
        (["--approach", "both", "--examples", examples], "--approach both needs --adapter"),
        (["--approach", "rag"], "--approach rag needs --examples"),
        (["--approach", "magic"], "invalid choice"),
        (["--adapter", tmp_path / "none"], "is not an adapter"),
        (["--adapter", tmp_path], "is not an adapter"),
    ):
        status, _, errors = run(*known, *arguments)
        assert status == 2
        one_line(errors, message)
        assert not out.exists()


def test_an_adapter_for_another_engine_is_refused(
    run: Run, inputs: Path, tmp_path: Path, examples: Path
) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    AdapterCard("n", "local_model", "some/model", "h", 1, 0, "e", False, {}, "2026", 1.0).write(folder)
    known = ("predict", "--inputs", inputs, "--out", tmp_path / "o.jsonl", "--adapter", folder)
    status, _, errors = run(*known, "--engine", "extractive")
    assert status == 2
    one_line(errors, "is an adapter for some/model, not for extractive")
    status, _, errors = run(*known)
    assert status == 2
    one_line(errors, "some/model is not on this machine")


def test_out_that_cannot_be_written_is_refused_first(run: Run, inputs: Path, tmp_path: Path) -> None:
    for out in (tmp_path, tmp_path / "none" / "out.jsonl"):
        status, _, errors = run("predict", "--inputs", inputs, "--out", out, "--adapter", tmp_path)
        assert status == 2
        one_line(errors, "cannot be written")


def test_a_failing_prediction_leaves_the_old_file(
    run: Run, inputs: Path, examples: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old\n")

    def broken(*arguments: object) -> object:
        yield from ()
        raise InputError("the disk is gone; buy another")

    monkeypatch.setattr("playground.adapters.predicting.predict_steps", broken)
    status, _, errors = run(
        "predict", "--inputs", inputs, "--out", out, "--examples", examples, "--approach", "rag"
    )
    assert status == 2
    one_line(errors, "the disk is gone")
    assert out.read_text() == "old\n"
    assert sorted(path.name for path in tmp_path.glob("*out*")) == ["out.jsonl"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no inputs"),
        ("\n \n", "holds no inputs"),
        ("nonsense", "line 1 is not JSON"),
        ('{"input": "a"}\n\n{"text": "b"}', 'line 3 has no text for "input"'),
        ('{"input": 7}', 'line 1 has no text for "input"'),
        ('["input"]', 'line 1 has no text for "input"'),
        ('{"input": "  "}', 'line 1 has no text for "input"'),
    ],
)
def test_inputs_that_cannot_be_read_name_their_line(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "inputs.jsonl"
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_inputs(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_inputs_keep_their_characters_and_their_order(tmp_path: Path) -> None:
    texts = ["ça va?\u2028", "b", "a", "a"]
    path = write_lines(tmp_path / "inputs.jsonl", [{"input": text, "n": 1} for text in texts])
    assert read_inputs(path) == texts


@pytest.mark.parametrize("command", ["train", "predict"])
def test_help_exits_with_success_and_without_loading_models(command: str) -> None:
    code = (
        f"import sys, playground.cli\ntry: playground.cli.main([{command!r}, '--help'])\n"
        "finally: assert 'torch' not in sys.modules and 'peft' not in sys.modules"
    )
    finished = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=os.environ)
    assert finished.returncode == 0, finished.stderr
    assert "--examples" in finished.stdout
