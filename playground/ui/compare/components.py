"""The pieces of the Compare page: a column's settings, its answer and prompt, a source card, the table of
times. Every text is escaped: it comes from documents, models and servers."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

import streamlit as st

from playground.chunking.chunk import Chunk
from playground.comparison import Passage
from playground.config import PipelineConfig
from playground.engines.engine import Answer, Citation, LabelledNeighbour, Message
from playground.retrieval import Hit
from playground.trace_text import place
from playground.ui.charts import SHOWN, shown_stages, stage_colours
from playground.ui.compare.knobs import ANYONE, WORDS
from playground.ui.compare.prompt_settings import prompt_in_words
from playground.ui.components import escape, palette

AROUND = 110
"""Characters shown on either side of a quoted sentence before the passage is unfolded."""

_HEADING_LINES = re.compile(r"(?:#{1,6} .*\n\s*)*")  # the card's head says them already
_RERANKERS = {
    "none": "off",
    "late_interaction": "late interaction",
    "colbert": "ColBERT",
    "cross_encoder": "cross-encoder",
    "server": "server",
}


def settings_in_words(
    config: PipelineConfig, adapter: str = "", asked: bool = False
) -> list[tuple[str, str]]:
    """The lines that every column shows, in fixed places. `adapter` is the name of the column's adapter; by
    whom a column is `asked` stands there where it matters in some column."""
    chunking, reranking, engine = config.chunking, config.reranking, config.engine
    overlap = f", overlap {chunking.overlap}" if chunking.overlap else ""
    prefix = "" if chunking.prefix else ", no prefix"
    reranks = config.retrieves and reranking.method != "none"
    names = {"Retrieval": _retrieval_in_words(config)}
    names["Reranking"] = f"{_RERANKERS[reranking.method]} of {reranking.candidates}" if reranks else "off"
    names["Chunking"] = (
        f"{chunking.strategy} {chunking.size}{overlap}{prefix}" if config.retrieves else "none"
    )
    names["Adapter"] = adapter or "none"
    names["Engine"] = short_name(engine.model) if engine.model else WORDS.get(engine.name, engine.name)
    names["Prompt"] = "none" if engine.name == "extractive" else prompt_in_words(config.prompt)
    if asked:
        names["Asked by"] = (config.retrieval.reader or ANYONE) if config.retrieves else "none"
    return list(names.items())


def _retrieval_in_words(config: PipelineConfig) -> str:
    retrieval = config.retrieval
    if not config.grounded:
        return "off"
    if config.engine.examples:
        return "labelled examples"
    how = retrieval.mode
    if how == "hybrid":
        dense = round(retrieval.dense_weight * 100)
        how += f" {dense}/{100 - dense}" if retrieval.fusion == "weighted" else " RRF"
    return f"{how}, top {retrieval.top_k}"


def short_name(model: str) -> str:
    """The end of a hub name or path: "Qwen2.5-0.5B-Instruct"."""
    return model.rstrip("/\\").replace("\\", "/").rpartition("/")[2] or model


def settings_grid(
    config: PipelineConfig, first: PipelineConfig, adapter: str, first_adapter: str, asked: bool
) -> None:
    """The settings in words; a value unlike the first column's is tinted and has an edge."""
    mine, theirs = settings_in_words(config, adapter, asked), settings_in_words(first, first_adapter, asked)
    hidden = _hidden_differences(config, first)
    cells = []
    for (label, value), (_, base) in zip(mine, theirs, strict=True):
        differs = value != base or label in hidden
        kind = ("diff " if differs else "") + ("off" if value in ("off", "none") else "")
        # Names of models are long, and those of people may be.
        kind += {"Engine": " wide", "Prompt": " narrow", "Asked by": " wide"}.get(label, "")
        title = "differs from column A" if differs else ""
        if differs and value == base:
            title += ": " + ", ".join(hidden[label])
        elif label in ("Engine", "Adapter"):
            name = config.engine.model if label == "Engine" else adapter
            title = ": ".join(part for part in (title, name) if part)
        cells.append(
            f'<div class="{kind}" title="{escape(title)}"><dt>{escape(label)}</dt>'
            f"<dd>{escape(value)}</dd></div>"
        )
    st.html(f'<div class="pg"><dl class="settings">{"".join(cells)}</dl></div>')


def _hidden_differences(config: PipelineConfig, first: PipelineConfig) -> dict[str, list[str]]:
    """By cell, the settings that differ although the words in the cell may be the same."""
    found: dict[str, list[str]] = {}
    for name in config.differences(first):
        section = name.partition(".")[0]
        cell = {"engine": "Engine", "prompt": "Prompt", "adapter": "Adapter"}.get(section)
        told = name in ("engine.retrieval", "engine.examples")  # the cell of retrieval says these
        if cell and not told and not (cell == "Prompt" and config.engine.name == "extractive"):
            found.setdefault(cell, []).append(name)
    return found


