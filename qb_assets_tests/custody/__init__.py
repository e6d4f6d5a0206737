"""Proof that a connection survives its users: `python -m qb_assets_tests.custody`."""
