"""Fine-tune: examples in, an adapter out, and what it changed."""

import streamlit as st

from playground.ui.fine_tune.adapters import adapters_card, chosen_row, library_rows
from playground.ui.fine_tune.components import fine_tune_style
from playground.ui.fine_tune.examples import examples_card
from playground.ui.fine_tune.results import before_and_after
from playground.ui.fine_tune.settings import settings_card
from playground.ui.fine_tune.training import note_training, top_line, training_card
from playground.ui.lookups import watch_lookups

note_training()
fine_tune_style()
rows = library_rows()
chosen = chosen_row(rows)
entry = chosen.entry if chosen else None
top_line()
left, right = st.columns([2, 3], gap="small")
with left:
    with st.container(border=True, key="examples", gap="small"):
        prepared = examples_card()
    with st.container(border=True, height="stretch", key="settings", gap="small"):
        settings_card(prepared)
with right.container(border=True, height="stretch", key="training", gap="small"):
    training_card(entry)
low_left, low_right = st.columns([3, 2], gap="small")
with low_left.container(border=True, height="stretch", key="before_after", gap="small"):
    before_and_after(entry, chosen.reason if chosen else "")
with low_right.container(border=True, height="stretch", key="adapters", gap="small"):
    adapters_card(rows)
watch_lookups()