def colour(passage: Passage) -> str:
    """A document has one colour, so that its passages belong together."""
    colours = palette()
    return colours[passage.document % len(colours)]


def mark(passage: Passage, document: str) -> str:
    """The numbered chip of a citation and of its source card."""
    return (
        f'<span class="cite" style="--c:{colour(passage)}" title="{escape(document)}">{passage.number}</span>'
    )


def answer_text(answer: Answer, hits: Sequence[Hit], passages: Sequence[Passage]) -> None:
    """The answer with a chip behind every citation's place. A no-break space keeps a chip on its line."""
    parts, done = [], 0
    for citation in sorted(answer.citations, key=lambda each: each.position):
        chip = mark(passages[citation.passage], hits[citation.passage].document_name)
        before = _with_unsupported(answer, done, citation.position)
        parts.append(f"{before.rstrip()}&nbsp;{chip} ")
        done = citation.position
    rest = _with_unsupported(answer, done, len(answer.text))
    parts.append(rest.lstrip() if done else rest)
    kinds = ["answer"]
    kinds += ["abstained"] if answer.abstained else []
    kinds += ["generated"] if answer.prompt else []  # its line breaks are meant; those of a quote are not
    st.html(f'<div class="pg {" ".join(kinds)}">{"".join(parts) or "&nbsp;"}</div>')


def _with_unsupported(answer: Answer, begin: int, end: int) -> str:
    """A part of the answer's text, escaped, with the sentences that nothing supports marked."""
    inside = {min(max(each, begin), end) for span in answer.unsupported for each in span}
    pieces = []
    for left, right in pairwise(sorted({begin, end} | inside)):
        text = escape(answer.text[left:right])
        if any(start <= left and right <= stop for start, stop in answer.unsupported) and text.strip():
            text = f'<span class="unsupported" title="This sentence cites no passage">{text}</span>'
        pieces.append(text)
    return "".join(pieces)


def note_lines(lines: Sequence[str]) -> None:
    """What has to be known of an answer, in small print below it."""
    if lines:
        st.html(
            f'<div class="pg notes muted">{"".join(f"<div>{escape(line)}</div>" for line in lines)}</div>'
        )


def growing_text(text: str) -> None:
    """An answer that is being generated, so far."""
    st.html(f'<div class="pg answer generated">{escape(text)}<span class="caret"></span></div>')


def waiting_text(text: str) -> None:
    """Instead of an answer that has not begun."""
    st.html(f'<div class="pg muted waiting">{escape(text)}</div>')


def prompt_text(prompt: Sequence[Message]) -> None:
    """Exactly what the model was given, a part for each message."""
    parts = "".join(
        f"<dt>{escape(message.role)}</dt><dd>{escape(message.content)}</dd>" for message in prompt
    )
    st.html(f'<div class="pg prompt"><dl>{parts}</dl></div>')


def neighbour_list(neighbours: Sequence[LabelledNeighbour]) -> None:
    """Labelled examples that voted, nearest first."""
    rows = "".join(
        f'<div class="neighbour"><div class="quote">{escape(each.input)}</div><div class="why">'
        f"<b>{escape(each.output)}</b><span>similarity <b>{each.score:.2f}</b></span></div></div>"
        for each in neighbours
    )
    st.html(f'<div class="pg">{rows}</div>')


def source_head(hit: Hit, passage: Passage, alone: bool, quoted: int | None) -> None:
    """Number, document, page and heading, those of the character `quoted` where there is one.

    `alone` where no other column found this passage.
    """
    only = '<span class="only" title="no other column found this passage">only here</span>' if alone else ""
    where = escape(place(hit.chunk, quoted))
    st.html(
        f'<div class="pg where">{mark(passage, hit.document_name)} <b>{escape(hit.document_name)}</b> '
        f'<span class="muted">{where}</span> {only}</div>'
    )


def source_body(hit: Hit, passage: Passage, citations: Sequence[Citation]) -> None:
    """The passage with its quoted sentences marked, then the ranks, and on demand how it got here."""
    spans = sorted((each.start, each.end) for each in citations)
    begin, end = _excerpt(hit.chunk, spans)
    excerpt = _marked(hit.chunk, begin, end, spans)
    kind = "source" if spans else "source unquoted"
    whole = ""
    if begin > hit.chunk.start or end < hit.chunk.end:
        full = _marked(hit.chunk, hit.chunk.start, hit.chunk.end, spans)
        whole = f'<details><summary>whole passage</summary><div class="quote whole">{full}</div></details>'
    st.html(
        f'<div class="pg {kind}" style="--c:{colour(passage)}"><div class="quote">{excerpt}</div>'
        f'<div class="why">{_ranks(hit)}<details><summary>why is it here</summary>{_stages(hit)}</details>'
        f"{whole}</div></div>"
    )


