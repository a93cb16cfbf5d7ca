"""`playground evaluate`, in this process."""

import json
from pathlib import Path
from typing import Any

import pytest

from playground.errors import ServerError
from playground.pipeline import Trace
from playground.presets import PRESETS
from playground.reading import Reader, ReadResult
from playground.workspace import Workspace
from tests.command_lines import Run, in_process, insect_documents, insect_questions
from tests.fakes import FakeEncoder
from tests.homes import use_fake_encoder

FIGURES = ["recall@5", "recall@10", "recall@20", "mrr@10", "ndcg@10", "evidence_recall@5"]


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


def evaluate(run: Run, folder: Path, questions: Path, *more: object) -> dict[str, Any]:
    out = questions.parent / "report.json"
    status, _, errors = run("evaluate", "--documents", folder, "--questions", questions, "--out", out, *more)
    assert (status, errors) == (0, "")
    return json.loads(out.read_text(encoding="utf-8"))


def arguments(folder: Path, questions: Path) -> list[object]:
    out = questions.parent / "report.json"
    return ["evaluate", "--documents", folder, "--questions", questions, "--out", out]


def write_keyword_only(folder: Path) -> Path:
    """A configuration beside the documents."""
    path = folder.parent / "keyword.toml"
    path.write_text(PRESETS["Keyword only"].to_toml(), encoding="utf-8")
    return path


def fail_on(monkeypatch: pytest.MonkeyPatch, *words: str, error: Exception | None = None) -> list[str]:
    """Questions with one of these words fail; the list grows with all that are asked."""
    really, asked = Workspace.run, []

    def run(workspace: Workspace, question: str, *arguments: Any, **named: Any) -> Trace:
        asked.append(question)
        if any(word in question for word in words):
            raise error or ServerError("the server is gone")
        return really(workspace, question, *arguments, **named)

    monkeypatch.setattr(Workspace, "run", run)
    return asked


def kept_runs(home: Path) -> list[str]:
    """Names of the runs in the folder's own store."""
    (place,) = (home / "folders").iterdir()
    workspace = Workspace(place)
    names = [entry.name for entry in workspace.runs.entries()]
    workspace.close()
    return names


# The report


def test_a_report_holds_what_the_contract_says(run: Run, folder: Path, questions: Path) -> None:
    report = evaluate(run, folder, questions)
    assert list(report) == ["config", "summary", "questions"]
    summary = report["summary"]
    assert {"questions", *FIGURES, "answer_f1", "abstention_accuracy", "latency_ms"} <= set(summary)
    assert (summary["questions"], [summary[name] for name in FIGURES]) == (2, [1.0] * 6)
    assert (summary["answer_f1"], summary["abstention_accuracy"]) == (2 / 3, 1.0)
    assert set(summary["latency_ms"]) == {"embed_query", "dense", "keyword", "fuse", "generation", "total"}
    assert set(summary["latency_ms"]["total"]) == {"p50", "p95"}
    first, second = report["questions"]
    assert {"id", "hits", "answer", "citations", "abstained", "latency_ms"} <= set(first)
    assert (first["id"], second["id"]) == ("bees", "q2")
    assert set(first["hits"][0]) == {"document", "start", "end", "score"}
    assert first["hits"][0]["document"] == "bees.md"
    assert set(first["citations"][0]) == {"document", "start", "end"}
    assert [(row["outcome"], row["cause"]) for row in (first, second)] == [("right", None), ("silent", None)]


def test_nothing_is_measured_of_retrieval_where_nothing_is_searched(
    run: Run, folder: Path, questions: Path
) -> None:
    report = evaluate(run, folder, questions, "--set", "retrieval.mode=none")
    assert [report["summary"][name] for name in FIGURES] == [None] * 6
    assert report["questions"][0]["hits"] == []


