"""Chunks -> two searchable indexes, dense and keyword, that always hold the same chunks."""

from playground.index.index import Index, IndexProgress, fingerprint

__all__ = ["Index", "IndexProgress", "fingerprint"]
