"""Where the columns stand on the stage: cards, at most two in a row, that fill it together."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground.ui.components import plain
from playground.ui.present.answering import Presented
from playground.ui.present.fitting import SMALLEST, Box, type_size
from playground.ui.present.style import GROWN, LINE_BELOW, STAGE

LARGEST = {1: 3.2, 2: 2.5}
LARGEST_OF_MANY = 2.15
"""Sizes of type, in rem, by how many cards there are: short answers are not blown up beyond them."""


def cards(columns: Sequence[Presented], texts: Sequence[str], lines: int = 0) -> list[DeltaGenerator]:
    """A card a column, keyed `presented_a` and so on; `lines` of text find room below them.

    The type of each is as large as its text allows. Where one is too long to be read in its card, the cards
    grow, and the window scrolls: nothing is cut.
    """
    boxes = card_bodies(len(columns), lines)
    largest = LARGEST.get(len(columns), LARGEST_OF_MANY)
    sizes = [type_size(text, box, largest) for text, box in zip(texts, boxes, strict=True)]
    rules = [f".st-key-stage{{--rows:{(len(columns) + 1) // 2};--lines:{lines}}}"]
    rules += [
        f".st-key-body_{each.column.letter}{{--fit:{max(size, SMALLEST):.3f}rem}}"
        for each, size in zip(columns, sizes, strict=True)
    ]
    rules += [GROWN] if min(sizes, default=1.0) < SMALLEST else []
    st.html(f"<style>{''.join(rules)}</style>")
    places: list[DeltaGenerator] = []
    for begin in range(0, len(columns), 2):
        places += st.columns(len(columns[begin : begin + 2]), gap="small")
    return [
        place.container(border=True, key=f"presented_{each.column.letter}", gap="small", height="stretch")
        for place, each in zip(places, columns, strict=True)
    ]


def card_bodies(count: int, lines: int = 0) -> list[Box]:
    """The inside of each of so many cards, below its head; an odd last card takes a whole row."""
    rows = (count + 1) // 2
    height = (STAGE.height - lines * LINE_BELOW - (rows - 1)) / max(rows, 1) - 4.8
    half = Box((STAGE.width - 1) / 2 - 2.6, height)
    whole = Box(STAGE.width - 2.6, height)
    return [whole if number == count - 1 and count % 2 else half for number in range(count)]


def head(each: Presented) -> DeltaGenerator:
    """A card's first line: letter and name, what sets it apart, and a place for badges at its end."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        title = f"### :gray[{each.letter}]&ensp;{plain(each.name)}"
        st.markdown(title, anchors=False, width="content")
        if each.apart:
            st.markdown(f":gray[{plain(each.apart)}]", width="content")
        st.space("stretch")
        return st.container(horizontal=True, width="content", gap="xsmall")


def body(each: Presented) -> DeltaGenerator:
    """The rest of the card, keyed `body_a` and so on: what is in it is sized for it."""
    return st.container(key=f"body_{each.column.letter}", gap=None)
