"""Laws that hold for every text, however odd, and every setting."""

import re
from itertools import pairwise

import pytest
from fakes import FakeEncoder
from hypothesis import given
from hypothesis import strategies as st

from playground.chunking import split_document
from playground.chunking.sentences import sentence_spans
from playground.config import STRATEGIES, ChunkingConfig
from playground.documents import Document, Heading, Page

words = st.one_of(
    st.sampled_from(
        ["the", "Dr.", "fee", "3.5", "U.S.", "z.B.", "é", "e\u0301", "日本語。", "🙂", "👩‍👩‍👧", "a" * 90]
    ),
    st.text(max_size=12),
)
gaps = st.sampled_from(
    [" ", " ", " ", "\n", "\n\n", ". ", "? ", "\r\n", "\t", "\u3000", "   ", "\n# ", "\n- ", " | "]
)
texts = st.builds(
    lambda parts, times: "".join(map("".join, parts)) * times,
    st.lists(st.tuples(words, gaps), max_size=60),
    st.integers(1, 8),
)
configs = st.integers(20, 60).flatmap(
    lambda size: st.builds(
        ChunkingConfig, st.sampled_from(STRATEGIES), st.just(size), st.integers(0, size // 2)
    )
)


class PieceEncoder(FakeEncoder):
    """Tokens as awkward as those of a real encoder: words fall into pieces, a picture is several tokens at
    one place, and control characters are no token at all."""

    def token_spans(self, text: str) -> list[tuple[int, int]]:
        spans = []
        for match in re.finditer(r"[^\W_]{1,3}|[^\s\x00-\x1f]", text):
            spans += [match.span()] * (3 if match[0] > "\uffff" else 1)
        return spans


def document_of(text: str) -> Document:
    headings = tuple(
        Heading(1, match[0].strip("# \n"), match.start())
        for match in re.finditer(r"^# .*", text, re.MULTILINE)
    )
    middle = len(text) // 2
    pages = (Page(1, 0, middle, "slide"), Page(2, middle, len(text), "slide"))
    return Document("d", "d.md", text, pages=pages if len(text) % 2 else (), headings=headings)


@pytest.mark.parametrize("encoder", [FakeEncoder(), PieceEncoder()], ids=["words", "pieces"])
@given(texts, configs)
def test_chunks_keep_their_laws(encoder: FakeEncoder, text: str, config: ChunkingConfig) -> None:
    document = document_of(text)
    chunks = split_document(document, config, encoder)
    starts = [start for start, _ in encoder.token_spans(text)]

    def tokens(start: int, end: int) -> int:
        return sum(start <= at < end for at in starts)

    assert bool(chunks) == bool(text.strip())
    covered = 0
    for chunk in chunks:
        assert chunk.text == text[chunk.start : chunk.end] == chunk.text.strip() != ""
        assert chunk.tokens == tokens(chunk.start, chunk.end) <= config.size
        assert chunk.page == document.page_at(chunk.start)
        paths = [document.heading_path(at) for at in range(chunk.start, chunk.end)]
        begins_with_heading = chunk.start in {heading.start for heading in document.headings}
        assert chunk.heading in (paths if begins_with_heading else paths[:1])
        assert not text[covered : chunk.start].strip(), "lost text"
        covered = chunk.end
    assert not text[covered:].strip(), "lost text at the end"
    for chunk, following in pairwise(chunks):
        assert chunk.start < following.start and chunk.end < following.end
        assert tokens(following.start, chunk.end) <= config.overlap


@given(texts)
def test_sentences_cover_the_text_once(text: str) -> None:
    spans = sentence_spans(text)
    covered = 0
    for start, end in spans:
        assert covered <= start < end
        assert text[start:end] == text[start:end].strip()
        assert not text[covered:start].strip()
        covered = end
    assert not text[covered:].strip()
