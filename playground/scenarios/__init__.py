"""The gallery of sample scenarios: what is in each folder of sample_docs, and what was measured on it."""
