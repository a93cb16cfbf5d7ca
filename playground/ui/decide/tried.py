"""What was tried on the documents, in a table: what retrieval did, and what the adapter did."""

import streamlit as st

from playground.decision.evidence import Evidence
from playground.decision.tried import NOT_TRIED, tried
from playground.ui.components import escape


def tried_card(evidence: Evidence) -> None:
    st.markdown("**Tried on your documents**")
    rows = "".join(
        f"<tr><td>{escape(each.what)}</td>{_cell(each.rag)}{_cell(each.tuned)}</tr>"
        for each in tried(evidence)
    )
    st.html(
        '<div class="pg"><table class="wrap"><tr><th></th><th>RAG</th><th>Fine-tuned</th></tr>'
        f"{rows}</table></div>"
    )
    st.space("stretch")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Each was done on a copy of your library.", width="stretch")
        st.button(
            "Try it",
            key="go_trials",
            icon=":material/science:",
            type="tertiary",
            on_click=_go,
            width="content",
        )


def _go() -> None:
    st.session_state["decide_section"] = "Trials"


def _cell(text: str) -> str:
    return f'<td class="muted">{text}</td>' if text == NOT_TRIED else f"<td>{escape(text)}</td>"
