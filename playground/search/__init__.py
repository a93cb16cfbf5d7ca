"""Search over the settings, and the articles' claims: many configurations, planned, run and judged."""
