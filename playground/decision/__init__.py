"""Decide: what a task needs, what was measured, and what follows."""
