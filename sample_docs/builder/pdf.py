"""Blocks as a PDF on A4, with an outline, a running head and page numbers."""

from pathlib import Path
from xml.sax.saxutils import escape

from reportlab.lib import colors
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, ListFlowable, PageTemplate
from reportlab.platypus import Paragraph as TextFlowable
from reportlab.platypus import Table as TableFlowable

from sample_docs.builder.blocks import Block, Heading, Items, Paragraph, Source, Table

ACCENT = colors.HexColor("#1f5f5b")
MARGIN = 22 * mm
BODY = ParagraphStyle("body", fontName="Helvetica", fontSize=10.5, leading=15, spaceAfter=7)
CELL = ParagraphStyle("cell", parent=BODY, fontSize=8.8, leading=11.5, spaceAfter=0)
HEAD_CELL = ParagraphStyle("head", parent=CELL, fontName="Helvetica-Bold", textColor=colors.white)
BYLINE = ParagraphStyle("byline", parent=BODY, textColor=colors.HexColor("#5b6664"), spaceAfter=14)
HEADINGS = {
    level: ParagraphStyle(
        f"heading{level}",
        fontName="Helvetica-Bold",
        fontSize=size,
        leading=size * 1.25,
        spaceBefore=size * 0.7,
        spaceAfter=size * 0.35,
        textColor=ACCENT,
        keepWithNext=True,
    )
    for level, size in {1: 24, 2: 15, 3: 11.5}.items()
}


class OneColumn(BaseDocTemplate):
    """One column with a running head; every heading becomes an entry of the outline."""

    def __init__(self, path: Path, title: str, author: str, organisation: str) -> None:
        super().__init__(str(path), pagesize=A4, title=title, author=author, invariant=1)
        self.organisation = organisation
        width, height = A4
        size = width - 2 * MARGIN, height - 2 * MARGIN
        frame = Frame(MARGIN, MARGIN, *size, leftPadding=0, rightPadding=0, id="text")
        self.addPageTemplates(PageTemplate(id="page", frames=[frame], onPage=self._draw_frame))

    def _draw_frame(self, canvas: Canvas, document: BaseDocTemplate) -> None:
        width, height = A4
        canvas.setFont("Helvetica", 8.5)
        canvas.setFillColor(colors.HexColor("#5b6664"))
        canvas.drawString(MARGIN, height - 14 * mm, f"{self.organisation} · {self.title}")
        canvas.drawRightString(width - MARGIN, 12 * mm, f"Page {document.page}")
        canvas.setStrokeColor(ACCENT)
        canvas.line(MARGIN, height - 16 * mm, width - MARGIN, height - 16 * mm)

    def afterFlowable(self, flowable: Flowable) -> None:  # the name is reportlab's
        """Called by reportlab after each block is placed, when its page is known."""
        level = getattr(flowable, "outline_level", None)
        if level is not None:
            key = f"heading-{id(flowable)}"
            self.canv.bookmarkPage(key)
            self.canv.addOutlineEntry(flowable.getPlainText(), key, level=level)


def write_pdf(source: Source, path: Path, author: str, organisation: str) -> None:
    """Lay the source out under the organisation's running head and save it."""
    story = [_heading(Heading(1, source.title)), TextFlowable(escape(source.byline), BYLINE)]
    for block in source.body:
        story += _flowables(block)
    OneColumn(path, source.title, author, organisation).build(story)


def _flowables(block: Block) -> list[Flowable]:
    match block:
        case Heading():
            return [_heading(block)]
        case Paragraph(text):
            return [TextFlowable(escape(text), BODY)]
        case Items(numbered, texts):
            items = [TextFlowable(escape(text), BODY) for text in texts]
            kind = "1" if numbered else "bullet"
            form = "%s." if numbered else None
            return [ListFlowable(items, bulletType=kind, bulletFormat=form, bulletFontSize=10, leftIndent=18)]
        case Table(rows):
            return [_table(rows)]


def _heading(heading: Heading) -> TextFlowable:
    flowable = TextFlowable(escape(heading.text), HEADINGS[heading.level])
    flowable.outline_level = heading.level - 1
    return flowable


def _table(rows: tuple[tuple[str, ...], ...]) -> TableFlowable:
    head, *body = rows
    cells = [[TextFlowable(escape(cell), HEAD_CELL) for cell in head]]
    cells += [[TextFlowable(escape(cell), CELL) for cell in row] for row in body]
    # Columns grow with their longest text; no narrow one may break a code such as E-17 in two.
    longest = [max(len(row[column]) for row in rows) for column in range(len(head))]
    shares = [min(max(length, 10), 34) for length in longest]
    unit = (A4[0] - 2 * MARGIN) / sum(shares)
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), ACCENT),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [colors.white, colors.HexColor("#eef4f2")]),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, colors.HexColor("#c5d3d0")),
    ]
    widths = [share * unit for share in shares]
    return TableFlowable(cells, colWidths=widths, repeatRows=1, style=style, spaceBefore=4, spaceAfter=12)
