"""The token store in PostgreSQL: one encrypted row a company."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from typing import TypeAlias

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import TupleRow

from qb_assets.quickbooks.faults import (
    ConfigurationError,
    NotConnected,
    TokenConflict,
    TokenStoreError,
)
from qb_assets.quickbooks.stores.locks import LOCK_TIMEOUTS, Locks, lock_timeout
from qb_assets.quickbooks.stores.sealing import MAKE_A_KEY, Seal
from qb_assets.quickbooks.tokens import Connection, Purpose, Recipe, Token, check_realm

_Session: TypeAlias = "psycopg.Connection[TupleRow]"

_TABLE = """CREATE TABLE IF NOT EXISTS qb_assets_token (
    realm text PRIMARY KEY,
    sealed bytea NOT NULL,
    fingerprint text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT now()
)"""
_INSERT = """INSERT INTO qb_assets_token (realm, sealed, fingerprint)
    VALUES (%(realm)s, %(sealed)s, %(fingerprint)s) ON CONFLICT (realm) DO NOTHING"""
_REPLACE = """UPDATE qb_assets_token
    SET sealed = %(sealed)s, fingerprint = %(fingerprint)s, saved_at = now()
    WHERE realm = %(realm)s AND fingerprint = %(replaces)s"""

_KEEPALIVES = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
"""Seconds, seconds, times: a lock of a machine that vanished is free again after one minute."""


class PostgresTokenStore:
    """One row a company in the table `qb_assets_token`, which is made at first use.

    `url` is libpq's (`postgresql://user@host/database`); a password may be in it, or better in
    libpq's password file. The values are encrypted with `key` (QB_TOKEN_KEY), which must be given:
    who can read the database shall not read the books. A row is replaced by one UPDATE that names
    the token it replaces. A session's advisory lock excludes other processes and machines: connect
    directly, not through a pooler that shares sessions. Raises ConfigurationError.
    """

    def __init__(self, url: str, *, key: str | None) -> None:
        if key is None:
            raise ConfigurationError(
                "QB_TOKEN_KEY is not set, and tokens are kept in PostgreSQL encrypted only",
                what_to_do=MAKE_A_KEY,
            )
        self._url = url
        self._key = key
        self._seal = Seal(key)
        self._place = _place(url)
        self._ready = False
        self._locks = Locks(self._hold)

    def __repr__(self) -> str:
        return f"PostgresTokenStore({self._place!r})"

    def recipe(self) -> Recipe:
        """The address with its password, and the key."""
        return Recipe(self._url, self._key)

    def load(self, realm: str) -> Connection:
        """Reads and decrypts the company's row. Raises NotConnected, TokenStoreError."""
        with self._session(check_realm(realm)) as session:
            query = "SELECT sealed FROM qb_assets_token WHERE realm = %s"
            row = session.execute(query, (realm,)).fetchone()
        if row is None:
            raise NotConnected(f"no connection is kept in {self._place}", company=realm)
        return self._seal.open(row[0], realm, self._place)

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Inserts or replaces the company's row. Raises TokenConflict, TokenStoreError."""
        realm = check_realm(connection.realm)
        values = {
            "realm": realm,
            "sealed": self._seal.close(connection),
            "fingerprint": connection.token.fingerprint,
            "replaces": replaces.fingerprint if replaces else None,
        }
        with self._session(realm) as session:
            # Durable when it returns, whatever the database's default is.
            session.execute("SET synchronous_commit = on")
            saved = session.execute(_REPLACE if replaces else _INSERT, values).rowcount
        if saved != 1:
            raise TokenConflict("another token was stored meanwhile", company=realm)

    def lock(self, realm: str, *, purpose: Purpose = "token") -> AbstractContextManager[None]:
        """Holds an advisory lock; raises TokenStoreError after some minutes."""
        return self._locks.hold(realm, purpose)

    def companies(self) -> list[Connection]:
        """The companies that have a row."""
        with self._session(None) as session:
            query = "SELECT realm, sealed FROM qb_assets_token ORDER BY realm"
            rows = session.execute(query).fetchall()
        return [self._seal.open(sealed, realm, self._place) for realm, sealed in rows]

    def delete(self, realm: str) -> None:
        """Removes the company's row."""
        with self._session(check_realm(realm)) as session:
            session.execute("DELETE FROM qb_assets_token WHERE realm = %s", (realm,))

    @contextmanager
    def _hold(self, realm: str, purpose: Purpose) -> Generator[None, None, None]:
        key = _lock_key("qb_assets", purpose, realm)
        timed_out = False
        with ExitStack() as held:
            with self._errors(realm):
                session = held.enter_context(self._connected())
                for name, value in _KEEPALIVES.items():
                    _set(session, f"tcp_{name}", value)
                _set(session, "lock_timeout", round(LOCK_TIMEOUTS[purpose] * 1000))
                try:
                    session.execute("SELECT pg_advisory_lock(%s)", (key,))
                except psycopg.errors.LockNotAvailable:
                    timed_out = True
            if timed_out:
                raise lock_timeout(realm, purpose, "another process")
            try:
                yield
            finally:
                with suppress(psycopg.Error):  # a session that ended has let go of it already
                    session.execute("SELECT pg_advisory_unlock(%s)", (key,))

    @contextmanager
    def _session(self, realm: str | None) -> Generator[_Session, None, None]:
        """A session with the table there."""
        with self._errors(realm), self._connected() as session:
            if not self._ready:
                # Two that make it at once would both find it missing, and one would fail.
                with session.transaction():
                    key = _lock_key("qb_assets", "table", "")
                    session.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
                    found = session.execute("SELECT to_regclass('qb_assets_token')").fetchone()
                    if found is None or found[0] is None:
                        session.execute(_TABLE)
                self._ready = True
            yield session

    @contextmanager
    def _connected(self) -> Generator[_Session, None, None]:
        session = psycopg.connect(
            self._url,
            autocommit=True,
            connect_timeout=10,
            application_name="qb_assets",
            keepalives_idle=_KEEPALIVES["keepalives_idle"],
            keepalives_interval=_KEEPALIVES["keepalives_interval"],
            keepalives_count=_KEEPALIVES["keepalives_count"],
        )
        try:
            yield session
        finally:
            session.close()

    @contextmanager
    def _errors(self, realm: str | None) -> Generator[None, None, None]:
        """Makes the driver's errors ours: its texts may quote the address with its password."""
        failure: TokenStoreError | None = None
        try:
            yield
        except psycopg.Error as error:
            reason = error.diag.message_primary or type(error).__name__
            failure = TokenStoreError(
                f"the token store {self._place} cannot be used: {reason}",
                company=realm,
                what_to_do="Check the address in QB_TOKEN_STORE, and that its user may create and "
                "change the table qb_assets_token.",
            )
        if failure is not None:
            raise failure from None


def _place(url: str) -> str:
    """The address without user and password."""
    parts: dict[str, str | int | None] | None = None
    with suppress(psycopg.Error):
        parts = dict(conninfo_to_dict(url))
    if parts is None:
        raise ConfigurationError(
            "the PostgreSQL address in QB_TOKEN_STORE is not understood",
            what_to_do="Write it like postgresql://user@host:5432/database; percent-encode "
            "special characters in a password.",
        )
    port = f":{parts['port']}" if parts.get("port") else ""
    return f"postgresql://{parts.get('host') or ''}{port}/{parts.get('dbname') or ''}"


def _set(session: _Session, name: str, value: int) -> None:
    session.execute("SELECT set_config(%s, %s, false)", (name, str(value)))


def _lock_key(*parts: str) -> int:
    """A number for an advisory lock, of 64 bits."""
    digest = hashlib.blake2b("/".join(parts).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)
