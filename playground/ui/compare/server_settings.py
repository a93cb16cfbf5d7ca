"""Which server answers or reranks: its address, its key, and what it calls its models.

A key goes to `playground.credentials` the moment that it is typed, and nowhere else: not into a column's
settings, so not into an address bar or an export either.
"""

from functools import partial
from urllib.parse import urlsplit

import streamlit as st

from playground import credentials
from playground.engines import endpoint_discovery
from playground.errors import ConfigError, PlaygroundError
from playground.ui import resources, state
from playground.ui.compare import knobs
from playground.ui.components import plain

SERVERS = "servers on this machine"


def endpoint_server(index: int) -> None:
    """Address, key and model of an OpenAI-compatible server."""
    letter = state.LETTERS[index].lower()
    found = resources.lookups().get(SERVERS, endpoint_discovery.discover)
    servers = {each.address: each.kind for each in found.result()} if found.done() else {}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        options, hint = list(servers), "http://localhost:11434/v1"
        knobs.pick_or_type(index, "engine.address", "Server: pick one or type its address", options, hint)
        st.button(
            "",
            key=f"look_again_{letter}",
            icon=":material/refresh:",
            help="Look again for servers on this machine",
            on_click=resources.lookups().forget,
            args=(SERVERS,),
            width="content",
        )
    if not found.done():
        st.caption("Looking for servers on this machine …")
    elif servers:
        st.caption(plain("Found: " + ", ".join(f"{kind} at {each}" for each, kind in servers.items())))
    else:
        st.caption("No Ollama, vLLM or llama.cpp server was found on this machine.")
    address = state.comparison().columns[index].values["engine.address"]
    if address:
        server_key(address, f"engine_{letter}")
    options = server_models(address) if address and credentials.known(address) else []
    knobs.pick_or_type(index, "engine.model", "Model: its name on the server", options, "name of a model")


def server_models(address: str) -> list[str]:
    """What the server at `address` offers, or nothing as long as it has not said so; why not is drawn."""
    found = resources.lookups().get(_models(address), partial(endpoint_discovery.list_models, address))
    if not found.done():
        st.caption("Asking the server for its models …")
        return []
    try:
        return list(found.result())
    except PlaygroundError as error:
        st.caption(f":material/error: {plain(str(error))}")
        return []


def known_models(address: str) -> list[str]:
    """The same, of what is known already; nothing is asked and nothing drawn."""
    found = resources.lookups().known(_models(address))
    return list(found.result()) if found and found.done() and not found.exception() else []


def rerank_server(index: int) -> None:
    """Model, address and key of a server that reranks."""
    knobs.text(index, "reranking.model", "Model: its name on the server", "rerank-v3.5")
    knobs.text(index, "reranking.address", "Address (empty: Cohere's own)", "http://localhost:8000")
    address = state.comparison().columns[index].values["reranking.address"]
    server_key(address or credentials.COHERE_ADDRESS, f"reranking_{state.LETTERS[index].lower()}")


def server_key(address: str, suffix: str) -> None:
    """Add a server with its key, or without one; for one that was added, the line that says so.

    `suffix` ends the widgets' keys.
    """
    try:
        host = plain(urlsplit(credentials.origin(address)).netloc)
        known, key = credentials.known(address), credentials.key_for(address)
    except ConfigError as error:
        st.caption(f":material/error: {plain(str(error))}")
        return
    if not known:
        why = "before you add it; then it gets the questions, and the passages that are found."
        st.caption(f":material/public: Nothing is sent to {host} {why}")
    if not key:
        _key_field(address, suffix, known)
    if known and (key or not credentials.is_loopback(address)):
        _added(address, host, key, suffix)


def _key_field(address: str, suffix: str, known: bool) -> None:
    field, problem = f"key_{suffix}", f"key_problem_{suffix}"

    def add() -> None:
        try:
            credentials.remember(address, st.session_state[field])
            st.session_state.pop(problem, None)
        except ConfigError as error:
            st.session_state[problem] = str(error)
        st.session_state[field] = ""
        resources.lookups().forget(_models(address))

    st.text_input(
        "Key, where the server wants one",
        type="password",
        key=field,
        on_change=add,
        autocomplete="off",
        help="Kept in this process's memory until it ends; never in a link, an export or a log.",
    )
    if not known:
        st.button("Add without a key", key=f"add_{suffix}", icon=":material/add:", on_click=add)
    if problem in st.session_state:
        st.caption(f":material/error: {plain(st.session_state[problem])}")


def _added(address: str, host: str, key: str, suffix: str) -> None:
    given = any(each.key == key for each in credentials.environment_keys())
    if key and given:
        st.caption(f":material/key: The environment holds the key for {host}.")
        return

    def forget() -> None:
        credentials.forget(address)
        resources.lookups().forget(_models(address))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        what = "The key" if key else "The server"
        st.caption(f":material/key: {what} {'for ' if key else ''}{host} is kept until the app ends.")
        st.button("Forget", key=f"forget_{suffix}", type="tertiary", on_click=forget)


def _models(address: str) -> tuple[str, str]:
    return ("models of", address)
