"""Tokens of a connected company, and the interface of the stores that keep them."""

from __future__ import annotations

import hashlib
import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Literal, Protocol, TypeAlias, runtime_checkable

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import Environment

REFRESH_AHEAD = timedelta(minutes=5)
"""An access token is refreshed this long before it ends (it lives an hour, Intuit, "OAuth 2.0")."""

Purpose: TypeAlias = Literal["token", "asking"]
"""What a company's lock is for. `token` is held while the token changes. `asking` is held by the
one caller that has the token refreshed, so that the others wait instead of asking as well."""

_REALM = re.compile(r"[0-9A-Za-z_-]{1,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An access token and the refresh token that renews it; all moments in UTC.

    `refresh_expires_at` moves ahead with each refresh (about 100 days), `hard_expires_at` does not
    (5 years after connecting); both are None where Intuit did not say.
    """

    realm: str
    environment: Environment
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    refresh_expires_at: datetime | None = None
    hard_expires_at: datetime | None = None

    def is_fresh(self, now: datetime | None = None) -> bool:
        """Whether the access token may still be used, with five minutes to spare."""
        moment = now or datetime.now(timezone.utc)
        # A clock that was set back must not make an ended token look fresh for long.
        return self.issued_at - REFRESH_AHEAD <= moment < self.expires_at - REFRESH_AHEAD

    def usable(self, refused: str | None) -> bool:
        """Whether it is fresh, and its access token not the one that was refused."""
        return self.is_fresh() and self.access != refused

    @property
    def fingerprint(self) -> str:
        """Tells tokens apart and gives nothing of them away."""
        parts = (self.access, self.refresh, self.issued_at.isoformat())
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()

    def same_as(self, other: Token | None) -> bool:
        """Whether both are one and the same token."""
        return other is not None and self.fingerprint == other.fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What the store keeps of a connected company.

    `previous` is the token before `token`, kept until `token` has worked.
    """

    token: Token
    connected_at: datetime
    name: str | None = None
    previous: Token | None = None

    @property
    def realm(self) -> str:
        """The company's id."""
        return self.token.realm

    @property
    def environment(self) -> Environment:
        """The environment it was connected in."""
        return self.token.environment

    def renewed(self, token: Token) -> Connection:
        """With a newer token; the present one is kept as the previous."""
        return replace(self, token=token, previous=self.token)

    def proven(self) -> Connection:
        """With the previous token forgotten, as the present one has worked."""
        return replace(self, previous=None)


class TokenStore(Protocol):
    """Keeps one `Connection` a company. Every method may raise TokenStoreError."""

    def load(self, realm: str) -> Connection:
        """What is kept of the company, read anew. Raises NotConnected."""
        ...

    def save(self, connection: Connection, *, replaces: Token | None) -> None:
        """Keeps the connection durably, in place of the one that holds the token `replaces`.

        None: in place of none. Raises TokenConflict, and changes nothing, where another is kept.
        """
        ...

    def lock(self, realm: str, *, purpose: Purpose = "token") -> AbstractContextManager[None]:
        """Excludes all other holders of the company's lock: threads, processes, machines.

        It is free again when its holder was killed. One thread may take it again while it holds
        it.
        """
        ...

    def companies(self) -> list[Connection]:
        """All connected companies, by realm."""
        ...

    def delete(self, realm: str) -> None:
        """Forgets the company, if it is known."""
        ...


@dataclass(frozen=True, slots=True)
class Recipe:
    """How another process opens the same store. Both parts are secret."""

    url: str = field(repr=False)
    key: str | None = field(repr=False)


@runtime_checkable
class Reopenable(Protocol):
    """A store that other processes can open as well."""

    def recipe(self) -> Recipe:
        """What QB_TOKEN_STORE and QB_TOKEN_KEY would have to be."""
        ...


def check_realm(realm: str) -> str:
    """The realm, where it may be one. Raises ConfigurationError."""
    if not _REALM.fullmatch(realm):
        raise ConfigurationError(
            "the company id is not a QuickBooks realm id",
            what_to_do="Give the digits that QuickBooks shows under Settings, Billing, Company ID.",
        )
    return realm
