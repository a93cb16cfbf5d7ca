"""Where the columns stand on the stage: cards, at most two in a row, that fill it together."""

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from playground.ui.components import plain
from playground.ui.present.answering import Presented


def shapes(count: int) -> list[float]:
    """How many times as wide as high the inside of each of so many cards is, about, on a screen of 16:10; an
    odd last card takes a whole row."""
    rows = (count + 1) // 2
    half, whole = (0.98, 2.0) if rows == 1 else (2.3, 4.9)
    return [whole if number == count - 1 and count % 2 else half for number in range(count)]


def cards(columns: Sequence[Presented], lines: int = 0) -> list[DeltaGenerator]:
    """A card a column, keyed `presented_a` and so on; `lines` of text find room below them."""
    rows = (len(columns) + 1) // 2
    st.html(f"<style>.st-key-stage{{--rows:{rows};--lines:{lines}}}</style>")
    places: list[DeltaGenerator] = []
    for begin in range(0, len(columns), 2):
        places += st.columns(len(columns[begin : begin + 2]), gap="small")
    return [
        place.container(border=True, key=f"presented_{each.column.letter}", gap="small")
        for place, each in zip(places, columns, strict=True)
    ]


def head(each: Presented) -> DeltaGenerator:
    """A card's first line: letter and name, what sets it apart, and a place for badges at its end."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", wrap=False):
        apart = f"&ensp;:gray[:small[{plain(each.apart)}]]" if each.apart else ""
        st.markdown(
            f"### :gray[{each.letter}]&ensp;{plain(each.name)}{apart}", anchors=False, width="stretch"
        )
        return st.container(horizontal=True, width="content", gap="xsmall")


def body(each: Presented) -> DeltaGenerator:
    """The rest of the card, keyed `body_a` and so on: what is in it is sized by it."""
    return st.container(key=f"body_{each.column.letter}", gap="small")
