"""BM25 over stemmed words, in tantivy. It stores keys and postings, no text. A deleted chunk's postings are
dead at once; single words of it may stay in a segment's word list until tantivy merges that segment.

Words are folded to lower case without accents and stemmed as English; codes such as AX-204-K are indexed
whole as well as in parts, so that the exact code outranks its relatives.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import tantivy

# A code: at least two parts joined by - . / _ with a digit somewhere. "state-of-the-art" is none. It begins
# where a word begins and gives nothing back: else a word of 100,000 letters would take minutes.
_CODE = re.compile(r"(?<![^\W_])[^\W_]++(?:[-./_][^\W_]++)++")
_WRITER_BYTES = 50_000_000


def codes(text: str) -> list[str]:
    """Codes in a text, in lower case: "Is AX-204-K in stock?" gives ["ax-204-k"]."""
    return [match.lower() for match in _CODE.findall(text) if any(sign.isdigit() for sign in match)]


@lru_cache(maxsize=1)
def _analyzer() -> "tantivy.TextAnalyzer":
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(60), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


@lru_cache(maxsize=4096)
def terms(text: str) -> tuple[str, ...]:
    """The words of a text as they are searched: "Returned goods" gives ("return", "good")."""
    return tuple(_analyzer().analyze(text))


class KeywordIndex:
    """The postings of one fingerprint. Changes are visible after `commit`."""

    def __init__(self, folder: Path) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        builder.add_unsigned_field("key", indexed=True, fast=True)  # read from a column, not from a store
        builder.add_text_field("document", tokenizer_name="raw", index_option="basic")
        builder.add_text_field("body", tokenizer_name="words", index_option="freq")
        builder.add_text_field("codes", tokenizer_name="codes", index_option="basic")
        folder.mkdir(parents=True, exist_ok=True)
        self._index = tantivy.Index(builder.build(), path=str(folder), reuse=True)
        self._index.register_tokenizer("words", _analyzer())
        whole = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        self._index.register_tokenizer("codes", whole)
        self._writer: Any = None

    def add(self, keys: Sequence[int], texts: Sequence[str], document_ids: Sequence[str]) -> None:
        writer, schema = self._open_writer(), self._index.schema
        for key, text, document_id in zip(keys, texts, document_ids, strict=True):
            fields = {"key": key, "document": document_id, "body": text, "codes": " ".join(codes(text))}
            writer.add_document(self._tantivy.Document.from_dict(fields, schema))

    def delete(self, keys: Sequence[int]) -> None:
        """Keys that are not there are passed over."""
        writer = self._open_writer()
        for key in keys:
            writer.delete_documents_by_query(self._tantivy.Query.term_query(self._index.schema, "key", key))

    def commit(self) -> None:
        """Write everything to disk and show it to searches; ends the writer, so that others may write."""
        if self._writer is not None:
            self._writer.commit()
            self._writer.wait_merging_threads()
            self._writer = None
            self._index.reload()

    def search(self, text: str, limit: int) -> list[tuple[int, float]]:
        """(key, BM25 score), best first; only chunks that share at least one word with the text."""
        query, schema = self._tantivy.Query, self._index.schema
        should = self._tantivy.Occur.Should
        clauses = [(should, query.term_query(schema, "body", term)) for term in set(terms(text))]
        clauses += [(should, query.term_query(schema, "codes", code)) for code in set(codes(text))]
        if not clauses:
            return []
        searcher = self._index.searcher()
        found = searcher.search(query.boolean_query(clauses), limit, count=False)
        keys = searcher.fast_field_values("key", [address for _, address in found.hits])
        pairs = zip(keys, found.hits, strict=True)
        return [(int(key), score) for key, (score, _) in pairs if key is not None]

    def count(self) -> int:
        return int(self._index.searcher().num_docs)

    def count_of(self, document_ids: Sequence[str]) -> int:
        """How many entries these documents have, asked of tantivy itself."""
        query, should = self._tantivy.Query, self._tantivy.Occur.Should
        terms = [query.term_query(self._index.schema, "document", each) for each in document_ids]
        either = query.boolean_query([(should, term) for term in terms])
        return len(self._index.searcher().search(either, max(self.count(), 1)).hits)

    def _open_writer(self) -> Any:
        if self._writer is None:
            self._writer = self._index.writer(_WRITER_BYTES, 1)
        return self._writer
