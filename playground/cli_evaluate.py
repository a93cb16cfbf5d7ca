"""`playground evaluate`: labelled questions on a folder of documents, as the app's Evaluate page asks them.

As every command it exits 0 on success and raises PlaygroundError with one line on bad input; it parses and
prints, and the core does the work.
"""

import argparse
import json
import logging
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from playground.cli_folder import (
    add_documents_and_settings,
    chosen_config,
    folder_workspace,
    show_progress,
)
from playground.config import PipelineConfig
from playground.errors import InputError

if TYPE_CHECKING:
    from playground.evaluation.formats import FormatCheck
    from playground.evaluation.records import Plan, Run
    from playground.evaluation.results import Contender
    from playground.workspace import Workspace

_FORMATS: dict[str, Literal["labels", "regex", "json_schema"]] = {
    "format_labels": "labels",
    "format_regex": "regex",
    "format_schema": "json_schema",
}
_PRINTED = (
    "questions",
    "right",
    "recall@5",
    "recall@10",
    "recall@20",
    "mrr@10",
    "ndcg@10",
    "evidence_recall@5",
    "answer_f1",
    "abstention_accuracy",
    "format_valid",
    "failed",
    "learned",
)


def add_command(commands: Any) -> None:
    """Hang the command into the parser's `add_subparsers()`."""
    evaluate = commands.add_parser(
        "evaluate",
        help="measure labelled questions on a folder of documents",
        description="Ask every question of a file, judge and measure the answers, and write a report. With "
        "--against other configurations answer the same questions, and each is compared with the first one: "
        "the difference of the share of right answers, its 95 % interval, and whether that is more than "
        "chance. Exits 2 where every question fails.",
    )
    add_documents_and_settings(evaluate)
    evaluate.add_argument(
        "--questions",
        type=Path,
        required=True,
        metavar="FILE.jsonl",
        help='a line a question, like {"question": "...", "answers": ["..."], "relevant": [{"document": '
        '"a.md", "quote": "..."}]}; or CSV with the columns question, answers, document, quote',
    )
    evaluate.add_argument(
        "--out", type=Path, required=True, metavar="report.json", help="figures, and a row for each question"
    )
    evaluate.add_argument(
        "--against",
        type=Path,
        action="append",
        default=[],
        metavar="FILE.toml",
        help="another configuration, to be compared; may be given several times",
    )
    evaluate.add_argument("--html", type=Path, metavar="FILE", help="a page with charts and every answer too")
    evaluate.add_argument("--csv", type=Path, metavar="FILE", help="a table with every answer too")
    _add_formats(evaluate)
    evaluate.set_defaults(run=_evaluate)


def _add_formats(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "format", "what a right answer has to look like besides; at most one of these"
    ).add_mutually_exclusive_group()
    group.add_argument(
        "--format-labels", type=Path, metavar="FILE", help="one of the labels in the file, one a line"
    )
    group.add_argument("--format-regex", metavar="PATTERN", help="a regular expression fits the whole answer")
    group.add_argument(
        "--format-schema", type=Path, metavar="FILE.json", help="JSON that fits the JSON Schema in the file"
    )


def _evaluate(options: argparse.Namespace) -> int:
    from playground.reports.export import to_csv, to_html
    from playground.reports.report import only_reason, report

    plan = _plan(options)
    outputs = [path for path in (options.out, options.html, options.csv) if path]
    for path in outputs:
        _refuse_unwritable(path)
    with (
        folder_workspace(options.documents, (options.questions, *outputs)) as workspace,
        _log(workspace.home / "errors.log"),
        _finished_run(workspace, plan) as run,
    ):
        if reason := only_reason(run.records[0]):
            raise InputError(reason)
        traces = [partial(workspace.runs.trace, run.id, number) for number in range(len(plan.contenders))]
        finished = report(run, traces)
    options.out.write_text(json.dumps(finished, ensure_ascii=False, indent=1), encoding="utf-8")
    if options.html:
        options.html.write_text(to_html(run, count_seen=True), encoding="utf-8")
    if options.csv:
        options.csv.write_text(to_csv(run), encoding="utf-8-sig", newline="")  # what spreadsheets recognise
    for line in summary_lines(finished):
        print(line)
    return 0


