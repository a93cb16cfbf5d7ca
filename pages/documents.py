"""Documents: add and delete them, see how they are cut, and bring the indexes up to date."""

import streamlit as st

from playground.ui.documents.index import background_work, index_table, open_page, top_line
from playground.ui.documents.library import library
from playground.ui.documents.pictures import library_pictures, pictures
from playground.ui.documents.preview import preview
from playground.ui.documents.upload import upload_box
from playground.ui.lookups import watch_lookups

listed = library_pictures()
needs = open_page()
top_line(needs)
left, right = st.columns([2, 3], gap="small")
with left.container(border=True, height="stretch", key="upload", gap="small"):
    upload_box()
    background_work(needs)
    if needs[0].status.documents:
        st.space("stretch")
        index_table(needs)
with right.container(border=True, height="stretch", key="library", gap="small"):
    library(needs)
if listed:
    with st.container(border=True, key="pictures", gap="small"):
        pictures(listed)
if needs[0].status.documents:
    with st.container(border=True, key="preview", gap="small"):
        preview()
watch_lookups()
