"""The data set chunking_eval as documents and as labelled questions of the `evaluate` contract.

Five long Markdown files and 472 questions with the spans of their evidence, from
github.com/brandonstarxel/chunking_evaluation. This module does not know what is measured with it.
"""

import json
import shutil
from pathlib import Path
from typing import Any

from benchmarks.measure import Options
from playground.documents import Document

FILES = ("wikitexts.md", "chatlogs.md", "state_of_the_union.md", "pubmed.md", "finance.md")


def documents(options: Options, names: tuple[str, ...] = FILES) -> list[Document]:
    """The files as documents without headings. Raises InputError where the data is not there."""
    folder = options.need("chunking_eval/raw/corpora")
    return [Document(name, name, (folder / name).read_text(encoding="utf-8")) for name in names]


def questions(options: Options) -> list[str]:
    """The questions alone."""
    lines = options.need("chunking_eval/spans.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["question"] for line in lines]


def folder(options: Options, names: tuple[str, ...] = FILES) -> Path:
    """A folder with the files as `playground` takes them, made once a run."""
    target = options.work / f"chunking_eval-{len(names)}"
    corpora = options.need("chunking_eval/raw/corpora")
    target.mkdir(exist_ok=True)
    for name in names:
        shutil.copy(corpora / name, target)
    return target


def labelled_questions(options: Options, names: tuple[str, ...] = FILES) -> Path:
    """The questions on these files, with their gold spans, as the file that `playground evaluate` takes."""
    lines = options.need("chunking_eval/spans.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [row for row in map(json.loads, lines) if row["doc"] in names]
    target = options.work / f"questions-{len(names)}.jsonl"
    target.write_text("\n".join(map(_contract_line, rows)), encoding="utf-8")
    return target


def _contract_line(row: dict[str, Any]) -> str:
    spans = [
        {
            "document": row["doc"],
            "start": item["start_index"],
            "end": item["end_index"],
            "quote": item["content"],
        }
        for item in row["references"]
    ]
    return json.dumps({"id": row["_id"], "question": row["question"], "relevant": spans}, ensure_ascii=False)
