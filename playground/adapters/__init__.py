"""Examples -> train -> adapter -> toggle. An adapter is a folder: see `playground.adapters.card`."""
