"""Retrieval, fine-tuning, both, or a better prompt: find out on your own documents and questions.

The way of the data: documents -> chunks -> index -> retrieve -> rerank -> answer -> measure -> compare.
Nothing outside `playground.ui` knows that there is a browser.
"""

__version__ = "0.1.0"
