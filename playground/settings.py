"""What the environment says: where data lives, and limits. Read anew at every call, so tests can set it."""

import os
from pathlib import Path

import platformdirs

# numpy's and torch's thread pools fight for the same cores: a question took 96 ms at p95 instead of 14.
# Has to be set before numpy is imported, so every entry point imports this module first.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")


def home() -> Path:
    """The data home: PLAYGROUND_HOME, or the platform's folder for user data."""
    chosen = os.environ.get("PLAYGROUND_HOME")
    return Path(chosen).expanduser() if chosen else Path(platformdirs.user_data_dir("playground", False))


def local_model() -> str:
    """Hub name or path of the language model for `local_model`: PLAYGROUND_MODEL, or ""."""
    return os.environ.get("PLAYGROUND_MODEL", "").strip()


def clip_model() -> str:
    """Hub name or path of the CLIP model that pictures are searched with: PLAYGROUND_CLIP, or ""."""
    return os.environ.get("PLAYGROUND_CLIP", "").strip()


def chroma_url() -> str:
    """Address of a Chroma server, or "" for the embedded one."""
    return os.environ.get("PLAYGROUND_CHROMA_URL", "").rstrip("/")
