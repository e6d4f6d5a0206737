"""Random documents of every entity, from raw to normalized: see `python -m …documents --help`."""
