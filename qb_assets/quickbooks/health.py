"""How long a connection will last: from the dates that Intuit gave with its token.

A refresh token ends about 100 days after it was last used, and for good 5 years after a person
connected (Intuit, "Set up OAuth 2.0").
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Literal, TypeAlias

from qb_assets.quickbooks.tokens import Connection

Level: TypeAlias = Literal["ok", "warn", "bad"]

WARN_BEFORE_ROLLING_END = timedelta(days=14)
WARN_BEFORE_HARD_END = timedelta(days=60)

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What is to be said of a connection.

    `refresh_days_left` counts to the end that each refresh moves ahead, `hard_days_left` to the
    one that only connecting again moves; None where Intuit did not say, negative when over.
    `age_days` is the time since the token was last refreshed.
    """

    level: Level
    message: str
    age_days: float
    refresh_days_left: float | None
    hard_days_left: float | None


def token_health(connection: Connection, now: datetime | None = None) -> Health:
    """Whether the connection lasts: bad when it is over, warn 14 days before its rolling end and
    60 days before its hard end.
    """
    moment = now or datetime.now(timezone.utc)
    token = connection.token
    level, message = _judged(connection, moment)
    return Health(
        level=level,
        message=message,
        age_days=(moment - token.issued_at) / _DAY,
        refresh_days_left=_days(token.refresh_expires_at, moment),
        hard_days_left=_days(token.hard_expires_at, moment),
    )


def likely_cause(connection: Connection, now: datetime) -> str:
    """Why Intuit refuses the refresh token, as far as its dates tell."""
    token = connection.token
    if token.hard_expires_at is not None and token.hard_expires_at <= now:
        return f"the connection reached the end of its 5 years on {_date(token.hard_expires_at)}"
    if token.refresh_expires_at is not None and token.refresh_expires_at <= now:
        return f"it was not used for about 100 days and ended on {_date(token.refresh_expires_at)}"
    return (
        "most likely a person disconnected the app in QuickBooks, or the token was refreshed "
        "elsewhere and not kept here"
    )


def _judged(connection: Connection, now: datetime) -> tuple[Level, str]:
    token = connection.token
    again = f"connect again with: qb-assets connect --company {connection.realm}"
    ends = [end for end in (token.refresh_expires_at, token.hard_expires_at) if end is not None]
    if not ends:
        return "ok", "Intuit did not say when the connection ends."
    if min(ends) <= now:
        return "bad", f"The connection is over: {likely_cause(connection, now)}; {again}"
    hard, rolling = token.hard_expires_at, token.refresh_expires_at
    if hard is not None and hard - now < WARN_BEFORE_HARD_END:
        return "warn", f"The connection ends for good on {_date(hard)}; before that, {again}"
    if rolling is not None and rolling - now < WARN_BEFORE_ROLLING_END:
        return "warn", f"The connection ends on {_date(rolling)} unless the company is read before."
    return "ok", f"The connection lasts until {_date(min(ends))}, and longer with each use."


def _days(end: datetime | None, now: datetime) -> float | None:
    return None if end is None else (end - now) / _DAY


def _date(moment: datetime) -> str:
    return moment.date().isoformat()
