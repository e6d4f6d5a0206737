"""Measures the throttle over minutes: `python -m qb_assets_tests.throttle`."""
