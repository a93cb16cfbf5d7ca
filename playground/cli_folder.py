"""What commands share that work on a folder of documents: the flags, the settings, and the indexed folder."""

import argparse
import hashlib
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from playground import settings
from playground.config import DEFAULT, PipelineConfig, parse_settings
from playground.errors import InputError

if TYPE_CHECKING:
    from playground.workspace import Workspace


def add_documents_and_settings(parser: argparse.ArgumentParser) -> None:
    """--documents, --config and --set."""
    names = ", ".join(name for name, _ in DEFAULT.items())
    parser.add_argument("--documents", type=Path, required=True, metavar="DIR")
    parser.add_argument("--config", type=Path, metavar="FILE.toml", help="settings that the app exported")
    parser.add_argument(
        "--set",
        action="append",
        nargs="+",
        default=[],
        metavar="KEY=VALUE",
        help=f"settings on top of it; keys are {names}",
    )


def chosen_config(options: argparse.Namespace) -> PipelineConfig:
    """What --config and --set say. Raises ConfigError."""
    config = PipelineConfig.from_toml(options.config) if options.config else DEFAULT
    pairs = [pair for group in options.set for pair in group]
    return config.with_values(parse_settings(pairs))


@contextmanager
def folder_workspace(folder: Path, besides: Collection[Path] = ()) -> Iterator["Workspace"]:
    """A workspace that holds the folder's documents without those `besides`. It is kept in the data home, so
    that the next call has nothing to do where neither the documents nor the fingerprint changed. A file that
    cannot be read is a line on standard error; raises InputError where none can be read."""
    from playground.intake import folder_files, mirror_folder
    from playground.workspace import Workspace

    folder_files(folder, besides)  # before anything is made for a folder that is not there
    place = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    show_progress(f"waiting until no other command uses {folder}")
    with closing(Workspace(settings.home() / "folders" / place, wait=600)) as workspace:
        show_progress("")
        refused = [intake for intake in mirror_folder(workspace, folder, besides) if not intake.kept]
        if not workspace.library.ids():
            reason = f"{refused[0].name}: {refused[0].line}"
            raise InputError(f"no file in {folder} can be read ({reason}); try playground read {folder}")
        for intake in refused:
            print(f"{intake.name}: {intake.line}", file=sys.stderr)
        yield workspace


def bring_up_to_date(workspace: "Workspace", config: PipelineConfig) -> None:
    """Index what is not indexed yet."""
    if config.retrieves and not workspace.status(config).complete:
        for progress in workspace.index_steps(config):
            show_progress(f"indexing: {progress.done} of {progress.total} chunks")
        show_progress("")


def show_progress(text: str) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
