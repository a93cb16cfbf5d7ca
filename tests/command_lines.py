"""A command line in this process."""

from collections.abc import Callable

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
