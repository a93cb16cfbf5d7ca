"""A command line in this process, and a small folder for it to work on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from playground.cli import main

Run = Callable[..., tuple[int, str, str]]
"""Arguments -> exit status, output, errors."""


def in_process(capsys: pytest.CaptureFixture[str]) -> Run:
    """What runs `playground` with the arguments that it is given."""

    def run(*arguments: object) -> tuple[int, str, str]:
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return run


def insect_documents(place: Path) -> Path:
    """A folder with two short documents."""
    place.mkdir()
    (place / "ants.md").write_text("# Ants\n\nThe ant carries leaves.")
    (place / "bees.md").write_text("# Bees\n\nThe bee makes honey in spring.")
    return place


def insect_questions(path: Path) -> Path:
    """A question that they answer, and one that they don't, which has no id."""
    rows = [
        {
            "id": "bees",
            "question": "Who makes honey in spring?",
            "answers": ["The bee"],
            "relevant": [{"document": "bees.md", "quote": "makes honey"}],
        },
        {"question": "Which trains run on Sunday?", "answerable": False},
    ]
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path
