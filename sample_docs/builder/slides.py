"""A source as a wide PPTX: every heading of level 2 is a slide; "Notes:" begins the speaker's notes."""

from datetime import datetime
from pathlib import Path

from pptx import Presentation as new_deck
from pptx.dml.color import RGBColor
from pptx.presentation import Presentation
from pptx.slide import Slide
from pptx.util import Inches, Pt

from sample_docs.builder.archive import FIXED_TIME, freeze
from sample_docs.builder.blocks import Block, Heading, Items, Paragraph, Source, Table

ACCENT = RGBColor(0x1F, 0x5F, 0x5B)
NOTES = "Notes: "
TITLE_SLIDE, TITLE_AND_CONTENT, TITLE_ONLY = 0, 1, 5


def write_pptx(source: Source, path: Path, author: str) -> None:
    """One title slide, then a slide for each heading. Raises ValueError for a block that does not fit."""
    deck = new_deck()
    deck.slide_width, deck.slide_height = Inches(13.333), Inches(7.5)
    properties = deck.core_properties
    properties.title, properties.author = source.title, author
    properties.created = properties.modified = datetime(*FIXED_TIME)
    first = deck.slides.add_slide(deck.slide_layouts[TITLE_SLIDE])
    _set_title(first, source.title, top=2.3, size=48)
    _place(first.placeholders[1], top=4.0, height=1.5)
    first.placeholders[1].text = source.byline
    for heading, blocks in _slides(source.body):
        _add_slide(deck, heading, blocks)
    deck.save(str(path))
    freeze(path)


def _slides(body: tuple[Block, ...]) -> list[tuple[str, list[Block]]]:
    slides: list[tuple[str, list[Block]]] = []
    for block in body:
        if isinstance(block, Heading):
            slides.append((block.text, []))
        else:
            slides[-1][1].append(block)
    return slides


def _add_slide(deck: Presentation, heading: str, blocks: list[Block]) -> None:
    has_items = any(isinstance(block, Items) for block in blocks)
    table_height = 0.0
    slide = deck.slides.add_slide(deck.slide_layouts[TITLE_AND_CONTENT if has_items else TITLE_ONLY])
    _set_title(slide, heading, top=0.4, size=34)
    for block in blocks:
        match block:
            case Table(rows):
                table_height = 0.55 * len(rows) + 0.4
                _add_table(slide, rows)
            case Items(_, texts):
                _place(slide.placeholders[1], top=1.7 + table_height, height=5.3 - table_height)
                slide.placeholders[1].text = "\n".join(texts)
                for paragraph in slide.placeholders[1].text_frame.paragraphs:
                    paragraph.font.size, paragraph.space_after = Pt(24), Pt(10)
            case Paragraph(text) if text.startswith(NOTES):
                slide.notes_slide.notes_text_frame.text = text.removeprefix(NOTES)
            case _:
                raise ValueError(f"slide {heading!r} holds {block}; use a list, a table or notes")


def _add_table(slide: Slide, rows: tuple[tuple[str, ...], ...]) -> None:
    size = Inches(0.8), Inches(1.7), Inches(11.7), Inches(0.55 * len(rows))
    table = slide.shapes.add_table(len(rows), len(rows[0]), *size).table
    for row, texts in enumerate(rows):
        for column, text in enumerate(texts):
            cell = table.cell(row, column)
            cell.text = text
            cell.text_frame.paragraphs[0].font.size = Pt(20)
            if row == 0:
                cell.fill.solid()
                cell.fill.fore_color.rgb = ACCENT


def _set_title(slide: Slide, text: str, top: float, size: int) -> None:
    title = slide.shapes.title
    assert title is not None, "all three layouts have a title"
    _place(title, top=top, height=1.1)
    title.text = text
    font = title.text_frame.paragraphs[0].font
    font.size, font.bold, font.color.rgb = Pt(size), True, ACCENT


def _place(shape: object, top: float, height: float) -> None:
    # The built-in template is made for 4:3, so every placeholder is stretched to the wide slide.
    for name, inches in {"left": 0.8, "top": top, "width": 11.7, "height": height}.items():
        setattr(shape, name, Inches(inches))
