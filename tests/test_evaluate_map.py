"""The embedding map as Streamlit draws it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest


def page(documents: int = 2, question: int | None = 0, total: int = 4, text: str = "A fee.") -> None:
    """Four chunks in up to four documents, or one chunk in each of more; two of them found, one of these
    evidence, and a hit of another index."""
    from playground.chunking import Chunk
    from playground.evaluation.embedding_map import EmbeddingMap, MapChunk, MapQuestion
    from playground.questions.labels import GoldSpan
    from playground.retrieval import Hit, StageScore
    from playground.ui.evaluate.map import map_section

    def chunk(number: int) -> Chunk:
        return Chunk(f"d{number % documents}", 10 * number, 10 * number + 10, text, 5)

    chunks = [
        MapChunk(float(number), 0.0, chunk(number), f"<d{number % documents}>.md")
        for number in range(max(4, documents))
    ]
    questions = (MapQuestion(9.0, 9.0, "q1", "What is the fee?", (1,)), MapQuestion(8.0, 8.0, "q2", "Who?"))
    hits = [Hit(chunk(number), "d.md", fused=StageScore(1.0, 1)) for number in (3, 99, 1)]
    gold = [GoldSpan(f"d{1 % documents}", 12, 15)]
    map_section(EmbeddingMap(tuple(chunks), questions, max(total, len(chunks))), question, hits, gold)


def draw(**values: Any) -> tuple[dict[str, dict[str, Any]], str]:
    """The traces of the chart by their names, and the line below it."""
    drawn = AppTest.from_function(page, kwargs=values).run()
    assert not drawn.exception
    figure = json.loads(drawn.get("plotly_chart")[0].proto.spec)
    return {trace["name"]: trace for trace in figure["data"]}, drawn.caption[0].value


def test_a_question_is_marked_with_its_hits_and_its_evidence() -> None:
    traces, note = draw()
    assert list(traces) == [
        "&lt;d0&gt;.md",
        "&lt;d1&gt;.md",
        "questions",
        "evidence",
        "found, with its rank",
        "this question",
    ]
    assert traces["evidence"]["x"] == [1.0]
    assert (traces["found, with its rank"]["x"], traces["found, with its rank"]["text"]) == (
        [3.0, 1.0],
        ["<b>1</b>", "<b>3</b>"],
    )
    assert (traces["this question"]["x"], traces["questions"]["x"]) == ([9.0], [8.0])
    assert note.endswith("All 4 chunks are shown. 1 of the hits is not on the map.")


def test_without_a_question_nothing_is_marked() -> None:
    traces, note = draw(question=None, total=1000)
    assert list(traces) == ["&lt;d0&gt;.md", "&lt;d1&gt;.md", "questions"]
    assert traces["questions"]["x"] == [9.0, 8.0]
    assert note.endswith("4 of 1,000 chunks are shown.")


@pytest.mark.parametrize(("documents", "others"), [(5, ""), (6, "&lt;d5&gt;.md"), (8, "3 other documents")])
def test_many_documents_share_the_last_colour(documents: int, others: str) -> None:
    traces, _ = draw(documents=documents, question=None)
    chunks = [name for name in traces if name != "questions"]
    assert len(chunks) == min(documents, 6)
    assert len({traces[name]["marker"]["color"] for name in chunks}) == len(chunks)
    if others:
        assert len(traces[others]["x"]) == documents - 5


def test_what_a_chunk_says_is_cut_and_is_no_markup() -> None:
    traces, _ = draw(text='<b>"5 &' + " word" * 100)
    hover = traces["&lt;d0&gt;.md"]["hovertext"][0]
    head, *lines = hover.split("<br>")
    assert head == "<b>&lt;d0&gt;.md</b>"
    assert lines[0].startswith('&lt;b&gt;"5 &amp; word')
    assert lines[-1].endswith("…")
    assert 280 < len(" ".join(lines).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")) <= 300
