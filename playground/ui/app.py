"""Navigation only: which pages there are, and the frame that they are drawn in."""

from playground import settings  # noqa: F401  # first: it sets what numpy reads when it is imported  # isort: skip

import streamlit as st

from playground.errors import PlaygroundError
from playground.paths import PACKAGE, pages_folder
from playground.ui import resources
from playground.ui.components import style
from playground.ui.guide import guide

st.set_page_config(
    page_title="RAG or fine-tuning?",
    page_icon=str(PACKAGE / "ui" / "icon.svg"),
    layout="wide",
    initial_sidebar_state="collapsed",
)
presenting = st.query_params.get("present") == "1"
page = st.navigation(
    [
        st.Page(pages_folder() / "compare.py", title="Compare", icon=":material/view_column:", default=True),
        st.Page(pages_folder() / "documents.py", title="Documents", icon=":material/description:"),
        st.Page(pages_folder() / "evaluate.py", title="Evaluate", icon=":material/fact_check:"),
        st.Page(pages_folder() / "fine_tune.py", title="Fine-tune", icon=":material/tune:"),
        st.Page(pages_folder() / "decide.py", title="Decide", icon=":material/balance:"),
    ],
    position="hidden" if presenting else "top",
)
style()
try:
    resources.begin_reading()
except PlaygroundError as error:
    st.error(str(error), icon=":material/error:")
    st.stop()
try:
    if presenting:
        from playground.ui.present.presenter import present

        present()
    else:
        guide(page.url_path)
        page.run()
except PlaygroundError as error:  # what a page cannot do without is not there: said in one line
    st.error(str(error), icon=":material/error:")
if resources.begin_loading():
    st.rerun()
