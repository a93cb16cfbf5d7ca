"""Engines turn a question and passages into an answer. See `playground.engines.engine` for the seam."""
