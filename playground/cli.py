"""The `playground` command: the app, and everything that works without a browser.

Every command exits 0 on success and 2 on bad input with one line, never with a traceback. It only parses and
prints; the work is done by the core.
"""

import playground.settings  # noqa: F401  # first: it sets what numpy reads when it is imported  # isort: skip

import argparse
import io
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from playground import cli_adapters, cli_evaluate, cli_folder
from playground.errors import InputError, PlaygroundError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    parser = _parser()
    options = parser.parse_args(arguments)
    for stream in (sys.stdout, sys.stderr):  # names and texts that the terminal cannot show stop nothing
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        return options.run(options)
    except BrokenPipeError:  # whoever read the output has seen enough, as in: playground ask ... | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (PlaygroundError, OSError) as error:
        print("playground:", *str(error).splitlines(), file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage above it."""

    def error(self, message: str) -> NoReturn:
        message = " ".join(message.splitlines())
        print(f"{self.prog}: {message}; {self.prog} --help shows how it is used", file=sys.stderr)
        raise SystemExit(2)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="playground",
        description="Retrieval, fine-tuning, both, or a better prompt: find out on your own documents. "
        "Without a command it starts the web app.",
    )
    parser.add_argument("--port", type=int, default=8501, help="port of the web app (default 8501)")
    parser.add_argument("--address", default="127.0.0.1", help="address to listen at (default 127.0.0.1)")
    parser.add_argument("--demo", action="store_true", help="start with the sample documents loaded")
    parser.set_defaults(run=_app)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")

    ask = commands.add_parser("ask", help="answer one question from a folder of documents")
    ask.add_argument("question")
    cli_folder.add_documents_and_settings(ask)
    ask.add_argument("--json", action="store_true", help="print everything as JSON")
    ask.set_defaults(run=_ask)

    cli_evaluate.add_command(commands)
    cli_adapters.add_commands(commands)

    read = commands.add_parser("read", help="what the reader makes of each file, or the one reason why not")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders with files")
    read.add_argument("--json", action="store_true", help="print a line of JSON a file")
    read.set_defaults(run=_read)

    doctor = commands.add_parser("doctor", help="what is installed, what can run, what is missing")
    doctor.set_defaults(run=_doctor)
    return parser


def _app(options: argparse.Namespace) -> int:
    from playground.ui.serve import serve

    if options.demo:
        os.environ["PLAYGROUND_SAMPLE"] = "handbook"
    return serve(options.port, options.address)


def _ask(options: argparse.Namespace) -> int:
    from playground.trace_text import trace_as_dict, trace_as_text

    config = cli_folder.chosen_config(options)
    if not options.question.strip():
        raise InputError("the question is empty; write it in quotation marks after ask")
    with cli_folder.folder_workspace(options.documents) as workspace:
        cli_folder.bring_up_to_date(workspace, config)
        trace = workspace.run(options.question, config)
    if options.json:
        print(json.dumps(trace_as_dict(trace), ensure_ascii=False, indent=1))
    else:
        print(trace_as_text(trace))
    return 0


def _read(options: argparse.Namespace) -> int:
    from playground.intake import measure
    from playground.reading import read_many

    paths = list(_files(options.paths))
    for path, result in zip(paths, read_many(paths), strict=True):
        document = result.document
        line: dict[str, Any] = {
            "path": str(path),
            "ok": result.ok,
            "characters": len(document.text) if document else 0,
            "pages": len(document.pages) if document else 0,
            "title": document.title if document else "",
            "reason": result.reason,
        }
        if options.json:
            print(json.dumps(line, ensure_ascii=False), flush=True)
        elif document:
            note = f" ({result.note})" if result.note else ""
            print(f"✓ {path}: {measure(document)}, “{document.title}”{note}", flush=True)
        else:
            print(f"✗ {path}: {result.reason}", flush=True)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from playground.doctor import examine

    for finding in examine():
        print(f"{'✓' if finding.ok else '✗'} {finding.name:20} {finding.text}")
    return 0


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path} does not exist")
