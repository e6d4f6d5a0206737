"""AWS Secrets Manager for tests: moto's server, in a process of its own.

    python -m qb_assets_tests.secrets_manager

prints its address and serves until its standard input ends. Requests are served one after the
other, so that moving a version stage is one step, as it is at AWS.
"""

from __future__ import annotations

import atexit
import logging
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from typing import Any

import pytest

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
}


@cache
def shared_secrets_manager() -> str:
    """The address of this process's server, which ends with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    atexit.register(process.wait)
    atexit.register(process.stdin.close)
    return process.stdout.readline().strip()


@pytest.fixture
def secrets_manager(monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a running Secrets Manager, for which the environment has credentials."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    return shared_secrets_manager()


def serve() -> None:
    """Serves until the standard input ends."""
    from werkzeug.serving import make_server

    moto: Any = import_module("moto.moto_server.werkzeug_app")  # it has no types
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, moto.DomainDispatcherApplication(moto.create_backend_app))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdout.write(f"http://127.0.0.1:{server.server_port}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve()
