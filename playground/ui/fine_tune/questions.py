"""Labelled questions about documents of the library: examples must not hold them, and after a training they
say what was forgotten. The sample scenarios bring some.

This module does not know how anything is trained, and draws nothing.
"""

from collections.abc import Collection, Sequence

from playground.adapters.tuner import OutsideQuestion
from playground.documents import Document
from playground.errors import InputError
from playground.questions.lookup import LabelledQuestion, load_questions, resolve_gold
from playground.scenarios.gallery import Scenario, open_scenarios
from playground.workspace import Workspace

MOST_OUTSIDE = 40
"""Every one of them is answered twice, by a language model word by word."""


def known_questions(workspace: Workspace) -> list[LabelledQuestion]:
    """The question sets of the sample scenarios whose documents are in the library."""
    return [question for scenario in _present(workspace) for question in load_questions(scenario.questions)]


def outside_questions(workspace: Workspace, without: Collection[str]) -> list[OutsideQuestion]:
    """Those that can be answered, each with its evidence, besides the questions `without`."""
    names = [name for scenario in _present(workspace) for name in scenario.file_names]
    documents = documents_by_name(workspace, names)
    found = []
    for question in known_questions(workspace):
        passage = _evidence(question, documents)
        if question.answerable and passage and question.question not in without:
            found.append(OutsideQuestion(question.question, passage, question.answers))
    return found[:MOST_OUTSIDE]


def documents_by_name(workspace: Workspace, names: Sequence[str] | None = None) -> dict[str, Document]:
    """The library's documents, or those of them that are named."""
    known = workspace.library.names()
    wanted = known if names is None else [name for name in names if name in known]
    return {name: workspace.library.document(known[name]) for name in wanted}


def _present(workspace: Workspace) -> list[Scenario]:
    return list(open_scenarios(workspace.library.names().keys()).values())


def _evidence(question: LabelledQuestion, documents: dict[str, Document]) -> str:
    """Empty where the labels fit no longer: a document of the same name may say something else by now."""
    texts = {document.id: document.text for document in documents.values()}
    try:
        spans = resolve_gold(question, documents)
    except InputError:
        return ""
    return "\n".join(texts[span.document_id][span.start : span.end] for span in spans)
