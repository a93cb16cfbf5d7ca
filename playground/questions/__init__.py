"""Labelled questions: read, kept, edited, and their evidence looked up in the documents."""
