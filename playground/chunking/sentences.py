"""Where sentences begin and end, for the semantic chunker and for quoting.

Rules only, no model: a full stop ends a sentence unless it belongs to an abbreviation, an initial or a
number; a line break ends one unless the line was merely wrapped. It does not know which language it reads:
the abbreviations are English and German, the marks also Chinese, Japanese, Hindi and Arabic.
"""

import re
from collections.abc import Iterator

_CLOSERS = "\"'”’»›)\\]}*_`"
_STOP = re.compile(
    rf"(?<![.!?…؟۔])(?P<stop>[.!?…؟۔]++)(?:[{_CLOSERS}]|\[\d{{1,3}}\])*+(?=\s)"
    r"|[。！？｡।॥]++(?:[」』）”’】》]++(?!と)|(?![」』）”’】》]))"
)
_WORD_BEFORE = re.compile(r"(?<!\w)[^\W\d_](?:[^\W_]|\.(?=[^\W_]))*$")
_FIRST_WORD = re.compile(r"[\s\"'“‘„«‹(\[{*_`¿¡]*([^\W_]+)?")
_LIST_NUMBER = re.compile(r"\s*[(\[]?(?:\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5})(?:\.\d{1,3})*[.)\]]*$")
_NEW_ITEM = re.compile(r"\s*(?:[-*+•‣▪◦·–—]\s|#{1,6}\s|[>|]|\(?(?:\d{1,3}|[a-zA-Z])[.)]\s|```|~~~)")
# Cells are parted by tabs, by bars, or by so many spaces that they stand under each other.
_TABLE_ROW = re.compile(r"\S *\t|\s\|\s|[^\s.!?:] {3,}\S")
_CLOSES = re.compile(rf"[.!?…:;][{_CLOSERS}]*$")
_ORDINAL = re.compile(r"(?:^|[^\w.,])\d{1,2}$")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Three kinds of abbreviation: one never ends a sentence; one stands before a number; all others end one
# only if the next word is known to open sentences.
_NEVER_LAST = _words(
    "dr mr mrs prof messrs mme frl capt sgt "
    "vs v cf viz approx e.g eg i.e ie resp bzw z.b d.h vgl inkl incl ggf evtl sog"
)
_BEFORE_A_NUMBER = _words(
    "no nos nr fig figs eq eqs sec ch chap vol vols art para p pp abb tab abs ca circa tel str zzgl "
    "jan feb mar apr jun jul aug sept sep oct nov dec"
)
_SELDOM_LAST = _words(
    "ms rev hon gen col maj lt cmdr adm gov sen rep pres st mt ft hr fr "
    "dipl ing hrsg jr sr esq ed eds trans dept est al ibid ph.d b.sc m.sc "
    "etc usw inc ltd co corp llc plc bros gmbh mio mrd"
)
_OPENS_A_SENTENCE = _words(
    "the this that these those it its he she they we i you his her their our my there here a an in on at as "
    "by for from to with after before during when while where if since although though because but and so "
    "however moreover thus then also both each all some many most one two no not only under over between "
    "according what who how why which please see today once another such "
    "der die das den dem des ein eine einen einem einer es er sie wir ihr ich im in am an auf aus bei mit "
    "nach seit von vor zu zum zur wenn weil da doch aber und oder auch nur dies diese dieser dieses"
)
_MONTH = _words(
    "januar jänner februar märz april mai juni juli august september oktober november dezember "
    "jahrhundert jahrhunderts jh"
)


def sentence_spans(text: str) -> list[tuple[int, int]]:
    """Character offsets (start, end) of the sentences of `text`, in order.

    The spans don't overlap, begin and end with a character that is not white space, and together hold every
    such character. Headings, list items and table rows are sentences of their own.
    """
    uncased = _is_lower_cased(text)
    spans: list[tuple[int, int]] = []
    for start, end in _logical_lines(text, uncased):
        for border in [*_borders(text, start, end, uncased), end]:
            piece = text[start:border]
            left = start + len(piece) - len(piece.lstrip())
            right = start + len(piece.rstrip())
            if left < right:
                spans.append((left, right))
            start = border
    return spans


