"""What is worth waking somebody for, and when it is said again. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import msgspec

REMIND_AFTER = timedelta(days=1)
"""A trouble that lasts is told again this often."""

MOST_ERRORS = 0.2
"""The share of requests that may fail before that is told: retries hide them from everybody."""

MOST_LINES = 20
"""Troubles that one message tells of; one cause makes many checks red."""

FEW_REQUESTS = 20
"""Below this many, a share says nothing."""


@dataclass(frozen=True, slots=True)
class Alert:
    """Something that is wrong: `key` tells it from others, `text` says what to do."""

    key: str
    text: str


class Memory(msgspec.Struct):
    """What was told already: `told` by key, and the run failures up to `since` (UTC)."""

    since: datetime
    told: dict[str, datetime] = {}

    @classmethod
    def read(cls, text: str | None, now: datetime) -> Memory:
        """What a sensor's cursor holds; at the beginning, what has failed before is past."""
        return msgspec.json.decode(text, type=cls) if text else cls(since=now)

    def write(self) -> str:
        """As a sensor's cursor."""
        return msgspec.json.encode(self).decode()


def due(
    lasting: Iterable[Alert], memory: Memory, now: datetime, unknown: Collection[str] = ()
) -> list[Alert]:
    """Of the troubles that last, those not told yet, or not for a day.

    What is no longer wrong is forgotten, so that it is told at once when it comes back; that of
    which nothing is known at the moment is not.
    """
    there = {alert.key: alert for alert in lasting}
    memory.told = {
        key: moment for key, moment in memory.told.items() if key in there or key in unknown
    }
    return [
        alert
        for key, alert in there.items()
        if key not in memory.told or now - memory.told[key] >= REMIND_AFTER
    ]


def stale(
    company: str,
    synced: datetime | None,
    now: datetime,
    longest: timedelta,
    *,
    connected_at: datetime | None = None,
) -> Alert | None:
    """An alert where the last fetch of a company is too long ago, and so is its connection."""
    if any(now - moment <= longest for moment in (synced, connected_at) if moment is not None):
        return None
    last = f"since {synced.astimezone(timezone.utc):%Y-%m-%d %H:%M} UTC" if synced else "ever"
    return Alert(
        f"stale:{company}",
        f"company {company}: nothing was fetched from QuickBooks {last}. See whether the schedule"
        " `daily` and the Dagster daemon are running, and which runs failed.",
    )


def erring(company: str, requests: int, failed: int) -> Alert | None:
    """An alert where many of a company's recent requests failed, even if retries brought all."""
    if requests < FEW_REQUESTS or failed / requests <= MOST_ERRORS:
        return None
    return Alert(
        f"errors:{company}",
        f"company {company}: {failed} of {requests} requests of the last day failed. See the log"
        " lines `call` of its runs, and https://status.quickbooks.intuit.com.",
    )


def one_text(alerts: Sequence[Alert]) -> str:
    """All in one message, which says how many more there are where they are too many to read."""
    lines = [alert.text for alert in alerts[:MOST_LINES]]
    more = len(alerts) - len(lines)
    return "\n".join([*lines, f"And {more} more: see the Dagster UI."] if more else lines)
