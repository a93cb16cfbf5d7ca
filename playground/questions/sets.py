"""The question sets that can be chosen: those of the store, and those of the samples in the library.

A sample's set is there without being imported, and nobody writes to it: what is changed is a copy of its name
in the store, which then stands in its place. This module draws nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playground.documents import Document
from playground.errors import PlaygroundError
from playground.questions.files import load_questions, read_questions
from playground.questions.lookup import Gold, LabelledQuestion, anchored
from playground.questions.store import QuestionStore
from playground.scenarios.gallery import Scenario, open_scenarios
from playground.workspace import Workspace


@dataclass(frozen=True)
class AvailableSet:
    """A set that can be chosen. A `sample` belongs to sample documents and is not in the store."""

    name: str
    questions: int
    answerable: int
    sample: bool = False


@dataclass(frozen=True)
class Import:
    """What became of a file, in a line for the person. `set_name` is the set with its questions, or ""."""

    name: str
    set_name: str
    line: str


def available_sets(workspace: Workspace, store: QuestionStore) -> list[AvailableSet]:
    """Those of the store, the one that was changed last first, then the samples that are not among them."""
    own = [AvailableSet(each.name, each.questions, each.answerable) for each in store.sets()]
    taken = {each.name for each in own}
    for scenario in _samples(workspace):
        if scenario.title not in taken:
            questions = _of_sample(scenario)
            answerable = sum(question.answerable for question in questions)
            own.append(AvailableSet(scenario.title, len(questions), answerable, sample=True))
    return own


def set_questions(name: str, workspace: Workspace, store: QuestionStore) -> list[LabelledQuestion]:
    """The questions of a set that can be chosen; none where there is no such set."""
    if is_own(name, store):
        return store.questions(name)
    return next((_of_sample(each) for each in _samples(workspace) if each.title == name), [])


def every_question(workspace: Workspace, store: QuestionStore) -> list[LabelledQuestion]:
    """The questions of all sets that can be chosen."""
    sets = available_sets(workspace, store)
    return [question for each in sets for question in set_questions(each.name, workspace, store)]


def as_they_stand(store: QuestionStore) -> tuple[str, ...]:
    """The sets of the store with the time of their last change: another value after any change."""
    return tuple(f"{each.name} {each.changed_at}" for each in store.sets())


def is_own(name: str, store: QuestionStore) -> bool:
    """Whether a set is in the store."""
    return any(each.name == name for each in store.sets())


def make_own(name: str, workspace: Workspace, store: QuestionStore) -> None:
    """Copy a sample's set into the store before it is changed; nothing for a set that is there already."""
    if not is_own(name, store):
        store.put(name, set_questions(name, workspace, store))


def documents_of(questions: Sequence[LabelledQuestion], workspace: Workspace) -> dict[str, Document]:
    """The documents that labels may mean, by their names in the library."""
    named = {Path(gold.document.replace("\\", "/")).name for each in questions for gold in each.relevant}
    names = workspace.library.names()
    return workspace.documents({name for name in names if Path(name.replace("\\", "/")).name in named})


def anchor_set(name: str, workspace: Workspace, store: QuestionStore) -> list[LabelledQuestion]:
    """The questions of a set with their labels where they stand now. Those of the store are kept so: a label
    that was found once is known to be lost when its text is gone."""
    questions = set_questions(name, workspace, store)
    documents = documents_of(questions, workspace)
    now = [anchored(question, documents) for question in questions]
    changes: dict[str, dict[Gold, list[Gold]]] = {}
    for before, after in zip(questions, now, strict=True):
        if before != after:
            pairs = zip(before.relevant, after.relevant, strict=True)
            changes[before.id] = {old: [new] for old, new in pairs if old != new}
    if changes and is_own(name, store):
        store.replace_labels(name, changes)
    return now


def import_questions(name: str, content: bytes, workspace: Workspace, store: QuestionStore) -> Import:
    """Make a set of a file, called like the file; where there is another set of this name, it gets a number.
    A file that cannot be read is a line that says why."""
    try:
        questions = read_questions(name, content)
        documents = documents_of(questions, workspace)
        kept = [anchored(question, documents) for question in questions]
        wanted = Path(name).stem.strip() or "Questions"
        taken = {each.name for each in available_sets(workspace, store)}
        set_name, number = wanted, 1
        while set_name in taken:
            if set_questions(set_name, workspace, store) == kept:
                return Import(name, set_name, f"nothing new: these are the questions of “{set_name}”")
            number += 1
            set_name = f"{wanted} {number}"
        store.put(set_name, kept)
    except PlaygroundError as error:
        return Import(name, "", str(error).removeprefix(f"{name}, ").removeprefix(f"{name} "))
    unanswerable = sum(not question.answerable for question in kept)
    found = sum(gold.found for question in kept for gold in question.relevant)
    labels = sum(len(question.relevant) for question in kept)
    parts = [f"{len(kept)} question{'s' * (len(kept) != 1)}"]
    parts += [f"{unanswerable} not answerable"] if unanswerable else []
    parts += [f"{found} of {labels} labels found in the library"] if labels else ["no evidence labelled"]
    return Import(name, set_name, f"“{set_name}”: {', '.join(parts)}")


def _samples(workspace: Workspace) -> list[Scenario]:
    return list(open_scenarios(workspace.library.names().keys()).values())


def _of_sample(scenario: Scenario) -> list[LabelledQuestion]:
    return load_questions(scenario.questions)
