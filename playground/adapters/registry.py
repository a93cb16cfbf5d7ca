"""The adapter library: the folders in a data home, listed, renamed, deleted, exported and imported.

An adapter's id is its folder's name and never changes; its name is in adapter.json. What is being written or
deleted has another name on disk until it is whole or gone. This module does not know how an adapter is
trained or used.
"""

import re
import secrets
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playground.adapters.archive import check_folder, check_foreign, pack, unpack
from playground.adapters.card import AdapterCard
from playground.adapters.training_sets import forget_training_sets
from playground.errors import ConfigError, InputError, ModelError

NEW = ".new-"
GONE = ".gone-"
MAX_NAME = 80
SHOWN_IDS = 5
_KINDS = {"extractive": "the extractive engine", "local_model": "a language model"}


@dataclass(frozen=True)
class AdapterEntry:
    """An adapter of the library; `size` is in bytes."""

    id: str
    folder: Path
    card: AdapterCard
    size: int


@dataclass(frozen=True)
class DamagedAdapter:
    """A folder of the library that cannot be used, and why. It can be deleted like any other."""

    id: str
    reason: str
    size: int


class AdapterLibrary:
    """The adapters of the data home `home`. Knows nothing that is not on disk, so any number may be open."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "adapters"

    def entries(self) -> list[AdapterEntry]:
        """All that are whole, the newest first."""
        found = [entry for entry in map(self._look, self._folders()) if isinstance(entry, AdapterEntry)]
        return sorted(found, key=lambda entry: (entry.card.created, entry.id), reverse=True)

    def damaged(self) -> list[DamagedAdapter]:
        """Folders that are no whole adapter, by id."""
        return [entry for entry in map(self._look, self._folders()) if isinstance(entry, DamagedAdapter)]

    def get(self, id: str) -> AdapterEntry:
        """Raises ConfigError where there is none with this id, InputError where it is damaged."""
        entry = self._look(self._existing(id))
        if isinstance(entry, DamagedAdapter):
            raise InputError(f"the adapter {id} cannot be used: {entry.reason}; delete it and train it anew")
        return entry

    def find(self, adapter: str) -> Path:
        """The folder of an adapter by its id, or by a path. Raises ConfigError where there is none."""
        if adapter in (ids := [path.name for path in self._folders()]):
            return self.folder / adapter
        folder = Path(adapter).expanduser()
        if adapter and folder.is_dir():
            return folder
        more = f" and {len(ids) - SHOWN_IDS} more" if len(ids) > SHOWN_IDS else ""
        known = f"the library has {', '.join(ids[:SHOWN_IDS])}{more}" if ids else "the library is empty"
        raise ConfigError(
            f"adapter={adapter}: there is no such adapter; {known}; or give an adapter's folder"
        )

    def why_not(self, entry: AdapterEntry, kind: str, base_hash: str) -> str | None:
        """Why it cannot be switched on for the engine `kind` whose base has weights of this sha256, or None
        where it can."""
        card = entry.card
        if card.kind != kind:
            return f"it was trained for {_KINDS[card.kind]}, not for {_KINDS.get(kind, kind)}"
        if not base_hash:
            return f"its base model {card.base} is not on this machine"
        if card.base_hash != base_hash:
            return f"it was trained on {card.base}, and this is another model or another version of it"
        return None

    def rename(self, id: str, name: str) -> None:
        """Raises ConfigError for a name that cannot be one; several adapters may have the same."""
        card = self.get(id).card.renamed(adapter_name(name))
        with self._writing():
            card.write(self.folder / id)

    def delete(self, id: str) -> None:
        """Gone from the list at once; a process that is killed here leaves nothing that is half."""
        folder = self._existing(id)
        gone = self.folder / f"{GONE}{id}-{secrets.token_hex(4)}"
        with self._writing():
            folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)  # what another program holds open goes with the next `tidy`
        forget_training_sets(self.folder.parent, {entry.card.examples_hash for entry in self.entries()})

    def export(self, id: str) -> bytes:
        """A zip archive of one adapter, as `import_zip` takes it."""
        return pack(self.get(id).folder)

    def import_zip(self, content: bytes, base_hash: Callable[[AdapterCard], str] | None = None) -> str:
        """Keep the adapter of an archive and give its new id.

        `base_hash` says which weights the card's base has on this machine ("" where it is not here); without
        it that is looked up. Raises InputError, in one line, for an archive that is refused; then nothing is
        kept.
        """
        temporary = self._temporary("import")
        try:
            unpack(content, temporary)
            card = check_foreign(temporary)
            _require_base(card, (base_hash or base_hash_here)(card))
            return self._settle(temporary, f"{_slug(adapter_name(card.name))}-{secrets.token_hex(3)}")
        except (InputError, ConfigError) as error:  # said of the archive, not of the folder that nobody sees
            reason = str(error).replace(f"{temporary}/", "").replace(str(temporary), "it")
            raise InputError(f"the archive is not imported: {reason}") from error
        except OSError as error:
            raise InputError(f"the archive cannot be unpacked: {error.strerror or error}") from error
        finally:
            shutil.rmtree(temporary, ignore_errors=True)

    def new_folder(self, name: str) -> Path:
        """An empty folder for a training to write into; nobody sees it before `keep`. Raises ConfigError for
        a name that cannot be one."""
        return self._temporary(_slug(adapter_name(name)))

    def keep(self, temporary: Path) -> str:
        """Take what was written into a `new_folder` into the library and give its id. Raises InputError where
        it is not a whole adapter."""
        if temporary.parent != self.folder or not temporary.name.startswith(NEW):
            raise InputError(f"{temporary} is not a folder that this library gave out")
        try:
            check_folder(temporary)
        except InputError as error:
            raise InputError(f"the training left no whole adapter: {error}; train it anew") from error
        return self._settle(temporary, temporary.name.removeprefix(NEW))

    def tidy(self) -> None:
        """Delete what killed processes left half written or half deleted: all hidden folders. For the start,
        when no training runs on this home."""
        for folder in self.folder.glob(".*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _folders(self) -> list[Path]:
        """Links are passed over: what they point at is not the library's."""
        if not self.folder.is_dir():
            return []
        return sorted(
            path
            for path in self.folder.iterdir()
            if path.is_dir() and not path.is_symlink() and not path.name.startswith(".")
        )

    def _existing(self, id: str) -> Path:
        if id not in [path.name for path in self._folders()]:
            raise ConfigError(f"there is no adapter {id} in the library; it may have been deleted meanwhile")
        return self.folder / id

    def _look(self, folder: Path) -> AdapterEntry | DamagedAdapter:
        try:
            size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        except OSError:  # deleted meanwhile
            size = 0
        try:
            return AdapterEntry(folder.name, folder, check_folder(folder), size)
        except InputError as error:
            return DamagedAdapter(folder.name, str(error), size)

    def _temporary(self, slug: str) -> Path:
        temporary = self.folder / f"{NEW}{slug}-{secrets.token_hex(3)}"
        with self._writing():
            temporary.mkdir(parents=True)
        return temporary

    def _settle(self, temporary: Path, id: str) -> str:
        with self._writing():
            temporary.rename(self.folder / id)
        return id

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"the adapter library {self.folder} cannot be written: {reason}") from error


