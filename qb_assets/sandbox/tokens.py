"""Intuit's tokens: what they are good for, and when they stop being so.

Lifetimes and rotation: Intuit, "Set up OAuth 2.0"; error texts as seen in its answers.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from .clock import Clock
from .faults import not_authorized, token_fault
from .settings import Settings

_CODE_LIFETIME = 600


class OAuthError(Exception):
    """A refusal by the token endpoint: an OAuth `error` and its description."""

    def __init__(self, error: str, description: str = "", status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.description = description
        self.status = status


@dataclass(eq=False)
class _Connection:
    """A user's consent: it lives on through every rotation of its refresh token."""

    refresh_token: str
    rotated: float
    expires: float
    hard_expires: float
    alive: bool = True


@dataclass(frozen=True, slots=True)
class _Code:
    redirect_uri: str
    expires: float


class Tokens:
    """Issues, rotates, expires and revokes the tokens of the one realm there is."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._codes: dict[str, _Code] = {}
        self._refresh: dict[str, _Connection] = {}
        self._access: dict[str, tuple[_Connection, float]] = {}
        self._connect(settings.refresh_token)

    def is_client(self, client_id: str, client_secret: str) -> bool:
        """Whether these are the app's keys."""
        given, mine = (client_id, client_secret), self._settings
        return secrets.compare_digest(
            repr(given).encode(), repr((mine.client_id, mine.client_secret)).encode()
        )

    def issue_code(self, redirect_uri: str) -> str:
        """An authorization code, good once and for ten minutes."""
        code = "AB" + secrets.token_urlsafe(24)
        self._codes[code] = _Code(redirect_uri, self._clock.seconds() + _CODE_LIFETIME)
        return code

    def exchange(self, code: str, redirect_uri: str) -> tuple[str, str]:
        """Access and refresh token for an authorization code; raises OAuthError."""
        known = self._codes.pop(code, None)
        if known is None or known.expires <= self._clock.seconds():
            raise OAuthError("invalid_grant", "Invalid authorization code")
        if known.redirect_uri != redirect_uri:
            raise OAuthError("invalid_grant", "Redirect URI does not match")
        connection = self._connect(_new_token())
        return self._issue_access(connection), connection.refresh_token

    def refresh(self, token: str) -> tuple[str, str]:
        """A new access token and the refresh token to use from now on; raises OAuthError.

        The refresh token's value changes when it is old enough, and the old value is then dead.
        """
        connection = self._refresh.get(token)
        now = self._clock.seconds()
        if connection is None or not connection.alive:
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        if connection.refresh_token != token:
            connection.alive = not self._settings.revoke_on_reuse
            raise OAuthError("invalid_grant", "Incorrect or invalid refresh token")
        if min(connection.expires, connection.hard_expires) <= now:
            raise OAuthError("invalid_grant", "Token expired")
        if now - connection.rotated >= self._settings.rotate_every:
            connection.refresh_token = _new_token()
            connection.rotated = now
            self._refresh[connection.refresh_token] = connection
        connection.expires = now + self._settings.refresh_token_lifetime
        return self._issue_access(connection), connection.refresh_token

    def revoke(self, token: str) -> bool:
        """End the connection of an access or refresh token; False when there is no such token."""
        connection = self._refresh.get(token) or self._access.get(token, (None,))[0]
        if connection is None or not connection.alive:
            return False
        connection.alive = False
        return True

    def check(self, token: str) -> None:
        """Raise GatewayError unless this access token is good now."""
        known = self._access.get(token)
        if known is None:
            raise token_fault("Malformed bearer token: too short or too long")
        connection, expires = known
        if expires <= self._clock.seconds():
            raise token_fault(f"Token expired: {token}")
        if not connection.alive:
            raise not_authorized()

    def expire_all(self) -> None:
        """Make every access token stale."""
        past = self._clock.seconds() - 1
        self._access = {token: (held, past) for token, (held, _) in self._access.items()}

    def lifetimes(self, refresh_token: str) -> tuple[int, int]:
        """The seconds left of a refresh token, and until its connection ends for good."""
        connection, now = self._refresh[refresh_token], self._clock.seconds()
        hard = connection.hard_expires - now
        return round(min(connection.expires - now, hard)), round(hard)

    def _connect(self, refresh_token: str) -> _Connection:
        now, settings = self._clock.seconds(), self._settings
        connection = _Connection(
            refresh_token,
            rotated=now,
            expires=now + settings.refresh_token_lifetime,
            hard_expires=now + settings.refresh_token_hard_lifetime,
        )
        self._refresh[refresh_token] = connection
        return connection

    def _issue_access(self, connection: _Connection) -> str:
        token = "ey" + secrets.token_urlsafe(256)
        self._access[token] = (
            connection,
            self._clock.seconds() + self._settings.access_token_lifetime,
        )
        return token


def _new_token() -> str:
    return "AB" + secrets.token_urlsafe(32)
