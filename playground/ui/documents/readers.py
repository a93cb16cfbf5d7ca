"""Who may see the documents that are selected: a popover beside what else can be done with them."""

from collections.abc import Collection, Sequence
from contextlib import suppress

import streamlit as st

from playground.access import as_rule, known_readers
from playground.library import Entry
from playground.ui import resources
from playground.ui.components import plain

ICON = ":material/lock_person:"


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
    with st.popover("Readers", icon=ICON, type="tertiary", key="readers"):
        what = "this document" if len(chosen) == 1 else f"these {len(chosen)} documents"
        st.markdown(f"Who may see {what}?")
        known = known_readers(resources.workspace().library.readers())
        rules = {entry.readers if entry.restricted else None for entry in chosen}
        names = st.multiselect(
            "Readers",
            known,
            default=sorted(rules.pop() or ()) if len(rules) == 1 else (),
            accept_new_options=True,
            placeholder="Everybody; type a name to restrict it",
            # Another selection, and one whose readers have changed, begins with its own.
            key=f"readers_of_{hash(tuple((entry.id, readers_in_words(entry)) for entry in chosen))}",
        )
        wanted = as_rule(names)
        st.button(
            f"Let {plain(_people(wanted or ()))} see {'it' if len(chosen) == 1 else 'them'}",
            key="readers_save",
            type="primary",
            disabled=all(_rule(entry) == wanted for entry in chosen),
            on_click=_save,
            args=(tuple(entry.id for entry in chosen), tuple(names)),
        )
        st.caption(
            "What the person who asks may not see is left out of the search. Who asks is a setting of each "
            "column on Compare."
        )


def _rule(entry: Entry) -> frozenset[str] | None:
    return entry.readers if entry.restricted else None


def _people(readers: Collection[str]) -> str:
    """ "everybody", "only anna", "only anna and ben", "only anna, ben and 3 others"."""
    names = sorted(readers)
    if not names:
        return "everybody"
    if len(names) > 3:
        return f"only {names[0]}, {names[1]} and {len(names) - 2} others"
    return "only " + " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def _save(document_ids: Sequence[str], readers: Sequence[str]) -> None:
    for document_id in document_ids:
        with suppress(KeyError):  # deleted meanwhile, in another window
            resources.workspace().set_readers(document_id, readers)
