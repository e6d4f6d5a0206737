"""The refresh of a company's token: under its lock, and with its outcome stored before use.

Two refreshes at once make Intuit refuse the second and may end the first; a renewed token that
was not stored ends the connection. So the store is read anew under the lock, proven to be writable
before Intuit is asked, and holds the new token durably before anyone uses it.
"""

from __future__ import annotations

import time
from datetime import datetime, timezone

from qb_assets.quickbooks.faults import (
    ReconnectNeeded,
    TokenConflict,
    TokenStoreError,
    WrongEnvironment,
)
from qb_assets.quickbooks.health import likely_cause
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Token, TokenStore

KEEP_TRYING = 60.0
"""Seconds to go on trying to store a token that Intuit has just given."""

RECONNECT_URL = "https://appcenter.intuit.com/app/connect/oauth2/request"


def refreshed(settings: Settings, store: TokenStore, realm: str, refused: str | None) -> Connection:
    """The company's connection with a token that is fresh and not the `refused` access token.

    Asks Intuit only where nobody else has meanwhile. Raises NotConnected, WrongEnvironment,
    ReconnectNeeded, WrongCredentials, and the errors of the store and of the connection.
    """
    with store.lock(realm):
        connection = load(settings, store, realm)
        if connection.token.usable(refused):
            return connection
        # A store that cannot be written must show before Intuit rotates the token, not after.
        try:
            store.save(connection, replaces=connection.token)
        except TokenConflict:  # what was read was not the newest: some stores answer late
            connection = load(settings, store, realm)
            if connection.token.usable(refused):
                return connection
            store.save(connection, replaces=connection.token)
        return _refresh(settings, store, connection)


def load(settings: Settings, store: TokenStore, realm: str) -> Connection:
    """What the store holds now. Raises NotConnected, WrongEnvironment, TokenStoreError."""
    connection = store.load(realm)
    if connection.environment != settings.environment:
        raise WrongEnvironment(
            f"it was connected in {connection.environment}, and QB_ENVIRONMENT is "
            f"{settings.environment}",
            company=realm,
        )
    return connection


def _refresh(settings: Settings, store: TokenStore, connection: Connection) -> Connection:
    held, previous = connection.token, connection.previous
    # A renewed token that never worked may have been lost on the way: then the one before it is
    # the last that can.
    candidates = [held.refresh]
    if previous is not None and previous.refresh != held.refresh:
        candidates.append(previous.refresh)
    refusals: list[ReconnectNeeded] = []
    for refresh_token in candidates:
        try:
            token = OAuth(settings).refresh(held.realm, refresh_token)
        except ReconnectNeeded as error:
            refusals.append(error)
            continue
        renewed = connection.renewed(token)
        _keep(store, renewed, held)
        return renewed
    raise _final(refusals[0], connection, settings)


def _keep(store: TokenStore, renewed: Connection, held: Token) -> None:
    """Stores the renewed token. It exists nowhere else, so a store in trouble is given a minute."""
    give_up = time.monotonic() + KEEP_TRYING
    wait = 0.1
    while True:
        try:
            store.save(renewed, replaces=held)
        except TokenConflict:
            # A save whose answer was lost has been done all the same.
            if store.load(renewed.realm).token.same_as(renewed.token):
                return
            raise
        except TokenStoreError:
            if time.monotonic() + wait > give_up:
                raise
        else:
            return
        time.sleep(wait)
        wait = min(2 * wait, 5.0)


def _final(refusal: ReconnectNeeded, connection: Connection, settings: Settings) -> ReconnectNeeded:
    """The refusal with its likely cause, and every way to connect again."""
    realm = connection.realm
    cause = likely_cause(connection, datetime.now(timezone.utc))
    final = ReconnectNeeded(
        f"{refusal.message}: {cause}",
        company=realm,
        code=refusal.code,
        http_status=refusal.http_status,
        intuit_tid=refusal.intuit_tid,
    )
    if settings.app_id:
        address = f"{RECONNECT_URL}?appId={settings.app_id}&realmId={realm}&mode=reconnect"
        final.what_to_do += f" (or let the person who connected it open {address})"
    final.attempts = refusal.attempts
    return final
