"""The embedding map on the Evaluate page: chunks by document, the questions, and what one of them found.

It draws what `playground.evaluation.embedding_map` placed, and computes nothing.
"""

import html
import textwrap
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from playground.evaluation.embedding_map import EmbeddingMap, MapQuestion
from playground.questions.labels import GoldSpan
from playground.retrieval import Hit
from playground.ui.charts import draw, frame
from playground.ui.components import dark, ink, muted, palette

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT = 600
HOVER_CHARACTERS = 300
HOVER_LINE = 64  # characters
NAME_CHARACTERS = 32

Points = Sequence[tuple[float, float]]


def map_section(
    embedding_map: EmbeddingMap,
    question: int | None,
    hits: Sequence[Hit],
    gold: Sequence[GoldSpan],
    key: str = "embedding_map",
) -> None:
    """The map, with one question (its position in the map) marked: a star, its hits in rings with their
    ranks, its evidence as diamonds. Without a question the hits and the evidence are not marked."""
    import plotly.graph_objects as go

    figure = go.Figure()
    _chunks(figure, embedding_map)
    others = [each for at, each in enumerate(embedding_map.questions) if at != question]
    _questions(figure, others, "questions", {"symbol": "star-open", "size": 8, "color": muted()})
    missing = 0
    if question is not None:
        missing = _found(figure, embedding_map, hits, gold)
        star = {"symbol": "star", "size": 20, "color": ink(), "line": _rim()}
        _questions(figure, [embedding_map.questions[question]], "this question", star)
    frame(figure, HEIGHT)
    figure.update_layout(
        showlegend=True,
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "x": 0, "font": {"size": 13}},
        hoverlabel={"align": "left", "font": {"family": "Source Sans, sans-serif", "size": 13}},
    )
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    draw(figure, key)
    st.caption(" ".join(_notes(embedding_map, missing)))


def _chunks(figure: "go.Figure", embedding_map: EmbeddingMap) -> None:
    """A colour for each of the documents with most chunks; the others share the palette's grey."""
    counts = Counter(point.document_name for point in embedding_map.chunks)
    *colours, grey = palette()
    by_size = [name for name, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    named, others = by_size[: len(colours)], by_size[len(colours) :]
    groups = [
        (html.escape(_shortened(name), quote=False), {name}, colour)
        for name, colour in zip(named, colours, strict=False)
    ]
    if others:
        label = html.escape(_shortened(others[0]), quote=False) if len(others) == 1 else ""
        # Drawn first, so that they hide nothing.
        groups.insert(0, (label or f"{len(others)} other documents", set(others), grey))
    for label, names, colour in groups:
        members = [point for point in embedding_map.chunks if point.document_name in names]
        figure.add_scatter(
            x=[point.x for point in members],
            y=[point.y for point in members],
            name=label,
            mode="markers",
            marker={"size": 7, "color": colour, "opacity": 0.55 if colour == grey else 0.8},
            hovertext=[_hover(point.document_name, point.chunk.text) for point in members],
            hoverinfo="text",
            legendrank=1001 if colour == grey else 1000,
        )


def _questions(
    figure: "go.Figure", questions: Sequence[MapQuestion], name: str, marker: dict[str, Any]
) -> None:
    if questions:
        figure.add_scatter(
            x=[each.x for each in questions],
            y=[each.y for each in questions],
            name=name,
            mode="markers",
            marker=marker,
            hovertext=[_hover("Question", each.question) for each in questions],
            hoverinfo="text",
            legendrank=1002,
        )


def _found(
    figure: "go.Figure", embedding_map: EmbeddingMap, hits: Sequence[Hit], gold: Sequence[GoldSpan]
) -> int:
    """Mark evidence and hits; gives the number of hits that are not on the map."""
    evidence = embedding_map.positions(gold)
    at = {point.chunk.id: (point.x, point.y) for point in embedding_map.chunks}
    shown = [(rank, at[hit.chunk.id]) for rank, hit in enumerate(hits, start=1) if hit.chunk.id in at]
    _marks(
        figure,
        [(embedding_map.chunks[place].x, embedding_map.chunks[place].y) for place in evidence],
        "evidence",
        {"symbol": "diamond", "size": 13, "color": ink(), "line": _rim()},
    )
    _marks(
        figure,
        [place for _, place in shown],
        "found, with its rank",
        {"symbol": "circle-open", "size": 20, "color": ink(), "line": {"width": 2}},
        [f"<b>{rank}</b>" for rank, _ in shown],
    )
    return len(hits) - len(shown)


def _marks(
    figure: "go.Figure", points: Points, name: str, marker: dict[str, Any], texts: Sequence[str] = ()
) -> None:
    """Around chunks; what is under the pointer is still the chunk."""
    if points:
        figure.add_scatter(
            x=[x for x, _ in points],
            y=[y for _, y in points],
            name=name,
            mode="markers+text" if texts else "markers",
            marker=marker,
            text=list(texts) or None,
            textposition="top right",
            textfont={"size": 14, "color": ink()},
            hoverinfo="skip",
            legendrank=1003,
        )


def _rim() -> dict[str, Any]:
    """Keeps a mark apart from the points around it."""
    return {"width": 1.5, "color": "#0F1320" if dark() else "#FFFFFF"}


def _notes(embedding_map: EmbeddingMap, missing: int) -> list[str]:
    total = embedding_map.total
    notes = ["Texts that are alike are near to each other; how far others are apart says little."]
    if embedding_map.sampled:
        notes.append(f"{len(embedding_map.chunks):,} of {total:,} chunks are shown.")
    else:
        notes.append("The index's only chunk is shown." if total == 1 else f"All {total:,} chunks are shown.")
    if missing:
        notes.append(f"{missing:,} of the hits {'is' if missing == 1 else 'are'} not on the map.")
    return notes


def _hover(head: str, text: str) -> str:
    """A head and the beginning of a text, in lines, with nothing that the chart would read as a mark."""
    lines = textwrap.wrap(_shortened(" ".join(text.split()), HOVER_CHARACTERS), HOVER_LINE)
    # Charts know no &quot;, and a quotation mark is no mark to them.
    first, *rest = (html.escape(line, quote=False) for line in [_shortened(head, HOVER_LINE), *lines])
    return "<br>".join([f"<b>{first}</b>", *rest])


def _shortened(name: str, most: int = NAME_CHARACTERS) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
