"""What the Evaluate page's own drawings need."""

import streamlit as st

CSS = """<style>
.pg table.figures td:last-child,.pg table.figures th:last-child{text-align:left;padding-left:14px;
  white-space:normal}
.pg table.figures tr:hover td{background:color-mix(in srgb,currentColor 5%,transparent)}
.pg.legend{display:flex;flex-wrap:wrap;gap:2px 16px;font-size:.84rem}
</style>"""


def evaluate_style() -> None:
    """Once a page."""
    st.html(CSS)
