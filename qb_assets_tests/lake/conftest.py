"""Lakes to test with: a local folder and a real S3 server, each test with its own prefix."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from qb_assets.lake.access import S3Access
from qb_assets.lake.store import Lake
from qb_assets.sandbox.object_store import SeaweedServer
from qb_assets_tests.servers import seaweed, server_access

__all__ = ["lake", "lake_maker", "s3", "seaweed"]

LakeMaker = Callable[[], Lake]


@pytest.fixture
def s3(seaweed: SeaweedServer) -> S3Access:
    return server_access(seaweed)


@pytest.fixture(params=["folder", "s3"])
def lake_maker(request: pytest.FixtureRequest, tmp_path: Path) -> LakeMaker:
    """Opens the same lake anew each time it is called."""
    if request.param == "folder":
        return lambda: Lake.open((tmp_path / "a lake").as_uri())
    access: S3Access = request.getfixturevalue("s3")
    url = f"s3://lake/tests/{secrets.token_hex(6)}"
    return lambda: Lake.open(url, access)


@pytest.fixture
def lake(lake_maker: LakeMaker) -> Lake:
    return lake_maker()
