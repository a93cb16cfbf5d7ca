"""The passages that perfect retrieval would find for the person who asks: the chunks with the evidence.

This module does not know how a question is asked with them (see `playground.pipeline.run`).
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from playground.chunking.chunk import Chunk
from playground.config import PipelineConfig
from playground.documents import Document
from playground.evaluation.metrics import overlap
from playground.questions.labels import GoldSpan
from playground.retrieval import Hit, StageScore

if TYPE_CHECKING:
    from playground.workspace import Workspace


def gold_hits(workspace: "Workspace", config: PipelineConfig, spans: Sequence[GoldSpan]) -> list[Hit]:
    """The chunks of the configuration's index that overlap the spans, each once, in the order of the text;
    documents stand in the order of the spans. What `config.retrieval.reader` may not see is left out.

    Where the index has none of a document (nothing is indexed for a configuration that does not retrieve),
    the spans themselves are the passages. Raises KeyError for a document that the library does not have.
    """
    index, readable = workspace.index(config), workspace.library.readable_by(config.retrieval.reader)
    hits: list[Hit] = []
    for document_id in dict.fromkeys(span.document_id for span in spans):
        document = workspace.library.document(document_id)
        if readable is not None and document_id not in readable:
            continue
        own = sorted({(span.start, span.end) for span in spans if span.document_id == document_id})
        wanted = [_as_chunk(document, start, end) for start, end in own]
        found = [
            chunk for chunk in index.chunks_of(document_id) if any(overlap(chunk, each) for each in wanted)
        ]
        for chunk in found or wanted:
            hits.append(Hit(chunk, document.name, fused=StageScore(1.0, len(hits) + 1)))
    return hits


def _as_chunk(document: Document, start: int, end: int) -> Chunk:
    """A span as a passage; its tokens are not counted, since no encoder has cut it."""
    return Chunk(
        document.id,
        start,
        end,
        document.text[start:end],
        tokens=0,
        pages=document.pages_between(start, end),
        heading=document.heading_path(start),
    )
