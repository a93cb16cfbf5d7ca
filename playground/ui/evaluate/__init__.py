"""The Evaluate page's pieces, a section each, and what its session is about."""
