"""Columns without values: shown like all others, not stored, and stored when a value comes."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

from qb_assets.catalog import Entity, tables_of
from qb_assets.lake.store import Lake
from qb_assets.normalized.read import Columns, Objects, read_frames
from qb_assets.partitions import CompanyDays
from qb_assets.warehouse import load as module
from qb_assets.warehouse.ddl import column_types, create_table
from qb_assets.warehouse.load import load
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets.warehouse.versions import columns_held
from qb_assets_tests.warehouse.books import (
    COMPANY,
    DAYS,
    SLIP,
    Event,
    content,
    expected,
    expected_history,
    made,
    merge_days,
)

EMPTY = {"sync_token", "domain", "sparse", "_unmodeled", "meta_data_create_time"}
"""Some columns of a slip of which the records below say nothing at first."""

BOOKS = {
    "early": [Event(0, value=1), Event(24, value=2), Event(48, value=3, token="7")],
    "gone": [Event(0, value=4), Event(24, "gone")],
    "late": [Event(24, value=5, lines=0), Event(48, "ended", value=6, lines=2, token="8")],
}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return made(tmp_path_factory.mktemp("lake"), SLIP, BOOKS)


def unstored(connection: duckdb.DuckDBPyConnection, schema: str = "quickbooks") -> set[str]:
    held = columns_held(connection, schema, ["slip"], generated=True)
    return set(held.get("slip", ()))


def history(connection: duckdb.DuckDBPyConnection) -> dict[str, list[dict[str, object]]]:
    """The rows of the history, in the order in which they began."""
    return content(connection, SLIP, "_history", ", valid_from")


def test_a_table_shows_all_columns_and_stores_those_with_values(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    merge_days(connection, lake, SLIP, DAYS[:1])
    for table in tables_of(SLIP):
        told = columns_held(connection, "quickbooks", [table.name])[table.name]
        assert told == column_types(table)
        assert list(told) == list(column_types(table))  # in the catalog's order, too
    assert unstored(connection) >= EMPTY
    assert not unstored(connection) & {"private_note", "total_amt", "id", "_state"}


def test_a_column_is_stored_from_its_first_value_on_here_and_in_the_past(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    merge_days(connection, lake, SLIP, DAYS[:2])
    assert "sync_token" in unstored(connection) & unstored(connection, "quickbooks_past")
    merge_days(connection, lake, SLIP, DAYS[2:])
    assert "sync_token" not in unstored(connection) | unstored(connection, "quickbooks_past")
    assert unstored(connection) >= EMPTY - {"sync_token"}
    assert content(connection, SLIP) == expected(SLIP, BOOKS)


@pytest.mark.parametrize("first", [0, 1, 2])
def test_values_that_come_in_the_middle_of_a_load_are_all_there(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    first: int,
) -> None:
    monkeypatch.setattr(module, "BATCH_BYTES", 1)  # one day after the other
    for days in (DAYS[:first], DAYS):
        if days:
            load(connection, lake, SLIP, CompanyDays(COMPANY, tuple(days)))
    assert content(connection, SLIP) == expected(SLIP, BOOKS)
    assert history(connection) == in_order(expected_history(SLIP, BOOKS))


def say_nothing(_entity: Entity, _parents: Iterable[bytes]) -> None:
    pass


@pytest.mark.parametrize("at_once", [1, 2, 3])
@pytest.mark.parametrize("told", [True, False])
def test_of_many_small_objects_what_has_values_or_is_stored_is_all_there(
    connection: duckdb.DuckDBPyConnection,
    lake: Lake,
    monkeypatch: pytest.MonkeyPatch,
    at_once: int,
    told: bool,
) -> None:
    monkeypatch.setattr(module, "MANY", 1)
    if not told:  # as objects of before are
        monkeypatch.setattr(module, "filled_by", say_nothing)
    read: list[set[str]] = []

    def frames(
        entity: Entity, objects: Objects, columns: Columns | None = None
    ) -> dict[str, pl.DataFrame]:
        found = read_frames(entity, objects, columns)
        read.append({*found["slip"].columns})
        return found

    monkeypatch.setattr(module, "read_frames", frames)
    for first in range(0, len(DAYS), at_once):
        scope = CompanyDays(COMPANY, tuple(DAYS[first : first + at_once]))
        load(connection, lake, SLIP, scope)
    assert content(connection, SLIP) == expected(SLIP, BOOKS)
    assert history(connection) == in_order(expected_history(SLIP, BOOKS))
    assert any("domain" in each for each in read) != told


def in_order(rows: dict[str, list[dict[str, object]]]) -> dict[str, list[dict[str, object]]]:
    keys = {"slip": ["id"], "slip_line": ["slip_id", "position"]}
    links = ["slip_id", "line_position", "position"]
    return {
        name: sorted(each, key=lambda row: [row[k] for k in [*keys.get(name, links), "valid_from"]])
        for name, each in rows.items()
    }


def test_a_table_that_stores_all_columns_is_loaded_as_it_is(
    connection: duckdb.DuckDBPyConnection, lake: Lake
) -> None:
    ensure_tables(connection, SLIP, create_table)
    merge_days(connection, lake, SLIP)
    assert not unstored(connection)
    assert content(connection, SLIP) == expected(SLIP, BOOKS)
    assert history(connection) == in_order(expected_history(SLIP, BOOKS))


def test_a_file_that_is_opened_again_has_the_columns_that_came_later(
    tmp_path: Path, lake: Lake
) -> None:
    file = str(tmp_path / "w.duckdb")
    seen: list[set[str]] = []
    for day in DAYS:
        with duckdb.connect(file) as connection:
            connection.execute("SET checkpoint_threshold = '1TB'")  # what came is in the log only
            merge_days(connection, lake, SLIP, [day])
            seen.append(unstored(connection))
    with duckdb.connect(file) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        assert content(connection, SLIP) == expected(SLIP, BOOKS)
    assert ["sync_token" in each for each in seen] == [True, True, False]
