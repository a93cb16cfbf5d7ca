"""Run an evaluation: every contender is asked every question, and each answer is judged, measured and kept.

Contenders run one after another, so that none slows another. A run is a generator of steps and can be left at
any cell; the same run goes on where it stopped, also after the process was killed. What was answered before,
by the same configuration from the same index, is not asked again: only its time is, on a few questions.
"""

import logging
import platform
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version

from playground import __version__
from playground.adapters.registry import AdapterLibrary
from playground.adapters.seen import learned_inputs, was_learned
from playground.chunking import Chunk
from playground.config import DEFAULT
from playground.embedding import encoder_id, load_encoder
from playground.errors import ConfigError, PlaygroundError
from playground.evaluation.answer_metrics import similarities
from playground.evaluation.attribution import failure
from playground.evaluation.figures import DEPTH, SIMILARITY, TokenStarts, figures_of
from playground.evaluation.gold_passages import gold_hits
from playground.evaluation.identity import Identity
from playground.evaluation.judging import outcome
from playground.evaluation.metrics import overlap
from playground.evaluation.records import Plan, Record, Run, State
from playground.evaluation.results import Contender, QuestionResult
from playground.pipeline import Trace
from playground.questions.lookup import LabelledQuestion, Resolution, resolve_set
from playground.retrieval import Hit, retrieve
from playground.workspace import Workspace

DEEP = 200
"""How far down the evidence of a wrong answer is looked for, to say at which rank it was."""

TIMED = 10
"""At least so many answers of a contender are timed in each run, where there are as many questions."""

SAME_FAILURES = 3
"""After so many failures in a row with the same reason, a contender is not asked any more."""

_PACKAGES = ("torch", "transformers", "sentence-transformers", "chromadb", "tantivy", "streamlit", "peft")


@dataclass(frozen=True)
class RunProgress:
    """How far a run is: `done` of `total` cells, `failed` of them without an answer. `what` is worked on
    now. `seconds_left` is None before it can be said."""

    run: str
    what: str
    done: int
    total: int
    failed: int
    seconds_left: float | None


def begin(workspace: Workspace, plan: Plan, name: str) -> str:
    """Keep the plan with what it will be run on, and give the run's id. Nothing is asked yet."""
    return workspace.runs.begin(name, plan, workspace.library.hashes(), versions(plan))


def run_steps(workspace: Workspace, run: str, fresh: bool = False) -> Generator[RunProgress]:
    """Ask what is still to be asked, a cell a step. With `fresh` nothing comes from the cache.

    A question that fails is kept with its reason, and the next one is asked. Raises InputError where the run
    is not there.
    """
    yield from _Runner(workspace, workspace.runs.run(run), fresh).steps()


def versions(plan: Plan) -> dict[str, str]:
    """What an answer may depend on besides its settings: packages, and the encoders' weights."""
    found = {"playground": __version__, "python": platform.python_version()}
    found |= {package: version(package) for package in _PACKAGES}
    for contender in plan.contenders:
        found[f"encoder {contender.config.encoder.name}"] = encoder_id(contender.config.encoder)
    return found


