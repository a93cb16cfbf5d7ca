"""Which format a file is: its first bytes decide, and its name only where they leave a choice.

This module does not know how a format is read. It reads the directory of an archive, nothing else.
"""

import re
import zipfile
import zlib
from io import BytesIO
from pathlib import PurePosixPath

from playground.errors import ReadError
from playground.reading.limits import Limits, size_words

SUPPORTED: dict[str, str] = {
    "pdf": "PDF",
    "docx": "Word document",
    "pptx": "PowerPoint presentation",
    "xlsx": "Excel workbook",
    "csv": "table with commas or semicolons",
    "tsv": "table with tabs",
    "html": "web page",
    "htm": "web page",
    "md": "Markdown",
    "markdown": "Markdown",
    "txt": "plain text",
    "epub": "e-book",
    "eml": "e-mail",
    "rst": "plain text",
    "org": "plain text",
    "log": "plain text",
    "json": "plain text",
    "jsonl": "plain text",
    "ndjson": "plain text",
    "xml": "plain text",
    "yaml": "plain text",
    "toml": "plain text",
    "png": "picture",
    "jpg": "picture",
    "jpeg": "picture",
    "webp": "picture",
}
"""Extensions, without the dot, that an upload offers, each with a word for it. A file with another extension
is read too where its bytes are one of these formats or plain text."""

_BY_NAME = {
    "csv": "csv",
    "tsv": "csv",
    "html": "html",
    "htm": "html",
    "xhtml": "html",
    "md": "markdown",
    "markdown": "markdown",
    "eml": "eml",
}
_HTML = re.compile(rb"[\xef\xbb\xbf\xff\xfe\s]*(<\?xml[^>]*>\s*)?(<!doctype html|<html)", re.IGNORECASE)
_PICTURE = "save it as PNG or JPEG"
_PICTURES = {b"\x89PNG\r\n": "png", b"\xff\xd8\xff": "jpeg"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"{\\rtf", "an RTF file", "save it as DOCX"),
    (b"GIF8", "a GIF picture", _PICTURE),
    (b"II*\0", "a TIFF picture", _PICTURE),
    (b"MM\0*", "a TIFF picture", _PICTURE),
    (b"BM", "a BMP picture", _PICTURE),
    (b"\x1f\x8b", "a gzip archive", "unpack it and add the files in it"),
    (b"7z\xbc\xaf'\x1c", "a 7z archive", "unpack it and add the files in it"),
    (b"Rar!\x1a\x07", "a RAR archive", "unpack it and add the files in it"),
    (b"%!PS", "a PostScript file", "save it as PDF"),
)
_OLE_STREAMS = (
    ("EncryptedPackage", "", ""),
    ("WordDocument", "a Word file of the old kind (.doc)", "save it as DOCX"),
    ("PowerPoint Document", "a PowerPoint file of the old kind (.ppt)", "save it as PPTX"),
    ("Workbook", "an Excel file of the old kind (.xls)", "save it as XLSX"),
    ("__properties_version1.0", "an Outlook message (.msg)", "save it as EML or as text"),
)
_OPEN_DOCUMENT = {
    "text": ("an OpenDocument text (.odt)", "save it as DOCX"),
    "spreadsheet": ("an OpenDocument spreadsheet (.ods)", "save it as XLSX"),
    "presentation": ("an OpenDocument presentation (.odp)", "save it as PPTX"),
}
PASSWORD = "it needs a password; save a copy without one and add that"


def format_of(data: bytes, name: str, limits: Limits) -> str:
    """One of "pdf", "docx", "pptx", "xlsx", "epub", "csv", "html", "markdown", "eml", "text", "png", "jpeg",
    "webp".

    Raises ReadError for a format that is not read, for a password, and for an archive that is damaged or
    that unpacks to more than `limits.unpacked_bytes`.
    """
    if data.startswith(b"PK\x03\x04"):
        return _format_of_archive(data, limits)
    if data.startswith(_OLE):
        raise ReadError(_why_not_ole(data))
    if picture := picture_format(data):
        return picture
    if b"%PDF-" in data[:1024]:
        return "pdf"
    for start, what, remedy in _SIGNATURES:
        if data.startswith(start) and (len(start) > 2 or b"\0" in data[:64]):
            raise unsupported(what, remedy)
    extension = PurePosixPath(name.replace("\\", "/")).suffix.lower().lstrip(".")
    if extension in _BY_NAME:
        return _BY_NAME[extension]
    if extension in SUPPORTED and extension not in ("txt", "xml"):
        return _claimed_text(extension)
    return "html" if _HTML.match(data[:1024].replace(b"\0", b"")) else "text"


def picture_format(data: bytes) -> str:
    """ "png", "jpeg" or "webp" by the first bytes; empty for everything else."""
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _PICTURES.items() if data.startswith(start)), "")


def unsupported(what: str, remedy: str) -> ReadError:
    """The error for a format that is not read."""
    return ReadError(f"the format is not supported: it is {what}; {remedy}")


def _claimed_text(extension: str) -> str:
    """A name that promises a binary format whose signature is missing is a damaged file, not a text."""
    if SUPPORTED[extension] == "plain text":
        return "text"
    raise ReadError(
        f"it is damaged, or not a {extension.upper()} file at all; open it in the program that made it "
        "and save it again"
    )


def _why_not_ole(data: bytes) -> str:
    for stream, what, remedy in _OLE_STREAMS:
        if stream.encode("utf-16-le") in data:
            return str(unsupported(what, remedy)) if what else PASSWORD
    return str(unsupported("an Office file of the old kind", "save it as DOCX, PPTX or XLSX"))


def _format_of_archive(data: bytes, limits: Limits) -> str:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            _check_size(archive, limits)
            return _format_of_parts(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OSError) as error:
        raise ReadError(
            f"it is damaged: its archive cannot be unpacked ({error}); open it in the program that made it "
            "and save it again"
        ) from error


def _check_size(archive: zipfile.ZipFile, limits: Limits) -> None:
    """Declared sizes first. Then every part is unpacked in small pieces, because sizes can lie: zipfile never
    hands out more than a part declares, and the checksum of what it cut off does not fit."""
    declared = sum(part.file_size for part in archive.infolist())
    if declared > limits.unpacked_bytes:
        raise ReadError(
            f"it unpacks to {size_words(declared)}, more than the {size_words(limits.unpacked_bytes)} "
            "allowed; split it into smaller files"
        )
    if any(part.flag_bits & 1 for part in archive.infolist()):
        raise ReadError(PASSWORD)
    if broken := archive.testzip():
        raise zipfile.BadZipFile(f"{broken} in it is not what the archive says")


def _format_of_parts(archive: zipfile.ZipFile) -> str:
    names = archive.namelist()
    for folder, kind in (("word/", "docx"), ("ppt/", "pptx"), ("xl/", "xlsx")):
        if any(name.startswith(folder) for name in names):
            if "xl/workbook.bin" in names:
                raise unsupported("a binary Excel workbook (.xlsb)", "save it as XLSX")
            return kind
    kind = archive.read("mimetype").decode("ascii", "replace").strip() if "mimetype" in names else ""
    _, found, subtype = kind.partition("application/vnd.oasis.opendocument.")
    if found:
        raise unsupported(*_OPEN_DOCUMENT.get(subtype, ("an OpenDocument file", "save it as DOCX or PDF")))
    if kind.startswith("application/epub") or "META-INF/container.xml" in names:
        return "epub"
    raise unsupported("a ZIP archive", "unpack it and add the files in it")
