"""How QuickBooks' query compares values: instants, numbers and text.

A comparison key is a tuple (rank, value) so that keys of one property are always comparable:
nothing sorts first, then numbers and instants, then text.
"""

from __future__ import annotations

import re
from calendar import timegm
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from zoneinfo import ZoneInfo

Key = tuple[int, int | Decimal | str]

MISSING: Key = (0, 0)
_NUMBER, _TEXT = 1, 2
_MOMENT = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?)?$"
)


def is_instant(path: str) -> bool:
    """Whether a property holds a date or a date-time, told by QuickBooks' way of naming them."""
    return path.endswith(("Time", "Date"))


def is_typed(path: str) -> bool:
    """Whether all values of a property are of one kind, whatever the record."""
    return is_instant(path) or path == "Id"


@lru_cache(maxsize=65_536)
def instant(text: str, zone: ZoneInfo) -> int:
    """A date or date-time in whole seconds since 1970, the precision QuickBooks serves.

    A date is its midnight, and a date-time without an offset is read, in the company's zone
    (Intuit, "Query operations and syntax"). Raises ValueError for anything else.
    """
    match = _MOMENT.match(text)
    if match is None:
        raise ValueError(f"{text!r} is not a date such as 2026-01-31T08:00:00-08:00")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    offset = match[7]
    moment = datetime(year, month, day, hour, minute, second, tzinfo=zone)
    if offset is None:
        return int(moment.timestamp())
    naive = timegm(moment.timetuple())
    if offset == "Z":
        return naive
    minutes = int(offset[1:3]) * 60 + int(offset[-2:])
    return naive - (minutes if offset[0] == "+" else -minutes) * 60


def instant_key(moment: datetime | None) -> Key:
    """The comparison key of a record's own time; one without is earlier than every other."""
    if moment is None:
        return MISSING
    return (_NUMBER, int(moment.timestamp() // 1))


def key_of(path: str, value: object, zone: ZoneInfo) -> Key:
    """The comparison key of a record's value of a property.

    Ids order as numbers and other text without regard to case.
    """
    if value is None:
        return MISSING
    if isinstance(value, bool | int | Decimal):
        return (_NUMBER, value)
    text = str(value)
    if is_instant(path):
        try:
            return (_NUMBER, instant(text, zone))
        except ValueError:
            return (_TEXT, text)
    if path == "Id" and text.isdecimal():
        return (_NUMBER, int(text))
    return (_TEXT, text.casefold())


def literal_key(path: str, literal: str, like: Key, zone: ZoneInfo) -> Key:
    """The comparison key of a statement's literal beside a record's key `like` of that property.

    Raises ValueError for a literal which is not of the property's kind.
    """
    if is_instant(path):
        return (_NUMBER, instant(literal, zone))
    if path == "Id":
        return key_of(path, literal, zone)
    if like[0] == _NUMBER:
        return (_NUMBER, _number(path, literal))
    return (_TEXT, literal.casefold())


@lru_cache(maxsize=1024)
def _number(path: str, literal: str) -> int | Decimal:
    if literal.casefold() in ("true", "false"):
        return int(literal.casefold() == "true")
    try:
        return Decimal(literal)
    except InvalidOperation:
        raise ValueError(f"{literal!r} is not a number, as {path} is") from None


@lru_cache(maxsize=256)
def like_pattern(literal: str) -> re.Pattern[str]:
    """What LIKE matches, for a literal whose only wildcard is `%`."""
    parts = (re.escape(part) for part in literal.split("%"))
    return re.compile(".*".join(parts), re.IGNORECASE | re.DOTALL)
