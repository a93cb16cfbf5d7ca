"""The guide on top of every page: what to do next, in one line that is left with one click."""

import streamlit as st

from playground.guide import STEPS, Guide, Step, facts, keep_guide, kept_guide
from playground.ui import resources

SHOWN = "guide_shown"
FIRST_PAGE = "compare"


def guide(page: str) -> None:
    """One slim card, as long as the guide is neither left nor done. `page` is the current page's path in the
    address, "" for the first one."""
    if not is_shown():
        return
    home = resources.workspace().home
    current = kept_guide(home) or Guide()
    if "open_document" in st.session_state:  # a source was opened with this very click
        current = current.passing(_by_key("sources"))
        keep_guide(home, current)
    at = current.step(facts(resources.workspace()))
    if at is None:
        leave()
    else:
        _card(at, page or FIRST_PAGE)


def is_shown() -> bool:
    """Whether this session is guided. Who comes by a link to a question never is."""
    if SHOWN not in st.session_state:
        st.session_state[SHOWN] = "q" not in st.query_params and _begin()
    return bool(st.session_state[SHOWN])


def call_back() -> None:
    """Begin anew: what is done from now on counts."""
    workspace = resources.workspace()
    keep_guide(workspace.home, Guide(since=facts(workspace)))
    st.session_state[SHOWN] = True


def leave() -> None:
    """Gone, and it stays away."""
    keep_guide(resources.workspace().home, Guide(left=True))
    st.session_state[SHOWN] = False


def _begin() -> bool:
    """Go on with a guide that was begun; begin one where nobody has done anything yet."""
    workspace = resources.workspace()
    kept = kept_guide(workspace.home)
    if kept is None and facts(workspace).first_visit:
        kept = Guide()
        keep_guide(workspace.home, kept)
    return kept is not None and not kept.left


def _by_key(key: str) -> Step:
    return next(step for step in STEPS if step.key == key)


def _card(at: int, page: str) -> None:
    step, last = STEPS[at], at == len(STEPS) - 1
    with st.container(key="guide", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":gray[Step {at + 1} of {len(STEPS)}]", width="content")
        st.markdown(f"**{step.title}** &ensp;{step.text}", width="stretch")
        if page not in step.pages:
            for name, label in step.pages.items():
                st.page_link(f"../../pages/{name}.py", label=label, icon=":material/arrow_forward:")
        st.button(
            "Done" if last else "Next",
            key="guide_next",
            type="tertiary",
            on_click=leave if last else _next,
            args=() if last else (step,),
        )
        st.button("Leave", key="guide_leave", type="tertiary", icon=":material/close:", on_click=leave)


def _next(step: Step) -> None:
    home = resources.workspace().home
    keep_guide(home, (kept_guide(home) or Guide()).passing(step))
