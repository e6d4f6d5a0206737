"""Which company and days a run is of, as its tags say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
    PARTITION_NAME_TAG,
)

from qb_assets.faces import COMPANY_TAG
from qb_assets.partitions import key_of


def range_tags(company: str, first: date, last: date) -> dict[str, str]:
    """The tags of a run over days of a company, both included."""
    return {
        COMPANY_TAG: company,
        ASSET_PARTITION_RANGE_START_TAG: key_of(company, first),
        ASSET_PARTITION_RANGE_END_TAG: key_of(company, last),
    }


def company_of(tags: Mapping[str, str]) -> str | None:
    """The company of all partitions of a run by its tags; None where there are others or none."""
    first, last = _ends(tags)
    of_first, of_last = (key.rpartition("|")[0] or key for key in (first, last))
    return of_first if of_first and of_first == of_last else None


def span_of(tags: Mapping[str, str]) -> tuple[str, date, date] | None:
    """The company, the first and the last day of a run by its tags.

    None where it is of no day or of several companies. Runs of reports look alike, as their months
    are named after their first day: see the job or the assets first.
    """
    first, last = (key.rpartition("|") for key in _ends(tags))
    if not first[0] or first[0] != last[0]:
        return None
    try:
        return first[0], date.fromisoformat(first[2]), date.fromisoformat(last[2])
    except ValueError:
        return None


def covers(tags: Mapping[str, str], company: str, day: date) -> bool:
    """Whether a run with these tags is of a company's day, by itself or in a range of days."""
    span = span_of(tags)
    return span is not None and span[0] == company and span[1] <= day <= span[2]


def _ends(tags: Mapping[str, str]) -> tuple[str, str]:
    """The first and the last partition key of a run; empty without any."""
    one = tags.get(PARTITION_NAME_TAG, "")
    return (
        tags.get(ASSET_PARTITION_RANGE_START_TAG, one),
        tags.get(ASSET_PARTITION_RANGE_END_TAG, one),
    )
