"""Backfills that a person stops at any moment, by each way there is."""
