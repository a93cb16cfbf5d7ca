"""Measure a pipeline with labelled questions: what it finds, what it answers, how long it takes."""
