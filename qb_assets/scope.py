"""What a check is about: the run's partitions, a window from its configuration, or everything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import dagster as dg

from qb_assets.clock import utc_now
from qb_assets.partitions import (
    COMPANY_DIMENSION,
    Calendar,
    CompanyDays,
    company_days,
    days_between,
)


class CheckWindow(dg.Config):
    """The window of a check that is run on demand; without one it looks at everything."""

    company: str | None = None
    """A realm Id; None for every connected company."""

    first_day: str | None = None
    """YYYY-MM-DD, None for the first partition."""

    last_day: str | None = None
    """YYYY-MM-DD, None for today."""


def asked_scopes(
    context: dg.AssetCheckExecutionContext, window: CheckWindow, calendar: Calendar
) -> list[CompanyDays] | None:
    """The days that the run or the configuration names, by company; None where neither does."""
    op = context.op_execution_context
    if op.has_partition_key or op.has_partition_key_range:
        return company_days(op.partition_keys)
    if window.company is None and window.first_day is None and window.last_day is None:
        return None
    first = _day(window.first_day) or calendar.start
    last = _day(window.last_day) or calendar.today()
    names = [window.company] if window.company else connected(context.instance)
    days = tuple(days_between(max(first, calendar.start), last))
    return [CompanyDays(company, days) for company in names]


def all_days(
    instance: dg.DagsterInstance, calendar: Calendar, now: datetime | None = None
) -> list[CompanyDays]:
    """Every day of every connected company, today included."""
    today = calendar.today(now or utc_now())
    days = tuple(days_between(calendar.start, today))
    return [CompanyDays(company, days) for company in connected(instance)]


def materialized_days(instance: dg.DagsterInstance, key: dg.AssetKey) -> list[CompanyDays]:
    """The days of an asset that have been materialized, by company."""
    return company_days(instance.get_materialized_partitions(key))


def connected(instance: dg.DagsterInstance) -> Sequence[str]:
    """The companies that have partitions."""
    return sorted(instance.get_dynamic_partitions(COMPANY_DIMENSION))


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
