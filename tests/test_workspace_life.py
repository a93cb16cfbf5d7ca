"""What a data home goes through: killed processes, second processes, and several threads."""

import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from playground.config import PipelineConfig
from playground.errors import PlaygroundError
from playground.index import index as index_module
from playground.index.index import IndexCounts
from playground.jobs import Jobs
from playground.startup import start_indexing
from playground.workspace import Workspace
from tests.fakes import FakeEncoder
from tests.homes import SMALL, bring_up_to_date, document, found, paragraphs, put, use_fake_encoder

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> FakeEncoder:
    return use_fake_encoder(monkeypatch)


@pytest.fixture
def workspace(home: Path, encoder: FakeEncoder) -> Workspace:
    return Workspace(home)


KILLED = """
import sys, time
from pathlib import Path
import pytest
from playground.index import index
from playground.workspace import Workspace
from tests import homes
from tests.fakes import FakeEncoder

class Slow(FakeEncoder):
    def encode(self, texts, query=False):
        time.sleep(0.05)
        return super().encode(texts, query)

index.SORTED_TOGETHER, index.EMBEDDED_TOGETHER, index.COMMIT_SECONDS = 20, 10, 0.0
homes.use_fake_encoder(pytest.MonkeyPatch(), Slow())
for step in Workspace(Path(sys.argv[1])).index_steps(homes.SMALL):
    print(step.done, flush=True)
"""


def test_a_killed_process_leaves_an_index_that_is_finished_where_it_stopped(
    workspace: Workspace, home: Path, encoder: FakeEncoder
) -> None:
    for number in range(20):
        put(workspace, f"{number}.md", paragraphs(f"topic{number}x", 10))
    workspace.close()
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 90:
                process.kill()
                break
    assert process.returncode == -signal.SIGKILL
    again = Workspace(home)
    cached = again.cache.count()
    finished = 200 - 10 * len(again.status(SMALL).missing)
    assert 80 <= finished <= cached < 200
    assert again.interrupted() == [PipelineConfig(SMALL.chunking, SMALL.encoder)]
    end = bring_up_to_date(again)[-1]
    assert (end.total, end.embedded) == (200 - finished, 200 - cached)
    assert sum(map(len, encoder.encoded)) == 200 - cached
    assert again.index(SMALL).counts() == IndexCounts(200, 200, 200)
    assert again.interrupted() == []
    trace = again.run("topic7x3a topic7x3b", SMALL, depth=100)
    assert trace.hits[0].chunk.text.startswith("topic7x3a")
    assert len({hit.chunk.id for hit in trace.hits}) == len(trace.hits)


# One home, one process


def test_a_second_process_is_told_that_the_home_is_in_use(workspace: Workspace, home: Path) -> None:
    with pytest.raises(PlaygroundError) as caught:
        Workspace(home)
    assert str(caught.value) == (
        f"another playground has {home} open; end it, or choose another folder with PLAYGROUND_HOME"
    )


def test_a_killed_owner_leaves_no_lock_behind(home: Path, encoder: FakeEncoder) -> None:
    code = (
        "import sys, time; from pathlib import Path; from playground.workspace import Workspace\n"
        "held = Workspace(Path(sys.argv[1])); print('open', flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"
        with pytest.raises(PlaygroundError, match="another playground"):
            Workspace(home)
        process.kill()
        process.wait()
        Workspace(home).close()


def test_a_home_that_is_closed_by_another_thread_can_be_opened_again(
    workspace: Workspace, home: Path
) -> None:
    closing = threading.Thread(target=workspace.close)
    closing.start()
    closing.join()
    Workspace(home).close()


def test_a_home_that_cannot_be_used_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "embeddings.sqlite").write_bytes(b"no database at all, " * 100)
    for home in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / "damaged"):
        with pytest.raises(PlaygroundError, match=rf"the data home {re.escape(str(home))} cannot be used"):
            Workspace(home)
    (tmp_path / "damaged" / "embeddings.sqlite").unlink()
    Workspace(tmp_path / "damaged").close()


# Several threads


def test_questions_are_answered_rightly_while_documents_are_indexed_and_deleted(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_module, "COMMIT_SECONDS", 0.05)
    put(workspace, "always.md", "The lighthouse keeper sleeps.")
    bring_up_to_date(workspace)
    texts = {f"{number}.md": paragraphs(f"topic{number}x", 30) for number in range(12)}
    added = {name: put(workspace, name, text) for name, text in texts.items()}
    problems: list[str] = []
    over = threading.Event()

    def ask(questions: Sequence[str]) -> None:
        while not over.is_set():
            for question in questions:
                try:
                    names = found(workspace, question)
                except Exception as error:
                    problems.append(repr(error))
                    return
                if question == "lighthouse keeper" and names[:1] != ["always.md"]:
                    problems.append(f"{question}: {names}")

    threads = [
        threading.Thread(target=ask, args=(questions,))
        for questions in (["lighthouse keeper", "topic1x1a"], ["topic5x2b topic3x1c", "lighthouse keeper"])
    ]
    jobs = Jobs()
    job = start_indexing(workspace, jobs, SMALL)
    for thread in threads:
        thread.start()
    gone = [added[f"{number}.md"].document_id for number in (1, 5, 9)]
    for each in gone:
        assert set(workspace.delete([each]).left.values()) == {IndexCounts(0, 0, 0)}
    jobs.wait()
    over.set()
    for thread in threads:
        thread.join()
    assert (job.state, job.error, problems) == ("done", "", [])
    assert workspace.index(SMALL).counts() == IndexCounts(271, 271, 271)
    assert workspace.index(SMALL).counts_of(gone) == IndexCounts(0, 0, 0)
    assert workspace.cache.count() == 271
    assert found(workspace, "topic3x1c")[0] == "3.md"


def test_a_document_that_comes_while_indexing_runs_is_missing_afterwards(workspace: Workspace) -> None:
    put(workspace, "a.md", paragraphs("ant", 100))
    steps = workspace.index_steps(SMALL)
    next(steps)
    late = put(workspace, "late.md", "The bee makes honey.")
    list(steps)
    assert workspace.status(SMALL).missing == (late.document_id,)


def test_a_document_that_is_deleted_before_its_turn_is_not_indexed(
    workspace: Workspace, encoder: FakeEncoder
) -> None:
    put(workspace, "a.md", "The ant carries leaves.")
    gone = document("z.md", "The bee makes honey.")
    workspace.add(gone, b"The bee makes honey.")
    steps = workspace.index_steps(SMALL)
    next(steps)
    workspace.delete([gone.id])
    list(steps)
    assert found(workspace, "honey") == ["a.md"]
    assert workspace.index(SMALL).counts() == IndexCounts(1, 1, 1)


def test_vectors_have_the_type_that_the_indexes_expect(workspace: Workspace) -> None:
    put(workspace, "a.md", "The ant carries leaves.")
    bring_up_to_date(workspace)
    parts = workspace.parts(SMALL)
    assert parts.embed is not None
    vector = parts.embed("ant")
    assert (vector.shape, vector.dtype) == ((64,), np.float32)


@pytest.mark.parametrize(
    "name", ["workspace", "cli", "intake", "startup", "doctor", "index_overview", "ui.state"]
)
def test_importing_it_loads_no_model_library(name: str) -> None:
    heavy = "{'torch', 'transformers', 'sentence_transformers', 'chromadb', 'tantivy', 'pandas'}"
    code = f"import sys, playground.{name}; print(sorted({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
