"""The call book of all processes of one machine, in an SQLite file."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import msgspec

from qb_assets.quickbooks.call_book import Count, Decide, Line
from qb_assets.quickbooks.faults import CALL_BOOK
from qb_assets.quickbooks.sqlite_file import SqliteFile
from qb_assets.quickbooks.traffic import Traffic

T = TypeVar("T")

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
        self._file = SqliteFile(path, _SCHEMA, CALL_BOOK)
        self._clock = clock

    def __repr__(self) -> str:
        return f"SqliteBook({str(self._file.path)!r})"

    def change(self, company: str, decide: Decide[T]) -> T:
        """See `CallBook.change`."""
        with self._file.transaction(durable=False) as db:
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
        # One sync to disk a call: only what is reserved must be there before it is sent.
        with self._file.transaction(durable=True) as db:
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
        with self._file.transaction(durable=False) as db:
            db.execute(
                "UPDATE calls SET metered = metered + ?, reserved = reserved - 1 "
                "WHERE month = ? AND app = ? AND realm = ? AND kind = ? AND entity = ?",
                (int(metered), *_values(line)),
            )

    def counts(self, app: str, month: str) -> Sequence[Count]:
        """See `CallBook.counts`."""
        with self._file.transaction(durable=False) as db:
            rows = db.execute(
                "SELECT realm, kind, entity, sent, metered, reserved FROM calls "
                "WHERE month = ? AND app = ? ORDER BY realm, kind, entity",
                (month, app),
            ).fetchall()
        return [Count(Line(month, app, *row[:3]), *row[3:]) for row in rows]


def _values(line: Line) -> tuple[str, ...]:
    return (line.month, line.app, line.realm, line.kind, line.entity)
