"""Small pieces of HTML, every text escaped. Tints are mixed from one colour and the text's own, so that the
same rules work in light and dark."""

import html
from collections.abc import Sequence

import streamlit as st

LIGHT = ("#3F7BE0", "#C2568F", "#D98A1F", "#16967F", "#7A5BD0", "#7C8698")
DARK = ("#6FA0F5", "#E184B4", "#EBAA4C", "#3DBFA6", "#A48BF0", "#98A2B8")

escape = html.escape


def dark() -> bool:
    return st.context.theme.type == "dark"


def palette() -> Sequence[str]:
    """Six colours that can be told apart on the current background."""
    return DARK if dark() else LIGHT


def ink() -> str:
    return "#E8EBF5" if dark() else "#1C2333"


def muted() -> str:
    return "#A9B3CB" if dark() else "#566078"


def grid() -> str:
    return "#2D354C" if dark() else "#E6E9F1"


CSS = """<style>
.stMainBlockContainer{padding-left:1.25rem;padding-right:1.25rem}
.stMarkdown h1,.stMarkdown h2,.stMarkdown h3{padding:0}
.stMarkdown:has(h1,h2,h3) [data-testid=stMarkdownContainer]{margin-bottom:0}
.pg{line-height:1.45;overflow-wrap:anywhere}
.pg .muted,.pg.muted{color:color-mix(in srgb,currentColor 72%,transparent)}
.pg mark{color:inherit;background:color-mix(in srgb,var(--c) 26%,transparent);border-radius:3px;
  padding:1px 2px;-webkit-box-decoration-break:clone;box-decoration-break:clone}
</style>"""


def style() -> None:
    st.html(CSS)
