"""A trace as people read it in a terminal, and as plain values for other programs."""

from typing import Any

from playground.chunking.chunk import Chunk
from playground.engines.engine import Answer
from playground.pipeline import Trace


def place(chunk: Chunk, offset: int | None = None) -> str:
    """Where in its document a chunk stands, or the character at `offset` in it.

    "page 3 · Returns › Hardware"; "" where nothing says so.
    """
    if offset is None and len(chunk.pages) > 1:
        first, last = chunk.pages[0], chunk.pages[-1]
        page = f"{first.kind}s {first.name or first.number}–{last.name or last.number}"
    else:
        touched = chunk.page if offset is None else chunk.page_at(offset)
        page = touched.label if touched else ""
    # A sheet's or slide's name often is its heading too: saying it once is enough.
    nearest = chunk.heading[-2:]  # what is above them mostly is the document's title
    heading = " › ".join(title for title in nearest if not page.endswith(title))
    return " · ".join(part for part in (page, heading) if part)


def with_marks(answer: Answer) -> str:
    """The answer with its citations as [n], n counting the passages from 1."""
    text = answer.text
    for citation in sorted(answer.citations, key=lambda each: each.position)[::-1]:
        text = f"{text[: citation.position]} [{citation.passage + 1}]{text[citation.position :]}"
    return text


def trace_as_text(trace: Trace) -> str:
    """Answer, sources (a * before those that are quoted), and the time of every stage."""
    quoted = {citation.passage: citation.start for citation in trace.answer.citations}
    sources = [
        f"{'*' if rank in quoted else ' '}[{rank + 1}] {hit.document_name}  {where}".rstrip()
        for rank, hit in enumerate(trace.passages)
        for where in [place(hit.chunk, quoted.get(rank))]
    ]
    stages = ", ".join(f"{name} {value:.1f}" for name, value in trace.timings.items() if name != "total")
    return "\n".join([with_marks(trace.answer), *sources, f"{trace.timings['total']:.1f} ms ({stages})"])


def trace_as_dict(trace: Trace) -> dict[str, Any]:
    """Plain values for JSON; `passage` counts the hits from 0."""
    names = {hit.chunk.document_id: hit.document_name for hit in trace.hits}
    return {
        "question": trace.question,
        "answer": trace.answer.text,
        "abstained": trace.answer.abstained,
        "engine": trace.answer.engine,
        "citations": [
            {
                "document": names[citation.document_id],
                "start": citation.start,
                "end": citation.end,
                "passage": citation.passage,
            }
            for citation in trace.answer.citations
        ],
        "hits": [
            {
                "document": hit.document_name,
                "start": hit.chunk.start,
                "end": hit.chunk.end,
                "score": float(hit.final.score),
                "page": hit.chunk.page.label if hit.chunk.page else None,
                "heading": list(hit.chunk.heading),
                "text": hit.chunk.text,
            }
            for hit in trace.hits
        ],
        "latency_ms": dict(trace.timings),
        "config": trace.config.to_dict(),
    }
