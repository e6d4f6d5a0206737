"""Tokens of a connected company, and the interface of the stores that keep them."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import Protocol

from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets.quickbooks.settings import Environment

REFRESH_AHEAD = timedelta(minutes=5)
"""An access token is refreshed this long before it ends (it lives an hour, Intuit, "OAuth 2.0")."""

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

    def same_as(self, other: Token | None) -> bool:
        """Whether both are one and the same token."""
        return other is not None and (self.access, self.refresh, self.issued_at) == (
            other.access,
            other.refresh,
            other.issued_at,
        )


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

    def lock(self, realm: str) -> AbstractContextManager[None]:
        """Excludes all other holders of the company's lock: threads, processes, machines.

        One thread may take it again while it holds it.
        """
        ...

    def companies(self) -> list[Connection]:
        """All connected companies, by realm."""
        ...

    def delete(self, realm: str) -> None:
        """Forgets the company, if it is known."""
        ...


def check_realm(realm: str) -> str:
    """The realm, where it may be one. Raises ConfigurationError."""
    if not _REALM.fullmatch(realm):
        raise ConfigurationError(
            "the company id is not a QuickBooks realm id",
            what_to_do="Give the digits that QuickBooks shows under Settings, Billing, Company ID.",
        )
    return realm
