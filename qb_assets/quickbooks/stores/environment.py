"""The token store of CI: one refresh token in the environment, which is only read."""

from __future__ import annotations

import os
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timezone

from qb_assets.quickbooks.faults import NotConnected, TokenConflict, TokenStoreError
from qb_assets.quickbooks.settings import read_environment, read_secret
from qb_assets.quickbooks.stores.locks import Locks
from qb_assets.quickbooks.tokens import Connection, Purpose, Token, check_realm

_NEVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


class EnvironmentTokenStore:
    """The refresh token in QB_REFRESH_TOKEN (or its file) of the company QB_COMPANY, for CI.

    A token that Intuit renews is kept in memory only, so this is for short-lived processes whose
    secrets are renewed by other means, and the company is refreshed in the process itself.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = environ
        self._renewed: dict[str, tuple[str, Connection]] = {}
        self._locks = Locks(_no_others)

    def __repr__(self) -> str:
        return "EnvironmentTokenStore()"

    def load(self, realm: str) -> Connection:
        """The connection of QB_COMPANY. Raises NotConnected for any other company."""
        company, refresh = self._company(), self._refresh_token()
        if not refresh or company != check_realm(realm):
            raise NotConnected(
                "QB_COMPANY and QB_REFRESH_TOKEN hold no token of this company",
                company=realm,
                what_to_do="Set both, or set QB_TOKEN_STORE to the folder where it is connected.",
            )
        given, renewed = self._renewed.get(realm, ("", None))
        if renewed is not None and given == refresh:
            return renewed
        token = Token(
            realm=realm,
            environment=read_environment(self._values()),
            access="",
            refresh=refresh,
            issued_at=_NEVER,
            expires_at=_NEVER,
        )
        return Connection(token=token, connected_at=_NEVER)

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Keeps the connection for this process. Raises TokenConflict, NotConnected."""
        with self.lock(connection.realm):
            if not self.load(connection.realm).token.same_as(replaces):
                raise TokenConflict("another token was stored meanwhile", company=connection.realm)
            self._renewed[connection.realm] = (self._refresh_token(), connection)

    def lock(self, realm: str, *, purpose: Purpose = "token") -> AbstractContextManager[None]:
        """Excludes the other threads of this process."""
        return self._locks.hold(realm, purpose)

    def companies(self) -> list[Connection]:
        """QB_COMPANY, where it is set."""
        company = self._company()
        return [self.load(company)] if company and self._refresh_token() else []

    def delete(self, realm: str) -> None:
        """Refuses, as the environment cannot be changed from here."""
        raise TokenStoreError(
            "values of the environment cannot be deleted",
            company=realm,
            what_to_do="Unset QB_REFRESH_TOKEN.",
        )

    def _values(self) -> Mapping[str, str]:
        return os.environ if self._environ is None else self._environ

    def _company(self) -> str:
        return self._values().get("QB_COMPANY", "").strip()

    def _refresh_token(self) -> str:
        return read_secret(self._values(), "QB_REFRESH_TOKEN")


@contextmanager
def _no_others(_realm: str, _purpose: Purpose) -> Generator[None, None, None]:
    yield
