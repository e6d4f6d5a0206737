"""Child rows of the warehouse against the lake, also of records that are gone."""

from collections.abc import Iterator

import duckdb
import pytest

from qb_assets.lake.store import Lake
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse.children import child_counts
from qb_assets_tests.warehouse.books import COMPANY, DAYS, SLIP, Event, made, merge_days

BOOKS = {
    "changed": [Event(0, lines=2), Event(24, lines=1)],
    "deleted": [Event(0, lines=2), Event(24, "gone")],
    "voided": [Event(0, lines=2), Event(24, "ended", lines=2)],
}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made(tmp_path_factory.mktemp("lake"), SLIP, BOOKS)


@pytest.fixture
def connection(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        merge_days(connection, lake, SLIP)
        yield connection


def found(connection: duckdb.DuckDBPyConnection, lake: Lake) -> set[tuple[str, str, int, int]]:
    """The table, the record, and the rows of lake and warehouse, where they differ."""
    scope = CompanyDays(COMPANY, tuple(DAYS))
    return {
        (each.table, each.id, each.lake, each.warehouse)
        for counts in child_counts(connection, lake, SLIP, scope)
        for each in counts.wrong
    }


def test_all_is_well(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    assert found(connection, lake) == set()


@pytest.mark.parametrize("identity", ["deleted", "voided"])
def test_a_row_that_is_missing(
    connection: duckdb.DuckDBPyConnection, lake: Lake, identity: str
) -> None:
    where = f"slip_id = '{identity}' AND position = 0"
    connection.execute(f"DELETE FROM quickbooks.slip_line WHERE {where}")
    assert found(connection, lake) == {("slip_line", identity, 2, 1)}


def test_a_row_of_another_amount(connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    where = "slip_id = 'changed' AND position = 0"
    connection.execute(f"UPDATE quickbooks.slip_line SET amount = amount + 0.01 WHERE {where}")
    assert found(connection, lake) == {("slip_line", "changed", 1, 1)}


def test_rows_that_are_not_marked_as_their_record_is(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    connection.execute("UPDATE quickbooks.slip_line SET _state = 'live' WHERE slip_id = 'deleted'")
    assert found(connection, lake) == {("slip_line", "deleted", 2, 0)}


def test_a_table_that_was_made_before_there_were_states(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    connection.execute("ALTER TABLE quickbooks.slip DROP COLUMN _state")
    connection.execute("ALTER TABLE quickbooks.slip_line DROP COLUMN _state")
    assert found(connection, lake) == set()