def summary_lines(report: dict[str, Any]) -> Iterator[str]:
    """What is printed of a report: a short table, and a line for each comparison."""
    summary = report["summary"]
    for name in _PRINTED:
        if name in summary:
            value = summary[name]
            words = "-" if value is None else f"{value:.3f}" if isinstance(value, float) else str(value)
            yield f"{name:22}{words}"
    total = summary["latency_ms"]["total"]
    if total["p50"] is not None:
        yield f"{'latency':22}p50 {total['p50']:.0f} ms, p95 {total['p95']:.0f} ms"
    for each in report.get("comparisons", []):
        failed = f"every question failed: {each['error']}" if "error" in each else ""
        yield f"against {each['name']}: {failed or each['words']}"


def _plan(options: argparse.Namespace) -> "Plan":
    from playground.evaluation.records import Plan
    from playground.questions.lookup import load_questions

    contenders = list(_contenders(options))
    questions = load_questions(options.questions)
    return Plan(options.questions.stem, tuple(questions), tuple(contenders), check=_format_check(options))


def _contenders(options: argparse.Namespace) -> Iterator["Contender"]:
    """What --config and --set say, then what is compared with it, each under a name of its own."""
    from playground.evaluation.results import Contender
    from playground.presets import preset_name

    config = chosen_config(options)
    name = options.config.stem if options.config else preset_name(config)
    used: set[str] = set()
    others = [(path.stem, PipelineConfig.from_toml(path)) for path in options.against]
    for wanted, each in [(name, config), *others]:
        name, number = wanted, 1
        while name in used:
            number += 1
            name = f"{wanted} {number}"
        used.add(name)
        yield Contender(name, each)


def _format_check(options: argparse.Namespace) -> "FormatCheck | None":
    from playground.evaluation.formats import FormatCheck

    for flag, kind in _FORMATS.items():
        value = getattr(options, flag)
        if value is None:
            continue
        name = f"--{flag.replace('_', '-')} {value}"
        try:
            text = value.read_text(encoding="utf-8-sig") if isinstance(value, Path) else value
            return FormatCheck(kind, text)
        except (InputError, OSError, UnicodeDecodeError) as error:
            raise InputError(f"{name} cannot be used: {error}") from error
    return None


@contextmanager
def _finished_run(workspace: "Workspace", plan: "Plan") -> Iterator["Run"]:
    """Everything asked anew; what is kept of it is deleted at the end, so that nothing piles up. Raises
    InputError that lists the labels that fit nowhere, before anything is asked."""
    from playground.evaluation.running import begin, run_steps
    from playground.questions.lookup import resolve_all

    resolve_all(plan.questions, workspace.documents())
    for entry in workspace.runs.entries():  # of a command that was killed
        workspace.runs.delete(entry.id)
    run = begin(workspace, plan, plan.question_set)
    try:
        with closing(run_steps(workspace, run, fresh=True)) as steps:
            for step in steps:
                show_progress(f"{step.done} of {step.total} answers · {step.what}")
                if step.failed == step.done == len(plan.questions):
                    break  # the first configuration answered nothing: there is nothing to report
        show_progress("")
        yield workspace.runs.run(run)
    finally:
        workspace.runs.delete(run)


@contextmanager
def _log(path: Path) -> Iterator[None]:
    """What a question meets that nobody foresaw goes to a file, and a terminal sees where it is."""
    path.unlink(missing_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8", delay=True)
    logger = logging.getLogger("playground")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        handler.close()
        if path.exists():
            print(f"the log is {path}", file=sys.stderr)


def _refuse_unwritable(path: Path) -> None:
    """Before minutes of work, not after."""
    if path.is_dir() or not path.resolve().parent.is_dir():
        raise InputError(f"{path} cannot be written: its folder does not exist, or it is a folder")
