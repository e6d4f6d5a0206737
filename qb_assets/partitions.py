"""How the books are cut into partitions: company × the day of a record's last update.

The company's time zone decides the day. The first day's window reaches back to the beginning of
time, so that a company's whole history is one partition and the count of keys stays small.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import dagster as dg

from qb_assets.clock import utc_now

COMPANY_DIMENSION = "company"
DAY_DIMENSION = "updated_on"

companies = dg.DynamicPartitionsDefinition(name=COMPANY_DIMENSION)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that partitions are named after, and the instants they stand for."""

    start: date
    """The first partition: it also holds everything older."""

    zone: ZoneInfo
    """The company's time zone."""

    def day_of(self, instant: datetime | None) -> date:
        """The partition of a record last updated at `instant` (None: older than any record)."""
        if instant is None:
            return self.start
        return max(self.start, instant.astimezone(self.zone).date())

    def start_of(self, day: date) -> datetime | None:
        """The first instant of a day's window in UTC, None for the first day."""
        if day <= self.start:
            return None
        return self._midnight(day)

    def end_of(self, day: date) -> datetime:
        """The instant in UTC at which a day's window ends; it is not part of it."""
        return self._midnight(day + timedelta(days=1))

    def today(self, now: datetime | None = None) -> date:
        """The day that is not over yet."""
        return (now or utc_now()).astimezone(self.zone).date()

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone).astimezone(timezone.utc)

    def partitions(self) -> dg.MultiPartitionsDefinition:
        """Company × day, with the day that is not over yet as the last key."""
        days = dg.DailyPartitionsDefinition(
            start_date=self.start.isoformat(), timezone=self.zone.key, end_offset=1
        )
        return dg.MultiPartitionsDefinition({COMPANY_DIMENSION: companies, DAY_DIMENSION: days})


@dataclass(frozen=True, slots=True)
class CompanyDays:
    """The days of one company that a run or a check is about, in order and without repeats."""

    company: str
    days: tuple[date, ...]

    def spans(self) -> list[tuple[date, date]]:
        """The days as unbroken spans, first and last day included."""
        if not self.days:
            return []
        breaks = [(a, b) for a, b in pairwise(self.days) if b - a > timedelta(days=1)]
        firsts = [self.days[0], *(b for _, b in breaks)]
        lasts = [*(a for a, _ in breaks), self.days[-1]]
        return list(zip(firsts, lasts, strict=True))


def key_of(company: str, day: date) -> str:
    """The partition key of a company's day, as Dagster spells it."""
    return str(dg.MultiPartitionKey({COMPANY_DIMENSION: company, DAY_DIMENSION: day.isoformat()}))


def company_days(partition_keys: Iterable[str]) -> list[CompanyDays]:
    """Groups a run's partition keys by company; keys of any range or product are welcome."""
    days: dict[str, set[date]] = defaultdict(set)
    for key in partition_keys:
        company, _, day = str(key).rpartition("|")
        days[company].add(date.fromisoformat(day))
    return [CompanyDays(company, tuple(sorted(days[company]))) for company in sorted(days)]


def days_between(first: date, last: date) -> Sequence[date]:
    """Every day from first to last, both included."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
