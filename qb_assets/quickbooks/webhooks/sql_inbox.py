"""The inbox in SQL that SQLite and PostgreSQL both understand."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import msgspec

from qb_assets.quickbooks.faults import INBOX
from qb_assets.quickbooks.sqlite_file import SqliteFile
from qb_assets.quickbooks.webhooks.inbox import AskedRun, Waiting
from qb_assets.quickbooks.webhooks.notification import Notification

if TYPE_CHECKING:
    from typing_extensions import LiteralString

SCHEMA: LiteralString = """
CREATE TABLE IF NOT EXISTS qb_webhook_runs (
  run_key TEXT PRIMARY KEY, realm TEXT NOT NULL, day TEXT NOT NULL,
  asked_at DOUBLE PRECISION NOT NULL, settled_at DOUBLE PRECISION
);
CREATE TABLE IF NOT EXISTS qb_webhook_notifications (
  key TEXT PRIMARY KEY, realm TEXT NOT NULL, entity TEXT NOT NULL, id TEXT NOT NULL,
  operation TEXT NOT NULL, deleted_id TEXT NOT NULL, changed_at DOUBLE PRECISION NOT NULL,
  received_at DOUBLE PRECISION NOT NULL, quarter_hour BIGINT NOT NULL, run_key TEXT
);
CREATE INDEX IF NOT EXISTS qb_webhook_waiting
  ON qb_webhook_notifications (realm, entity, changed_at) WHERE run_key IS NULL;
CREATE INDEX IF NOT EXISTS qb_webhook_asked
  ON qb_webhook_notifications (run_key) WHERE run_key IS NOT NULL;
