"""What changing, deleting and hiding a document does to retrieval and to an adapter, tried out and timed.

Every trial works on a copy of the library (see `playground.decision.rehearsal`). What an adapter says is
asked of it without documents: only what it learned can come. This module does not know who reads the results.
"""

import re
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playground.adapters.examples import Example
from playground.adapters.settings import TrainingSettings
from playground.adapters.splitting import split
from playground.adapters.training import TrainingRequest, train_steps
from playground.config import PipelineConfig
from playground.decision.rehearsal import edited, indexed, local, rehearsal
from playground.decision.trial_results import Asked, Freshness, Said, Update, Withdrawal
from playground.documents import Document
from playground.errors import InputError
from playground.evaluation.answer_metrics import says_answer
from playground.questions.labels import LabelledQuestion
from playground.questions.lookup import resolve_set
from playground.steps import Step
from playground.workspace import Workspace

NOBODY = "somebody who may not see it"
"""Who asks in the trial of a restricted document."""

_READER = "playground-trial-reader"
_DEEP = 50
"""So many hits are looked through for what must not be found."""


@dataclass(frozen=True)
class Retraining:
    """How the adapter was trained: all its examples and its settings, so that it can be done again."""

    examples: Sequence[Example]
    settings: TrainingSettings


def freshness_steps(
    workspace: Workspace,
    config: PipelineConfig,
    question: LabelledQuestion,
    old: str,
    new: str,
    adapter: PipelineConfig | None = None,
    retraining: Retraining | None = None,
) -> Generator[Step, None, Freshness]:
    """Change `old` to `new` in the question's evidence and see who notices. `config` looks things up,
    `adapter` answers without. With `retraining` the adapter is trained anew on examples that say the new
    fact.

    Raises InputError where the evidence does not hold `old`.
    """
    yield Step("copying the library")
    document = _evidence_with(workspace, question, old)
    config = local(config, workspace.home)
    closed = local(adapter, workspace.home) if adapter else None
    with rehearsal(workspace) as copy:
        yield from _indexing(copy, config)
        before = ask(copy, question.question, config, [old])
        known = ask(copy, question.question, closed, [old]) if closed else None
        yield Step("changing the fact")
        begun = time.monotonic()
        changed = _changed_everywhere(document, old, new)
        copy.add(changed, changed.text.encode("utf-8", "surrogatepass"))
        list(indexed(copy, config))
        after = ask(copy, question.question, config, [new])
        seconds = time.monotonic() - begun
        elsewhere = _saying(copy, [old], besides=changed.name)
        update = None
        if closed and retraining:
            update = yield from _update(copy, question.question, closed, old, new, retraining)
    return Freshness(
        question.question,
        document.name,
        old,
        new,
        before,
        after,
        seconds,
        says_answer(after.text, [old]),
        elsewhere,
        known,
        update,
    )


def removal_steps(
    workspace: Workspace,
    config: PipelineConfig,
    document: str,
    questions: Sequence[LabelledQuestion],
    adapter: PipelineConfig | None = None,
) -> Generator[Step, None, Withdrawal]:
    """Delete a document, by its name, and ask the `questions` whose answers stand in it. Raises InputError
    where no question is about it."""
    return (yield from _withdrawal(workspace, config, document, questions, adapter, delete=True))


def restriction_steps(
    workspace: Workspace,
    config: PipelineConfig,
    document: str,
    questions: Sequence[LabelledQuestion],
    adapter: PipelineConfig | None = None,
) -> Generator[Step, None, Withdrawal]:
    """Let one reader see the document, and ask as another one. Raises InputError where no question is about
    it."""
    return (yield from _withdrawal(workspace, config, document, questions, adapter, delete=False))


def about(
    document: str, questions: Sequence[LabelledQuestion], workspace: Workspace
) -> list[LabelledQuestion]:
    """The questions with an expected answer whose evidence stands in this document, and in no other."""
    found = resolve_set(questions, documents := workspace.documents())
    wanted = documents[document].id if document in documents else ""
    return [
        each
        for each in questions
        if each.answerable
        and each.answers
        and {span.document_id for span in found.gold.get(each.id, ())} == {wanted}
    ]


def ask(
    workspace: Workspace,
    question: str,
    config: PipelineConfig,
    expected: Sequence[str] = (),
    fresh: bool = True,
) -> Said:
    """An answer in short, and whether it says one of the expected things."""
    trace = workspace.run(question, config, fresh=fresh)
    names = {hit.chunk.document_id: hit.document_name for hit in trace.passages}
    cited = [names[each.document_id] for each in trace.answer.citations if each.document_id in names]
    text = trace.answer.text
    return Said(text, says_answer(text, expected), trace.answer.abstained, tuple(dict.fromkeys(cited)))


