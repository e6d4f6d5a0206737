"""An SQLite file that the threads and processes of one machine share.

The file must be on a disk of the machine: SQLite's write-ahead log does not work over networks.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from qb_assets.quickbooks.faults import QuickBooksError, Trouble

_PATIENCE = 30.0
"""Seconds that one may wait for others to be done; they take milliseconds."""


class SqliteFile:
    """Transactions on a file that is made with `schema` at its first use.

    The file and its folder are made so that only their owner can read them. What goes wrong is
    said as `trouble` has it.
    """

    def __init__(self, path: Path, schema: str, trouble: Trouble) -> None:
        self.path = path
        self._schema = schema
        self._trouble = trouble
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self._opened: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self, *, durable: bool) -> Generator[sqlite3.Connection, None, None]:
        """To the exclusion of all other writers; `durable`: what it wrote survives a power cut.

        It survives the end of the process in any case.
        """
        if self._pid != os.getpid():  # an SQLite connection is not for the other side of a fork,
            self._inherited, self._opened = self._opened, None  # nor to be closed there
            self._guard, self._pid = threading.Lock(), os.getpid()
        with self._guard, self._disk():
            db = self._opened = self._opened or self._open()
            db.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                raise

    def _open(self) -> sqlite3.Connection:
        if not self.path.exists():
            self._make()
        return _connect(self.path)

    def _make(self) -> None:
        """Makes the file as a whole, so that of several who make it at once the first one wins."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self.path.with_name(f".{self.path.name}.{secrets.token_hex(8)}")
        try:
            # SQLite gives its other files the rights of this one.
            os.close(os.open(made, os.O_RDWR | os.O_CREAT, 0o600))
            db = _connect(made)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(self._schema)
            finally:
                db.close()
            with suppress(FileExistsError):
                os.link(made, self.path)
        finally:
            made.unlink(missing_ok=True)

    @contextmanager
    def _disk(self) -> Generator[None, None, None]:
        what = self._trouble.what
        failure: QuickBooksError
        try:
            yield
            return
        except sqlite3.OperationalError as error:
            kind = self._trouble.away if "locked" in str(error) else self._trouble.error
            failure = kind(f"the {what} {self.path} cannot be used: {error}")
        except (sqlite3.DatabaseError, msgspec.MsgspecError):
            failure = self._trouble.error(
                f"{self.path} is not a {what}, or is damaged",
                what_to_do="While nothing runs, move it away with its -wal and -shm files: a new "
                f"one is made, {self._trouble.anew}.",
            )
        except OSError as error:
            why = error.strerror or "I/O error"
            failure = self._trouble.error(f"the {what} {self.path} cannot be used: {why}")
        if self._opened is not None:  # the file may be another one when it is asked again
            self._opened.close()
            self._opened = None
        raise failure


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
