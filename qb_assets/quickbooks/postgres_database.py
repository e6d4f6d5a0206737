"""A PostgreSQL database that machines share."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
import psycopg

from qb_assets.quickbooks.faults import QuickBooksError, Trouble

if TYPE_CHECKING:
    from typing_extensions import LiteralString

_CONNECT_TIMEOUT = 10
_PATIENCE_MS = 30_000
"""How long a statement may take, or a process keep a lock without a word."""

Database = psycopg.Connection[tuple[object, ...]]


class PostgresDatabase:
    """Transactions on tables that `schema` makes, unless `table` is there.

    What goes wrong is said as `trouble` has it.
    """

    def __init__(
        self, url: str, schema: LiteralString, table: LiteralString, trouble: Trouble
    ) -> None:
        self._url = url
        self._schema: LiteralString = schema
        self._table = table
        self._trouble = trouble
        self._guard = threading.Lock()
        self._pid = os.getpid()
        self._opened: Database | None = None

    @property
    def host(self) -> str:
        """The database's host."""
        return urlsplit(self._url).hostname or "localhost"

    @contextmanager
    def transaction(self) -> Generator[Database, None, None]:
        """A transaction, one at a time in this process."""
        if self._pid != os.getpid():  # a connection must not be used after a fork
            self._guard, self._opened, self._pid = threading.Lock(), None, os.getpid()
        failure: QuickBooksError
        try:
            with self._guard:
                if self._opened is None or self._opened.closed:
                    self._opened = self._open()
                with self._opened.transaction():
                    yield self._opened
            return
        except psycopg.OperationalError as error:
            failure = self._trouble.away(self._words(error))
        except (psycopg.Error, msgspec.MsgspecError) as error:
            failure = self._trouble.error(self._words(error))
        raise failure

    def _open(self) -> Database:
        db = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=_CONNECT_TIMEOUT,
            tcp_user_timeout=_PATIENCE_MS,
        )
        try:
            for name in ("statement_timeout", "idle_in_transaction_session_timeout"):
                db.execute("SELECT set_config(%s, %s, false)", (name, str(_PATIENCE_MS)))
            row = db.execute("SELECT to_regclass(%s)", (self._table,)).fetchone()
            if row is None or row[0] is None:
                with db.transaction():
                    # Of several who make the tables at once, the others wait.
                    db.execute(
                        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
                        (f"qb_assets {self._trouble.what}",),
                    )
                    db.execute(self._schema)
        except BaseException:
            db.close()
            raise
        return db

    def _words(self, error: Exception) -> str:
        # What the error itself says may quote the address with its password.
        kind = type(error).__name__
        return f"the {self._trouble.what}'s database on {self.host} failed ({kind})"
