"""Fixtures of the tests of the whole way."""

import pytest

pytest.register_assert_rewrite("qb_assets_tests.pipeline.recorded")

from qb_assets_tests.servers import seaweed  # noqa: E402

__all__ = ["seaweed"]
