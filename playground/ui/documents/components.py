"""How chunks and documents are drawn: blocks with an edge, repeated text underlined.

Every text is escaped."""

from collections.abc import Sequence

import streamlit as st

from playground.chunking import Chunk
from playground.chunking.preview import ChunkPreview
from playground.excerpts import Block, Segment
from playground.ui.components import escape, palette

CSS = """<style>
.pg .chunk{box-shadow:inset 3px 0 0 var(--c);background:color-mix(in srgb,var(--c) 9%,transparent);
  padding:5px 10px 6px 13px;border-radius:4px;margin:0 0 4px;font-size:.93rem;white-space:pre-wrap}
.pg .chunk small{float:right;font-size:.76rem;margin-left:12px;font-variant-numeric:tabular-nums;
  color:color-mix(in srgb,currentColor 72%,transparent)}
.pg .chunk .shared{text-decoration:underline dotted color-mix(in srgb,var(--c) 90%,transparent);
  text-underline-offset:3px;background:color-mix(in srgb,var(--c) 18%,transparent)}
.pg .chunk.joined{border-top-left-radius:0;border-top-right-radius:0;margin-top:-4px}
.pg .plain{--c:currentColor}
.pg .chunk.plain{background:color-mix(in srgb,currentColor 4%,transparent);
  box-shadow:inset 3px 0 0 color-mix(in srgb,currentColor 22%,transparent)}
.pg .chunk mark{background:color-mix(in srgb,var(--passage) 30%,transparent);
  box-shadow:0 2px 0 color-mix(in srgb,var(--passage) 85%,transparent)}
.pg .edge{display:flex;align-items:center;gap:8px;font-size:.78rem;margin:2px 0 6px;
  color:color-mix(in srgb,currentColor 72%,transparent)}
.pg .edge::after{content:"";flex:1;border-top:1px dashed color-mix(in srgb,currentColor 35%,transparent)}
.pg .chunk.only{border-top:2px dashed color-mix(in srgb,currentColor 55%,transparent)}
.pg .chunk .path{font-weight:600;color:color-mix(in srgb,currentColor 72%,transparent)}
.pg .bars{display:inline-flex;align-items:flex-end;gap:1px;height:22px;vertical-align:bottom;
  border-bottom:1px solid color-mix(in srgb,currentColor 35%,transparent)}
.pg .bars i{display:block;width:6px;background:var(--c);border-radius:1px 1px 0 0}
.st-key-preview_blocks{max-height:max(280px,calc(100vh - 800px));overflow-y:auto;flex-wrap:nowrap}
.st-key-summary_left,.st-key-summary_right{min-height:2.4rem}
.st-key-upload_lines{max-height:11.5rem;overflow-y:auto}
[role=dialog] .pg .chunk{font-size:.86rem}
.pg table.indexes td,.pg table.indexes th{text-align:left}
.pg.sizes{display:flex;align-items:flex-end;gap:8px;font-size:.8rem;line-height:1.1;white-space:nowrap}
</style>"""


def document_style() -> None:
    """What the drawings below need; once a page, or once a dialog."""
    st.html(CSS)


def draw_blocks(found: Sequence[Block], chunks: Sequence[Chunk], colour: str | None = None) -> None:
    """A window of a document. With `colour` the marked passage has it, and chunks step back into grey."""
    tones = ("",) if colour else (palette()[0], palette()[3])
    drawn = [_block(block, chunks, tones) for block in found]
    passage = f' style="--passage:{colour or palette()[2]}"'
    st.html(f'<div class="pg"{passage}>{"".join(drawn)}</div>')


def _block(block: Block, chunks: Sequence[Chunk], tones: Sequence[str]) -> str:
    page = f'<div class="edge">{escape(block.page.label)}</div>' if block.page else ""
    index = block.chunk or 0
    tone = tones[index % len(tones)]
    kind = "chunk" if tone else "chunk plain"
    note = ""
    if block.chunk is not None:
        more = "" if block.begins else "continued · "
        note = f"<small>{more}{index + 1} · {chunks[index].tokens} tokens</small>"
    style = f' style="--c:{tone}"' if tone else ""
    return f'{page}<div class="{kind}"{style}>{note}{"".join(map(_segment, block.segments))}</div>'


def _segment(segment: Segment) -> str:
    drawn = escape(segment.text)
    if segment.heading:
        drawn = f"<b>{drawn}</b>"
    if segment.shared:
        drawn = f'<span class="shared" title="also in the chunk before">{drawn}</span>'
    return f"<mark>{drawn}</mark>" if segment.marked else drawn


def draw_chunks(preview: ChunkPreview, shown: range, only: Sequence[int]) -> None:
    """Some chunks of a preview, each whole. `only` are the offsets of borders that the other side lacks."""
    tones = (palette()[0], palette()[3])
    lonely = set(only)
    drawn = []
    for index in shown:
        chunk, (_, shared_until) = preview.chunks[index], preview.overlaps[index]
        before = preview.chunks[index - 1] if index else None
        kind, sign = ("chunk only", "≠ ") if chunk.start in lonely else ("chunk", "")
        title = ' title="the other side has no border here"' if sign else ""
        drawn.append(
            f'<div class="{kind}" style="--c:{tones[index % 2]}"{title}>'
            f"<small>{sign}{index + 1} · {chunk.tokens} tokens</small>{_path(chunk, before)}"
            f"{_text(chunk, shared_until)}</div>"
        )
    st.html(f'<div class="pg">{"".join(drawn)}</div>')


def _path(chunk: Chunk, before: Chunk | None) -> str:
    """The headings above a chunk where they are new and not its own first line."""
    if not chunk.heading or (before and before.heading == chunk.heading):
        return ""
    if chunk.text.lstrip("# ").startswith(chunk.heading[-1]):
        return ""
    return f'<span class="path">{escape(" › ".join(chunk.heading))}</span>\n'


def _text(chunk: Chunk, shared_until: int) -> str:
    cut = shared_until - chunk.start
    shared = f'<span class="shared" title="also in the chunk before">{escape(chunk.text[:cut])}</span>'
    return f"{shared if cut else ''}{escape(chunk.text[cut:])}"


def draw_sizes(counts: Sequence[int], top: int, mean: float) -> None:
    """The distribution of token counts as a strip of bars from 0 to `top` tokens."""
    tallest = max(counts, default=0) or 1
    bars = "".join(f'<i style="height:{100 * count / tallest:.0f}%"></i>' for count in counts)
    step = top / len(counts)
    words = ", ".join(
        f"{count} with {index * step + 1:.0f} to {(index + 1) * step:.0f}"
        for index, count in enumerate(counts)
        if count
    )
    st.html(
        f'<div class="pg sizes" style="--c:{palette()[5]}" title="chunks by tokens: {words}">0'
        f'<span class="bars" role="img" aria-label="chunks by tokens: {words}">{bars}</span>'
        f"{top} tokens · mean {mean:.0f}</div>",
        width="content",
    )
