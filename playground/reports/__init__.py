"""What a run says, for people who were not there: tables, plots, CSV, JSON and one page of HTML."""