def test_questions_come_as_a_table_too(run: Run, folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "questions.csv"
    table.write_text("question,answers,document,quote\nWho makes honey?,The bee,bees.md,makes honey\n")
    assert evaluate(run, folder, table)["summary"]["recall@5"] == 1.0


def test_a_short_table_is_printed(run: Run, folder: Path, questions: Path) -> None:
    _, output, _ = run(*arguments(folder, questions))
    lines = dict(line.split(maxsplit=1) for line in output.splitlines())
    assert (lines["questions"], lines["right"], lines["recall@5"]) == ("2", "1.000", "1.000")
    assert lines["latency"].startswith("p50 ")
    assert "similarity" not in lines


# Folders


def test_an_unchanged_folder_is_neither_read_nor_embedded_again(
    run: Run, folder: Path, questions: Path, encoder: FakeEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluate(run, folder, questions)
    encoder.encoded.clear()
    read: list[str] = []

    def reading(self: Reader, name: str, content: bytes | Path) -> ReadResult:
        read.append(name)
        raise AssertionError(name)

    monkeypatch.setattr(Reader, "read", reading)
    evaluate(run, folder, questions)
    texts = [text for texts in encoder.encoded for text in texts]
    assert read == []
    assert not any("Ants" in text or "Bees" in text for text in texts)


def test_changed_removed_and_new_files_count_at_once(run: Run, folder: Path, questions: Path) -> None:
    evaluate(run, folder, questions)
    (folder / "bees.md").write_text("# Bees\n\nToday the wasp makes honey in spring.")
    (folder / "ants.md").unlink()
    (folder / "moths.md").write_text("The moth flies.")
    report = evaluate(run, folder, questions)
    assert report["questions"][0]["answer"] == "Today the wasp makes honey in spring."
    assert {hit["document"] for hit in report["questions"][0]["hits"]} == {"bees.md", "moths.md"}


def test_questions_and_report_may_lie_among_the_documents(run: Run, folder: Path, questions: Path) -> None:
    inside = folder / "questions.jsonl"
    inside.write_bytes(questions.read_bytes())
    for _ in range(2):
        status, _, _ = run(
            "evaluate",
            "--documents",
            folder,
            "--questions",
            inside,
            "--out",
            folder / "report.json",
        )
        assert status == 0
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert {hit["document"] for hit in report["questions"][0]["hits"]} == {"ants.md", "bees.md"}


# Failures


def test_a_label_that_fits_nowhere_is_named_before_anything_is_asked(
    run: Run, folder: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {"question": f"Who {name}?", "relevant": [{"document": name}]} for name in ("a.md", "bees.md", "b.md")
    ]
    questions.write_text("\n".join(map(json.dumps, rows)))
    asked = fail_on(monkeypatch)
    status, _, errors = run(*arguments(folder, questions))
    assert (status, asked) == (2, [])
    assert errors == (
        "playground: 2 labels do not fit the documents: question q1: there is no document a.md; "
        "question q3: there is no document b.md\n"
    )


def test_a_question_that_fails_is_a_row_and_the_rest_is_asked(
    run: Run, folder: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_on(monkeypatch, "trains")
    report = evaluate(run, folder, questions)
    assert [row.get("error") for row in report["questions"]] == [None, "the server is gone"]
    assert (report["summary"]["questions"], report["summary"]["failed"]) == (2, 1)


def test_where_every_question_fails_there_is_one_reason_and_no_report(
    run: Run, folder: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = fail_on(monkeypatch, "honey", "trains")
    status, output, errors = run(*arguments(folder, questions), "--against", write_keyword_only(folder))
    assert (status, output, errors) == (2, "", "playground: the server is gone\n")
    assert not (questions.parent / "report.json").exists()
    assert len(asked) == 2  # the other configuration was not asked any more


def test_what_nobody_foresaw_goes_to_a_log(
    run: Run, folder: Path, questions: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail_on(monkeypatch, "trains", error=ValueError("odd"))
    status, _, errors = run(*arguments(folder, questions))
    assert (status, errors.count("\n"), "Traceback" in errors) == (0, 1, False)
    log = Path(errors.removeprefix("the log is ").strip()).read_text(encoding="utf-8")
    assert "ValueError: odd" in log


def test_nothing_piles_up_in_the_data_home(run: Run, folder: Path, questions: Path, home: Path) -> None:
    evaluate(run, folder, questions)
    assert kept_runs(home) == []


def test_what_a_killed_command_left_is_cleared_away(
    run: Run, folder: Path, questions: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("playground.evaluation.run_store.RunStore.delete", lambda store, run: None)
        evaluate(run, folder, questions)
    assert kept_runs(home) == ["questions"]
    evaluate(run, folder, questions)
    assert kept_runs(home) == []


# Comparisons, formats, and other files


def test_other_configurations_are_compared_with_the_first(run: Run, folder: Path, questions: Path) -> None:
    keyword = write_keyword_only(folder)
    status, output, _ = run(*arguments(folder, questions), "--against", keyword, "--against", keyword)
    assert status == 0
    assert output.splitlines()[-2:] == [
        "against keyword: 2 questions are too few to tell",
        "against keyword 2: 2 questions are too few to tell",
    ]
    report = json.loads((questions.parent / "report.json").read_text(encoding="utf-8"))
    first, second = report["comparisons"]
    assert (first["name"], second["name"]) == ("keyword", "keyword 2")
    assert first["config"] == PRESETS["Keyword only"].to_dict()
    assert (first["difference"]["mean"], first["p"], first["verdict"]) == (0.0, None, "too few questions")
    assert [first["summary"][name] for name in FIGURES] == [1.0] * 6
    assert "dense" not in first["summary"]["latency_ms"]


def test_a_page_and_a_table_are_written_too(run: Run, folder: Path, questions: Path) -> None:
    page, table = folder / "page.html", folder / "table.csv"
    for _ in range(2):  # they may lie among the documents
        report = evaluate(run, folder, questions, "--html", page, "--csv", table)
    assert "The bee makes honey in spring." in page.read_text(encoding="utf-8")
    rows = table.read_bytes().decode("utf-8-sig").split("\r\n")
    assert rows[1].startswith(
        "bees,Who makes honey in spring?,Balanced,right,The bee makes honey in spring.,"
    )
    assert len(rows) == 4  # and the end of the last one
    assert {hit["document"] for hit in report["questions"][0]["hits"]} == {"ants.md", "bees.md"}


@pytest.mark.parametrize(
    ("flag", "text", "valid"),
    [
        ("--format-labels", "bee\nThe bee makes honey in spring.", 1.0),
        ("--format-labels", "bee\nant", 0.0),
        ("--format-regex", "The bee .*", 1.0),
        ("--format-schema", '{"type": "object"}', 0.0),
    ],
)
def test_answers_are_held_against_a_format(
    run: Run, folder: Path, questions: Path, flag: str, text: str, valid: float
) -> None:
    file = questions.with_name("format.txt")
    file.write_text(text, encoding="utf-8")
    report = evaluate(run, folder, questions, flag, text if flag == "--format-regex" else file)
    assert report["summary"]["format_valid"] == valid
    assert report["questions"][0]["outcome"] == ("right" if valid else "wrong")
    assert report["summary"]["causes"] == ({} if valid else {"wrong_format": 1})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--format-regex", "("], "--format-regex ( cannot be used: ( is not a regular expression"),
        (["--format-labels", "none.txt"], "--format-labels none.txt cannot be used: [Errno 2]"),
        (["--format-regex", "a", "--format-labels", "b"], "not allowed with argument --format-regex"),
        (["--against", "none.toml"], "none.toml cannot be used as settings"),
        (["--html", "no/page.html"], "no/page.html cannot be written"),
        (["--csv", "."], ". cannot be written"),
    ],
)
def test_bad_input_is_one_line_before_anything_is_read(
    run: Run, folder: Path, questions: Path, home: Path, more: list[str], words: str
) -> None:
    status, output, errors = run(*arguments(folder, questions), *more)
    assert (status, output, errors.count("\n")) == (2, "", 1)
    assert words in errors
    assert not home.exists()


def test_help_names_everything(run: Run) -> None:
    _, output, _ = run("evaluate", "--help")
    for word in (
        "--against",
        "--html",
        "--csv",
        "--format-labels",
        "--format-regex",
        "--format-schema",
        "CSV",
    ):
        assert word in output
