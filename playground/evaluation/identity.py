"""All that an answer of an evaluation depends on, as one key: the same key means the same answer.

This module does not know how answers are kept, nor how a question is asked.
"""

import hashlib
import json
from collections.abc import Sequence

from playground.embedding import encoder_id
from playground.engines.loading import adapter_version, examples_file
from playground.errors import PlaygroundError
from playground.evaluation.results import Contender
from playground.questions.labels import GoldSpan
from playground.workspace import Workspace

_FORMAT = 1  # raise it when the same settings give other answers: what was kept is then asked anew


class Identity:
    """What the answers of one contender depend on besides the question: settings, index content, documents
    that may be read, adapter, examples. Worked out anew when documents or their readers have changed."""

    def __init__(self, workspace: Workspace, contender: Contender) -> None:
        self._workspace = workspace
        self._contender = contender
        self._revision = -1
        self._hash = ""

    def key(self, question: str, gold: Sequence[GoldSpan]) -> str:
        """The key of one answer as things are now. `gold` counts where its passages are given."""
        revision = self._workspace.revision
        if revision != self._revision:
            self._hash, self._revision = self._worked_out(), revision
        given = gold if self._contender.gold_passages else ()
        return _hashed([self._hash, question, [(span.document_id, span.start, span.end) for span in given]])

    def _worked_out(self) -> str:
        config, home = self._contender.config, self._workspace.home
        held = sorted(self._workspace.index(config).chunk_counts()) if config.retrieves else []
        try:
            made_with = [adapter_version(config, home)]
            if config.engine.examples:
                made_with.append(examples_file(config.engine.examples, home).stat().st_mtime_ns)
        except PlaygroundError:  # asking will say what is missing
            made_with = []
        return _hashed(
            [
                _FORMAT,
                config.to_dict(),
                encoder_id(config.encoder),
                held,
                self._readable(),
                self._contender.gold_passages,
                made_with,
            ]
        )

    def _readable(self) -> list[str] | None:
        """The documents that whoever asks may see; None where that makes no difference."""
        config = self._contender.config
        if not (config.retrieves or self._contender.gold_passages):
            return None
        found = self._workspace.library.readable_by(config.retrieval.reader)
        return None if found is None else sorted(found)


def _hashed(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
