"""Slow look-ups on a page: it is drawn at once, and drawn anew when the result is there."""

from streamlit.testing.v1 import AppTest


def page_that_is_slower_than_what_it_looks_up() -> None:
    import threading

    import streamlit as st

    from playground.ui.lookups import Lookups, watch_lookups

    if "lookups" not in st.session_state:
        st.session_state.lookups, st.session_state.go_on = Lookups(), threading.Event()
    go_on = st.session_state.go_on
    found = st.session_state.lookups.get("answer", lambda: go_on.wait(10) and 42)
    st.text(found.result() if found.done() else "checking")
    go_on.set()
    found.result()  # there before the page has come to its end
    watch_lookups()


def test_what_is_found_while_the_page_is_drawn_is_drawn_too() -> None:
    page = AppTest.from_function(page_that_is_slower_than_what_it_looks_up).run()

    assert [text.value for text in page.text] == ["42"]


def test_each_key_is_looked_up_once_until_it_is_forgotten() -> None:
    def script() -> None:
        import streamlit as st

        from playground.ui.lookups import Lookups

        lookups, calls = Lookups(), []
        for _ in range(2):
            lookups.get("key", lambda: calls.append(1)).result()
        st.text(len(calls))
        lookups.forget("key")
        st.text(lookups.known("key"))
        lookups.get("key", lambda: calls.append(1)).result()
        st.text(len(calls))

    page = AppTest.from_function(script).run()

    assert [text.value for text in page.text] == ["1", "None", "2"]
