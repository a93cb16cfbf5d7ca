"""What has to be indexed before every column can answer: the indexes that they need, with state and reason.

Reads catalogues only; no model is loaded. It does not know how a state is shown.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from playground import startup
from playground.config import ChunkingConfig, EncoderConfig, PipelineConfig
from playground.jobs import Job, Jobs
from playground.library import Entry
from playground.workspace import IndexStatus, Workspace

KNOBS = {"strategy": "chunking", "size": "chunk size", "overlap": "overlap", "prefix": "title prefix"}


@dataclass(frozen=True)
class IndexNeed:
    """One index that columns use. `columns` are their positions; `job` is the one that works on it, if it is
    active or failed; `reason` says in words why the index lacks something, or is empty."""

    config: PipelineConfig
    columns: tuple[int, ...]
    status: IndexStatus
    job: Job | None
    reason: str

    @property
    def indexing(self) -> bool:
        return self.job is not None and self.job.active

    @property
    def name(self) -> str:
        return setting_name(self.config.chunking)


@dataclass(frozen=True)
class LibraryRow:
    """A document as the library shows it. `chunks` is None where no index of the columns has it yet;
    `indexed` counts the indexes that have it, of `needed`."""

    entry: Entry
    chunks: int | None
    indexed: int
    needed: int


def setting_name(chunking: ChunkingConfig) -> str:
    """A chunking setting in a few words: "structural 200", "fixed 100, overlap 20"."""
    overlap = f", overlap {chunking.overlap}" if chunking.overlap else ""
    return f"{chunking.strategy} {chunking.size}{overlap}{'' if chunking.prefix else ', no prefix'}"


def index_needs(workspace: Workspace, jobs: Jobs, configs: Sequence[PipelineConfig]) -> list[IndexNeed]:
    """Every distinct index that these configurations need, in the order in which they first come.

    A column that does not retrieve needs none; where no column retrieves, the first one's is listed.
    """
    wanted: dict[tuple[ChunkingConfig, EncoderConfig], list[int]] = {}
    for position, config in enumerate(configs):
        if config.retrieves:
            wanted.setdefault((config.chunking, config.encoder), []).append(position)
    if not wanted:
        wanted[configs[0].chunking, configs[0].encoder] = []
    return [
        _need(workspace, jobs, PipelineConfig(chunking, encoder), tuple(columns))
        for (chunking, encoder), columns in wanted.items()
    ]


def library_rows(workspace: Workspace, needs: Sequence[IndexNeed]) -> list[LibraryRow]:
    """The library by name, each document with what the needed indexes hold of it."""
    counts = [workspace.index(need.config).chunk_counts() for need in needs]
    rows = []
    for entry in workspace.library.entries():
        held = [each[entry.id] for each in counts if entry.id in each]
        rows.append(LibraryRow(entry, held[0] if held else None, len(held), len(counts)))
    return rows


def restart(jobs: Jobs, job: Job) -> None:
    """Begin a failed or cancelled job anew."""
    jobs.start(job.key, job.title, job.steps)


def load_sample(workspace: Workspace, jobs: Jobs, sample: str, configs: Sequence[PipelineConfig]) -> None:
    """Queue the reading of a scenario's documents, and then the indexing that the columns need."""
    jobs.start(
        startup.SAMPLES, "Reading the sample documents", partial(startup.sample_steps, workspace, sample)
    )
    for need in index_needs(workspace, jobs, configs):
        startup.start_indexing(workspace, jobs, need.config)


def _need(workspace: Workspace, jobs: Jobs, config: PipelineConfig, columns: tuple[int, ...]) -> IndexNeed:
    status = workspace.status(config)
    job = jobs.get(startup.indexing_key(workspace, config))
    relevant = job if job and (job.active or job.state == "failed") else None
    return IndexNeed(config, columns, status, relevant, _reason(workspace, config, status))


def _reason(workspace: Workspace, config: PipelineConfig, status: IndexStatus) -> str:
    if status.complete:
        return ""
    count = len(status.missing)
    documents = f"{count} document{'s' * (count > 1)} to index"
    return documents if not status.empty else _change(workspace, config) or documents


def _change(workspace: Workspace, config: PipelineConfig) -> str:
    """How these settings differ from the most similar ones that something is indexed with."""
    nearest: tuple[list[str], ChunkingConfig] | None = None
    for before in _filled(workspace, config):
        knobs = [knob for knob in KNOBS if getattr(before, knob) != getattr(config.chunking, knob)]
        if nearest is None or len(knobs) < len(nearest[0]):
            nearest = knobs, before
    if nearest is None:
        return ""
    knobs, before = nearest
    if len(knobs) > 1:
        return f"{setting_name(before)} → {setting_name(config.chunking)}"
    old, new = getattr(before, knobs[0]), getattr(config.chunking, knobs[0])
    if isinstance(new, bool):
        return f"{KNOBS[knobs[0]]} switched {'on' if new else 'off'}"
    return f"{KNOBS[knobs[0]]} changed from {old} to {new}"


def _filled(workspace: Workspace, config: PipelineConfig) -> list[ChunkingConfig]:
    """Settings of the other indexes with this encoder that hold at least one document."""
    mine = workspace.index(config)
    found = []
    for about in sorted((workspace.home / "indexes").glob("*/about.json")):
        known = json.loads(about.read_text(encoding="utf-8"))
        other = replace(config, chunking=ChunkingConfig(**known["chunking"]))
        if about.parent == mine.folder or known["encoder"] != mine.encoder_id:
            continue
        if workspace.index(other).chunk_counts():
            found.append(other.chunking)
    return found
