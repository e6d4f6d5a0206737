"""The table of connected companies that `qb-assets companies` prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from rich.table import Table

from qb_assets.quickbooks.health import Health, Level, token_health
from qb_assets.quickbooks.tokens import Connection

_COLORS: Mapping[Level, str] = {"ok": "green", "warn": "yellow", "bad": "red"}
_NEVER_USED = 365.0 * 20
"""Days; a refresh token out of the environment is dated 1970 until it is used."""


def companies_table(
    connections: Sequence[Connection],
    *,
    now: datetime,
    last_sync: Callable[[str], datetime | None],
    calls: Mapping[str, int] | None,
) -> Table:
    """One row a company; `last_sync` tells of one by its realm, `calls` is None where unknown."""
    table = Table(title="Connected companies", title_justify="left")
    for name in ("Company", "Name", "Environment", "Token", "Ends unless used", "Ends for good"):
        table.add_column(name)
    table.add_column("Last sync (UTC)")
    table.add_column("Calls this month", justify="right")
    for connection in connections:
        health, realm, token = token_health(connection, now), connection.realm, connection.token
        table.add_row(
            realm,
            connection.name or "",
            connection.environment,
            f"[{_COLORS[health.level]}]{_age(health)}[/]",
            _end(token.refresh_expires_at, health.refresh_days_left),
            _end(token.hard_expires_at, health.hard_days_left),
            _moment(last_sync(realm)),
            "unknown" if calls is None else f"{calls.get(realm, 0):,}",
        )
    return table


def warnings(connections: Sequence[Connection], now: datetime) -> list[str]:
    """A line for each company whose connection is over or soon will be."""
    found = [(each.realm, token_health(each, now)) for each in connections]
    return [f"company {realm}: {each.message}" for realm, each in found if each.level != "ok"]


def _age(health: Health) -> str:
    if health.level == "bad":
        return "over"
    if health.age_days > _NEVER_USED:
        return "not used yet"
    hours = health.age_days * 24
    if hours < 2:
        return f"{hours * 60:.0f} min old"
    return f"{hours:.0f} h old" if hours < 48 else f"{health.age_days:.0f} days old"


def _end(end: datetime | None, days_left: float | None) -> str:
    if end is None or days_left is None:
        return "unknown"
    return f"{end.date().isoformat()} ({days_left:.0f} days)"


def _moment(moment: datetime | None) -> str:
    return "never" if moment is None else f"{moment:%Y-%m-%d %H:%M}"
