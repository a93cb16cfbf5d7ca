"""Passages -> the sentences that could be quoted, each with its text for reading and what stands above it.

Headings, questions and the frames of tables are never quoted, but they say what the sentence below them is
about. This module does not know the question that is asked.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from playground.chunking.sentences import sentence_spans
from playground.retrieval import Hit

_LIST_MARK = re.compile(r"(?:>\s*)*(?:(?:[-*+•‣▪◦–]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s+)?(?:\[[ xX]\]\s+)?")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
_EMPHASIS = re.compile(r"(?<!\w)(\*{1,3}|_{1,3}|`+)(?=\S)(.+?)(?<=\S)\1(?!\w)")
_TABLE_RULE = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-{2,}:?\s*)*\|?")
_ASKS_OR_INTRODUCES = re.compile(r"[?？؟:：,][\"'”’»)\]*_]*$")
_CLOSED = re.compile(r"[.!…。！।۔;][\"'”’»)\]*_]*(?:\[\d+\])*$")
_HEADER = re.compile(
    r"(?:From|To|Cc|Bcc|Date|Sent|Subject|Reply-To|Attachments|Von|An|Gesendet|Datum|Betreff|Anlagen): "
)
_TITLE_MARK = re.compile(r"(#{1,6})\s")
_LONG_TITLE = 8  # words; a line of more is taken for a sentence even without a full stop


@dataclass(frozen=True)
class Quotable:
    """A sentence at `document.text[start:end]`, in the passage with the index `passage` (0 is the first).

    `text` is for reading: white space as single spaces, no list marks, emphasis or links; a table row names
    its columns. `heading` holds the titles over it, from the highest down, and `context` what else stands
    above it: the document's name, the sentence before.
    """

    document_id: str
    start: int
    end: int
    passage: int
    text: str
    context: str
    heading: str = ""


def quotable_sentences(passages: Sequence[Hit]) -> list[Quotable]:
    """Passage by passage. What overlapping chunks share comes once: whole, where one of them has it whole,
    and else from the better passage."""
    kept: dict[str, list[Quotable]] = {}
    for passage, hit in enumerate(passages):
        of_document = kept.setdefault(hit.chunk.document_id, [])
        for new in _sentences_of(hit, passage):
            if not any(old.start <= new.start and new.end <= old.end for old in of_document):
                of_document[:] = [
                    old for old in of_document if not (new.start <= old.start <= old.end <= new.end)
                ]
                of_document.append(new)
    return sorted(
        (sentence for of_document in kept.values() for sentence in of_document),
        key=lambda sentence: (sentence.passage, sentence.start),
    )


def readable(sentence: str) -> str:
    """A sentence without the marks of Markdown: "- **Free** over\\n50 EUR" is "Free over 50 EUR"."""
    text = " ".join(_LIST_MARK.sub("", sentence, count=1).split())
    return _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", text))


def _sentences_of(hit: Hit, passage: int) -> Iterator[Quotable]:
    chunk = hit.chunk
    spans = sentence_spans(chunk.text)
    pieces = [chunk.text[start:end] for start, end in spans]
    marked = titles = list(chunk.heading)
    before = ""
    columns: list[str] = []
    entry_ends = -1  # where the last quotable line without a full stop ends
    for index, ((start, end), piece) in enumerate(zip(spans, pieces, strict=True)):
        is_row = _is_row(piece)
        names_columns = is_row and _names_columns(pieces, index)
        columns = _cells(piece) if names_columns else columns if is_row else []
        text = _row_text(columns, _cells(piece)) if columns or piece.startswith("|") else readable(piece)
        under_entry = chunk.text[entry_ends:start] == "\n"
        if names_columns or not any(map(str.isalnum, piece)) or _is_mail_header(pieces, index):
            continue
        if not (is_row or under_entry) and _is_heading(chunk.text, start, end, chunk.heading):
            marked, titles = _titles_with(piece, chunk.heading, marked)
            before = ""
        elif _ASKS_OR_INTRODUCES.search(text):
            before = text
        else:
            context = f"{hit.document_name} {before}".strip()
            place = (chunk.document_id, chunk.start + start, chunk.start + end)
            yield Quotable(*place, passage, text, context, heading=" ".join(titles))
            if not _CLOSED.search(text):
                entry_ends = end
            elif not is_row and not _list_mark(piece):
                before = text  # rows and items keep the sentence that introduces them all


def _is_row(piece: str) -> bool:
    return piece.startswith("|") or " | " in piece


def _names_columns(pieces: Sequence[str], index: int) -> bool:
    """Whether a row is the head of its table: a rule is below it, or it is the first of several rows and
    holds neither figures nor names of columns of its own."""
    row, above, below = pieces[index], pieces[index - 1 : index], pieces[index + 1 : index + 2]
    if not below or _TABLE_RULE.fullmatch(below[0]):
        return bool(below)
    first = not (above and _is_row(above[0]))
    return first and len(_cells(row)) == len(_cells(below[0])) > 1 and not re.search(r"[\d:]", row)


def _is_mail_header(pieces: Sequence[str], index: int) -> bool:
    """Whether the piece is a line like "Date: Mon, 12 Jan 2026", with another one beside it."""
    beside = [*pieces[max(0, index - 1) : index], *pieces[index + 1 : index + 2]]
    return bool(_HEADER.match(pieces[index])) and any(map(_HEADER.match, beside))


def _titles_with(line: str, known: Sequence[str], marked: list[str]) -> tuple[list[str], list[str]]:
    """The marked titles down to the one in `line`, and with it if it is not marked itself.

    `known` are the titles over the passage, `marked` those over the line.
    """
    title, mark = line.strip("#*_ "), _TITLE_MARK.match(line)
    if title in known:
        marked = list(known[: known.index(title) + 1])
    elif mark:
        marked = [*marked[: len(mark[1]) - 1], readable(title)]
    else:
        return marked, [*marked, readable(title)]
    return marked, marked


def _is_heading(text: str, start: int, end: int, headings: Sequence[str]) -> bool:
    """Whether the sentence is a title: marked as one, known as one, or a short line with no full stop."""
    line = text[start:end]
    title = line.strip("#*_ ")
    if line.startswith("#") or title in headings:
        return True
    alone = text[:start].rstrip(" ")[-1:] in ("", "\n") and text[end:].lstrip(" ")[:1] in ("", "\n")
    plain = not (line.startswith("|") or _list_mark(line) or _CLOSED.search(line))
    if not (alone and plain and len(title.split()) <= _LONG_TITLE):
        return False
    # Figures and colons are what makes a short line worth quoting: "Support 030 555", "Notice: two weeks".
    return not re.search(r"[\d:：\t]", title) or _stands_over(text[end:])


def _stands_over(following: str) -> bool:
    """Whether the next line is set in, as below the term that it explains, or underlines the line before."""
    return bool(re.match(r"\s*\n(?: {3,}|\t+)\S|\s*\n[=~-]{3,}\s*(?:\n|$)", following))


def _list_mark(line: str) -> str:
    found = _LIST_MARK.match(line)
    return found[0] if found else ""


def _cells(row: str) -> list[str]:
    return [readable(cell) for cell in row.strip().strip("|").split("|")]


def _row_text(columns: list[str], cells: list[str]) -> str:
    """ "Plan: Basic; Price: 20 EUR", or the bare cells where the names of the columns are not in reach."""
    if len(columns) != len(cells):
        columns = [""] * len(cells)
    pairs = zip(columns, cells, strict=True)
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs if cell)
