"""Small companies of several seeds, and one that a sandbox serves."""

import pytest

from .asking import Asker


@pytest.fixture(scope="session", params=[(1, 60, 500), (20, 45, 250), (3, 30, 800)])
def asker(request: pytest.FixtureRequest) -> Asker:
    """A company that no test changes; the longest ones see a fiscal year end."""
    return Asker(*request.param)


@pytest.fixture(scope="session")
def one() -> Asker:
    """One company that no test changes."""
    return Asker(7, 40, 200)
