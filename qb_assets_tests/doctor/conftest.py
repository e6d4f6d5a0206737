"""The servers of these tests."""

from qb_assets_tests.servers import seaweed

__all__ = ["seaweed"]
