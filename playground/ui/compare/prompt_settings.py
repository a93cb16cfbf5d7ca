"""The prompt of one column, as text that can be edited: every part of it is a knob."""

import streamlit as st

from playground.config import DEFAULT, PromptConfig
from playground.ui import state
from playground.ui.compare import knobs

PARTS = ("prompt.system", "prompt.passage", "prompt.examples")


def prompt_in_words(prompt: PromptConfig) -> str:
    """ "default", or "own", with the number of examples where there are some."""
    count = sum(bool(line.strip()) for line in prompt.examples.splitlines())
    shots = f"{count} example{'s' if count > 1 else ''}" if count else ""
    own = "default" if prompt == PromptConfig(examples=prompt.examples) else "own"
    return ", ".join(part for part in (own, shots) if part)


def prompt_settings(index: int) -> None:
    """Folded away: the default is good enough to begin with. The label says whether it was changed."""
    column = state.comparison().columns[index]
    defaults = dict(DEFAULT.items())
    changed = any(column.values[part] != defaults[part] for part in PARTS)
    with st.expander(f"Prompt: {'own' if changed else 'default'}", icon=":material/edit_note:"):
        about = "Said before everything else."
        knobs.text_area(index, "prompt.system", "System text", 150, about)
        about = "How one passage is written. {number} and {text} have to be in it, {document} may be."
        knobs.text_area(index, "prompt.passage", "Passage", 90, about)
        about = 'Shown before the question, a line each: {"input": "...", "output": "..."}'
        knobs.text_area(index, "prompt.examples", "Few-shot examples", 120, about)
        st.button(
            "Reset to default",
            key=f"reset_prompt_{state.LETTERS[index].lower()}",
            icon=":material/restart_alt:",
            type="tertiary",
            disabled=not changed,
            on_click=reset_prompt,
            args=(index,),
        )


def reset_prompt(index: int) -> None:
    column = state.comparison().columns[index]
    defaults = dict(DEFAULT.items())
    for part in PARTS:
        column.set(part, defaults[part])
