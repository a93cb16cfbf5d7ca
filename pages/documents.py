"""Compare."""

import streamlit as st

st.markdown("## Compare")