def adapter_name(name: str) -> str:
    """The name as it is kept: no white space around it. Raises ConfigError for one that cannot be shown."""
    name = name.strip()
    if not name:
        raise ConfigError("an adapter needs a name")
    if len(name) > MAX_NAME:
        raise ConfigError(f"the adapter's name has {len(name)} characters; at most {MAX_NAME} are possible")
    if not name.isprintable():
        raise ConfigError("the adapter's name holds a line end or another character that cannot be shown")
    return name


def base_hash_here(card: AdapterCard) -> str:
    """The sha256 of the weights that the card's base has on this machine, "" where it is not here."""
    from playground.embedding import BUILTIN_SHA256

    if card.kind == "extractive":
        return BUILTIN_SHA256
    from playground.engines.downloads import on_disk
    from playground.engines.language_model import language_model_hash

    try:
        return language_model_hash(card.base) if on_disk(card.base) else ""
    except ModelError:
        return ""


def _require_base(card: AdapterCard, base_hash: str) -> None:
    if not card.base.isprintable():
        raise InputError("the name of its base model cannot be shown")
    if not base_hash:
        raise InputError(f"its base model {card.base} is not on this machine; get the model first")
    if card.base_hash != base_hash:
        raise InputError(f"it was trained on other weights than {card.base} has on this machine")


def _slug(name: str) -> str:
    """ "Süd & Nord v2" as "sud-nord-v2"; "adapter" where nothing of the name is left."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "adapter"
