"""Fetches in seeded storms, and runs that are killed: each ends with the truth, or its rerun."""
