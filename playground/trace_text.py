"""A trace as people read it in a terminal, and as plain values for other programs."""

from typing import Any

from playground.chunking.chunk import Chunk
from playground.engines.engine import Answer
from playground.pipeline import Trace


def place(chunk: Chunk) -> str:
    """Where in its document a chunk stands: "page 3 · Returns › Hardware"; "" where nothing says so."""
    page = chunk.page.label if chunk.page else ""
    # A sheet's or slide's name often is its heading too: saying it once is enough.
    heading = " › ".join(title for title in chunk.heading if not page.endswith(title))
    return " · ".join(part for part in (page, heading) if part)


def with_marks(answer: Answer) -> str:
    """The answer with its citations as [n], n counting the passages from 1."""
    text = answer.text
    for citation in sorted(answer.citations, key=lambda each: each.position)[::-1]:
        text = f"{text[: citation.position]} [{citation.passage + 1}]{text[citation.position :]}"
    return text


def trace_as_text(trace: Trace) -> str:
    """Answer, sources (a * before those that are quoted), and the time of every stage."""
    sources = [
        f"{'*' if rank in trace.quoted else ' '}[{rank + 1}] {hit.document_name}  {place(hit.chunk)}".rstrip()
        for rank, hit in enumerate(trace.passages)
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
