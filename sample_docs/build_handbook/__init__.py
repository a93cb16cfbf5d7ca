"""Builds the binary formats of the sample handbook from the Markdown and CSV files in `sources`.

Run `python -m sample_docs.build_handbook [FOLDER]`; needs the project's dev extras. The text formats in
`handbook/documents` (Markdown, plain text, the staff directory) are written by hand and have no source.
"""
