"""The call book of all processes of one machine, in an SQLite file.

The file must be on a disk of the machine: SQLite's write-ahead log does not work over networks.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import msgspec

from qb_assets.quickbooks.call_book import Count, Decide, Line
from qb_assets.quickbooks.faults import CallBookError, CallBookUnavailable
from qb_assets.quickbooks.traffic import Traffic

T = TypeVar("T")

_PATIENCE = 30.0
"""Seconds that one may wait for others to be done; they take less than a millisecond."""

_SCHEMA = """
CREATE TABLE traffic (company TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE calls (
  month TEXT, app TEXT, realm TEXT, kind TEXT, entity TEXT,
  sent INTEGER NOT NULL, metered INTEGER NOT NULL, reserved INTEGER NOT NULL,
  PRIMARY KEY (month, app, realm, kind, entity)
) WITHOUT ROWID;
"""


class SqliteBook:
    """See `CallBook`. The file and its folder are made so that only their owner can read them.

    The clock must be monotonic and the same in all processes of the machine, as Python's is: a
    change of the machine's time changes nothing. It begins anew at a boot; see `moved_to`.
    What is reserved survives a power cut; other changes of the last moments may not.
    """

    def __init__(self, path: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self._opened: sqlite3.Connection | None = None
        self._inherited: sqlite3.Connection | None = None

    def __repr__(self) -> str:
        return f"SqliteBook({str(self._path)!r})"

    def change(self, company: str, decide: Decide[T]) -> T:
        """See `CallBook.change`."""
        with self._transaction() as db:
            row = db.execute("SELECT state FROM traffic WHERE company = ?", (company,)).fetchone()
            now = self._clock()
            before = Traffic(now) if row is None else msgspec.msgpack.decode(row[0], type=Traffic)
            after, outcome = decide(before, now)
            if after is not before:
                state = msgspec.msgpack.encode(after)
                db.execute("INSERT OR REPLACE INTO traffic VALUES (?, ?)", (company, state))
            return outcome

    def reserve(self, line: Line, limit: int | None) -> int:
        """See `CallBook.reserve`."""
        with self._transaction(durable=True) as db:
            row = db.execute(
                "SELECT coalesce(sum(metered + reserved), 0) FROM calls "
                "WHERE month = ? AND app = ?",
                (line.month, line.app),
            ).fetchone()
            used = 1 + int(row[0])
            if limit is None or used <= limit:
                db.execute(
                    "INSERT INTO calls VALUES (?, ?, ?, ?, ?, 1, 0, 1) ON CONFLICT DO UPDATE "
                    "SET sent = sent + 1, reserved = reserved + 1",
                    _values(line),
                )
            return used

    def settle(self, line: Line, *, metered: bool) -> None:
        """See `CallBook.settle`."""
        with self._transaction() as db:
            db.execute(
                "UPDATE calls SET metered = metered + ?, reserved = reserved - 1 "
                "WHERE month = ? AND app = ? AND realm = ? AND kind = ? AND entity = ?",
                (int(metered), *_values(line)),
            )

    def counts(self, app: str, month: str) -> Sequence[Count]:
        """See `CallBook.counts`."""
        with self._transaction() as db:
            rows = db.execute(
                "SELECT realm, kind, entity, sent, metered, reserved FROM calls "
                "WHERE month = ? AND app = ? ORDER BY realm, kind, entity",
                (month, app),
            ).fetchall()
        return [Count(Line(month, app, *row[:3]), *row[3:]) for row in rows]

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Generator[sqlite3.Connection, None, None]:
        if self._pid != os.getpid():  # an SQLite connection is not for the other side of a fork,
            self._inherited, self._opened = self._opened, None  # nor to be closed there
            self._guard, self._pid = threading.Lock(), os.getpid()
        with self._guard, self._disk():
            db = self._opened = self._opened or self._open()
            # One sync to disk a call: only what is reserved must be there before it is sent.
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
        if not self._path.exists():
            self._make()
        return _connect(self._path)

    def _make(self) -> None:
        """Makes the file as a whole, so that of several who make it at once the first one wins."""
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._path.with_name(f".{self._path.name}.{secrets.token_hex(8)}")
        try:
            # SQLite gives its other files the rights of this one.
            os.close(os.open(made, os.O_RDWR | os.O_CREAT, 0o600))
            db = _connect(made)
            try:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(_SCHEMA)
            finally:
                db.close()
            with suppress(FileExistsError):
                os.link(made, self._path)
        finally:
            made.unlink(missing_ok=True)

    @contextmanager
    def _disk(self) -> Generator[None, None, None]:
        failure: CallBookError
        try:
            yield
            return
        except sqlite3.OperationalError as error:
            kind = CallBookUnavailable if "locked" in str(error) else CallBookError
            failure = kind(f"the call book {self._path} cannot be used: {error}")
        except (sqlite3.DatabaseError, msgspec.MsgspecError):
            failure = CallBookError(
                f"{self._path} is not a call book, or is damaged",
                what_to_do="While nothing runs, move it away with its -wal and -shm files: a new "
                "one is made, whose count of the month begins at 0.",
            )
        except OSError as error:
            why = error.strerror or "I/O error"
            failure = CallBookError(f"the call book {self._path} cannot be used: {why}")
        if self._opened is not None:  # the file may be another one when it is asked again
            self._opened.close()
            self._opened = None
        raise failure


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)


def _values(line: Line) -> tuple[str, ...]:
    return (line.month, line.app, line.realm, line.kind, line.entity)
