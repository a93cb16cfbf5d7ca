"""The Compare page's pieces: columns with their settings, answers, sources and times."""
