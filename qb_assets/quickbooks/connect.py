"""Connects a company: by a person in the browser, or with a refresh token that is there already."""

from __future__ import annotations

import secrets
import webbrowser
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone

from qb_assets.quickbooks.callback import CallbackServer
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import (
    ConnectRefused,
    NotAuthorised,
    NotConnected,
    QuickBooksError,
    UnknownCompany,
    UnreadableToken,
)
from qb_assets.quickbooks.oauth import OAuth
from qb_assets.quickbooks.refresh import load
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, Token, TokenStore, check_realm


def connect_in_browser(
    settings: Settings,
    store: TokenStore,
    *,
    company: str | None = None,
    open_page: Callable[[str], object] = webbrowser.open,
    announce: Callable[[str], object] = print,
    timeout: float = 300.0,
) -> Connection:
    """Lets a person allow it on Intuit's page, and keeps the company's token.

    The address is announced as well, for a machine without a browser. `company` is the realm that
    must come back, None takes any. Raises ConnectRefused where it does not come to a good end, and
    the errors of a call.
    """
    state = secrets.token_urlsafe(32)
    oauth = OAuth(settings)

    def finish(code: str, realm: str) -> Connection:
        check_realm(realm)
        if company is not None and realm != company:
            raise ConnectRefused(
                f"company {realm} was chosen on Intuit's page, not {company}",
                what_to_do="Start again and choose the right company.",
            )
        return _keep(settings, store, oauth.exchange(code, realm))

    server = CallbackServer(settings.redirect_uri, state, finish)
    address = oauth.authorization_url(state)
    announce(f"Allow the connection on Intuit's page: {address}")
    open_page(address)
    return server.wait(timeout)


def connect_with_refresh_token(
    settings: Settings, store: TokenStore, realm: str, refresh_token: str
) -> Connection:
    """Keeps a company's token, got anew with a refresh token (as Intuit's playground gives one).

    Raises ReconnectNeeded where it is not valid, UnknownCompany where it is another company's.
    """
    check_realm(realm)
    return _keep(settings, store, OAuth(settings).refresh(realm, refresh_token.strip()))


def disconnect(settings: Settings, store: TokenStore, realm: str) -> bool:
    """Ends the connection at Intuit and forgets the token; the data stays.

    False where it had ended at Intuit already. Raises NotConnected, WrongEnvironment, and the
    errors of the store and of the connection: then nothing is forgotten.
    """
    with store.lock(realm):
        revoked = OAuth(settings).revoke(load(settings, store, realm).token)
        store.delete(realm)
    return revoked


def _keep(settings: Settings, store: TokenStore, token: Token) -> Connection:
    """Stores the token, then uses it to ask the company's name."""
    realm = token.realm
    with store.lock(realm):
        before = _held(store, realm)
        connection = Connection(token=token, connected_at=datetime.now(timezone.utc))
        store.save(connection, replaces=before.token if before else None)
    client = QuickBooksClient(settings, store, realm)
    failure: QuickBooksError
    try:
        name = client.company_info().name
    except (UnknownCompany, NotAuthorised) as error:
        failure = error
    else:
        with store.lock(realm):
            held = store.load(realm)
            named = replace(held, name=name or None)
            store.save(named, replaces=held.token)
        return named
    finally:
        client.close()
    _put_back(store, before, connection)
    raise failure


def _put_back(store: TokenStore, before: Connection | None, connection: Connection) -> None:
    """Undoes the storing of a token that is not this company's."""
    with store.lock(connection.realm):
        if before is None:
            store.delete(connection.realm)
        else:
            store.save(before, replaces=store.load(connection.realm).token)


def _held(store: TokenStore, realm: str) -> Connection | None:
    try:
        return store.load(realm)
    except NotConnected:
        return None
    except UnreadableToken:  # connecting anew is what is advised then
        store.delete(realm)
        return None
