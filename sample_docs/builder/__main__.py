"""Which source becomes which file, and who signs it: as `build.toml` of each scenario's sources says."""

import sys
import tomllib
from pathlib import Path
from typing import Any

from sample_docs.builder.blocks import read_source
from sample_docs.builder.book import write_epub
from sample_docs.builder.mail import write_eml
from sample_docs.builder.pdf import write_pdf
from sample_docs.builder.pictures import write_picture
from sample_docs.builder.slides import write_pptx
from sample_docs.builder.web import write_html
from sample_docs.builder.word import write_docx
from sample_docs.builder.workbook import write_price_list, write_workbook

SOURCES = Path(__file__).parent / "sources"
SAMPLES = Path(__file__).parent.parent


def scenarios() -> list[str]:
    """Those that have something to build."""
    return sorted(path.parent.name for path in SOURCES.glob("*/build.toml"))


def build(scenario: str, folder: Path | None = None) -> list[Path]:
    """Write every built document of a scenario into `folder`, by default its own; gives their paths. The same
    sources give the same bytes."""
    folder = folder or SAMPLES / scenario / "documents"
    folder.mkdir(parents=True, exist_ok=True)
    sources = SOURCES / scenario
    plan = tomllib.loads((sources / "build.toml").read_text(encoding="utf-8"))
    for name, values in plan["documents"].items():
        _write(sources, folder / name, values, plan)
    return [folder / name for name in sorted(plan["documents"])]


def _write(sources: Path, path: Path, values: dict[str, Any], plan: dict[str, Any]) -> None:
    source = sources / values.get("source", "")
    author = values.get("author", "")
    match path.suffix:
        case ".pdf":
            write_pdf(read_source(source), path, author, plan["organisation"])
        case ".docx":
            write_docx(read_source(source), path, author)
        case ".pptx":
            write_pptx(read_source(source), path, author)
        case ".html":
            write_html(source, path, author)
        case ".epub":
            write_epub(source, path, author, plan["domain"])
        case ".eml":
            write_eml(source, path, plan["domain"])
        case ".png":
            write_picture(source, path)
        case ".xlsx" if "year" in values:
            write_price_list(
                sources / "prices.csv", sources / "price-terms.csv", values["year"], path, author
            )
        case ".xlsx":
            sheets = {name: sources / file for name, file in values["sheets"].items()}
            write_workbook(sheets, path, author)
        case other:
            raise ValueError(f"{path.name}: nothing here writes {other}; write it by hand into documents/")


if __name__ == "__main__":
    for each in sys.argv[1:] or scenarios():
        for path in build(each):
            print(f"{path.stat().st_size:>8}  {path}")  # noqa: T201
