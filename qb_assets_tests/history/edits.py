"""What an edit changes of a record: one value of it, be it how deep, or a row of an array."""

from __future__ import annotations

import re
from random import Random
from typing import Any, cast

Record = dict[str, Any]

KEPT = {
    *("Id", "SyncToken", "MetaData", "domain", "sparse", "Active", "LinkedTxn"),
    *("Name", "DisplayName", "FullyQualifiedName"),
    *("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
}
"""What tells a record, or what other edits do."""

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T.*")


def edited(record: Record, random: Random) -> Record:
    """One property of a record with another value; none where all is kept."""
    for name in random.sample(list(record), len(record)):
        if name not in KEPT:
            changed = _changed(record[name], random)
            if changed != record[name]:
                return {name: changed}
    return {}


def _changed(value: Any, random: Random) -> Any:
    """Another value of the same type; the same where there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + random.randint(1, 9)
    if isinstance(value, float):
        return random.randrange(10_000_000) / 100
    if isinstance(value, str):
        return _changed_text(value, random)
    if isinstance(value, list):
        return _changed_rows(cast("list[Any]", value), random)
    if not isinstance(value, dict):
        return value
    members = cast(Record, value)
    return {**members, **edited(members, random)}


def _changed_text(value: str, random: Random) -> str:
    if _INSTANT.fullmatch(value):
        return value
    if _DATE.fullmatch(value):
        return f"{random.randint(1990, 2040)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    return f"{value[:30]} {random.randint(1, 999)}"


def _changed_rows(rows: list[Any], random: Random) -> list[Any]:
    """One row less, one more, in another order, or one of them changed."""
    if not rows:
        return rows
    place = random.randrange(len(rows))
    match random.choice(["less", "more", "turned", "changed"]):
        case "less":
            return rows[:place] + rows[place + 1 :]
        case "more":
            return [*rows, rows[place]]
        case "turned":
            return rows[::-1]
        case _:
            return [*rows[:place], _changed(rows[place], random), *rows[place + 1 :]]
