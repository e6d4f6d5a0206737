"""Fixtures that every folder of tests may use."""

from pathlib import Path

import pytest

from qb_assets_tests.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url", "shared_data"]

# Its assertions are made for two files of tests, and shall say as much as theirs would.
pytest.register_assert_rewrite("qb_assets_tests.pipeline.recorded")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded QuickBooks data beside the repository, where there is one."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of recorded QuickBooks data is not beside this repository")
    return SHARED_DATA
