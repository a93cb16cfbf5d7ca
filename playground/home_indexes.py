"""The indexes of a data home, one for each fingerprint: opened once, when they are first needed.

This module does not know what is in an index, nor when one is up to date.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from pathlib import Path

from playground.config import ChunkingConfig
from playground.index import Index, fingerprint


class HomeIndexes:
    """What lies in the folder `indexes` of a home; safe to use from several threads."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock = threading.RLock()
        self._open: dict[str, Index] = {}

    def begun(self, name: str) -> bool:
        """Whether there is an index of this fingerprint, however little is in it."""
        return name in self._open or (self._home / "indexes" / name).exists()

    def get(self, chunking: ChunkingConfig, encoder: str) -> Index:
        """The index of these settings; created empty where there is none."""
        return self._index(fingerprint(chunking, encoder), chunking, encoder)

    def __iter__(self) -> Iterator[Index]:
        """All of them, those of older versions too."""
        for about in (self._home / "indexes").glob("*/about.json"):
            known = json.loads(about.read_text(encoding="utf-8"))
            # Under the name on disk: an older version's fingerprint is not what it would be today.
            self._index(about.parent.name, ChunkingConfig(**known["chunking"]), known["encoder"])
        return iter(list(self._open.values()))

    def uses_text(self, wanted: bytes) -> bool:
        """Whether some chunk of any index has the text with this hash."""
        return any(index.uses_text(wanted) for index in self)

    def drop_outdated(self) -> None:
        """Delete indexes that an older version made and this one never uses."""
        for index in self:
            if index.folder.name != fingerprint(index.chunking, index.encoder_id):
                del self._open[index.folder.name]
                index.drop()

    def drop(self) -> None:
        """Delete all of them."""
        for index in self:
            index.drop()
        self._open.clear()

    def close(self) -> None:
        for index in self._open.values():
            index.close()

    def _index(self, name: str, chunking: ChunkingConfig, encoder: str) -> Index:
        with self._lock:
            if name not in self._open:
                # A Chroma server may be shared by several homes.
                collection = hashlib.sha256(str(self._home.resolve()).encode()).hexdigest()[:8] + "-" + name
                folder = self._home / "indexes" / name
                self._open[name] = Index(folder, chunking, encoder, self._home / "chroma", collection)
            return self._open[name]
