from collections.abc import Iterator, Mapping

import pytest

from playground.chunking import Chunk
from playground.comparison import latency, number_passages, repeat
from playground.config import DEFAULT
from playground.engines.engine import Answer
from playground.pipeline import Trace
from playground.retrieval import Hit


def hit(document: str, start: int, end: int) -> Hit:
    return Hit(Chunk(document, start, end, "x" * (end - start), 1), f"{document}.md")


def trace(timings: Mapping[str, float], cold: bool = False, cached: bool = False) -> Trace:
    return Trace("q", DEFAULT, (), Answer(""), timings, cold, cached)


def test_the_same_passage_has_the_same_number_in_all_columns() -> None:
    one = [hit("a", 0, 100), hit("b", 0, 50)]
    other = [hit("b", 0, 50), hit("c", 0, 10), hit("a", 0, 100)]
    numbered = number_passages([one, other], [[], []])
    assert [[each.number for each in row] for row in numbered] == [[1, 2], [2, 3, 1]]
    assert [[each.columns for each in row] for row in numbered] == [
        [(0, 1), (0, 1)],
        [(0, 1), (1,), (0, 1)],
    ]
    assert [[each.document for each in row] for row in numbered] == [[0, 1], [1, 2, 0]]


def test_chunks_of_different_sizes_are_the_same_passage_where_they_share_half_of_the_shorter() -> None:
    large, half, less = hit("a", 0, 200), hit("a", 150, 250), hit("a", 151, 251)
    assert number_passages([[large], [half]], [[], []])[1][0].number == 1
    assert number_passages([[large], [less]], [[], []])[1][0].number == 2


def test_no_number_comes_twice_in_a_column() -> None:
    large, halves = hit("a", 0, 200), [hit("a", 0, 100), hit("a", 100, 200)]
    numbered = number_passages([[large], halves], [[], []])
    assert [[each.number for each in row] for row in numbered] == [[1], [1, 2]]


def test_neighbours_that_overlap_in_one_column_are_two_passages() -> None:
    numbered = number_passages([[hit("a", 0, 100), hit("a", 40, 140)]], [[]])
    assert [each.number for each in numbered[0]] == [1, 2]


def test_quoted_passages_have_the_first_numbers() -> None:
    hits = [hit("a", 0, 10), hit("b", 0, 10), hit("c", 0, 10)]
    numbered = number_passages([hits, hits[:1]], [[2, 1], []])
    assert [each.number for each in numbered[0]] == [3, 2, 1]
    assert [each.document for each in numbered[0]] == [2, 1, 0]
    assert numbered[1][0].number == 3


def test_columns_without_hits_have_no_passages() -> None:
    assert number_passages([[], [hit("a", 0, 1)]], [[], []])[0] == []


def test_latency_leaves_out_cold_and_cached_runs() -> None:
    traces = [
        trace({"dense": 900.0, "total": 1000.0}, cold=True),
        *(trace({"dense": value, "total": 2 * value}) for value in (10.0, 20.0, 30.0)),
        trace({"total": 0.1}, cached=True),
    ]
    measured = latency(traces)
    assert measured.runs == 3
    assert measured.p50 == {"dense": 20.0, "total": 40.0}
    assert measured.p95 == pytest.approx({"dense": 29.0, "total": 58.0})


def test_a_stage_that_a_run_did_not_have_took_no_time() -> None:
    assert latency([trace({"rerank": 10.0}), trace({})]).p50 == {"rerank": 5.0}


def test_without_a_warm_run_there_is_no_latency() -> None:
    with pytest.raises(ValueError, match="no warm run"):
        latency([trace({"total": 1.0}, cold=True)])


@pytest.mark.parametrize(("cold", "runs"), [(True, 4), (False, 3)])
def test_a_cold_first_run_is_repeated_once_more(cold: bool, runs: int) -> None:
    def traces() -> Iterator[Trace]:
        yield trace({"total": 1.0}, cold=cold)
        while True:
            yield trace({"total": 1.0})

    source = traces()
    measured = list(repeat(lambda: next(source), 3))
    assert len(measured) == runs
    assert latency(measured).runs == 3
