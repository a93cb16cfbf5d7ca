"""Rerankers that are models of their own, by hub name or local path: ColBERT models and cross-encoders.

sentence-transformers makes either kind out of any model, with layers of random numbers where the model has
none; the scores would mean nothing. So the model's own description is read first, and another kind refused.
"""

from collections.abc import Sequence
from threading import Lock
from typing import TYPE_CHECKING

from playground.errors import ModelError
from playground.model_loading import ReadJson, load_model
from playground.reranking.embedding_store import EmbeddingStore
from playground.retrieval import Hit

if TYPE_CHECKING:
    import numpy as np
    from sentence_transformers import CrossEncoder, MultiVectorEncoder


class ColbertReranker:
    """MaxSim with a model that was trained for it; passages that were seen lately are not embedded again."""

    def __init__(self, name: str, store: EmbeddingStore | None = None) -> None:
        self._model = load_model(name, require_multi_vector, _multi_vector_encoder)
        self._store = store or EmbeddingStore()
        self._lock = Lock()  # the tokenizer cannot be used by two threads at once

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        with self._lock:
            asked = self._model.encode_query([question], convert_to_numpy=True, show_progress_bar=False)
            passages = self._store.get([hit.chunk.text for hit in hits], self._passage_tokens)
            return self._model.similarity(asked, passages)[0].tolist()

    def forget(self) -> None:
        """Remember no passages: the next question takes as long as the first."""
        self._store.forget()

    def _passage_tokens(self, texts: Sequence[str]) -> "list[np.ndarray]":
        return list(self._model.encode_document(list(texts), convert_to_numpy=True, show_progress_bar=False))


class CrossEncoderReranker:
    """Reads question and passage in one go: the best order, and a model run for every hit and question."""

    def __init__(self, name: str) -> None:
        self._model = load_model(name, require_cross_encoder, _cross_encoder)
        if self._model.num_labels != 1:
            raise ModelError(
                f"{name} gives {self._model.num_labels} scores for a pair of texts, a reranker 1; "
                "choose a cross-encoder with one label"
            )
        self._lock = Lock()

    def score(self, question: str, hits: Sequence[Hit]) -> list[float]:
        pairs = [(question, hit.chunk.text) for hit in hits]
        with self._lock:
            return self._model.predict(pairs, show_progress_bar=False).tolist()


def require_multi_vector(name: str, read: ReadJson) -> None:
    """Raises ModelError unless the description is that of a saved multi-vector model: from
    sentence-transformers, from PyLate, or from the first ColBERT code."""
    saved = read("config_sentence_transformers.json") or {}
    modules = read("modules.json") or []
    projects = any("Dense" in module.get("type", "") for module in modules)
    if modules and saved.get("model_type") in ("MultiVectorEncoder", "ColBERT"):
        return
    if projects and "query_prefix" in saved:  # early PyLate did not write what it saved
        return
    if "HF_ColBERT" in _architectures(read):
        return
    raise ModelError(
        f"{name} is not a ColBERT model: it has no trained projection of its tokens; choose a multi-vector "
        "model, or reranking.method=late_interaction, which needs none"
    )


def require_cross_encoder(name: str, read: ReadJson) -> None:
    """Raises ModelError unless the description names a head that was trained to score."""
    saved = read("config_sentence_transformers.json") or {}
    if read("modules.json") and saved.get("model_type") == "CrossEncoder":
        return
    architectures = _architectures(read)
    if any(architecture.endswith("ForSequenceClassification") for architecture in architectures):
        return
    found = saved.get("model_type") or ", ".join(architectures) or "a model without a description"
    raise ModelError(
        f"{name} is not a cross-encoder but {found}: it has no trained head that scores two texts together; "
        "choose a model whose architecture ends in ForSequenceClassification"
    )


def _architectures(read: ReadJson) -> list[str]:
    return (read("config.json") or {}).get("architectures") or []


def _multi_vector_encoder(name: str, local_files_only: bool) -> "MultiVectorEncoder":
    from sentence_transformers import MultiVectorEncoder

    return MultiVectorEncoder(name, local_files_only=local_files_only)


def _cross_encoder(name: str, local_files_only: bool) -> "CrossEncoder":
    from sentence_transformers import CrossEncoder

    return CrossEncoder(name, local_files_only=local_files_only)
