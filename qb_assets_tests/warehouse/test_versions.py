"""Columns of the warehouse go or change only in a migration, which loses no other value."""

from pathlib import Path

import duckdb
import pytest

from qb_assets.catalog import tables_of
from qb_assets.normalized.versions import schema_version
from qb_assets.warehouse.ddl import create_table
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.upkeep import ensure_tables, transaction
from qb_assets.warehouse.versions import differences, migrate, stamp, version_held
from qb_assets_tests.warehouse.books import SLIP, Event, content, made, merge_days

BOOKS = {"1": [Event(1, lines=2), Event(5, value=3)], "2": [Event(2), Event(6, "gone")]}


@pytest.mark.parametrize("keyed", [False, True])
def test_a_migration_gives_the_columns_and_a_load_the_values(tmp_path: Path, keyed: bool) -> None:
    lake = made(tmp_path, SLIP, BOOKS)
    with duckdb.connect() as connection:
        if keyed:
            _make_with_key(connection)
        merge_days(connection, lake, SLIP)
        whole = content(connection, SLIP)
        assert version_held(connection, SLIP) == schema_version(SLIP)
        connection.execute("ALTER TABLE quickbooks.slip ALTER total_amt TYPE VARCHAR")
        connection.execute("ALTER TABLE quickbooks.slip_line ADD COLUMN gone VARCHAR")
        assert {(each.column, each.what) for each in differences(connection, SLIP)} == {
            ("total_amt", "retyped"),
            ("gone", "removed"),
        }
        with pytest.raises(WarehouseError, match="schema migrate --entity Slip --drop"):
            merge_days(connection, lake, SLIP)
        with transaction(connection):
            assert len(migrate(connection, SLIP)) == 2
        assert differences(connection, SLIP) == []
        emptied = content(connection, SLIP)
        assert [row["id"] for row in emptied["slip"]] == ["1", "2"]
        assert all("total_amt" not in row for row in emptied["slip"])
        assert emptied["slip_line"] == whole["slip_line"]
        merge_days(connection, lake, SLIP)
        assert content(connection, SLIP) == whole


def _make_with_key(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables as former versions made them: DuckDB kept the parent's key."""
    connection.execute("CREATE SCHEMA quickbooks")
    body = create_table(tables_of(SLIP)[0]).removesuffix("\n)")
    connection.execute(f"{body}, PRIMARY KEY (_company, id))")
    ensure_tables(connection, SLIP)
    stamp(connection, SLIP)


def test_a_migration_that_fails_changes_nothing(tmp_path: Path) -> None:
    lake = made(tmp_path, SLIP, BOOKS)
    with duckdb.connect() as connection:
        merge_days(connection, lake, SLIP)
        connection.execute("ALTER TABLE quickbooks.slip ADD COLUMN gone VARCHAR")
        whole = content(connection, SLIP)
        with pytest.raises(RuntimeError):
            _migrate_and_fail(connection)
        assert content(connection, SLIP) == whole
        assert [each.column for each in differences(connection, SLIP)] == ["gone"]


def _migrate_and_fail(connection: duckdb.DuckDBPyConnection) -> None:
    with transaction(connection):
        migrate(connection, SLIP)
        raise RuntimeError


def test_a_table_that_gained_a_column_is_of_the_old_version_until_it_is_stamped() -> None:
    with duckdb.connect() as connection:
        ensure_tables(connection, SLIP)
        connection.execute("COMMENT ON TABLE quickbooks.slip IS NULL")
        connection.execute("ALTER TABLE quickbooks.slip DROP COLUMN _unmodeled")
        ensure_tables(connection, SLIP)
        assert differences(connection, SLIP) == []
        assert version_held(connection, SLIP) is None
        stamp(connection, SLIP)
        assert version_held(connection, SLIP) == schema_version(SLIP)