class _Runner:
    def __init__(self, workspace: Workspace, run: Run, fresh: bool) -> None:
        self._workspace = workspace
        self._store = workspace.runs
        self._run = run
        self._fresh = fresh
        self._records = [list(column) for column in run.records]
        self._seconds: list[float] = []
        self._resolution = Resolution({}, {}, [])
        self._starts: Mapping[str, Sequence[int]] = {}  # by document, in tokens of the built-in encoder

    def steps(self) -> Generator[RunProgress]:
        begun, state = time.monotonic(), "cancelled"
        try:
            documents = self._workspace.documents()
            by_id = {document.id: document for document in documents.values()}
            self._starts = TokenStarts(by_id.__getitem__, load_encoder(DEFAULT.encoder))
            self._resolution = resolve_set(self._run.plan.questions, documents)
            unscored = [each.id for each in self._run.plan.questions if each.id not in self._resolution.gold]
            self._store.note_unscored(self._run.id, unscored)
            for number, contender in enumerate(self._run.plan.contenders):
                if self._waiting(number):
                    yield from self._index(contender)
                    yield from self._ask_all(number, contender)
                # Also where a run that was left lacks nothing else.
                yield from self._time_again(number, contender)
                self._note_similarities(number)
            state = "done"
        finally:
            ended: State = "done" if state == "done" else "cancelled"
            self._store.end(self._run.id, ended, time.monotonic() - begun)

    def _waiting(self, contender: int) -> list[int]:
        """The questions that can be asked and were not."""
        return [
            number
            for number, question in enumerate(self._run.plan.questions)
            if self._records[contender][number] is None and question.id in self._resolution.gold
        ]

    def _index(self, contender: Contender) -> Generator[RunProgress]:
        """Bring the contender's index up to date; its time is no part of a cell's."""
        config = contender.config
        if not config.retrieves or self._workspace.status(config).complete:
            return
        for progress in self._workspace.index_steps(config):
            what = f"{contender.name}: indexing, {progress.done:,} of {progress.total:,} chunks"
            yield self._progress(what)

    def _ask_all(self, number: int, contender: Contender) -> Generator[RunProgress]:
        learned, identity = self._learned(contender), Identity(self._workspace, contender)
        reasons: list[str] = []
        for position in self._waiting(number):
            question = self._run.plan.questions[position]
            revision = self._workspace.revision
            key = identity.key(question.question, self._resolution.gold[question.id])
            trace = None if self._fresh else self._store.known_trace(key)
            reason = ""
            if trace is None and _hopeless(reasons):
                reason = f"not asked after {SAME_FAILURES} failures in a row: {reasons[-1]}"
            elif trace is None:
                begun = time.monotonic()
                trace, reason = self._ask(contender, question)
                self._seconds.append(time.monotonic() - begun)
                reasons.append(reason)
            record = self._record(contender, question, trace, reason)
            record = replace(record, seen=was_learned(learned, question.question))
            self._records[number][position] = record
            if self._workspace.revision != revision:  # documents or readers changed while it was asked
                key = ""
            self._store.keep(self._run.id, number, position, key, record, trace)
            yield self._progress(contender.name)

    def _ask(self, contender: Contender, question: LabelledQuestion) -> tuple[Trace | None, str]:
        """The trace, or why there is none."""
        try:
            given = self._gold_hits(contender, question) if contender.gold_passages else None
            return self._workspace.run(question.question, contender.config, DEPTH, True, given=given), ""
        except PlaygroundError as error:
            return None, str(error)
        except Exception as error:  # one question must not end a run of hours
            logging.getLogger(__name__).exception("%s failed on %s", contender.name, question.id)
            reason = (str(error).strip().splitlines() or ["no reason given"])[0]
            return None, f"{type(error).__name__}: {reason}; the log has the details"

    def _record(
        self, contender: Contender, question: LabelledQuestion, trace: Trace | None, reason: str
    ) -> Record:
        if trace is None:
            return Record("failed", cause="failed", reason=reason)
        result = QuestionResult.seen_by(
            self._workspace.library.readable_by(contender.config.retrieval.reader),
            question,
            self._resolution.gold[question.id],
            trace,
            self._resolution.absent.get(question.id, ()),
        )
        gold = result.gold
        judged = outcome(result, self._run.plan.check)
        lost = failure(
            result,
            judged,
            self._run.plan.check,
            partial(self._chunks_of, contender),
            None if contender.gold_passages else partial(self._search_deep, contender, question),
        )
        passages = [hit.chunk for hit in trace.passages]
        figures = figures_of(result, self._starts, self._run.plan.check)
        if contender.gold_passages:  # nothing was searched
            figures = {name: value for name, value in figures.items() if "@" not in name}
        return Record(
            judged,
            trace.answer.text,
            trace.answer.abstained,
            any(overlap(chunk, item) for chunk in passages for item in gold) if gold and passages else None,
            lost.cause if lost else "",
            lost.rank if lost else None,
            figures=figures,
            latency=dict(trace.timings) if result.timed else {},
            prompt_tokens=trace.answer.prompt_tokens,
            completion_tokens=trace.answer.completion_tokens,
            cached=trace.cached,
            withheld=result.withheld,
        )

    def _time_again(self, number: int, contender: Contender) -> Generator[RunProgress]:
        """Ask some questions once more, only for their time, where too few were timed."""
        column = self._records[number]
        untimed = [at for at, record in enumerate(column) if record and record.cached and not record.latency]
        timed = sum(bool(record and record.latency) for record in column)
        missing = min(TIMED, timed + len(untimed)) - timed
        for position in _spread(untimed, missing + 1) if missing > 0 else []:  # the first may be cold
            if missing <= 0:
                break
            yield self._progress(f"{contender.name}: measuring times")
            trace, _ = self._ask(contender, self._run.plan.questions[position])
            record = column[position]
            if trace is None or trace.cold or record is None:
                continue
            column[position] = timed_record = replace(record, latency=dict(trace.timings))
            self._store.update(self._run.id, number, {position: timed_record})
            missing -= 1

    def _note_similarities(self, number: int) -> None:
        """The encoder's similarity of answers and expected answers, all of a column in one batch."""
        wanted: dict[int, Record] = {}
        for position, record in enumerate(self._records[number]):
            question = self._run.plan.questions[position]
            unknown = record and not record.abstained and SIMILARITY not in record.figures
            if record and unknown and record.answer and question.answers:
                wanted[position] = record
        if not wanted:
            return
        encoder = load_encoder(self._run.plan.contenders[number].config.encoder)
        found = similarities(
            encoder,
            [record.answer for record in wanted.values()],
            [self._run.plan.questions[position].answers for position in wanted],
        )
        known = {
            position: replace(record, figures={**record.figures, SIMILARITY: value})
            for (position, record), value in zip(wanted.items(), found, strict=True)
            if value is not None
        }
        for position, record in known.items():
            self._records[number][position] = record
        self._store.update(self._run.id, number, known)

    def _gold_hits(self, contender: Contender, question: LabelledQuestion) -> list[Hit]:
        return gold_hits(self._workspace, contender.config, self._resolution.gold[question.id])

    def _chunks_of(self, contender: Contender, document_id: str) -> Sequence[Chunk]:
        return self._workspace.index(contender.config).chunks_of(document_id)

    def _search_deep(self, contender: Contender, question: LabelledQuestion) -> list[Hit]:
        parts = self._workspace.parts(contender.config)
        if parts.index is None or parts.embed is None:
            return []
        search = contender.config.retrieval
        return retrieve(question.question, parts.embed, parts.index, search, DEEP, {}, parts.readable)

    def _learned(self, contender: Contender) -> frozenset[str]:
        """What the contender's adapter was trained with; nothing for a tuned model on a server."""
        config = contender.config
        if not config.adapter or config.engine.name == "endpoint":
            return frozenset()
        try:
            return learned_inputs(AdapterLibrary(self._workspace.home).find(config.adapter))
        except ConfigError:  # each question will say so
            return frozenset()

    def _progress(self, what: str) -> RunProgress:
        unscored = len(self._run.plan.questions) - len(self._resolution.gold)
        total = self._run.plan.cells - unscored * len(self._run.plan.contenders)
        records = [record for column in self._records for record in column if record]
        left = (total - len(records)) * sum(self._seconds) / len(self._seconds) if self._seconds else None
        failed = sum(record.outcome == "failed" for record in records)
        return RunProgress(self._run.id, what, len(records), total, failed, left)


def _hopeless(reasons: Sequence[str]) -> bool:
    last = reasons[-SAME_FAILURES:]
    return len(last) == SAME_FAILURES and bool(last[0]) and len(set(last)) == 1


def _spread(positions: Sequence[int], count: int) -> list[int]:
    """At most `count` of the positions, evenly over all of them."""
    if len(positions) <= count:
        return list(positions)
    return [positions[index * len(positions) // count] for index in range(count)]
