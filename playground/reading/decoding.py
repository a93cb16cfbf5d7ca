"""Bytes of a text whose encoding nobody said, as text: marks and strict rules first, guesses last.

General detectors take cp1252 for cp1250 or MacRoman too often; cp1252 is what a text of single bytes is here,
unless the text itself declares something else. This module does not know what the text is.
"""

import codecs
import re

from playground.errors import ReadError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark is the start of this one
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(rb"""(?:charset\s*=|<\?xml[^>]*?encoding\s*=)\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
# Browsers read these labels as the larger sets that people really mean.
_LABELS = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "shift_jis": "cp932",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_STRANGE = re.compile(rf"{_CONTROL.pattern}|\ufffd")
_KANA = r"\u3041-\u30fa\u30fc"
_JAPANESE_RUN = re.compile(rf"[{_KANA}\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]{{2,}}")


def decode(data: bytes) -> str:
    """The text, without a byte order mark.

    In this order: byte order mark, UTF-32 and UTF-16 by their NUL bytes, UTF-8, the charset that HTML or XML
    declares, UTF-8 with a few broken bytes, Shift-JIS, cp1252. Raises ReadError where the bytes are no text.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if b"\0" in data:
        return _by_nuls(data)
    for encoding in ("utf-8", declared_charset(data)):
        if encoding and (text := _strict(data, encoding)) is not None:
            return _checked(text)
    return _checked(_mostly_utf8(data) or _shift_jis(data) or data.decode("cp1252", "replace"), _STRANGE)


def decode_as(data: bytes, charset: str) -> str:
    """The text in the encoding that its sender named; where that does not fit, as `decode` finds it."""
    name = _known(charset)
    wide = name.startswith(("utf-16", "utf-32"))
    text = _strict(data, name) if name and not (wide and b"\0" not in data) else None
    return decode(data) if text is None else text


def declared_charset(data: bytes) -> str:
    """The encoding that an HTML or XML head names, as Python knows it; empty where there is none."""
    if data.lstrip()[:1] != b"<":
        return ""
    found = _DECLARED.search(data[:4096])
    name = _known(found[1].decode("ascii", "replace")) if found else ""
    return "" if name.startswith(("utf-16", "utf-32")) else name


def _known(label: str) -> str:
    """Python's name for an encoding, or an empty string."""
    try:
        name = codecs.lookup(label).name
    except LookupError:
        return ""
    return _LABELS.get(name, name)


def _strict(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):  # LookupError: a codec that makes no text, like "hex"
        return None


def _by_nuls(data: bytes) -> str:
    """No text of single bytes has NULs: of the wide encodings, the one that gives the most ASCII characters,
    because the wrong byte order makes rare ideographs of spaces and line ends."""
    best = ""
    most = 0
    for encoding, width in (("utf-32-le", 4), ("utf-32-be", 4), ("utf-16-le", 2), ("utf-16-be", 2)):
        text = _strict(data[: len(data) // width * width], encoding)
        if text and not _CONTROL.search(text) and (ascii := sum(char < "\x7f" for char in text)) > most:
            best, most = text, ascii
    return best or decode(_checked(data.decode("latin-1")).replace("\0", "").encode("latin-1"))


def _checked(text: str, strange: re.Pattern[str] = _CONTROL) -> str:
    """The text unless it is none: more than one character in fifty is a strange one."""
    if len(strange.findall(text)) * 50 > len(text):
        raise ReadError(
            "the format is not supported: it is neither text nor a known kind of document; "
            "save it as PDF, DOCX or text"
        )
    return text


def _mostly_utf8(data: bytes) -> str | None:
    """UTF-8 where at most one character in ten beyond ASCII is broken: a file that was cut, or glued."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return text if broken * 10 < sum(char > "\x7f" for char in text) else None


def _shift_jis(data: bytes) -> str | None:
    """Shift-JIS where it is valid and the characters beyond ASCII mostly stand side by side and are common
    ones; in cp1252 a letter with an accent stands alone and would make one rare ideograph."""
    text = _strict(data, "cp932")
    if text is None:
        return None
    wide = [char for char in text if char > "\x7f"]
    side_by_side = "".join(_JAPANESE_RUN.findall(text))
    common = sum(_is_common(char) for char in side_by_side)
    return text if common * 2 > len(wide) else None


def _is_common(char: str) -> bool:
    """Kana, marks and the ideographs of JIS level 1, whose first byte is 0x81 to 0x83 or 0x88 to 0x97."""
    first = char.encode("cp932", "replace")[0]
    return 0x81 <= first <= 0x83 or 0x88 <= first <= 0x97
