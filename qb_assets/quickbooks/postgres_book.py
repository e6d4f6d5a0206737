"""The call book of several machines, in a PostgreSQL database."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeVar

import msgspec
import psycopg

from qb_assets.quickbooks.call_book import Count, Decide, Line
from qb_assets.quickbooks.faults import CALL_BOOK
from qb_assets.quickbooks.postgres_database import Database, PostgresDatabase
from qb_assets.quickbooks.traffic import Traffic

T = TypeVar("T")

_JUMP = 0.001
"""Seconds; less is what clocks differ by as they run."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS qb_call_traffic (
  company text PRIMARY KEY, state bytea, ahead double precision NOT NULL
);
CREATE TABLE IF NOT EXISTS qb_call_counts (
  month text, app text, realm text, kind text, entity text,
  sent bigint NOT NULL, metered bigint NOT NULL, reserved bigint NOT NULL,
  PRIMARY KEY (month, app, realm, kind, entity)
);
"""


class _Look(NamedTuple):
    """A moment of a company's clock, which lay between two of this process's monotonic clock."""

    moment: float
    asked: float
    answered: float

    def after(self, last: _Look | None, kept: float) -> _Look:
        """The same, no further from the last look than can be, nor before what was kept."""
        moment = self.moment
        if last is not None:
            moment = max(moment, last.moment + self.asked - last.answered)
            moment = min(moment, last.moment + self.answered - last.asked)
        return self._replace(moment=max(moment, kept))


class PostgresBook:
    """See `CallBook`. The tables are made at first use.

    Machines share no monotonic clock, and the server's may be set anew. So a company has a clock
    of its own: the server's, less how far that is `ahead`, which changes when the server's clock
    jumps. Each process sees a jump by its own monotonic clock, as soon as it has looked twice; one
    that has just begun has to trust the server's clock, but never goes back.
    """

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = PostgresDatabase(url, _SCHEMA, "qb_call_counts", CALL_BOOK)
        self._clock = clock
        self._looked: dict[str, _Look] = {}

    def __repr__(self) -> str:
        return f"PostgresBook(host={self._database.host!r})"

    def change(self, company: str, decide: Decide[T]) -> T:
        """See `CallBook.change`."""
        with self._database.transaction() as db:
            asked = self._clock()
            state, ahead, server_time = _locked(db, company)
            look = _Look(server_time - ahead, asked, self._clock())
            before = msgspec.msgpack.decode(state, type=Traffic) if state else Traffic(look.moment)
            look = self._looked[company] = look.after(self._looked.get(company), before.at)
            after, outcome = decide(before, look.moment)
            jumped = abs(server_time - look.moment - ahead) > _JUMP
            if after is not before or jumped:
                db.execute(
                    "UPDATE qb_call_traffic SET state = %s, ahead = %s WHERE company = %s",
                    (msgspec.msgpack.encode(after), server_time - look.moment, company),
                )
            return outcome

    def reserve(self, line: Line, limit: int | None) -> int:
        """See `CallBook.reserve`."""
        with self._database.transaction() as db:
            # Of two at once, the second must see what the first has counted.
            db.execute(
                "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                (f"qb_assets calls {line.app} {line.month}",),
            )
            used = 1 + _number(
                db.execute(
                    "SELECT coalesce(sum(metered + reserved), 0)::bigint FROM qb_call_counts "
                    "WHERE month = %s AND app = %s",
                    (line.month, line.app),
                )
            )
            if limit is None or used <= limit:
                db.execute(
                    "INSERT INTO qb_call_counts VALUES (%s, %s, %s, %s, %s, 1, 0, 1) "
                    "ON CONFLICT (month, app, realm, kind, entity) DO UPDATE SET "
                    "sent = qb_call_counts.sent + 1, reserved = qb_call_counts.reserved + 1",
                    _values(line),
                )
            return used

    def settle(self, line: Line, *, metered: bool) -> None:
        """See `CallBook.settle`."""
        with self._database.transaction() as db:
            db.execute(
                "UPDATE qb_call_counts SET metered = metered + %s, reserved = reserved - 1 WHERE "
                "month = %s AND app = %s AND realm = %s AND kind = %s AND entity = %s",
                (int(metered), *_values(line)),
            )

    def counts(self, app: str, month: str) -> Sequence[Count]:
        """See `CallBook.counts`."""
        with self._database.transaction() as db:
            rows = db.execute(
                "SELECT realm, kind, entity, sent, metered, reserved FROM qb_call_counts "
                "WHERE month = %s AND app = %s ORDER BY realm, kind, entity",
                (month, app),
            ).fetchall()
        found = msgspec.convert(rows, list[tuple[str, str, str, int, int, int]])
        return [Count(Line(month, app, *row[:3]), *row[3:]) for row in found]


def _locked(db: Database, company: str) -> tuple[bytes | None, float, float]:
    """The state and `ahead` of a company, kept from others now, and then the server's time."""
    # The time is outside of the inner query, so that it is read when the lock is held.
    query = (
        "SELECT state, ahead, extract(epoch FROM clock_timestamp())::float8 FROM "
        "(SELECT state, ahead FROM qb_call_traffic WHERE company = %s FOR UPDATE) AS locked"
    )
    row = db.execute(query, (company,)).fetchone()
    if row is None:
        db.execute(
            "INSERT INTO qb_call_traffic (company, ahead) VALUES (%s, 0) ON CONFLICT DO NOTHING",
            (company,),
        )
        row = db.execute(query, (company,)).fetchone()
    return msgspec.convert(row, tuple[bytes | None, float, float])


def _number(cursor: psycopg.Cursor[tuple[object, ...]]) -> int:
    [number] = msgspec.convert(cursor.fetchone(), tuple[int])
    return number


def _values(line: Line) -> tuple[str, ...]:
    return (line.month, line.app, line.realm, line.kind, line.entity)
