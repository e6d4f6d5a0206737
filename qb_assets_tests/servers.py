"""Real servers that several folders of tests share, each started once per test process.

Import a fixture into a folder's conftest.py: `from qb_assets_tests.servers import seaweed` with
`__all__ = ["seaweed"]`.
"""

import atexit
from functools import cache

import pytest

from qb_assets.lake.access import S3Access
from qb_assets.sandbox.object_store import SeaweedServer, available


@cache
def shared_seaweed() -> SeaweedServer:
    """The local S3 server of this process, which stops when the process ends."""
    server = SeaweedServer()
    server.start()
    atexit.register(server.stop)
    return server


@pytest.fixture(scope="session")
def seaweed() -> SeaweedServer:
    """A running S3 server; its `env` points everything at it, its `endpoint` is its address."""
    if not available():
        pytest.skip("there is no SeaweedFS wheel for this platform")
    return shared_seaweed()


def server_access(server: SeaweedServer) -> S3Access:
    """How a lake reaches the server."""
    env = server.env
    return S3Access(
        endpoint=env["AWS_ENDPOINT_URL"],
        access_key_id=env["AWS_ACCESS_KEY_ID"],
        secret_access_key=env["AWS_SECRET_ACCESS_KEY"],
    )
