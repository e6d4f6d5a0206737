import json
import logging
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from qb_assets.quickbooks import detached
from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.detached import refreshed_elsewhere
from qb_assets.quickbooks.faults import ConnectionFailed, ServerUnavailable
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets_tests.quickbooks.conftest import REALM, a_connection
from qb_assets_tests.quickbooks.servers import (
    ACCESS,
    CLIENT_SECRET,
    REFRESH,
    ScriptedServer,
    a_grant,
    reply,
)
from qb_assets_tests.quickbooks.test_custody import expire

KEY = Fernet.generate_key().decode()


class Gate:
    """A token endpoint that has rotated the token, and answers when it is let."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.opened = threading.Event()

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.set()
        assert self.opened.wait(30)
        a_grant()(handler)


@pytest.fixture
def stale(tmp_path: Path) -> FileTokenStore:
    """A store, with a key of its own, whose company needs a refresh."""
    store = FileTokenStore(tmp_path / "tokens", key=KEY)
    store.save(a_connection(), replaces=None)
    expire(store)
    return store


@contextmanager
def gated() -> Generator[tuple[ScriptedServer, Gate]]:
    gate = Gate()
    with ScriptedServer(reply(b"{}"), token_reply=gate.answer) as server:
        yield server, gate


def wait_for_token(store: FileTokenStore) -> None:
    until = time.monotonic() + 10
    while store.load(REALM).token.access != ACCESS.format(1):
        assert time.monotonic() < until, "the renewed token was not stored"
        time.sleep(0.02)


def need_token(settings: Settings, folder: Path, key: str) -> None:
    os.setsid()  # a group of its own, as that of a terminal or of a supervisor
    Custody(settings, FileTokenStore(folder, key=key), REALM).current()


def test_a_caller_killed_with_its_group_loses_no_token(
    stale: FileTokenStore, tmp_path: Path
) -> None:
    with gated() as (server, gate):
        caller = multiprocessing.get_context("spawn").Process(
            target=need_token, args=(server.settings(), tmp_path / "tokens", KEY)
        )
        caller.start()
        assert gate.asked.wait(30)
        assert caller.pid is not None
        os.killpg(caller.pid, signal.SIGKILL)
        caller.join()
        assert caller.exitcode == -signal.SIGKILL
        gate.opened.set()
        wait_for_token(stale)
        assert Custody(server.settings(), stale, REALM).current().access == ACCESS.format(1)
        assert server.tokens == 1


def test_a_caller_that_waits_too_long_is_told_and_the_token_is_kept(
    stale: FileTokenStore,
) -> None:
    with gated() as (server, gate):
        with pytest.raises(ConnectionFailed, match="takes longer than 1 s and goes on"):
            refreshed_elsewhere(server.settings(), stale.recipe(), REALM, None, wait=1.0)
        assert gate.asked.wait(10)
        gate.opened.set()
        wait_for_token(stale)


def refreshers() -> list[int]:
    """The refreshers that this process has started."""
    found: list[int] = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes().split(b"\0")
            parent = (process / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:  # it has ended meanwhile
            continue
        if detached.REFRESHER.encode() in words and int(parent) == os.getpid():
            found.append(int(process.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_refresher_shows_no_secret_and_brings_its_work_to_an_end(
    stale: FileTokenStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QB_CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("QB_TOKEN_KEY", KEY)
    monkeypatch.setenv("NAMED_OTHERWISE", CLIENT_SECRET)
    with gated() as (server, gate):
        custody = Custody(server.settings(), stale, REALM)
        asking = threading.Thread(target=custody.current)
        asking.start()
        assert gate.asked.wait(30)
        [number] = refreshers()
        shown = Path(f"/proc/{number}/cmdline").read_bytes()
        shown += Path(f"/proc/{number}/environ").read_bytes()
        for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(number, each)
        gate.opened.set()
        asking.join(10)
    for secret in (CLIENT_SECRET, KEY, REFRESH.format(0), ACCESS.format(0)):
        assert secret.encode() not in shown
    assert b"PATH=" in shown
    assert custody.current().access == ACCESS.format(1)
    assert server.tokens == 1


def test_its_errors_and_log_lines_are_the_callers(
    stale: FileTokenStore, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "qb_assets.quickbooks")
    with ScriptedServer(reply(b"{}"), token_reply=reply(b"", 503)) as server:
        with pytest.raises(ServerUnavailable, match="tried 4 times") as caught:
            Custody(server.settings(), stale, REALM).current()
        assert server.tokens == 4
    error = caught.value
    assert (error.company, error.http_status, error.attempts) == (REALM, 503, 4)
    assert error.intuit_tid == "1-tid-7"
    assert error.what_to_do == ServerUnavailable.remedy
    with ScriptedServer(reply(b"{}")) as server:
        Custody(server.settings(), stale, REALM).current()
    assert f"token company={REALM} status=200" in caplog.text
    assert "SECRET" not in caplog.text


@pytest.mark.parametrize(
    ("program", "reason"),
    [("/nowhere/python", "No such file"), ("/bin/false", r"ended early \(exit code 1\)")],
)
def test_a_refresher_that_cannot_run_is_named_before_intuit_is_asked(
    stale: FileTokenStore, monkeypatch: pytest.MonkeyPatch, program: str, reason: str
) -> None:
    monkeypatch.setattr(sys, "executable", program)
    with ScriptedServer(reply(b"{}")) as server:
        with pytest.raises(ConnectionFailed, match=reason):
            Custody(server.settings(), stale, REALM).current()
        assert server.tokens == 0


def test_the_refresher_imports_little() -> None:
    script = f"import sys, json, {detached.REFRESHER}; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    imported = set(json.loads(done.stdout))
    assert "authlib" in imported
    assert not imported & {"dagster", "pyarrow", "polars", "typer", "duckdb", "boto3", "psycopg"}
