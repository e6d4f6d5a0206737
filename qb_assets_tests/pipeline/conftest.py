"""Fixtures of the tests of the whole way."""

from qb_assets_tests.servers import seaweed

__all__ = ["seaweed"]
