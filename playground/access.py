"""Who may read which document: the rule, and the table that keeps it.

A rule belongs to a name, so that a new version of a document has the readers of the old one. All names of
one text have the same rule, the strictest of theirs: whoever may not read a text finds it under none of them.
This module does not know how documents are searched.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping

Rule = frozenset[str] | None
"""Who may read something: None is everybody, and an empty set nobody (two rules without a name in common)."""


def may_read(reader: str, rule: Rule) -> bool:
    """Whether this person may read what has this rule. Names are compared as they are written."""
    return rule is None or reader in rule


def stricter(one: Rule, other: Rule) -> Rule:
    """Whom both rules let read."""
    if one is None or other is None:
        return other if one is None else one
    return one & other


def as_rule(readers: Iterable[str]) -> Rule:
    """Names as a person gives them, some perhaps as one text like "anna, ben"; everybody where there are
    none."""
    return frozenset(name for each in ",".join(readers).split(",") if (name := each.strip())) or None


def known_readers(rules: Mapping[str, frozenset[str]]) -> list[str]:
    """Everybody whom some rule names, in the order of the alphabet."""
    return sorted(frozenset().union(*rules.values()), key=lambda name: (name.casefold(), name))


class Rules:
    """The rules of one library, in a table of its database; it locks nothing and ends no transaction."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        database.execute("CREATE TABLE IF NOT EXISTS rules (name TEXT PRIMARY KEY, readers TEXT)")

    def of(self, name: str) -> Rule:
        """The rule that this name has."""
        found = self._database.execute("SELECT readers FROM rules WHERE name = ?", (name,)).fetchone()
        return frozenset(json.loads(found[0])) if found else None

    def own_or(self, name: str, readers: Iterable[str]) -> Rule:
        """The rule that this name has, else what it comes with."""
        own = self.of(name)
        return as_rule(readers) if own is None else own

    def keep(self, names: Iterable[str], rule: Rule) -> None:
        """Give the names this rule, in place of what they had."""
        self.forget(names := list(names))
        if rule is not None:
            readers = json.dumps(sorted(rule))
            self._database.executemany("INSERT INTO rules VALUES (?, ?)", [(name, readers) for name in names])

    def forget(self, names: Iterable[str]) -> None:
        self._database.executemany("DELETE FROM rules WHERE name = ?", [(name,) for name in names])

    def readable_by(self, reader: str) -> frozenset[str]:
        """The ids of all documents that this person may read."""
        found = self._database.execute("SELECT id, readers FROM documents LEFT JOIN rules USING (name)")
        rules = {
            document_id: None if names is None else frozenset(json.loads(names))
            for document_id, names in found
        }
        return frozenset(each for each, rule in rules.items() if may_read(reader, rule))

    def by_document(self) -> Mapping[str, frozenset[str]]:
        """Who may read each document that not everybody may, by its id."""
        found = self._database.execute("SELECT id, readers FROM rules JOIN documents USING (name)")
        return {document_id: frozenset(json.loads(readers)) for document_id, readers in found}
