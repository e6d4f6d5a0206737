"""The custody of a company's token: who refreshes it, and that a renewed one is never lost.

Two refreshes at once make Intuit refuse the second and may end the first; a renewed token that
was not stored ends the connection. So a refresh happens under the company's lock, after reading
the store anew, and its outcome is stored durably before anyone uses it.
"""

from __future__ import annotations

import threading

from qb_assets.quickbooks.faults import ReconnectNeeded, WrongEnvironment
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Token, TokenStore


class Custody:
    """The token of one company, for all threads of a process."""

    def __init__(self, settings: Settings, store: TokenStore, realm: str) -> None:
        self._settings = settings
        self._store = store
        self._realm = realm
        self._oauth = OAuth(settings)
        self._guard = threading.Lock()
        self._token: Token | None = None
        self._unproven: Token | None = None

    def current(self) -> Token:
        """A token that is good for five minutes at least, refreshed where need be.

        Raises NotConnected, WrongEnvironment, ReconnectNeeded, WrongCredentials, and the errors
        of the store and of the connection.
        """
        token = self._token
        if token is not None and token.is_fresh():
            return token
        return self._renewed(refused=None)

    def renew(self, refused: Token) -> Token:
        """A token other than the one that QuickBooks did not take; raises as `current`."""
        return self._renewed(refused=refused)

    def worked(self, token: Token) -> None:
        """Notes that QuickBooks took the token: the one before it is no longer needed."""
        if self._unproven is None or not token.same_as(self._unproven):
            return
        with self._guard, self._store.lock(self._realm):
            self._unproven = None
            connection = self._store.load(self._realm)
            if connection.previous is not None and connection.token.same_as(token):
                self._store.save(connection.proven(), replaces=token)

    def _renewed(self, refused: Token | None) -> Token:
        with self._guard, self._store.lock(self._realm):
            connection = self._store.load(self._realm)
            self._check_environment(connection)
            token = connection.token
            was_refused = refused is not None and token.access == refused.access
            if was_refused or not token.is_fresh():
                connection = self._refresh(connection)
                token = connection.token
            self._token = token
            self._unproven = token if connection.previous is not None else None
            return token

    def _refresh(self, connection: Connection) -> Connection:
        # A store that cannot be written must show before Intuit rotates the token, not after.
        self._store.save(connection, replaces=connection.token)
        held, previous = connection.token, connection.previous
        # A renewed token that never worked may have been lost on the way: then the one before it
        # is the last that can.
        candidates = [held.refresh]
        if previous is not None and previous.refresh != held.refresh:
            candidates.append(previous.refresh)
        refusals: list[ReconnectNeeded] = []
        for refresh_token in candidates:
            try:
                token = self._oauth.refresh(self._realm, refresh_token)
            except ReconnectNeeded as error:
                refusals.append(error)
                continue
            renewed = connection.renewed(token)
            self._store.save(renewed, replaces=held)
            return renewed
        raise refusals[0]

    def _check_environment(self, connection: Connection) -> None:
        if connection.environment != self._settings.environment:
            raise WrongEnvironment(
                f"it was connected in {connection.environment}, and QB_ENVIRONMENT is "
                f"{self._settings.environment}",
                company=self._realm,
            )
