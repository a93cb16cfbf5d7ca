"""Blocks as a DOCX with heading styles, lists and tables."""

from datetime import datetime
from pathlib import Path

from docx import Document as new_document
from docx.document import Document
from docx.shared import Pt

from sample_docs.builder.archive import FIXED_TIME, freeze
from sample_docs.builder.blocks import Block, Heading, Items, Paragraph, Source, Table


def write_docx(source: Source, path: Path, author: str) -> None:
    """Lay the source out with Word's own styles and save it."""
    document = new_document()
    document.styles["Normal"].font.name = "Calibri"
    document.styles["Normal"].font.size = Pt(11)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = source.title, author, ""
    properties.created = properties.modified = datetime(*FIXED_TIME)
    document.add_heading(source.title, level=1)
    document.add_paragraph(source.byline)
    for block in source.body:
        _add(document, block)
    document.save(str(path))
    freeze(path)


def _add(document: Document, block: Block) -> None:
    match block:
        case Heading(level, text):
            document.add_heading(text, level=level)
        case Paragraph(text):
            document.add_paragraph(text)
        case Items(numbered, texts):
            for text in texts:
                document.add_paragraph(text, style="List Number" if numbered else "List Bullet")
        case Table(rows):
            table = document.add_table(rows=len(rows), cols=len(rows[0]), style="Light Grid Accent 1")
            for row, texts in zip(table.rows, rows, strict=True):
                for cell, text in zip(row.cells, texts, strict=True):
                    cell.text = text
            document.add_paragraph()
