"""What one file may cost at most. This module does not know how the limits are kept."""

from dataclasses import dataclass

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class Limits:
    """`seconds` count from when the parser has the file. `memory_bytes` is the whole address space of the
    parsing process, libraries included (about 0.5 GB of it), and is kept where the platform can: on Linux.
    `rows` are a workbook's or a CSV file's, all sheets together; `columns` a row's; what is beyond them is
    left out, and the result's note says so."""

    seconds: float = 60
    memory_bytes: int = 2048 * MEGABYTE
    file_bytes: int = 100 * MEGABYTE
    unpacked_bytes: int = 512 * MEGABYTE
    rows: int = 50_000
    columns: int = 200


def size_words(size: int) -> str:
    """A number of bytes as a person says it: "830 bytes", "2.4 MB", "2.0 GB"."""
    if size < 1024:
        return f"{size} bytes"
    if size < MEGABYTE:
        return f"{size / 1024:.0f} KB"
    if size < 1024 * MEGABYTE:
        return f"{size / MEGABYTE:.1f} MB"
    return f"{size / 1024 / MEGABYTE:.1f} GB"
