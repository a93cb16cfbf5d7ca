import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from playground import doctor
from playground.presets import PRESETS
from tests import files_for_reading
from tests.command_lines import Run, in_process, insect_documents, insect_questions
from tests.fakes import FakeEncoder
from tests.homes import use_fake_encoder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    return use_fake_encoder(monkeypatch)


@pytest.fixture
def run(encoder: FakeEncoder, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command line in this process: exit status, output, errors."""
    return in_process(capsys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return insect_documents(tmp_path / "documents")


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    return insect_questions(tmp_path / "questions.jsonl")


# ask


def test_ask_prints_answer_sources_and_times(run: Run, folder: Path) -> None:
    status, output, errors = run("ask", "Who makes honey in spring?", "--documents", folder)
    lines = output.splitlines()
    assert (status, errors) == (0, "")
    assert lines[:2] == ["The bee makes honey in spring. [1]", "*[1] bees.md  Bees"]
    assert lines[-1].split(" ms (")[1].startswith("embed_query ")


def test_ask_prints_plain_values_for_programs(run: Run, folder: Path) -> None:
    status, output, _ = run("ask", "Who makes honey in spring?", "--documents", folder, "--json")
    values = json.loads(output)
    assert (status, values["answer"], values["abstained"]) == (0, "The bee makes honey in spring.", False)
    (citation,) = values["citations"]
    text = (folder / "bees.md").read_text()
    assert text[citation["start"] : citation["end"]] == values["answer"]


def test_who_asks_is_a_setting_like_any_other(run: Run, folder: Path) -> None:
    """The documents of a folder are for everybody."""
    who = "retrieval.reader=Anna Müller"
    status, output, _ = run("ask", "Who makes honey?", "--documents", folder, "--set", who, "--json")
    values = json.loads(output)
    assert (status, values["config"]["retrieval"]["reader"]) == (0, "Anna Müller")
    assert values["abstained"] is False


@pytest.mark.parametrize(
    "flags",
    [
        ["--set", "retrieval.top_k=1", "chunking.size=50"],
        ["--set", "retrieval.top_k=1", "--set", "chunking.size=50"],
    ],
)
def test_settings_come_in_one_flag_or_several(run: Run, folder: Path, flags: list[str]) -> None:
    status, output, _ = run("ask", "honey", "--documents", folder, *flags, "--json")
    config = json.loads(output)["config"]
    assert (status, config["retrieval"]["top_k"], config["chunking"]["size"]) == (0, 1, 50)


def test_an_exported_file_is_used_and_settings_go_on_top(run: Run, folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "column.toml"
    path.write_text(PRESETS["Keyword only"].to_toml(), encoding="utf-8")
    arguments = ("ask", "honey", "--documents", folder, "--config", path, "--json")
    _, output, _ = run(*arguments)
    assert json.loads(output)["config"] == PRESETS["Keyword only"].to_dict()
    _, output, _ = run(*arguments, "--set", "retrieval.top_k=1")
    config = json.loads(output)["config"]
    assert (config["retrieval"]["mode"], config["retrieval"]["top_k"]) == ("keyword", 1)


def test_a_bad_file_is_a_line_and_the_rest_is_asked(run: Run, folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    status, output, errors = run("ask", "Who makes honey in spring?", "--documents", folder)
    assert (status, output.splitlines()[0]) == (0, "The bee makes honey in spring. [1]")
    assert errors == "empty.txt: the file is empty; add one with text in it\n"


# Bad input


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("ask x", "the following arguments are required: --documents"),
        ("ask", "the following arguments are required: question, --documents"),
        ("ask x --documents {docs} --set chunking.sice=3", "there is no setting chunking.sice"),
        ("ask x --documents {docs} --set chunking.size=x", "chunking.size=x is not a whole number"),
        ("ask x --documents {docs} --set chunking.size", "--set chunking.size has no value"),
        ("ask x --documents {docs} --set adapter=some", "adapter=some: there is no such adapter"),
        ("ask x --documents {docs} --config missing.toml", "missing.toml cannot be used as settings"),
        ("ask x --documents {docs} --adapter some", "unrecognized arguments: --adapter some"),
        ("ask x --documents {docs}/none", "none is not a folder"),
        ("ask x --documents {docs}/ants.md", "ants.md is not a folder"),
        ("ask x --documents {empty}", "empty holds no files; put the documents there"),
        ("ask x --documents {bad}", "can be read (a.gif: the format is not supported"),
        ("evaluate --documents {docs} --questions none.jsonl --out r.json", "none.jsonl cannot be read"),
        ("evaluate --documents {docs} --questions {wrong} --out r.json", "wrong.jsonl, line 2: this is not"),
        ("evaluate --documents {docs} --questions {good} --out {docs}", "cannot be written"),
        ("evaluate --documents {docs} --questions {good} --out no/r.json", "no/r.json cannot be written"),
        ("read {docs}/none.md", "none.md does not exist"),
        ("dance", "invalid choice: 'dance'"),
        ("--port many", "invalid int value: 'many'"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    run: Run, folder: Path, questions: Path, arguments: str, words: str
) -> None:
    empty, bad, wrong = folder.parent / "empty", folder.parent / "bad", folder.parent / "wrong.jsonl"
    empty.mkdir()
    bad.mkdir()
    for name in "ab":
        (bad / f"{name}.gif").write_bytes(b"GIF89a" + bytes(50))
    wrong.write_text('{"question": "Who?"}\n{"question"\n')
    places = {"docs": folder, "empty": empty, "bad": bad, "wrong": wrong, "good": questions}
    status, output, errors = run(*(part.format(**places) for part in arguments.split()))
    assert (status, output) == (2, "")
    assert errors.count("\n") == 1
    assert errors.startswith("playground")
    assert words in errors


def test_line_ends_in_what_was_typed_make_no_second_line(run: Run, folder: Path) -> None:
    status, _, errors = run("ask", "x", "--documents", folder, "--set", "chunking.size=3\nchunking=4")
    assert (status, errors.count("\n")) == (2, 1)
    assert run("ask", "  ", "--documents", folder)[0] == 2


def test_a_folder_that_is_not_there_leaves_nothing_in_the_data_home(run: Run, home: Path) -> None:
    assert run("ask", "x", "--documents", "/no/such/folder")[0] == 2
    assert not home.exists()


def test_a_data_home_that_cannot_be_written_is_one_line(run: Run, folder: Path, home: Path) -> None:
    home.write_text("a file")
    status, _, errors = run("ask", "x", "--documents", folder)
    assert (status, errors.count("\n")) == (2, 1)
    assert "the data home" in errors


# read, doctor, help


def test_read_says_what_it_makes_of_every_file(run: Run, folder: Path) -> None:
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 and then nothing")
    (folder / "caf\udce9.md").write_text("Coffee.")
    status, output, errors = run("read", folder)
    lines = output.splitlines()
    assert (status, errors, len(lines)) == (0, "", 4)
    assert lines[0] == f"✓ {folder}/ants.md: 31 characters, “Ants”"
    assert lines[2].startswith(f"✗ {folder}/broken.pdf: ")
    assert "caf\\udce9.md: 7 characters" in lines[3]


def test_read_says_what_it_had_to_leave_out(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "scan.pdf"
    file.write_bytes(files_for_reading.pdf([["Some words"], []], pictures=[2]))
    status, output, _ = run("read", file)
    assert status == 0
    assert output.endswith("“scan” (no text on page 2, only pictures; run OCR to have them too)\n")


def test_read_writes_a_line_of_json_a_file(run: Run, folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"")
    (folder / "caf\udce9.md").write_text("Coffee.")
    status, output, _ = run(
        "read", folder / "ants.md", folder / "empty.txt", folder / "caf\udce9.md", "--json"
    )
    rows = [json.loads(line) for line in output.splitlines()]
    assert status == 0
    assert rows[0] == {
        "path": str(folder / "ants.md"),
        "ok": True,
        "characters": 31,
        "pages": 0,
        "title": "Ants",
        "reason": "",
    }
    assert rows[1] == {
        "path": str(folder / "empty.txt"),
        "ok": False,
        "characters": 0,
        "pages": 0,
        "title": "",
        "reason": "the file is empty; add one with text in it",
    }
    assert rows[2]["path"] == str(folder / "caf\udce9.md")


def test_doctor_ends_well_whatever_it_finds(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "load_encoder", lambda config: FakeEncoder())
    monkeypatch.setenv("PLAYGROUND_CHROMA_URL", "nonsense")
    status, output, _ = run("doctor")
    assert status == 0
    assert output.startswith("✓ Python")
    assert "✗ Chroma" in output


@pytest.mark.parametrize("command", [[], ["ask"], ["evaluate"], ["read"], ["doctor"]])
def test_every_command_has_help(run: Run, command: list[str]) -> None:
    status, output, errors = run(*command, "--help")
    assert (status, errors) == (0, "")
    assert output.startswith(f"usage: {' '.join(['playground', *command])} ")


# As a process of its own, with the built-in encoder


def playground(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "playground", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=dict(os.environ))


def test_a_terminal_sees_the_answer_and_nothing_else(folder: Path) -> None:
    asked = playground("ask", "Who produces honey?", "--documents", folder, "--json")
    assert (asked.returncode, asked.stderr) == (0, "")
    assert json.loads(asked.stdout)["hits"][0]["document"] == "bees.md"


def test_a_terminal_sees_no_traceback(folder: Path) -> None:
    asked = playground("ask", "x", "--documents", folder, "--set", "encoder.name=owner/never-downloaded")
    assert (asked.returncode, asked.stdout) == (2, "")
    assert asked.stderr.count("\n") == 1
    assert asked.stderr.startswith("playground: owner/never-downloaded is not on this machine")
