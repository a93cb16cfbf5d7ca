"""Builds the binary formats of the sample documents from the Markdown and CSV files in `sources`.

Run `python -m sample_docs.builder [SCENARIO ...]`; needs the project's dev extras. `build.toml` beside the
sources says which source becomes which file. Text formats (Markdown, plain text, tables, code) are written by
hand and have no source.
"""
