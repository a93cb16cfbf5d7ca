"""What can be tried: facts that can be changed, and documents that questions are about.

This module tries nothing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from playground.questions.labels import LabelledQuestion
from playground.questions.lookup import resolve_set
from playground.scenarios.gallery import Change, scenarios
from playground.workspace import Workspace


@dataclass(frozen=True)
class Proposal:
    """A question whose expected answer stands in its evidence: `old` there, and a `new` fact to put in its
    place, which anybody may change."""

    question: LabelledQuestion
    evidence: str
    old: str
    new: str

    def marked(self) -> str:
        """The evidence as HTML, with the old fact marked."""
        begin = self.evidence.find(self.old)
        parts = self.evidence[:begin], self.old, self.evidence[begin + len(self.old) :]
        before, old, after = map(escape, parts)
        return f"{before}<mark>{old}</mark>{after}"


def proposals(questions: Sequence[LabelledQuestion], workspace: Workspace) -> list[Proposal]:
    """Those of the samples first, where their authors thought of a change; then all others whose answer
    stands in the evidence, those with a figure first."""
    documents = workspace.documents()
    gold = resolve_set(questions, documents).gold
    texts = {document.id: document.text for document in documents.values()}
    thought_of = [each.trials.change for each in scenarios().values() if each.trials.change]
    found = []
    for question in questions:
        for span in gold.get(question.id, ()):
            evidence = texts[span.document_id][span.start : span.end]
            change = next((each for each in thought_of if _is_about(each, question, evidence)), None)
            if change:
                found.append((0, Proposal(question, evidence, change.old, change.new)))
                break
            old = next((answer for answer in question.answers if answer in evidence), "")
            if old:
                found.append(
                    (1 + (not re.search(r"\d", old)), Proposal(question, evidence, old, _other(old)))
                )
                break
    return [proposal for _, proposal in sorted(found, key=lambda pair: pair[0])]


def documents_with_questions(questions: Sequence[LabelledQuestion], workspace: Workspace) -> dict[str, int]:
    """Name of each document in which alone the evidence of some questions stands -> how many, most first."""
    documents = workspace.documents()
    names = {document.id: name for name, document in documents.items()}
    counts: Counter[str] = Counter()
    for question, spans in resolve_set(questions, documents).gold.items():
        in_documents = {span.document_id for span in spans}
        if len(in_documents) == 1 and _has_answers(questions, question):
            counts[names[in_documents.pop()]] += 1
    return dict(counts.most_common())


def document_thought_of(
    trial: Literal["removal", "restricted"], questions: Sequence[LabelledQuestion]
) -> str:
    """The document that a sample's author would take away, where these are its questions; else ""."""
    by_id = {each.id: each for each in questions}
    for scenario in scenarios().values():
        question = by_id.get(getattr(scenario.trials, trial))
        if question and question.relevant and question.relevant[0].document in scenario.file_names:
            return question.relevant[0].document
    return ""


def _is_about(change: Change, question: LabelledQuestion, evidence: str) -> bool:
    """Ids are not the same in all sets: the fact has to stand there too."""
    return change.question == question.id and change.old in evidence and change.old in question.answers


def _has_answers(questions: Sequence[LabelledQuestion], id: str) -> bool:
    return any(each.id == id and each.answerable and each.answers for each in questions)


def _other(old: str) -> str:
    """A fact of the same kind: the first number plus one, of as many digits after the point."""
    return re.sub(r"\d+(?!.*\d)", lambda digits: str(int(digits[0]) + 1).zfill(len(digits[0])), old, count=1)
