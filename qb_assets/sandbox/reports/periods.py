"""Fiscal years, months and QuickBooks' named date ranges."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

MONTHS = tuple(calendar.month_name)[1:]
Range = tuple[date, date]
"""A first and a last day, both included."""
_BEGINNING = date(1970, 1, 1)
_ONE_DAY = timedelta(days=1)
_LENGTHS = {
    "month": 1,
    "fiscal quarter": 3,
    "calendar quarter": 3,
    "fiscal year": 12,
    "calendar year": 12,
}
"""Months in a unit of time of a `date_macro`."""


def fiscal_year_start(day: date, first_month: int) -> date:
    """The first day of the fiscal year that a day is in; the year begins with `first_month`."""
    year = day.year if day.month >= first_month else day.year - 1
    return date(year, first_month, 1)


def months(start: date, end: date) -> list[Range]:
    """The months that a range touches, the first and the last cut to it."""
    ranges: list[Range] = []
    while start <= end:
        following = _shift(start.replace(day=1), 1)
        ranges.append((start, min(following - _ONE_DAY, end)))
        start = following
    return ranges


def macro(name: str, today: date, first_month: int) -> Range | None:
    """The range of a `date_macro` ("This Fiscal Year-to-date"), None for an unknown one.

    Known are all, today, yesterday, and this or last month, quarter and year, fiscal or calendar,
    also "-to-date": up to today, or in a last one up to the same day of it.
    """
    words = " ".join(name.lower().replace("_", " ").replace("-to-date", " to date").split())
    if words == "all":
        return _BEGINNING, today
    if words in ("today", "yesterday"):
        day = today if words == "today" else today - _ONE_DAY
        return day, day
    which, _, unit = words.removesuffix(" to date").partition(" ")
    length = _LENGTHS.get(unit)
    if which not in ("this", "last") or length is None:
        return None
    back = 0 if which == "this" else -length
    start = _shift(_unit_start(unit, today, first_month), back)
    if words.endswith(" to date"):
        return start, _shift(today, back)
    return start, _shift(start, length) - _ONE_DAY


def _unit_start(unit: str, day: date, first_month: int) -> date:
    if unit == "month":
        return day.replace(day=1)
    year = fiscal_year_start(day, first_month if unit.startswith("fiscal") else 1)
    if _LENGTHS[unit] == 12:
        return year
    passed = (day.year - year.year) * 12 + day.month - year.month
    return _shift(year, passed // 3 * 3)


def _shift(day: date, by: int) -> date:
    """The same day some months later or earlier, or the last of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + by, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
