"""What happens in the background once the app is up: samples, unfinished indexing, and the models.

Everything runs as jobs, so that the first page is drawn before torch is imported.
"""

from collections.abc import Generator
from dataclasses import dataclass
from functools import partial

from playground.config import DEFAULT, PipelineConfig
from playground.embedding import load_encoder
from playground.intake import Intake, take_in_folder
from playground.jobs import Job, Jobs
from playground.scenarios.gallery import scenarios
from playground.workspace import Workspace

MODELS = "models"
SAMPLES = "samples"


@dataclass(frozen=True)
class Loading:
    """A step of loading: what is being loaded now."""

    what: str


def begin_reading(workspace: Workspace, jobs: Jobs, sample: str) -> None:
    """Read the sample documents that the library lacks; another process does the work."""
    if sample and not workspace.library.names().keys() >= scenarios()[sample].file_names:
        jobs.start(SAMPLES, "Reading the sample documents", partial(sample_steps, workspace, sample))


def begin_loading(workspace: Workspace, jobs: Jobs, sample: str = "") -> None:
    """Load the encoder, index the samples that are read, and go on with indexing that was interrupted.

    Importing torch makes everything else in this process wait: call it when the first page is drawn.
    """
    jobs.start(MODELS, "Loading the built-in encoder", load_steps)
    samples = [DEFAULT] if sample else []  # nothing to do where they are indexed already
    for config in [*samples, *workspace.interrupted()]:
        start_indexing(workspace, jobs, config)


def load_sample(workspace: Workspace, jobs: Jobs, sample: str) -> None:
    """Read a scenario's documents and index them with the default settings, in the background."""
    begin_reading(workspace, jobs, sample)
    start_indexing(workspace, jobs, DEFAULT)


def start_indexing(workspace: Workspace, jobs: Jobs, config: PipelineConfig) -> Job:
    """Bring the index of a configuration up to date in the background."""
    chunking = config.chunking
    title = f"Indexing {chunking.strategy} chunks of {chunking.size} tokens, overlap {chunking.overlap}"
    return jobs.start(indexing_key(workspace, config), title, partial(workspace.index_steps, config))


def indexing_key(workspace: Workspace, config: PipelineConfig) -> str:
    return f"index {workspace.index(config).folder.name}"


def load_steps() -> Generator[Loading, None, None]:
    """Load the built-in encoder and let it run once: the first run of a model is slower than all others."""
    yield Loading("the built-in encoder")
    load_encoder(DEFAULT.encoder).encode(["Is everything ready?"], query=True)


def sample_steps(workspace: Workspace, sample: str) -> Generator[Intake, None, None]:
    """Read a scenario's documents into the library, one a step; who may see them is settled at once."""
    scenario = scenarios()[sample]
    yield from take_in_folder(workspace, scenario.documents, scenario.readers)
