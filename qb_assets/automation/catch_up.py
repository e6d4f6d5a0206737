"""Which ended days of a company are not in the warehouse, and when they are tried again. Pure.

A day is brought when a run over all layers has covered it, begun after the day had ended, and come
to its end. What was fetched while the day went on, as webhooks do, is not the whole day.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from qb_assets.partitions import Calendar, CompanyDays, days_between
from qb_assets.raw.plan import SETTLING

HOUR_OF_DAY = 3
"""When the schedule fetches the day that ended, in the company's time zone: QuickBooks' late
changes of the day have settled by then, and nobody waits for the figures yet."""

LATE = timedelta(hours=1)
"""A tick of the schedule that is later than this is left to the catching up."""

RIPE_AFTER = timedelta(hours=HOUR_OF_DAY) + timedelta(hours=1, minutes=30)
"""After a day's end until it is looked for: beyond the tick, also where the clocks change."""

LOOK_BACK = timedelta(days=30)
"""Runs of so many days are looked at; a day before them counts by its materializations."""

WAITS = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
"""From a try that failed to the next; after the last of them, none until the next day."""


class Doubt(msgspec.Struct, frozen=True):
    """Days, both included, that a run must bring which began after `since`: one failed there."""

    first: date
    last: date
    since: datetime


class Standing(msgspec.Struct):
    """What is known of a company: all days until `settled` are there, those in doubt left aside.

    `looked` is the moment up to which failed runs were taken in.
    """

    settled: date
    looked: datetime
    doubts: list[Doubt] = []


@dataclass(frozen=True, slots=True)
class Brought:
    """The days, both included, of a run over all layers that came to its end, and its beginning."""

    first: date
    last: date
    began: datetime


def last_ripe(calendar: Calendar, now: datetime) -> date:
    """The last day that should be there by now, if all went well."""
    return calendar.today(now - RIPE_AFTER) - timedelta(days=1)


def ripe_since(calendar: Calendar, day: date) -> datetime:
    """When a day was first looked for."""
    return calendar.end_of(day) + RIPE_AFTER


def first_standing(calendar: Calendar, held: Collection[date], now: datetime) -> Standing:
    """What is known of a company at the first look; `held` are the days with materializations."""
    recent = last_ripe(calendar, now) - LOOK_BACK
    old = [day for day in days_between(min(held), recent) if day not in held]
    gaps = CompanyDays("", tuple(old)).spans()
    doubts = [Doubt(first, last, now) for first, last in gaps]
    return Standing(max(min(held) - timedelta(days=1), recent), now, doubts)


def take_in(standing: Standing, failed: Iterable[Doubt], ripe: date, now: datetime) -> None:
    """Notes runs that failed since the last look; days that are not ripe have a run to come."""
    standing.doubts += [
        Doubt(each.first, min(each.last, ripe), each.since) for each in failed if each.first <= ripe
    ]
    standing.looked = now


def oldest_needed(standing: Standing, calendar: Calendar) -> datetime:
    """From when on runs can bring what is not settled or in doubt."""
    open_since = calendar.end_of(standing.settled + timedelta(days=1))
    return min([open_since, *(doubt.since for doubt in standing.doubts)])


def missing(
    standing: Standing, calendar: Calendar, brought: Sequence[Brought], ripe: date
) -> list[date]:
    """The days until `ripe` that no run has brought, in order; notes what is settled by now."""
    unsettled = [
        day
        for day in days_between(standing.settled + timedelta(days=1), ripe)
        if not _is_brought(day, calendar.end_of(day) + SETTLING, brought)
    ]
    lacking = {
        doubt: [
            day
            for day in days_between(doubt.first, doubt.last)
            if not _is_brought(day, doubt.since, brought)
        ]
        for doubt in dict.fromkeys(standing.doubts)
    }
    standing.doubts = [doubt for doubt, days in lacking.items() if days]
    before = unsettled[0] - timedelta(days=1) if unsettled else ripe
    standing.settled = max(standing.settled, before)
    return sorted({*unsettled, *(day for days in lacking.values() for day in days)})


def is_given_up(failures: Sequence[datetime]) -> bool:
    """Whether so many tries of a day have failed that the next one is on the next day."""
    return len(failures) > len(WAITS)


def next_try(failures: Sequence[datetime]) -> datetime:
    """When to try again after a failure or more, by their moments."""
    return max(failures) + WAITS[len(failures) - 1]


def _is_brought(day: date, since: datetime, brought: Iterable[Brought]) -> bool:
    return any(run.first <= day <= run.last and run.began >= since for run in brought)