def _excerpt(chunk: Chunk, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Where the shown part of a passage begins and ends, on borders of words."""
    text_start = chunk.start + len(_HEADING_LINES.match(chunk.text).group())  # type: ignore[union-attr]
    if not spans:
        return text_start, _word_border(chunk, text_start + AROUND)
    begin = _word_border(chunk, max(min(text_start, spans[0][0]), spans[0][0] - AROUND))
    return begin, _word_border(chunk, min(chunk.end, spans[-1][1] + AROUND))


def _word_border(chunk: Chunk, offset: int) -> int:
    if offset <= chunk.start or offset >= chunk.end:
        return max(chunk.start, min(chunk.end, offset))
    if chunk.text[offset - chunk.start - 1].isspace():
        return offset
    space = chunk.text.find(" ", offset - chunk.start)
    return chunk.end if space < 0 else chunk.start + space + 1


def _marked(chunk: Chunk, begin: int, end: int, spans: Sequence[tuple[int, int]]) -> str:
    """The text from `begin` to `end` with the spans marked, and dots where it goes on."""
    borders = sorted({begin, end, *(min(max(each, begin), end) for span in spans for each in span)})
    pieces = []
    for left, right in pairwise(borders):
        text = escape(chunk.text[left - chunk.start : right - chunk.start])
        quoted = any(start <= left and right <= stop for start, stop in spans)
        pieces.append(f"<mark>{text}</mark>" if quoted else text)
    dots_before = "… " if begin > chunk.start else ""
    dots_after = " …" if end < chunk.end else ""
    return dots_before + "".join(pieces).strip() + dots_after


def _ranks(hit: Hit) -> str:
    """One chip a stage that ran in this column."""
    stages = {"dense": hit.dense, "keyword": hit.keyword, "fused": hit.fused, "reranked": hit.reranked}
    return "".join(
        f"<span>{name} <b>#{stage.rank}</b></span>" for name, stage in stages.items() if stage is not None
    )


def _stages(hit: Hit) -> str:
    """Rank and score at every stage, and what reranking moved."""
    rows = [
        ("dense", "cosine similarity", hit.dense),
        ("keyword", "BM25", hit.keyword),
        ("fused", "fusion", hit.fused),
        ("reranked", "reranker", hit.reranked),
    ]
    body = "".join(
        f"<tr><td>{name}</td><td>{unit}</td><td>#{stage.rank}</td><td>{stage.score:.3f}</td></tr>"
        if stage
        else f'<tr class="muted"><td>{name}</td><td>{unit}</td><td>–</td><td>–</td></tr>'
        for name, unit, stage in rows
    )
    table = f"<table><tr><th>stage</th><th>score is</th><th>rank</th><th>score</th></tr>{body}</table>"
    return table + f'<div class="muted">{_movement(hit)}</div>'


def _movement(hit: Hit) -> str:
    before = hit.fused or hit.dense or hit.keyword
    if hit.reranked is None or before is None:
        return "No reranking touched it."
    moved = before.rank - hit.reranked.rank
    if moved == 0:
        return f"Reranking left it at {hit.reranked.rank}."
    return f"Reranking moved it {'up' if moved > 0 else 'down'} from {before.rank} to {hit.reranked.rank}."


def latency_table(rows: Sequence[tuple[str, Mapping[str, float], float | None, str]]) -> None:
    """(letter, timings, p95 of the total or None, mark such as "cold") a column; the head is the legend."""
    used = [name for name in SHOWN if any(name in shown_stages(timings) for _, timings, _, _ in rows)]
    colours = stage_colours()
    measured = any(p95 is not None for _, _, p95, _ in rows)
    head = "".join(
        f'<th><span class="sw" style="--c:{colours[name]}"></span>{escape(name)}</th>' for name in used
    )
    head += "<th>total</th>" + ("<th>p95</th>" if measured else "") + "<th></th>"
    body = ""
    for letter, timings, p95, note in rows:
        shown = shown_stages(timings)
        cells = "".join(
            f"<td>{_milliseconds(shown[name])}</td>" if name in shown else '<td class="muted">–</td>'
            for name in used
        )
        cells += f"<td><b>{_milliseconds(timings['total'])}</b></td>"
        if measured:
            cells += '<td class="muted">–</td>' if p95 is None else f"<td>{_milliseconds(p95)}</td>"
        body += f'<tr><td>{escape(letter)}</td>{cells}<td class="note">{escape(note)}</td></tr>'
    unit = "ms, p50" if measured else "ms"
    st.html(f'<div class="pg"><table><tr><th>{unit}</th>{head}</tr>{body}</table></div>')


def _milliseconds(value: float) -> str:
    return f"{value:.1f}" if value < 10 else f"{value:,.0f}"
