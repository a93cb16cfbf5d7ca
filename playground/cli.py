"""The `playground` command: the app, and everything that works without a browser.

Every command exits 0 on success and 2 on bad input with one line, never with a traceback. It only parses and
prints; the work is done by the core.
"""

from playground import settings  # first: it sets what numpy reads when it is imported  # isort: skip

import argparse
import hashlib
import io
import json
import os
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from playground import cli_adapters
from playground.config import DEFAULT, PipelineConfig, parse_settings
from playground.errors import InputError, PlaygroundError

if TYPE_CHECKING:
    from playground.workspace import Workspace


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
    _add_documents_and_settings(ask)
    ask.add_argument("--json", action="store_true", help="print everything as JSON")
    ask.set_defaults(run=_ask)

    evaluate = commands.add_parser("evaluate", help="measure labelled questions on a folder of documents")
    _add_documents_and_settings(evaluate)
    evaluate.add_argument("--questions", type=Path, required=True, metavar="FILE.jsonl")
    evaluate.add_argument("--out", type=Path, required=True, metavar="report.json")
    evaluate.set_defaults(run=_evaluate)

    cli_adapters.add_commands(commands)

    read = commands.add_parser("read", help="what the reader makes of each file, or the one reason why not")
    read.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="files, or folders with files")
    read.add_argument("--json", action="store_true", help="print a line of JSON a file")
    read.set_defaults(run=_read)

    doctor = commands.add_parser("doctor", help="what is installed, what can run, what is missing")
    doctor.set_defaults(run=_doctor)
    return parser


def _add_documents_and_settings(parser: argparse.ArgumentParser) -> None:
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


def _app(options: argparse.Namespace) -> int:
    from playground.ui.serve import serve

    if options.demo:
        os.environ["PLAYGROUND_SAMPLE"] = "handbook"
    return serve(options.port, options.address)


def _ask(options: argparse.Namespace) -> int:
    from playground.trace_text import trace_as_dict, trace_as_text

    config = _config(options)
    if not options.question.strip():
        raise InputError("the question is empty; write it in quotation marks after ask")
    with _indexed_folder(options.documents, config) as workspace:
        trace = workspace.run(options.question, config)
    if options.json:
        print(json.dumps(trace_as_dict(trace), ensure_ascii=False, indent=1))
    else:
        print(trace_as_text(trace))
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    from playground.evaluation.questions import load_questions
    from playground.evaluation.report import RETRIEVAL_DEPTH, evaluate_steps, report

    config = _config(options)
    questions = load_questions(options.questions)
    _refuse_unwritable(options.out)
    results = []
    besides = (options.questions, options.out)
    with _indexed_folder(options.documents, config, besides) as workspace:
        names = workspace.library.names()
        by_id = {each: workspace.library.document(each) for each in set(names.values())}
        documents = {name: by_id[each] for name, each in names.items()}
        steps = evaluate_steps(
            lambda question: workspace.run(question, config, depth=RETRIEVAL_DEPTH, fresh=True),
            questions,
            documents,
        )
        for result in steps:
            results.append(result)
            _progress(f"{len(results)} of {len(questions)} questions")
        _progress("")
    finished = report(results, documents, config)
    options.out.write_text(json.dumps(finished, ensure_ascii=False, indent=1), encoding="utf-8")
    for name, value in finished["summary"].items():
        if not isinstance(value, dict):
            print(
                f"{name:22}{'-' if value is None else f'{value:.3f}' if isinstance(value, float) else value}"
            )
    total = finished["summary"]["latency_ms"]["total"]
    if total["p50"] is not None:
        print(f"{'latency':22}p50 {total['p50']:.0f} ms, p95 {total['p95']:.0f} ms")
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
            print(f"✓ {path}: {measure(document)}, “{document.title}”", flush=True)
        else:
            print(f"✗ {path}: {result.reason}", flush=True)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from playground.doctor import examine

    for finding in examine():
        print(f"{'✓' if finding.ok else '✗'} {finding.name:20} {finding.text}")
    return 0


def _config(options: argparse.Namespace) -> PipelineConfig:
    config = PipelineConfig.from_toml(options.config) if options.config else DEFAULT
    pairs = [pair for group in options.set for pair in group]
    return config.with_values(parse_settings(pairs))


@contextmanager
def _indexed_folder(
    folder: Path, config: PipelineConfig, besides: Collection[Path] = ()
) -> Iterator["Workspace"]:
    """A workspace that holds the folder, indexed. It is kept in the data home, so that the next call has
    nothing to do where neither the documents nor the fingerprint changed."""
    from playground.intake import folder_files, mirror_folder
    from playground.workspace import Workspace

    folder_files(folder, besides)  # before anything is made for a folder that is not there
    place = hashlib.sha256(os.fsencode(folder.resolve())).hexdigest()[:16]
    _progress(f"waiting until no other command uses {folder}")
    with closing(Workspace(settings.home() / "folders" / place, wait=600)) as workspace:
        _progress("")
        refused = [intake for intake in mirror_folder(workspace, folder, besides) if not intake.kept]
        if not workspace.library.ids():
            reason = f"{refused[0].name}: {refused[0].line}"
            raise InputError(f"no file in {folder} can be read ({reason}); try playground read {folder}")
        for intake in refused:
            print(f"{intake.name}: {intake.line}", file=sys.stderr)
        if config.retrieves and not workspace.status(config).complete:
            for progress in workspace.index_steps(config):
                _progress(f"indexing: {progress.done} of {progress.total} chunks")
            _progress("")
        yield workspace


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob("*") if each.is_file())
        elif path.exists():
            yield path
        else:
            raise InputError(f"{path} does not exist")


def _refuse_unwritable(path: Path) -> None:
    """Before minutes of work, not after."""
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise InputError(f"--out {path} cannot be written: its folder does not exist, or it is a folder")


def _progress(text: str) -> None:
    """One line that is written over, on a terminal only."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
