import json

from playground.chunking import Chunk
from playground.config import DEFAULT
from playground.documents import Page
from playground.engines.engine import Answer, Citation
from playground.pipeline import Trace
from playground.retrieval import Hit, StageScore
from playground.trace_text import place, trace_as_dict, trace_as_text, with_marks

CHUNK = Chunk("d1", 10, 30, "Twenty days of leave.", 5, (Page(3, 0, 99),), ("Leave", "Holidays"))
HITS = (
    Hit(CHUNK, "leave.pdf", dense=StageScore(0.5, 2), fused=StageScore(0.75, 1)),
    Hit(Chunk("d2", 0, 4, "Fees", 1), "fees.md", fused=StageScore(0.5, 2)),
)
ANSWER = Answer("Twenty days.", (Citation("d1", 10, 22, 0, 12),), engine="extractive")
TRACE = Trace("How many?", DEFAULT, HITS, ANSWER, {"dense": 1.25, "generation": 2.0, "total": 3.5})


def test_a_place_is_page_and_headings() -> None:
    assert place(CHUNK) == "page 3 · Leave › Holidays"
    assert place(HITS[1].chunk) == ""


def test_a_chunk_of_several_pages_names_them_all_and_a_quoted_character_its_own() -> None:
    chunk = Chunk("d", 80, 220, "x" * 140, 9, (Page(2, 0, 100), Page(3, 101, 200), Page(4, 201, 300)))
    assert place(chunk) == "pages 2–4"
    assert [place(chunk, offset) for offset in (80, 150, 210)] == ["page 2", "page 3", "page 4"]


def test_a_sheet_that_is_its_own_heading_is_said_once() -> None:
    chunk = Chunk("d", 0, 1, "x", 1, (Page(1, 0, 1, "sheet", "Fees"),), ("Fees", "2026"))
    assert place(chunk) == "sheet Fees · 2026"


def test_marks_stand_behind_what_they_prove_in_the_order_of_the_citations() -> None:
    citations = (Citation("a", 0, 1, 1, 3), Citation("a", 0, 1, 0, 7), Citation("a", 0, 1, 2, 7))
    assert with_marks(Answer("One two", citations)) == "One [2] two [1] [3]"


def test_a_terminal_sees_answer_sources_and_times() -> None:
    assert trace_as_text(TRACE).splitlines() == [
        "Twenty days. [1]",
        "*[1] leave.pdf  page 3 · Leave › Holidays",
        " [2] fees.md",
        "3.5 ms (dense 1.2, generation 2.0)",
    ]


def test_programs_get_plain_values() -> None:
    values = json.loads(json.dumps(trace_as_dict(TRACE)))
    assert values["answer"] == "Twenty days."
    assert values["citations"] == [{"document": "leave.pdf", "start": 10, "end": 22, "passage": 0}]
    assert values["hits"][0] == {
        "document": "leave.pdf",
        "start": 10,
        "end": 30,
        "score": 0.75,
        "page": "page 3",
        "heading": ["Leave", "Holidays"],
        "text": "Twenty days of leave.",
    }
    assert values["latency_ms"] == {"dense": 1.25, "generation": 2.0, "total": 3.5}
    assert values["config"]["chunking"]["size"] == 200
