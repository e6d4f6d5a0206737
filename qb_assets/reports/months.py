"""How reports are cut into partitions: company × month."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import dagster as dg

from qb_assets.partitions import COMPANY_DIMENSION, Calendar, companies
from qb_assets.quickbooks.reports import Period

MONTH_DIMENSION = "month"

BEGINNING = date(1970, 1, 1)
"""The first day of the first month's window, before which nobody keeps books in QuickBooks."""


def month_partitions(calendar: Calendar) -> dg.MultiPartitionsDefinition:
    """Company × month, with the month that is not over yet as the last key."""
    months = dg.MonthlyPartitionsDefinition(
        start_date=first_month(calendar).isoformat(), timezone=calendar.zone.key, end_offset=1
    )
    return dg.MultiPartitionsDefinition({COMPANY_DIMENSION: companies, MONTH_DIMENSION: months})


def month_key(company: str, month: date) -> str:
    """The partition key of a company's month, as Dagster spells it."""
    return str(
        dg.MultiPartitionKey({COMPANY_DIMENSION: company, MONTH_DIMENSION: month.isoformat()})
    )


def first_month(calendar: Calendar) -> date:
    """The first partition, by its first day."""
    return calendar.start.replace(day=1)


def last_day(month: date) -> date:
    """The last day of a month."""
    return month.replace(day=monthrange(month.year, month.month)[1])


def period_of(month: date, calendar: Calendar) -> Period:
    """The days of a month, all of them; the first month's reach back to the beginning of time."""
    begin = BEGINNING if month <= first_month(calendar) else month
    return Period(begin, last_day(month))


def months_of(days: Iterable[date]) -> Sequence[date]:
    """The months that days are in, in order."""
    return sorted({day.replace(day=1) for day in days})


def month_before(month: date, number: int = 1) -> date:
    """The month so many months before."""
    for _ in range(number):
        month = (month - timedelta(days=1)).replace(day=1)
    return month
