"""Files -> library: each file read by itself, kept, and reported in one line.

Uploads, folders and sample documents all come in here. It does not know how a file is read or indexed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playground.documents import Document
from playground.folders import folder_files
from playground.library import Added
from playground.reading import Limits, Reader
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace

Readers = Mapping[str, Collection[str]]
"""Who alone may see a document, by its name; everybody may see those that are not named."""


@dataclass(frozen=True)
class Intake:
    """What became of one file, for the person: its name, and one line that says it all."""

    name: str
    outcome: Literal["added", "replaced", "same", "refused"]
    line: str

    @property
    def kept(self) -> bool:
        return self.outcome != "refused"


def take_in(
    workspace: Workspace, files: Iterable[tuple[str, bytes | Path]], readers: Readers | None = None
) -> Iterator[Intake]:
    """Read and keep (name, content or where it is) pairs, one after another; a bad file is a line, and the
    next goes on. `readers` count for names that have none yet."""
    with Reader() as reader:
        for name, place in files:
            content, allowed = _content(place), (readers or {}).get(name, ())
            known = workspace.known_content(name, content, allowed) if content is not None else None
            if known:
                yield Intake(name, "same", _same(name, known))
                continue
            result = reader.read(name, place if content is None else content)
            if result.document is None or content is None:
                yield Intake(name, "refused", result.reason)
            else:
                yield _keep(workspace, result.document, content, allowed, result.note)


def _content(place: bytes | Path) -> bytes | None:
    """None where it is too large or cannot be opened: the reader has the words for that."""
    if isinstance(place, bytes):
        return place
    try:
        return place.read_bytes() if place.stat().st_size <= Limits().file_bytes else None
    except OSError:
        return None


def _keep(
    workspace: Workspace, document: Document, content: bytes, readers: Collection[str], note: str
) -> Intake:
    added = workspace.add(document, content, readers)
    if added.outcome == "same":
        return Intake(document.name, "same", _same(document.name, added))
    parts = [measure(document), note]
    if added.outcome == "replaced":
        parts.append(f"replaces the older one as version {added.version}")
    return Intake(document.name, added.outcome, "; ".join(part for part in parts if part))


def mirror_folder(workspace: Workspace, folder: Path, besides: Collection[Path] = ()) -> Iterator[Intake]:
    """Make the library hold what the folder holds: new and changed files are read, vanished ones deleted.

    A file's name is its path in the folder. Hidden files are passed over, and those `besides` (the questions
    and the report may lie there). The documents of a sample scenario are for its readers. Raises InputError
    where there is no folder, or no file in it.
    """
    files, readers = folder_files(folder, besides), _sample_readers(folder)
    workspace.drop_names(workspace.library.names().keys() - files.keys())
    refused = set()
    for intake in take_in(workspace, files.items(), readers):
        if not intake.kept:
            refused.add(intake.name)
            workspace.drop_names([intake.name])  # what could be read there before is not what the file says
        yield intake
    # A text that was kept once, under the name of a file that has changed since, is read once more.
    lost = files.keys() - workspace.library.names().keys() - refused
    yield from take_in(workspace, [(name, files[name]) for name in sorted(lost)], readers)


def _sample_readers(folder: Path) -> Readers:
    """Any other folder says nothing of readers: its documents are for everybody."""
    place = folder.resolve()
    return next((each.readers for each in scenarios().values() if each.documents.resolve() == place), {})


def take_in_folder(workspace: Workspace, folder: Path, readers: Readers | None = None) -> Iterator[Intake]:
    """Add what the folder holds to what the library has, for these `readers`. Raises InputError as
    `mirror_folder` does."""
    yield from take_in(workspace, folder_files(folder).items(), readers)


def measure(document: Document) -> str:
    """How much was read: "4 pages, 11,240 characters"."""
    size = f"{len(document.text):,} characters"
    if not document.pages:
        return size
    count, kind = len(document.pages), document.pages[0].kind
    return f"{count} {kind}{'s' if count > 1 else ''}, {size}"


def _same(name: str, added: Added) -> str:
    if added.other == name:
        return "nothing new: this very text is in the library already"
    return f"same text as “{added.other}”: kept once"