"""
TABLE: LiteralString = "qb_webhook_notifications"

QUARTER_HOUR = 900
"""Seconds. Midnight is at a whole quarter in every time zone, so none of them is of two days."""

_KEEP: LiteralString = (
    "INSERT INTO qb_webhook_notifications (key, realm, entity, id, operation, deleted_id, "
    "changed_at, received_at, quarter_hour) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (key) DO NOTHING"
)
_WAITING: LiteralString = (
    "SELECT realm, entity, min(changed_at), min(received_at), count(*) "
    "FROM qb_webhook_notifications WHERE run_key IS NULL "
    "GROUP BY realm, entity, quarter_hour ORDER BY realm, entity, 3"
)
_ASKED: LiteralString = (
    "SELECT r.run_key, r.realm, r.day, r.asked_at, n.entity, count(*) "
    "FROM qb_webhook_runs r JOIN qb_webhook_notifications n ON n.run_key = r.run_key "
    "WHERE r.settled_at IS NULL GROUP BY r.run_key, r.realm, r.day, r.asked_at, n.entity "
    "ORDER BY r.asked_at, r.run_key, n.entity"
)
_CLAIM: LiteralString = (
    "UPDATE qb_webhook_notifications SET run_key = ? WHERE run_key IS NULL AND realm = ? "
    "AND entity = ? AND changed_at < ? AND received_at <= ?"
)


class Statements(Protocol):
    """What can be said in a transaction; `?` stands for values."""

    def rows(self, sql: LiteralString, *values: object) -> Sequence[object]:
        """The rows of a query."""
        ...

    def run(self, sql: LiteralString, *values: object) -> int:
        """Runs a statement and says how many rows it changed."""
        ...

    def run_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> int:
        """Runs a statement for each row of values and says how many rows all changed."""
        ...


class InboxDatabase(Protocol):
    """Where the tables are."""

    def begun(self) -> bool:
        """Whether anybody has written there."""
        ...

    def transaction(self, *, durable: bool) -> AbstractContextManager[Statements]:
        """A transaction; `durable`: what it wrote survives a power cut."""
        ...


class SqlInbox:
    """See `Inbox`."""

    def __init__(self, database: InboxDatabase) -> None:
        self._database = database

    def __repr__(self) -> str:
        return f"SqlInbox({self._database!r})"

    def begun(self) -> bool:
        """See `Inbox.begun`."""
        return self._database.begun()

    def keep(self, notifications: Sequence[Notification]) -> int:
        """See `Inbox.keep`."""
        # In one order, or two who keep the same ones in PostgreSQL could wait for each other.
        rows = sorted(_row(each) for each in notifications)
        if not rows:
            return 0
        with self._database.transaction(durable=True) as db:
            return db.run_many(_KEEP, rows)

    def waiting(self) -> list[Waiting]:
        """See `Inbox.waiting`."""
        with self._database.transaction(durable=False) as db:
            rows = db.rows(_WAITING)
        found = msgspec.convert(rows, list[tuple[str, str, float, float, int]])
        return [
            Waiting(realm, entity, _moment(changed), _moment(received), count)
            for realm, entity, changed, received, count in found
        ]

    def ask(
        self, run: AskedRun, *, changed_before: datetime, received_until: datetime
    ) -> AskedRun | None:
        """See `Inbox.ask`."""
        moments = changed_before.timestamp(), received_until.timestamp()
        with self._database.transaction(durable=True) as db:
            claimed = {
                entity: db.run(_CLAIM, run.key, run.realm, entity, *moments)
                for entity in sorted(run.notifications)
            }
            found = {entity: count for entity, count in claimed.items() if count}
            if not found:
                return None
            db.run(
                "INSERT INTO qb_webhook_runs (run_key, realm, day, asked_at) VALUES (?, ?, ?, ?)",
                *(run.key, run.realm, run.day.isoformat(), run.asked_at.timestamp()),
            )
        return msgspec.structs.replace(run, notifications=found)

    def asked(self) -> list[AskedRun]:
        """See `Inbox.asked`."""
        with self._database.transaction(durable=False) as db:
            rows = db.rows(_ASKED)
        runs: dict[str, AskedRun] = {}
        counts: dict[str, dict[str, int]] = {}
        for key, realm, day, asked_at, entity, count in msgspec.convert(
            rows, list[tuple[str, str, date, float, str, int]]
        ):
            counts.setdefault(key, {})[entity] = count
            runs[key] = AskedRun(key, realm, day, _moment(asked_at), counts[key])
        return list(runs.values())

    def settle(self, key: str, at: datetime) -> None:
        """See `Inbox.settle`."""
        with self._database.transaction(durable=True) as db:
            db.run(
                "UPDATE qb_webhook_runs SET settled_at = ? WHERE run_key = ?", at.timestamp(), key
            )

    def release(self, key: str) -> None:
        """See `Inbox.release`."""
        with self._database.transaction(durable=True) as db:
            db.run(
                "UPDATE qb_webhook_notifications SET run_key = NULL WHERE run_key = ?",
                key,
            )
            db.run("DELETE FROM qb_webhook_runs WHERE run_key = ?", key)

    def last_asked(self) -> Mapping[str, datetime]:
        """See `Inbox.last_asked`."""
        with self._database.transaction(durable=False) as db:
            rows = db.rows("SELECT realm, max(asked_at) FROM qb_webhook_runs GROUP BY realm")
        found = msgspec.convert(rows, list[tuple[str, float]])
        return {realm: _moment(asked_at) for realm, asked_at in found}

    def forget(self, settled_before: datetime) -> None:
        """See `Inbox.forget`."""
        with self._database.transaction(durable=False) as db:
            db.run(
                "DELETE FROM qb_webhook_notifications WHERE run_key IN "
                "(SELECT run_key FROM qb_webhook_runs WHERE settled_at < ?)",
                settled_before.timestamp(),
            )
            db.run("DELETE FROM qb_webhook_runs WHERE settled_at < ?", settled_before.timestamp())

    def drop(self, realm: str, entity: str, received_before: datetime) -> int:
        """See `Inbox.drop`."""
        with self._database.transaction(durable=False) as db:
            return db.run(
                "DELETE FROM qb_webhook_notifications WHERE run_key IS NULL AND realm = ? "
                "AND entity = ? AND received_at < ?",
                *(realm, entity, received_before.timestamp()),
            )


def sqlite_inbox(path: Path) -> SqlInbox:
    """The inbox of all processes of one machine, in an SQLite file."""
    return SqlInbox(_Sqlite(path))


class _Sqlite:
    def __init__(self, path: Path) -> None:
        self._file = SqliteFile(path, SCHEMA, INBOX)

    def __repr__(self) -> str:
        return f"{str(self._file.path)!r}"

    def begun(self) -> bool:
        return self._file.path.exists()

    @contextmanager
    def transaction(self, *, durable: bool) -> Generator[Statements, None, None]:
        with self._file.transaction(durable=durable) as db:
            yield _SqliteStatements(db)


class _SqliteStatements:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def rows(self, sql: LiteralString, *values: object) -> Sequence[object]:
        return self._db.execute(sql, values).fetchall()

    def run(self, sql: LiteralString, *values: object) -> int:
        return self._db.execute(sql, values).rowcount

    def run_many(self, sql: LiteralString, rows: Iterable[Sequence[object]]) -> int:
        return self._db.executemany(sql, rows).rowcount


def _row(n: Notification) -> tuple[str | float, ...]:
    changed, received = n.changed_at.timestamp(), n.received_at.timestamp()
    quarter_hour = int(changed // QUARTER_HOUR)
    named = (n.key, n.realm, n.entity, n.id, n.operation, n.deleted_id)
    return (*named, changed, received, quarter_hour)


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
