"""How fast documents are indexed on this machine, in characters a second: kept in the data home by every
indexing that is long enough to say so.

This module does not know how anything is indexed.
"""

from pathlib import Path

from playground.index.index import write_at_once

GUESS = 30_000.0
"""Until the first indexing here has been timed."""


class IndexingSpeed:
    """The speed of one data home."""

    def __init__(self, home: Path) -> None:
        self._path = home / "characters_per_second"

    @property
    def measured(self) -> bool:
        """Whether an indexing here was timed; else `seconds` rests on a guess."""
        return self._path.exists()

    def seconds(self, characters: int) -> float:
        """About how long so many characters take."""
        return characters / (float(self._path.read_text()) if self.measured else GUESS)

    def note(self, characters: int, seconds: float) -> None:
        """Keep what an indexing has shown."""
        write_at_once(self._path, f"{max(characters / seconds, 1.0):.0f}")
