"""Who may see the documents that are selected: a popover beside what else can be done with them."""

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from playground.access import Rule, as_rule, known_readers
from playground.library import Entry
from playground.ui import resources
from playground.ui.components import plain

ICON = ":material/lock_person:"
WIDTH = 400  # pixels


def readers_in_words(entry: Entry) -> str:
    """For the table: "everybody", "anna, ben", or "nobody"."""
    if not entry.restricted:
        return "everybody"
    return ", ".join(sorted(entry.readers)) or "nobody"


def readers_action(chosen: Sequence[Entry]) -> None:
    """Say who may see the chosen documents; the button says what will be, and nothing changes before."""
    if not chosen:
        st.button("Readers", key="readers_none", icon=ICON, type="tertiary", disabled=True)
        return
    popover = st.popover("Readers", icon=ICON, type="tertiary", key="readers")
    with popover.container(width=WIDTH, gap="small"):
        one = len(chosen) == 1
        rules = {_rule(entry) for entry in chosen}
        # Other documents, and the same ones with other readers, begin with their own.
        key = f"readers_of_{hash(tuple((entry.id, readers_in_words(entry)) for entry in chosen))}"
        names = st.text_input(
            f"Who may see {'this document' if one else f'these {len(chosen)} documents'}?",
            ", ".join(sorted(rules.pop() or ())) if len(rules) == 1 else "",
            key=key,
            placeholder="Everybody" if {*map(_rule, chosen)} == {None} else "Names, with commas between them",
            help="Names with commas between them; without a name everybody may see it. Who asks is a setting "
            "of each column on Compare: Asked by.",
            live=True,
        )
        wanted = as_rule([names])
        st.button(
            f"Let {plain(_people(wanted))} see {'it' if one else 'them'}",
            key="readers_save",
            type="primary",
            disabled=all(_rule(entry) == wanted for entry in chosen),
            on_click=_save,
            args=(tuple(entry.id for entry in chosen), key),
        )
        if known := known_readers(resources.workspace().library.readers()):
            st.caption(f"Known so far: {plain(', '.join(known))}")


def _rule(entry: Entry) -> Rule:
    return entry.readers if entry.restricted else None


def _people(rule: Rule) -> str:
    """ "everybody", "only anna", "only anna and ben", "only anna, ben and 2 others"."""
    names = sorted(rule or ())
    if not names:
        return "everybody"
    if len(names) > 3:
        return f"only {names[0]}, {names[1]} and {len(names) - 2} others"
    return "only " + " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _save(document_ids: Sequence[str], key: str) -> None:
    for document_id in document_ids:
        with suppress(KeyError):  # deleted meanwhile, in another window
            resources.workspace().set_readers(document_id, [st.session_state[key]])
