"""The memo's downloads: one page to print and to sign, and the same as Markdown."""

from functools import partial

import streamlit as st

from playground.decision.conclusion import Conclusion
from playground.decision.gathering import measured_adapter
from playground.decision.memo import DEFAULT_QUESTION, Memo, memo
from playground.reports.memo import memo_html, memo_markdown
from playground.ui import resources
from playground.ui.decide import state as decide


def memo_buttons(found: Conclusion) -> None:
    """The question in the person's words, and both downloads; each is made when it is asked for."""
    content = written(found)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            "Download the memo",
            partial(memo_html, content),
            "memo.html",
            "text/html",
            key="memo",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
            width="stretch",
            help="One page that opens without a network, to print and to sign",
        )
        with st.popover("More", icon=":material/more_horiz:", type="tertiary"):
            st.text_area(
                "What is to be decided",
                decide.store().question(),
                key="memo_question",
                placeholder=DEFAULT_QUESTION,
                on_change=_keep_question,
            )
            st.download_button(
                "As Markdown",
                partial(memo_markdown, content),
                "memo.md",
                "text/markdown",
                key="memo_markdown",
                icon=":material/markdown:",
                on_click="ignore",
            )


def written(found: Conclusion) -> Memo:
    """The memo as things stand now."""
    known = decide.gathered()
    workspace, matrix = resources.workspace(), known.evidence.matrix
    return memo(
        found,
        known.evidence,
        known.usage,
        known.assumptions,
        decide.store().question(),
        measured_adapter(workspace, matrix),
        bool(matrix and matrix.run.documents != workspace.library.hashes()),
    )


def _keep_question() -> None:
    decide.store().keep_question(st.session_state["memo_question"].strip())
