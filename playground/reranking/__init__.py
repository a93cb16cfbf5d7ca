"""Put the first hits in a new order by reading question and passage together.

    rerank(question, hits, load_reranker(config, encoder), candidates)

This package does not know how the hits were found, and keeps no model itself: the caller of
`load_reranker` does.
"""

from playground.reranking.rerank import Reranker, load_reranker, rerank

__all__ = ["Reranker", "load_reranker", "rerank"]
