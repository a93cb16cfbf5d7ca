"""Office files and EPUBs are zip archives: the same input must give the same bytes on every day."""

import re
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

FIXED_TIME = (2026, 3, 2, 9, 0, 0)
FIXED_STAMP = b"2026-03-02T09:00:00Z"
_CHANGING_DATE = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def write_archive(path: Path, members: list[tuple[str, bytes]]) -> None:
    """Write the members in their order with a fixed date. "mimetype" is stored, as EPUB demands."""
    with ZipFile(path, "w") as archive:
        for name, content in members:
            member = ZipInfo(name, FIXED_TIME)
            member.compress_type = ZIP_STORED if name == "mimetype" else ZIP_DEFLATED
            archive.writestr(member, content)


def freeze(path: Path) -> None:
    """Rewrite an office file with fixed dates, in the archive and in its properties."""
    with ZipFile(path) as archive:
        members = [(member.filename, archive.read(member)) for member in archive.infolist()]
    write_archive(path, [(name, _undated(name, content)) for name, content in members])


def _undated(name: str, content: bytes) -> bytes:
    return _CHANGING_DATE.sub(rb"\g<1>" + FIXED_STAMP, content) if name == "docProps/core.xml" else content
