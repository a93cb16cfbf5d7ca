"""Document -> chunks. Three strategies, one verb: `split_document`."""
