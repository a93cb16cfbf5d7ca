"""The memo's downloads."""

import streamlit as st

from playground.decision.conclusion import Conclusion


def memo_buttons(found: Conclusion) -> None:
    """One HTML page to print, or Markdown."""
    st.download_button(
        "Download the memo",
        "",
        "memo.md",
        key="memo",
        type="primary",
        icon=":material/download:",
        width="stretch",
    )
