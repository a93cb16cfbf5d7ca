"""The catalogue of documents: what was uploaded, read and kept. SQLite, and a folder with the original files.

It does not know about chunks or indexes. Deleted text is overwritten on disk.
"""

import hashlib
import json
import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playground.access import Rules, as_rule, stricter
from playground.documents import Document, Heading, Page
from playground.library_notes import LibraryNotes

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
    id TEXT PRIMARY KEY, name TEXT UNIQUE, version INTEGER, content_hash TEXT, text_hash TEXT, bytes INTEGER,
    added_at TEXT, title TEXT, text TEXT, pages TEXT, headings TEXT);
CREATE TABLE IF NOT EXISTS aliases (name TEXT PRIMARY KEY, document_id TEXT, content_hash TEXT);
"""


@dataclass(frozen=True)
class Entry:
    """A line of the library. `pages` is None where the format has none; `added_at` is UTC. A document that is
    `restricted` may be seen by its `readers` only, which is nobody where there are none."""

    id: str
    name: str
    title: str
    version: int
    bytes: int
    characters: int
    pages: int | None
    added_at: datetime
    restricted: bool = False
    readers: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Added:
    """What became of a document: `same` means that its text is there already, under the name `other`."""

    outcome: Literal["added", "replaced", "same"]
    document_id: str
    version: int
    other: str = ""
    replaced_id: str = ""


class Library(LibraryNotes):
    """The documents of one home; safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self._files = folder / "files"
        self._files.mkdir(parents=True, exist_ok=True)
        super().__init__(folder / "library.sqlite")
        self._database.executescript(_SCHEMA)
        self._rules = Rules(self._database)

    def add(self, document: Document, content: bytes, readers: Collection[str] = ()) -> Added:
        """Keep a document with its original bytes. The same text is kept once, and the second name noted; the
        same name with other text replaces the older version, whose id is returned for the indexes.

        The older version's readers are the new one's too. Where it has none yet, only `readers` may see it,
        from the first moment on; () is everybody. A text under two names has those readers whom both allow.
        """
        content_hash = hashlib.sha256(content).hexdigest()
        text_hash = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
        with self._lock:
            twin = self._rows(
                "SELECT id, name, version FROM documents WHERE content_hash = ? OR text_hash = ?",
                content_hash,
                text_hash,
            )
            if twin:
                if twin[0][1] == document.name:  # only its bytes changed
                    self._renew_bytes(twin[0][0], content, content_hash)
                return self._keep_once(document.name, content_hash, readers, twin[0])
            older = self._rows("SELECT id, version FROM documents WHERE name = ?", document.name)
            version = older[0][1] + 1 if older else 1
            (self._files / document.id).write_bytes(content)
            with self._database:
                for old_id, _ in older:
                    self._hand_over(old_id)
                self._database.execute("DELETE FROM aliases WHERE name = ?", (document.name,))
                self._rules.keep([document.name], self._rules.own_or(document.name, readers))
                self._database.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (
                        document.id,
                        document.name,
                        version,
                        content_hash,
                        text_hash,
                        len(content),
                        datetime.now(UTC).isoformat(timespec="seconds"),
                        document.title,
                        document.text,
                        _dump(document.pages),
                        _dump(document.headings),
                    ),
                )
            self._clear_up()
        if older:
            return Added("replaced", document.id, version, replaced_id=older[0][0])
        return Added("added", document.id, version)

    def known_content(self, name: str, content: bytes, readers: Collection[str] = ()) -> Added | None:
        """What `add` would say if these very bytes are here already, without reading them again."""
        content_hash = hashlib.sha256(content).hexdigest()
        with self._lock:
            twin = self._rows("SELECT id, name, version FROM documents WHERE content_hash = ?", content_hash)
            if not twin:
                twin = self._rows(
                    "SELECT documents.id, documents.name, version FROM aliases"
                    " JOIN documents ON documents.id = document_id WHERE aliases.content_hash = ?",
                    content_hash,
                )
            return self._keep_once(name, content_hash, readers, twin[0]) if twin else None

    def delete(self, document_ids: Sequence[str]) -> None:
        """Delete documents with their files and every other name they had."""
        with self._lock:
            with self._database:
                for document_id in document_ids:
                    self._rules.forget(self._names_of(document_id))
                    self._forget(document_id)
            self._clear_up()

    def drop_name(self, name: str) -> str:
        """Forget what came under this name, and nothing that the same file brought under another one.
        Returns the id of the document that is gone, or ""."""
        with self._lock:
            found = self._rows("SELECT id FROM documents WHERE name = ?", name)
            with self._database:
                self._database.execute("DELETE FROM aliases WHERE name = ?", (name,))
                self._rules.forget([name])
                for (document_id,) in found:
                    self._hand_over(document_id)
            self._clear_up()
        return found[0][0] if found else ""

    def set_readers(self, document_id: str, readers: Iterable[str]) -> None:
        """Let only these people see a document, under all its names; everybody where there are none. Raises
        KeyError for a document that is not, or no longer, here."""
        with self._lock, self._database:
            names = self._names_of(document_id)
            if not names:
                raise KeyError(document_id)
            self._rules.keep(names, as_rule(readers))

    def readers(self) -> Mapping[str, frozenset[str]]:
        """Who may see each document that not everybody may see, by its id. An empty set is nobody: two rules
        met on one text, and had no name in common."""
        with self._lock:
            return self._rules.by_document()

    def readable_by(self, reader: str) -> frozenset[str] | None:
        """The documents that this person may see now; None is all of them, unchecked: nobody asks, as ""."""
        if not reader:
            return None
        with self._lock:
            return self._rules.readable_by(reader)

    def entries(self) -> list[Entry]:
        """All documents by name."""
        with self._lock:
            rules = self.readers()
            found = self._rows(
                "SELECT id, name, title, version, bytes, length(text), pages, added_at"
                " FROM documents ORDER BY name"
            )
        return [
            Entry(
                key,
                *(name, title, version, size, length),
                len(json.loads(pages)) or None,
                datetime.fromisoformat(at),
                key in rules,
                rules.get(key, frozenset()),
            )
            for key, name, title, version, size, length, pages, at in found
        ]

    def has(self, document_id: str) -> bool:
        return bool(self._rows("SELECT 1 FROM documents WHERE id = ?", document_id))

    def ids(self) -> set[str]:
        return {row[0] for row in self._rows("SELECT id FROM documents")}

    def names(self) -> dict[str, str]:
        """Document id by name, other names of the same text included."""
        return dict(
            self._rows("SELECT name, document_id FROM aliases") + self._rows("SELECT name, id FROM documents")
        )

    def hashes(self) -> dict[str, str]:
        """The sha256 of each document's text, by name."""
        return dict(self._rows("SELECT name, text_hash FROM documents ORDER BY name"))

    def document(self, document_id: str) -> Document:
        """Raises KeyError for a document that is not, or no longer, here."""
        found = self._rows(
            "SELECT id, name, text, title, pages, headings FROM documents WHERE id = ?", document_id
        )
        if not found:
            raise KeyError(document_id)
        document_id, name, text, title, pages, headings = found[0]
        return Document(
            document_id,
            name,
            text,
            title,
            pages=tuple(Page(**page) for page in json.loads(pages)),
            headings=tuple(Heading(**heading) for heading in json.loads(headings)),
        )

    def content(self, document_id: str) -> bytes:
        """The original file. Raises KeyError for a document that is not, or no longer, here."""
        try:
            return (self._files / document_id).read_bytes()
        except FileNotFoundError:
            raise KeyError(document_id) from None

    def _keep_once(
        self, name: str, content_hash: str, readers: Collection[str], twin: tuple[str, str, int]
    ) -> Added:
        """Note `name` as another name of the twin; what stood under that name before is replaced by it."""
        twin_id, twin_name, version = twin
        rule = stricter(self._rules.of(twin_name), self._rules.own_or(name, readers))
        older = self._rows("SELECT id FROM documents WHERE name = ? AND id != ?", name, twin_id)
        if name == twin_name and rule == self._rules.of(name):
            return Added("same", twin_id, version, other=twin_name)
        with self._database:
            for (old_id,) in older:
                self._hand_over(old_id)
            if name != twin_name:
                self._database.execute(
                    "INSERT OR REPLACE INTO aliases VALUES (?, ?, ?)", (name, twin_id, content_hash)
                )
            self._rules.keep(self._names_of(twin_id), rule)
        self._clear_up()
        return Added("same", twin_id, version, twin_name, older[0][0] if older else "")

    def _names_of(self, document_id: str) -> list[str]:
        both = (
            "SELECT name FROM documents WHERE id = ?1 UNION SELECT name FROM aliases WHERE document_id = ?1"
        )
        return [row[0] for row in self._rows(both, document_id)]

    def _renew_bytes(self, document_id: str, content: bytes, content_hash: str) -> None:
        (self._files / document_id).write_bytes(content)
        with self._database:
            self._database.execute(
                "UPDATE documents SET content_hash = ?, bytes = ? WHERE id = ?",
                (content_hash, len(content), document_id),
            )

    def _hand_over(self, document_id: str) -> None:
        """Free a document's name. Where the same file came under another name too, the document lives on
        under that one, with a new id, as indexes hold the name too; else it is forgotten."""
        heirs = self._rows(
            "SELECT aliases.name FROM aliases JOIN documents ON documents.id = document_id"
            " WHERE document_id = ? AND aliases.content_hash = documents.content_hash ORDER BY aliases.name",
            document_id,
        )
        if not heirs:
            self._forget(document_id)
            return
        name = heirs[0][0]
        new_id = hashlib.sha256(f"{document_id} {name}".encode()).hexdigest()[:16]
        shutil.copyfile(self._files / document_id, self._files / new_id)
        self._database.execute("DELETE FROM aliases WHERE name = ?", (name,))
        self._database.execute(
            "UPDATE aliases SET document_id = ? WHERE document_id = ?", (new_id, document_id)
        )
        self._database.execute(
            "UPDATE documents SET id = ?, name = ?, version = 1 WHERE id = ?", (new_id, name, document_id)
        )

    def _forget(self, document_id: str) -> None:
        """The names keep their rules: another text may come under them."""
        self._database.execute("DELETE FROM documents WHERE id = ?", (document_id,))
        self._database.execute("DELETE FROM aliases WHERE document_id = ?", (document_id,))

    def _clear_up(self) -> None:
        """Delete files that no document owns, also those of a process that was killed in between, and what
        the journal still has."""
        known = self.ids()
        for path in self._files.iterdir():
            if path.name not in known:
                path.unlink()
        self._empty_journal()


def _dump(items: Iterable[Page | Heading]) -> str:
    return json.dumps([asdict(item) for item in items], ensure_ascii=False)