def _withdrawal(
    workspace: Workspace,
    config: PipelineConfig,
    document: str,
    questions: Sequence[LabelledQuestion],
    adapter: PipelineConfig | None,
    delete: bool,
) -> Generator[Step, None, Withdrawal]:
    concerned = about(document, questions, workspace)
    if not concerned:
        raise InputError(f"no labelled question has its evidence in {document} alone; label one first")
    yield Step("copying the library")
    config = local(config, workspace.home)
    closed = local(adapter, workspace.home) if adapter else None
    expected = [answer for each in concerned for answer in each.answers]
    with rehearsal(workspace) as copy:
        yield from _indexing(copy, config)
        wanted = copy.documents([document])[document].id
        if not delete:
            copy.set_readers(wanted, {_READER})
        before = []
        for number, each in enumerate(concerned):
            yield Step("asking before", number, len(concerned))
            before.append(ask(copy, each.question, config, each.answers))
        begun = time.monotonic()
        if delete:
            copy.delete([wanted])
        else:
            config = config.with_values({"retrieval.reader": NOBODY})
        seconds = time.monotonic() - begun
        asked = []
        for number, (each, earlier) in enumerate(zip(concerned, before, strict=True)):
            yield Step("asking after", number, len(concerned))
            later = ask(copy, each.question, config, each.answers)
            told = ask(copy, each.question, closed, each.answers) if closed else None
            asked.append(Asked(each.question, earlier, later, told))
        found = _found(copy, config, wanted, [each.question for each in concerned])
        elsewhere = _saying(copy, expected, besides=document)
    return Withdrawal(document, tuple(asked), found, seconds, elsewhere)


def _indexing(copy: Workspace, config: PipelineConfig) -> Generator[Step]:
    for progress in indexed(copy, config):
        yield Step("indexing the copy", progress.done, progress.total)


def _found(
    copy: Workspace, config: PipelineConfig, document: str, questions: Sequence[str]
) -> dict[str, int]:
    """How many passages of the document each way of searching brings for all questions."""
    counts = {}
    for mode in ("dense", "keyword", "hybrid"):
        searched = config.with_values(
            {"retrieval.mode": mode, "engine.retrieval": True, "reranking.method": "none"}
        )
        hits = [hit for each in questions for hit in copy.run(each, searched, _DEEP).hits]
        counts[mode] = sum(hit.chunk.document_id == document for hit in hits)
    return counts


def _changed_everywhere(document: Document, old: str, new: str) -> Document:
    """Who brings a document up to date does so wherever it says the old fact."""
    for place in reversed(_places(document.text, old)):
        document = edited(document, place, place + len(old), new)
    return document


def _places(text: str, words: str) -> list[int]:
    """Where the words stand, not as a part of others: "10 m" does not stand in "110 mm"."""
    return [found.start() for found in re.finditer(rf"(?<!\w){re.escape(words)}(?!\w)", text)]


def _evidence_with(workspace: Workspace, question: LabelledQuestion, old: str) -> Document:
    documents = workspace.documents()
    by_id = {document.id: replace(document, name=name) for name, document in documents.items()}
    for span in resolve_set([question], documents).gold.get(question.id, ()):
        document = by_id[span.document_id]
        if old and _places(document.text[span.start : span.end], old):
            return document
    raise InputError(
        f"the evidence of “{question.question}” does not say “{old}”; choose words that stand in it"
    )


def _saying(copy: Workspace, answers: Sequence[str], besides: str) -> tuple[str, ...]:
    """Other documents in which some of these words stand, as answers are looked for."""
    return tuple(
        name
        for name, document in copy.documents().items()
        if name != besides and says_answer(document.text, answers)
    )


def _update(
    copy: Workspace, question: str, closed: PipelineConfig, old: str, new: str, retraining: Retraining
) -> Generator[Step, None, Update | None]:
    """Train once more with the examples that say the old fact brought up to date; these are all learned. None
    where no example says it."""
    renewed = [_renewed(each, old, new) for each in retraining.examples]
    touched = {each.input for each, was in zip(renewed, retraining.examples, strict=True) if each != was}
    if not touched:
        return None
    parts = split(renewed, retraining.settings.held_out, retraining.settings.seed)
    held_out = [each for each in parts.held_out if each.input not in touched]
    training = [each for each in renewed if each not in held_out]
    out = Path(copy.home) / "updated-adapter"
    begun = time.monotonic()
    request = TrainingRequest("updated", training, held_out, retraining.settings, out)
    for progress in train_steps(request):
        yield Step("training the adapter anew", progress.step, progress.steps)
    seconds = time.monotonic() - begun
    answer = ask(copy, question, closed.with_values({"adapter": str(out)}), [new])
    return Update(len(retraining.examples), len(touched), seconds, answer, says_answer(answer.text, [old]))


def _renewed(example: Example, old: str, new: str) -> Example:
    output = example.output
    for place in reversed(_places(output, old)):
        output = output[:place] + new + output[place + len(old) :]
    return replace(example, output=output)
