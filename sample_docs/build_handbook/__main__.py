"""Which source becomes which file, and who signs it."""

import sys
from pathlib import Path

from sample_docs.build_handbook.blocks import read_source
from sample_docs.build_handbook.book import write_epub
from sample_docs.build_handbook.mail import write_eml
from sample_docs.build_handbook.pdf import write_pdf
from sample_docs.build_handbook.slides import write_pptx
from sample_docs.build_handbook.web import write_html
from sample_docs.build_handbook.word import write_docx
from sample_docs.build_handbook.workbook import write_price_list

SOURCES = Path(__file__).parent / "sources"
DOCUMENTS = Path(__file__).parent.parent / "handbook" / "documents"


def build(folder: Path) -> list[Path]:
    """Write every built document into `folder`; gives their paths. The same sources give the same bytes."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, author in {
        "ax-series-product-guide": "Solveig Brandvold",
        "service-and-returns-manual": "Ilse Wübbena",
    }.items():
        write_pdf(read_source(SOURCES / f"{name}.md"), folder / f"{name}.pdf", author)
    for year in ("2024", "2026"):
        name = f"travel-policy-{year}"
        write_docx(read_source(SOURCES / f"{name}.md"), folder / f"{name}.docx", "Fenna Dirksen")
    for year in ("2025", "2026"):
        prices, terms = SOURCES / "prices.csv", SOURCES / "price-terms.csv"
        write_price_list(prices, terms, year, folder / f"price-list-{year}.xlsx", "Femke Wiersma")
    for name in ("remote-work-change", "erp-go-live-moved"):
        write_eml(SOURCES / f"{name}.md", folder / f"{name}.eml")
    slides = "all-hands-october-2025"
    write_pptx(read_source(SOURCES / f"{slides}.md"), folder / f"{slides}.pptx", "Wiebke Harenberg")
    agreement = "working-time-and-remote-work"
    write_html(SOURCES / f"{agreement}.md", folder / f"{agreement}.html", "Marit Oosterveld")
    write_epub(SOURCES / "field-booklet.md", folder / "field-booklet.epub", "Torsten Aden")
    return sorted(folder.iterdir())


if __name__ == "__main__":
    for path in build(Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENTS):
        print(f"{path.stat().st_size:>8}  {path}")  # noqa: T201
