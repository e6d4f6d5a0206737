"""The current state: the same whatever the order of loading, and put right where it was spoilt."""

import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qb_assets.catalog import Entity, tables_of
from qb_assets.lake.store import Lake
from qb_assets.warehouse.ddl import warehouse_schema
from qb_assets.warehouse.narrow import stored_columns
from qb_assets_tests.warehouse.books import (
    DAYS,
    PARTNER,
    SLIP,
    Event,
    content,
    expected,
    made,
    merge_days,
)

# Two hours of each day, so that versions and deletes often fall on the same instant.
EVENTS = st.builds(
    Event,
    hour=st.sampled_from([24 * day + hour for day in range(len(DAYS)) for hour in (0, 1)]),
    what=st.sampled_from(["live", "live", "ended", "gone"]),
    value=st.integers(1, 9),
    lines=st.integers(0, 2),
    token=st.sampled_from([None, None, "1", "2"]),
)
HISTORIES = st.lists(st.lists(EVENTS, min_size=1, max_size=5), min_size=1, max_size=20)


@pytest.mark.parametrize("entity", [SLIP, PARTNER], ids=lambda each: each.name)
@settings(max_examples=8, deadline=None)
@given(
    histories=HISTORIES,
    days=st.permutations(DAYS),
    again=st.lists(st.sampled_from(DAYS), max_size=1),
)
def test_any_order_of_days_gives_the_same_rows(
    entity: Entity, histories: list[list[Event]], days: list[date], again: list[date]
) -> None:
    books = {f"{number:02}": events for number, events in enumerate(histories)}
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        merge_days(connection, made(Path(folder), entity, books), entity, [*days, *again])
        assert content(connection, entity) == expected(entity, books)


BOOKS = {
    "changed": [Event(0, value=1, lines=2), Event(24, value=2, lines=1)],
    "deleted": [Event(0, value=3, lines=2), Event(24, "gone")],
    "ended": [Event(0, value=4), Event(24, "ended", value=4), Event(48, "ended", value=5)],
    "restored": [Event(0, "ended", value=6), Event(24, "gone"), Event(24, value=7)],
    "unknown": [Event(24, "gone")],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made(tmp_path_factory.mktemp("lake"), SLIP, BOOKS)


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def test_a_day_that_is_loaded_again_changes_nothing(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    loaded = merge_days(connection, lake, SLIP, DAYS[:1])
    assert (loaded.changed, loaded.deleted, loaded.mended) == (4, 0, 0)
    loaded = merge_days(connection, lake, SLIP, DAYS[1:2])
    assert (loaded.changed, loaded.deleted, loaded.mended) == (3, 2, 0)
    before = content(connection, SLIP)
    for day in DAYS[:2]:
        loaded = merge_days(connection, lake, SLIP, [day])
        assert (loaded.changed, loaded.deleted, loaded.mended) == (0, 0, 0)
        assert loaded.held == {name: _live(rows) for name, rows in before.items()}
    assert content(connection, SLIP) == before


def _live(rows: list[dict[str, object]]) -> int:
    return sum(not row["_deleted"] for row in rows)


SPOILT = ("changed", "deleted", "ended")


@pytest.mark.parametrize(
    "spoil",
    [
        "DELETE FROM quickbooks.slip WHERE id IN {ids}",
        "UPDATE quickbooks.slip SET private_note = '9' WHERE id IN {ids}",
        "UPDATE quickbooks.slip SET _state = 'spoilt', _deleted = NOT _deleted WHERE id IN {ids}",
        "DELETE FROM quickbooks.slip_line WHERE slip_id IN {ids} AND position = 0",
        "UPDATE quickbooks.slip_line SET amount = amount + 0.01 WHERE slip_id IN {ids}",
        "UPDATE quickbooks.slip_line_linked_txn SET _state = 'spoilt' WHERE slip_id IN {ids}",
        "INSERT INTO quickbooks.slip_line BY NAME SELECT * REPLACE (9 AS position)"
        " FROM quickbooks.slip_line WHERE slip_id IN {ids} AND position = 0",
        "INSERT INTO quickbooks.slip BY NAME SELECT {stored} FROM quickbooks.slip"
        " WHERE id IN {ids}",
        "INSERT INTO quickbooks.slip BY NAME SELECT {stored} REPLACE (TIMESTAMPTZ '1999-01-01' AS"
        " _changed_at) FROM quickbooks.slip WHERE id IN {ids}",
    ],
)
def test_what_was_spoilt_is_put_right_and_nothing_else_is_written(
    connection: duckdb.DuckDBPyConnection, lake: Lake, spoil: str
) -> None:
    merge_days(connection, lake, SLIP)
    right = content(connection, SLIP)
    [stored, *_] = stored_columns(connection, tables_of(SLIP)).values()
    unstored = [name for name in warehouse_schema(tables_of(SLIP)[0]).names if name not in stored]
    columns = f"* EXCLUDE ({', '.join(unstored)})" if unstored else "*"
    connection.execute(spoil.format(ids=SPOILT, stored=columns))
    assert content(connection, SLIP) != right
    loads = [merge_days(connection, lake, SLIP, [day]) for day in DAYS]
    assert content(connection, SLIP) == right == expected(SLIP, BOOKS)
    written = [load.changed + load.deleted + load.mended for load in loads]
    assert len(SPOILT) <= sum(written) <= sum(len(BOOKS[identity]) for identity in SPOILT)
