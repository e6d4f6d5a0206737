"""The custody of a company's token, for all threads of a process.

Who needs a fresh token takes the company's `asking` lock, reads the store anew, and has the token
refreshed by a process of its own (see `detached`), so that a killed caller never takes a renewed
token with it. What a refresh itself keeps to is in `refresh`.
"""

from __future__ import annotations

import logging
import threading

from qb_assets.quickbooks.detached import refreshed_elsewhere
from qb_assets.quickbooks.faults import QuickBooksError, TokenConflict
from qb_assets.quickbooks.refresh import load, refreshed
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Reopenable, Token, TokenStore

log = logging.getLogger("qb_assets.quickbooks")


class Custody:
    """The token of one company."""

    def __init__(self, settings: Settings, store: TokenStore, realm: str) -> None:
        self._settings = settings
        self._store = store
        self._realm = realm
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
        return self._renewed(refused=refused.access)

    def worked(self, token: Token) -> None:
        """Notes that QuickBooks took the token: the one before it is no longer needed."""
        if self._unproven is None or not token.same_as(self._unproven):
            return
        with self._guard:
            self._unproven = None
            try:
                connection = self._store.load(self._realm)
                if connection.previous is not None and connection.token.same_as(token):
                    self._store.save(connection.proven(), replaces=token)
            except TokenConflict:  # a newer one is stored: nothing to note
                return
            except QuickBooksError as error:  # the call went well, and nothing is lost
                log.warning("token company=%s previous=kept: %s", self._realm, error.message)

    def _renewed(self, refused: str | None) -> Token:
        with self._guard:
            connection = load(self._settings, self._store, self._realm)
            if not connection.token.usable(refused):
                connection = self._refreshed(refused)
            self._token = connection.token
            self._unproven = connection.token if connection.previous is not None else None
            return self._token

    def _refreshed(self, refused: str | None) -> Connection:
        store = self._store
        if not isinstance(store, Reopenable):  # it lives in this process only
            return refreshed(self._settings, store, self._realm, refused)
        with store.lock(self._realm, purpose="asking"):
            connection = load(self._settings, store, self._realm)
            if connection.token.usable(refused):
                return connection
            return refreshed_elsewhere(self._settings, store.recipe(), self._realm, refused)
