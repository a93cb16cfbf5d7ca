"""Presenter's mode: one question and its answers in five steps, in large type, with nothing to configure."""
