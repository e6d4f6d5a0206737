from datetime import datetime, timedelta, timezone

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.query import (
    Span,
    Window,
    count_statement,
    instant,
    literal,
    page_statement,
)

NOON = datetime(2026, 3, 8, 12, tzinfo=timezone.utc)


def test_a_window_is_kept_in_utc_and_whole_seconds() -> None:
    pacific = timezone(timedelta(hours=-8))
    window = Window(datetime(2026, 3, 8, 1, 2, 3, 999, pacific), NOON.replace(microsecond=7))
    assert window == Window(datetime(2026, 3, 8, 9, 2, 3, tzinfo=timezone.utc), NOON)


def test_windows_that_share_a_bound_share_no_row_and_miss_none() -> None:
    earlier, later = Window(None, NOON), Window(NOON, NOON + timedelta(hours=1))
    for moment in (NOON - timedelta(seconds=1), NOON, NOON + timedelta(microseconds=1)):
        assert earlier.holds(moment) != later.holds(moment)
    assert earlier.holds(None)
    assert not later.holds(None)


def test_a_window_needs_a_time_zone_and_an_order() -> None:
    with pytest.raises(ValueError, match="time zone"):
        Window(None, NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="after its end"):
        Window(NOON + timedelta(seconds=1), NOON)


def test_literals_escape_quotes_and_instants_end_with_z() -> None:
    assert literal(r"O'Neil \ Sons") == r"'O\'Neil \\ Sons'"
    assert instant(datetime(2026, 3, 8, 4, tzinfo=timezone(timedelta(hours=-8)))) == (
        "2026-03-08T12:00:00Z"
    )


def test_statements() -> None:
    span = Span(NOON, NOON + timedelta(days=1))
    assert page_statement(ENTITIES["Invoice"], span, start=1001) == (
        "SELECT * FROM Invoice WHERE MetaData.LastUpdatedTime >= '2026-03-08T12:00:00Z' AND "
        "MetaData.LastUpdatedTime < '2026-03-09T12:00:00Z' ORDERBY MetaData.LastUpdatedTime "
        "STARTPOSITION 1001 MAXRESULTS 1000"
    )
    assert page_statement(ENTITIES["Item"], limit=5).startswith(
        "SELECT *, Sku FROM Item WHERE Active IN (true, false) ORDERBY"
    )
    assert page_statement(ENTITIES["Bill"], properties=["Id", "TotalAmt"]).startswith(
        "SELECT Id, TotalAmt FROM Bill ORDERBY"
    )
    assert count_statement(ENTITIES["Vendor"], Span(since=NOON)) == (
        "SELECT COUNT(*) FROM Vendor WHERE Active IN (true, false) AND "
        "MetaData.LastUpdatedTime >= '2026-03-08T12:00:00Z'"
    )


def test_an_entity_without_a_cursor_is_never_filtered_by_time() -> None:
    entity = ENTITIES["Preferences"]
    assert entity.cursor is None
    assert page_statement(entity, Span(NOON, NOON)) == (
        "SELECT * FROM Preferences STARTPOSITION 1 MAXRESULTS 1000"
    )