def _is_lower_cased(text: str) -> bool:
    """Whether the whole text was lower-cased, so that a small letter says nothing about where it stands."""
    return sum(map(str.isupper, text)) < 0.002 * len(text)


def _logical_lines(text: str, uncased: bool) -> Iterator[tuple[int, int]]:
    """Runs of lines that were only wrapped, as one span each."""
    block: list[tuple[int, int]] = []
    offset = 0
    for line in [*text.splitlines(keepends=True), ""]:
        if line.strip():
            block.append((offset, offset + len(line)))
        elif block:
            yield from _joined(text, block, uncased)
            block = []
        offset += len(line)


def _joined(text: str, block: list[tuple[int, int]], uncased: bool) -> Iterator[tuple[int, int]]:
    lines = [text[start:end].rstrip() for start, end in block]
    width = max(map(len, lines)) if _reads_on(lines) else 0
    first = 0
    for index in range(1, len(block) + 1):
        if index == len(block) or not _is_wrapped(lines[index - 1], lines[index], width, uncased):
            yield block[first][0], block[index - 1][1]
            first = index


def _reads_on(lines: list[str]) -> bool:
    """Whether lines are prose that was wrapped, and no rows or entries, which begin with capitals or figures.

    Of prose one line in five or more begins inside a sentence; too few lines must at least end one.
    """
    openings = [found[1][:1] for line in lines[1:] if (found := _FIRST_WORD.match(line)) and found[1]]
    inside = sum(letter.isalpha() and not letter.isupper() for letter in openings)
    if len(lines) <= 3 and not inside:
        return bool(_CLOSES.search(lines[-1]))
    return inside >= 0.2 * (len(lines) - 1)


def _is_wrapped(line: str, following: str, width: int, uncased: bool) -> bool:
    """Whether the sentence in `line` may go on in `following`: the break is there for want of room.

    `width` is that of the lines around them, or 0 where those are no wrapped prose.
    """
    if _TABLE_ROW.search(line) or _TABLE_ROW.search(following) or _NEW_ITEM.match(following):
        return False
    if line.lstrip().startswith("#") or line.endswith(":") or not any(map(str.isalnum, following)):
        return False
    word = following.split(maxsplit=1)[0]
    if word[0].islower() and not uncased:
        return len(line) >= 20
    if not _NEW_ITEM.match(line) and _indent(following) >= _indent(line) + 3:
        return False
    # The next word would not have fitted; .85 because the letters of a PDF differ in width. Longer lines
    # than 200 characters are paragraphs that nobody wrapped.
    return 40 <= width <= 200 and len(line) + 1 + len(word) > 0.85 * width


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _borders(text: str, start: int, end: int, uncased: bool) -> Iterator[int]:
    if _TABLE_ROW.search(text, start, end):
        return
    for match in _STOP.finditer(text, start, end):
        if match["stop"] is None or _ends_sentence(text, start, match, uncased):
            yield match.end()


def _ends_sentence(text: str, start: int, match: re.Match[str], uncased: bool) -> bool:
    following = _FIRST_WORD.match(text, match.end())
    word = (following and following[1]) or ""
    if word[:1].islower() and not uncased:
        return False
    if match["stop"] != ".":
        return True
    before = text[max(start, match.start() - 24) : match.start()]
    if _LIST_NUMBER.match(text, start, match.start()):
        return False
    if _ORDINAL.search(before) and word.casefold() in _MONTH:
        return False
    found = _WORD_BEFORE.search(before)
    last = found[0].casefold() if found else ""
    if last in _NEVER_LAST:
        return False
    if last in _BEFORE_A_NUMBER:
        return not word[:1].isdigit()
    if last in _SELDOM_LAST or len(last) == 1 or re.fullmatch(r"\w(?:\.\w)+", last):
        return word.casefold() in _OPENS_A_SENTENCE
    return True
