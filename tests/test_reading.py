"""The reader as the others call it: another process that may hang, crash or be killed."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from playground.reading import Limits, Reader, read_bytes, read_file, read_many
from playground.reading import process as process_module
from playground.reading.process import Worker
from tests import files_for_reading as files

# The real worker, whose text reader waits or dies where the text says so.
WILLING_WORKER = """
import os, signal, sys, time
from playground.reading import text, worker
read = text.read_text
def read_or_fail(data, limits):
    if data == b"hang":
        time.sleep(600)
    if data == b"crash":
        os.abort()
    if data == b"print":
        print("noise", flush=True)
        os.write(1, b"noise")
    return read(data, limits)
text.read_text = read_or_fail
worker.main()
"""


@pytest.fixture
def willing_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "_COMMAND", (sys.executable, "-c", WILLING_WORKER))


def test_a_file_becomes_a_document_with_an_id_of_name_and_content(tmp_path: Path):
    path = tmp_path / "fees.md"
    path.write_bytes(b"# Fees\n\nA desk costs 120.\n")
    result = read_file(path, name="handbook/fees.md")
    assert (result.ok, result.reason, result.name) == (True, "", "handbook/fees.md")
    assert result.document.text == "# Fees\n\nA desk costs 120."
    assert result.document.heading_path(10) == ("Fees",)
    expected = hashlib.sha256(b"handbook/fees.md\0# Fees\n\nA desk costs 120.\n").hexdigest()[:16]
    assert result.document.id == expected


def test_the_title_falls_back_to_the_name_without_its_extension():
    assert read_bytes(b"words", "folder/my.notes.txt").document.title == "my.notes"


def test_every_format_is_read_by_one_process_in_order():
    items = [
        ("a.pdf", files.pdf([["page one"], ["page two"]])),
        ("b.docx", files.word()),
        ("c.xlsx", files.workbook({"Fees": [["Item", "Price"], ["Desk", 120]]})),
        ("d.pptx", files.slides()),
        ("e.epub", files.ebook()),
        ("f.html", b"<h1>Fees</h1>"),
        ("g.eml", b"Subject: Fees\nFrom: a@example.com\n\nHello"),
        ("h.csv", b"Item,Price\nDesk,120"),
        ("i.txt", "Möbel".encode("cp1252")),
        ("j.png", files.picture(["AX-204-K"], title="A drill")),
    ]
    results = list(read_many(items))
    assert [result.name for result in results] == [name for name, _ in items]
    assert [result.reason for result in results] == [""] * 10
    titles = [result.document.title for result in results]
    assert titles == ["a", "Travel policy", "c", "Plan", "The Well", "Fees", "Fees", "h", "i", "A drill"]
    assert [page.label for page in results[0].document.pages] == ["page 1", "page 2"]
    assert results[2].document.page_at(3).label == "sheet Fees"
    assert results[9].document.text == "j\n\nA drill\n\nAX-204-K"


def test_bad_files_have_one_line_each_and_stop_nobody(tmp_path: Path):
    whole = files.word()
    items = [
        ("empty.txt", b""),
        ("blank.docx", b" \n\n "),
        ("scan.pdf", files.pdf([[]], pictures=[1])),
        ("shut.pdf", files.pdf([["x"]], password="secret")),
        ("cut.docx", whole[:-300]),
        ("cut.pdf", b"%PDF-1.4\n1 0 obj"),
        ("broken.docx", files.archive({"word/document.xml": "<w:document"})),
        ("gone.txt", tmp_path / "gone.txt"),
        ("good.txt", b"good"),
    ]
    *bad, good = read_many(items)
    starts = [
        "the file is empty",
        "the file is empty",
        "there is no text layer: 1 page",
        "it needs a password",
        "it is damaged: its archive cannot be unpacked",
        "it is damaged: it cannot be read as PDF",
        "it is damaged: it cannot be read as DOCX",
        "it cannot be opened",
    ]
    for result, start in zip(bad, starts, strict=True):
        assert result.reason.startswith(start), result
        assert not result.ok and result.document is None and "\n" not in result.reason
    assert good.document.text == "good"


def test_a_large_file_is_refused_with_the_limit_before_it_is_loaded(tmp_path: Path):
    path = tmp_path / "large.bin"
    with path.open("wb") as file:
        file.truncate(5 << 30)
    result = read_file(path)
    assert result.reason == "it is too large: 5.0 GB, and the limit is 100.0 MB; split it into smaller files"
    assert result.seconds < 5


@pytest.mark.usefixtures("willing_worker")
def test_a_parser_that_hangs_costs_its_own_file_and_no_more_than_its_time():
    begin = time.perf_counter()
    items = [("a", b"first"), ("b", b"hang"), ("c", b"third")]
    first, second, third = read_many(items, Limits(seconds=2))
    assert second.reason == "reading it takes longer than 2 seconds; split it into smaller files"
    assert (first.document.text, third.document.text) == ("first", "third")
    assert 2 <= second.seconds < 10
    assert time.perf_counter() - begin < 30


@pytest.mark.usefixtures("willing_worker")
def test_a_parser_that_crashes_costs_its_own_file():
    first, second, third = read_many([("a", b"first"), ("b", b"crash"), ("c", b"third")])
    assert second.reason.startswith(
        "the parser crashed on it (SIGABRT)" if os.name == "posix" else "the parser"
    )
    assert (first.ok, third.ok) == (True, True)


@pytest.mark.usefixtures("willing_worker")
def test_what_a_parser_prints_does_not_reach_the_answers():
    assert read_bytes(b"print", "a").document.text == "print"


def test_a_process_that_somebody_killed_is_replaced():
    with Worker() as worker:
        worker.read(b"one", "a.txt", Limits())
        first = worker.pid
        assert first is not None
        os.kill(first, 9)
        worker._process.wait()
        assert worker.read(b"two", "b.txt", Limits())["text"] == "two"
        assert worker.pid != first


def test_one_process_serves_all_files_and_ends_with_them():
    with Worker() as worker:
        pids = set()
        for number in range(3):
            worker.read(b"words", f"{number}.txt", Limits())
            pids.add(worker.pid)
        assert len(pids) == 1
        process = worker._process
    assert worker.pid is None
    assert process is not None and process.returncode == 0


def test_readers_that_stop_early_leave_no_process(monkeypatch: pytest.MonkeyPatch):
    started = []

    class Recorded(subprocess.Popen):  # type: ignore[type-arg]
        def __init__(self, *arguments, **options) -> None:
            super().__init__(*arguments, **options)
            started.append(self)

    monkeypatch.setattr(process_module.subprocess, "Popen", Recorded)
    results = read_many([("a.txt", b"one"), ("b.txt", b"two")])
    assert next(results).ok
    results.close()
    assert [process.returncode for process in started] == [0]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps the limit of the address space")
def test_a_file_that_needs_too_much_memory_is_refused_and_the_next_one_is_read():
    many = "é".encode() * (40 << 20)
    large, small = read_many([("a.txt", many), ("b.txt", b"small")], Limits(memory_bytes=300 << 20))
    assert large.reason == "it needs more memory than the 300.0 MB allowed; split it into smaller files"
    assert small.document.text == "small"


def test_a_worker_that_does_not_start_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(process_module, "_COMMAND", (sys.executable, "-c", "raise SystemExit(3)"))
    assert read_bytes(b"x", "a.txt").reason.startswith("the reading process does not start (exit status 3)")


def test_the_worker_is_found_from_any_folder_and_ignores_what_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "json.py").write_text("raise SystemExit('shadowed')")
    monkeypatch.chdir(tmp_path)
    assert read_bytes(b"x", "a.txt").ok


def test_the_app_does_not_load_parsers_and_the_worker_does_not_load_models():
    code = (
        "import sys, playground.reading\n"
        "print([m for m in ('markitdown', 'pypdfium2', 'openpyxl') if m in sys.modules])\n"
        "from playground.reading import worker, pdf, office, sheets, mail, text, picture\n"
        "print([m for m in ('torch', 'streamlit', 'chromadb', 'transformers') if m in sys.modules])\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split("\n")[:2] == ["[]", "[]"]


def test_a_reader_takes_files_one_by_one(tmp_path: Path):
    (tmp_path / "b.txt").write_text("two")
    with Reader(Limits(file_bytes=3)) as reader:
        assert reader.read("a.txt", b"one").document.text == "one"
        assert reader.read("c.txt", b"four").reason.startswith("it is too large")
        assert reader.read("folder/b.txt", tmp_path / "b.txt").document.name == "folder/b.txt"
