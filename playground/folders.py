"""Which files of a folder are documents, and what they are called in a library.

This module opens none of them.
"""

import os
from collections.abc import Collection
from pathlib import Path

from playground.errors import InputError


def folder_files(folder: Path, besides: Collection[Path] = ()) -> dict[str, Path]:
    """The files that count, by their names in the library. Raises InputError as `mirror_folder` does."""
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder; --documents takes the folder that holds the documents")
    left_out = {path.resolve() for path in besides}
    names = {
        os.fsencode(path.relative_to(folder).as_posix()).decode(errors="replace"): path
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not (left_out and path.resolve() in left_out)
    }
    if not names:
        raise InputError(f"{folder} holds no files; put the documents there")
    return names
