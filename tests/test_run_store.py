import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from playground.chunking import Chunk
from playground.engines.engine import Answer, Citation
from playground.errors import InputError
from playground.evaluation.formats import FormatCheck
from playground.evaluation.records import Price, Record
from playground.evaluation.run_store import DELETED, RunStore
from playground.pipeline import Trace
from playground.retrieval import Hit, StageScore
from tests.evaluations import BASE, plan

HIT = Hit(Chunk("d1", 0, 20, "The bee makes honey.", 5), "bees.md", fused=StageScore(0.5, 1))
ANSWER = Answer("The bee makes honey.", (Citation("d1", 0, 20, passage=0, position=20),), engine="extractive")
TRACE = Trace("Who makes honey?", BASE, (HIT,), ANSWER, {"dense": 2.0, "total": 9.5})
RIGHT = Record("right", "The bee makes honey.", figures={"recall@5": 1.0}, latency={"total": 9.5})


@pytest.fixture
def store(home: Path) -> Iterator[RunStore]:
    opened = RunStore(home)
    yield opened
    opened.close()


def begin(store: RunStore, count: int = 2) -> str:
    return store.begin("Friday", plan(count), {"bees.md": "aa"}, {"torch": "2"})


def test_a_run_comes_back_as_it_was_begun(store: RunStore) -> None:
    kept = store.run(begin(store))
    assert (kept.name, kept.state, kept.plan, kept.done) == ("Friday", "running", plan(2), 0)
    assert (kept.documents, kept.versions) == ({"bees.md": "aa"}, {"torch": "2"})
    assert kept.records == ((None, None), (None, None))


def test_a_plan_keeps_its_check_prices_and_kind(store: RunStore) -> None:
    wanted = plan(1, check=FormatCheck("labels", "yes\nno"), prices={"m": Price(1, 2)}, kind="search")
    assert store.run(store.begin("x", wanted, {}, {})).plan == wanted


def test_a_kept_cell_is_there_after_the_store_is_opened_anew(store: RunStore, home: Path) -> None:
    run = begin(store)
    store.keep(run, 1, 0, "key", RIGHT, TRACE)
    other = RunStore(home)
    assert other.run(run).records == ((None, None), (RIGHT, None))
    assert other.trace(run, 1, 0) == TRACE
    other.close()


def test_a_trace_is_known_by_its_key_and_then_marked_as_cached(store: RunStore) -> None:
    run = begin(store)
    store.keep(run, 0, 0, "key", RIGHT, TRACE)
    known = store.known_trace("key")
    assert known is not None
    assert (known.answer, known.cached) == (ANSWER, True)
    assert store.known_trace("another key") is None


def test_a_failed_cell_has_no_trace_and_is_not_known(store: RunStore) -> None:
    run = begin(store)
    store.keep(run, 0, 0, "key", Record("failed", reason="no server"), None)
    assert store.trace(run, 0, 0) is None
    assert store.known_trace("key") is None


def test_entries_are_the_newest_first_and_count_their_cells(store: RunStore) -> None:
    first, second = begin(store), begin(store, 3)
    store.keep(second, 0, 2, "key", RIGHT, TRACE)
    assert [entry.id for entry in store.entries()] == [second, first]
    entry = store.entries()[0]
    assert (entry.done, entry.cells, entry.contenders) == (1, 6, ("Balanced", "Fast"))


def test_working_time_adds_up_over_resumed_runs(store: RunStore) -> None:
    run = begin(store)
    store.end(run, "cancelled", 2.5)
    store.end(run, "done", 1.5)
    assert (store.run(run).state, store.run(run).seconds) == ("done", 4.0)


def test_updated_records_keep_their_trace(store: RunStore) -> None:
    run = begin(store)
    store.keep(run, 0, 1, "key", Record("wrong"), TRACE)
    store.update(run, 0, {1: RIGHT})
    assert store.run(run).records[0][1] == RIGHT
    assert store.trace(run, 0, 1) == TRACE


def test_what_was_quoted_from_a_deleted_document_goes_and_the_figures_stay(
    store: RunStore, home: Path
) -> None:
    run = begin(store)
    store.keep(run, 0, 0, "key", RIGHT, TRACE)
    assert store.forget_documents(["d1", "d2"]) == 1
    left = store.run(run).records[0][0]
    assert left is not None
    assert (left.answer, left.figures) == (DELETED, {"recall@5": 1.0})
    assert store.trace(run, 0, 0) is None
    assert store.known_trace("key") is None
    assert b"makes honey" not in b"".join(path.read_bytes() for path in home.glob("evaluations*"))


def test_a_deleted_run_is_gone_and_others_stay(store: RunStore) -> None:
    first, second = begin(store), begin(store)
    store.keep(first, 0, 0, "key", RIGHT, TRACE)
    store.delete(first)
    assert [entry.id for entry in store.entries()] == [second]
    with pytest.raises(InputError, match="there is no evaluation"):
        store.run(first)


def test_a_renamed_run_has_its_new_name(store: RunStore) -> None:
    run = begin(store)
    store.rename(run, "Monday")
    assert store.run(run).name == "Monday"


def test_every_change_raises_the_revision(store: RunStore) -> None:
    before = store.revision
    run = begin(store)
    store.keep(run, 0, 0, "key", RIGHT, TRACE)
    assert store.revision == before + 2


def test_threads_may_write_at_once(store: RunStore) -> None:
    run = begin(store, 20)
    threads = [
        threading.Thread(target=store.keep, args=(run, 0, number, f"k{number}", RIGHT, TRACE))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.run(run).done == 20
