"""Has a token refreshed by a small process of its own, which the end of its caller does not touch.

Intuit rotates the refresh token in its answer, so a process that is killed between that answer and
the token's storing loses the connection. The process here is in a session of its own, gets all it
needs on its standard input (neither its arguments nor its environment hold a secret), and
finishes whatever becomes of the one that asked. What ends both at once, as the end of their machine
or container does, is what it cannot help against.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from qb_assets.quickbooks import faults
from qb_assets.quickbooks.faults import ConnectionFailed, QuickBooksError
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Recipe

REFRESHER = "qb_assets.quickbooks.refresher"
REFRESH_WAIT = 500.0
"""Seconds; longer than the wait for the company's lock and a refresh with all its tries."""

log = logging.getLogger("qb_assets.quickbooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the refresher is asked: JSON on its standard input."""

    settings: Settings
    store: Recipe
    realm: str
    refused: str | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An error of `faults` as its parts; `kind` is the name of its class."""

    kind: str
    message: str
    company: str | None
    code: str | None
    http_status: int | None
    intuit_tid: str | None
    retry_after: float | None
    what_to_do: str
    attempts: int

    @classmethod
    def of(cls, error: QuickBooksError) -> Failure:
        """The parts of an error."""
        return cls(
            kind=type(error).__name__,
            message=error.message,
            company=error.company,
            code=error.code,
            http_status=error.http_status,
            intuit_tid=error.intuit_tid,
            retry_after=error.retry_after,
            what_to_do=error.what_to_do,
            attempts=error.attempts,
        )

    def error(self) -> QuickBooksError:
        """The error of these parts."""
        kind = getattr(faults, self.kind, QuickBooksError)
        error: QuickBooksError = kind(
            self.message,
            company=self.company,
            code=self.code,
            http_status=self.http_status,
            intuit_tid=self.intuit_tid,
            retry_after=self.retry_after,
        )
        error.what_to_do = self.what_to_do
        error.attempts = self.attempts
        return error


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: JSON on the refresher's standard output. `log` holds its log lines."""

    connection: Connection | None = None
    failure: Failure | None = None
    log: list[str] = field(default_factory=list[str])


def refreshed_elsewhere(
    settings: Settings,
    store: Recipe,
    realm: str,
    refused: str | None,
    *,
    wait: float = REFRESH_WAIT,
) -> Connection:
    """As `refresh.refreshed`, but by another process. Raises ConnectionFailed after `wait` seconds.

    The other process goes on then, and its token will be found in the store.
    """
    ask = Ask(settings=settings, store=store, realm=realm, refused=refused)
    process = _started(ask)
    try:
        answer, _ = process.communicate(msgspec.json.encode(ask), timeout=wait)
    except subprocess.TimeoutExpired:
        threading.Thread(target=process.wait, daemon=True).start()
        answer = None
    if answer is None:
        raise ConnectionFailed(
            f"the refresh of the token takes longer than {wait:.0f} s and goes on", company=realm
        )
    try:
        outcome = msgspec.json.decode(answer, type=Outcome)
    except msgspec.MsgspecError:
        outcome = Outcome()
    for line in outcome.log:
        log.info("%s", line)
    if outcome.failure is not None:
        raise outcome.failure.error()
    if outcome.connection is None:
        raise ConnectionFailed(
            f"the process that refreshes the token ended early (exit code {process.returncode})",
            company=realm,
            what_to_do=f"Run it again; if it stays, look why `python -m {REFRESHER}` cannot run.",
        )
    return outcome.connection


def _started(ask: Ask) -> subprocess.Popen[bytes]:
    failure = ""
    try:
        return subprocess.Popen(
            [sys.executable, "-m", REFRESHER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],  # so that it imports this very package
            env=_environment(ask),
            start_new_session=True,
        )
    except OSError as error:
        failure = error.strerror or type(error).__name__
    raise ConnectionFailed(
        f"the process that refreshes the token cannot be started: {failure}", company=ask.realm
    )


def _environment(ask: Ask) -> dict[str, str]:
    """Ours, without the variables of qb_assets and without any that holds one of the secrets."""
    secrets = {ask.settings.client_secret, ask.store.url, ask.store.key, ask.refused}
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("QB_") and value not in secrets
    }
