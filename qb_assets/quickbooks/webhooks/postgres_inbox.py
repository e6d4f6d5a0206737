"""The inbox of several machines, in a PostgreSQL database."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from qb_assets.quickbooks.faults import INBOX
from qb_assets.quickbooks.postgres_database import Database, PostgresDatabase
from qb_assets.quickbooks.webhooks.sql_inbox import SCHEMA, TABLE, SqlInbox, Statements

if TYPE_CHECKING:
    from typing_extensions import LiteralString


def postgres_inbox(url: str) -> SqlInbox:
    """The inbox of all machines that use a database; its tables are made at first use."""
    return SqlInbox(_Postgres(url))


class _Postgres:
    def __init__(self, url: str) -> None:
        self._database = PostgresDatabase(url, SCHEMA, TABLE, INBOX)

    def __repr__(self) -> str:
        return f"host={self._database.host!r}"

    def begun(self) -> bool:
        return True  # where there is a database, whoever looks may make the tables

    @contextmanager
    def transaction(self, *, durable: bool) -> Generator[Statements, None, None]:
        with self._database.transaction() as db:
            if not durable:
                db.execute("SET LOCAL synchronous_commit = off")
            yield _PostgresStatements(db)


class _PostgresStatements:
    def __init__(self, db: Database) -> None:
        self._db = db

    def rows(self, sql: LiteralString, *values: object) -> Sequence[object]:
        return self._db.execute(sql.replace("?", "%s"), values).fetchall()

    def run(self, sql: LiteralString, *values: object) -> int:
        return self._db.execute(sql.replace("?", "%s"), values).rowcount

    def run_many(self, sql: LiteralString, rows: Sequence[Sequence[object]]) -> int:
        with self._db.cursor() as cursor:
            cursor.executemany(sql.replace("?", "%s"), rows)
            return cursor.rowcount
