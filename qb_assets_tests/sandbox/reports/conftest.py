"""Small companies of several seeds, and one that a sandbox serves."""

import pytest

from qb_assets.sandbox.generate.profile import Profile

from .asking import Asker


@pytest.fixture(scope="session", params=[(1, 60, 500), (20, 45, 250), (3, 30, 800)])
def asker(request: pytest.FixtureRequest) -> Asker:
    """A company that no test changes; the longest ones see a fiscal year end."""
    return Asker(*request.param)


@pytest.fixture(scope="session")
def one() -> Asker:
    """One company that no test changes."""
    return Asker(7, 40, 200)


@pytest.fixture(scope="session")
def abroad() -> Asker:
    """A company with several currencies, control accounts of each, and a fiscal year from April."""
    profile = Profile(multi_currency=True, several_controls=True, fiscal_year_start=4)
    return Asker(5, 60, 500, profile)
