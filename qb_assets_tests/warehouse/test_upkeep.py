"""Tables and objects that were made before a lineage column was there are given it."""

from pathlib import Path

import duckdb
import pytest

from qb_assets.catalog import ENTITIES, Entity, tables_of
from qb_assets.faces import arrow_columns
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.schema import LINEAGE, LINEAGE_DOCS
from qb_assets.warehouse.ddl import VALUES, VALUES_DOCS
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.upkeep import ensure_tables, transaction
from qb_assets_tests.warehouse.books import (
    DAYS,
    PARTNER,
    SLIP,
    Event,
    Rows,
    content,
    expected,
    made,
    merge_days,
)

BOOKS = {
    "live": [Event(0, value=1, lines=2)],
    "ended": [Event(0, "ended", value=2)],
    "gone": [Event(0, value=3), Event(1, value=4), Event(24, "gone")],
    "unknown": [Event(24, "gone")],
}
GAINED = ("_state", "_values_changed_at", "_values_extracted_at")


@pytest.fixture(params=[SLIP, PARTNER], ids=lambda each: each.name)
def entity(request: pytest.FixtureRequest) -> Entity:
    return request.param


def _before_the_columns(file: Path, lake: Lake, entity: Entity) -> Rows:
    """A warehouse file as it was without the columns; gives what it held with them."""
    with duckdb.connect(str(file)) as connection:
        merge_days(connection, lake, entity)
        right = content(connection, entity)
        for table in tables_of(entity):
            for name in GAINED if table.parent is None else GAINED[:1]:
                connection.execute(f"ALTER TABLE quickbooks.{table.name} DROP COLUMN {name}")
    return right


def test_a_table_gains_the_columns_and_its_rows_their_values(
    entity: Entity, tmp_path: Path
) -> None:
    right = _before_the_columns(tmp_path / "w.duckdb", made(tmp_path, entity, BOOKS), entity)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        with transaction(connection):
            ensure_tables(connection, entity)
        # When the last version of a deleted record was fetched is known no more, only until when.
        [gone] = [row for row in right[entity.table] if row["id"] == "gone"]
        gone["_values_extracted_at"] = gone["_extracted_at"]
        assert content(connection, entity) == right
        with pytest.raises(duckdb.ConstraintException, match="_state"):
            connection.execute(f"UPDATE quickbooks.{entity.table} SET _state = NULL")


def test_days_that_are_loaded_after_that_lose_nothing(entity: Entity, tmp_path: Path) -> None:
    lake = made(tmp_path, entity, {**BOOKS, "older": [Event(0), Event(24)]})
    _before_the_columns(tmp_path / "w.duckdb", lake, entity)
    with duckdb.connect(str(tmp_path / "w.duckdb")) as connection:
        merge_days(connection, lake, entity, [DAYS[2], DAYS[0], DAYS[1]])
        rows = content(connection, entity)[entity.table]
        values = {row["id"]: row.get("total_amt", row.get("name")) for row in rows}
        assert str(values["gone"]).startswith("4")
        states = {row["id"]: row["_state"] for row in rows}
        assert states["ended"] in ("voided", "inactive")
        assert states["gone"] == states["unknown"]


def test_a_delete_without_values_gets_them_from_days_loaded_later(tmp_path: Path) -> None:
    lake = made(tmp_path, SLIP, {"gone": BOOKS["gone"]})
    file = tmp_path / "w.duckdb"
    with duckdb.connect(str(file)) as connection:
        merge_days(connection, lake, SLIP, [DAYS[1]])
        for name in GAINED:
            connection.execute(f"ALTER TABLE quickbooks.slip DROP COLUMN {name}")
    with duckdb.connect(str(file)) as connection:
        merge_days(connection, lake, SLIP, [DAYS[0]])
        assert content(connection, SLIP) == expected(SLIP, {"gone": BOOKS["gone"]})


def test_objects_that_were_normalized_before_are_read_with_their_states(
    entity: Entity, tmp_path: Path
) -> None:
    lake = made(tmp_path, entity, BOOKS)
    for found in lake.list(layout.NORMALIZED):
        data = lake.read(found.path)
        rows = parquet.decode(data).drop_columns(["_state"])
        lake.replace(found.path, parquet.encode(rows, metadata=parquet.read_metadata(data)))
    with duckdb.connect() as connection:
        merge_days(connection, lake, entity)
        assert content(connection, entity) == expected(entity, BOOKS)


def test_a_column_of_another_type_is_refused() -> None:
    with duckdb.connect() as connection:
        ensure_tables(connection, SLIP)
        connection.execute("ALTER TABLE quickbooks.slip ALTER total_amt TYPE DOUBLE")
        with pytest.raises(
            WarehouseError, match=r"slip\.total_amt is DOUBLE.*schema migrate --entity Slip --drop"
        ):
            ensure_tables(connection, SLIP)


def test_every_entity_can_be_brought_up_to_date() -> None:
    with duckdb.connect() as connection:
        for entity in (each for each in ENTITIES.values() if tables_of(each)):
            ensure_tables(connection, entity)
            connection.execute(f"ALTER TABLE quickbooks.{entity.table} DROP COLUMN _state")
            ensure_tables(connection, entity)


def test_every_column_of_the_lineage_is_explained() -> None:
    assert set(LINEAGE_DOCS) == set(LINEAGE.names)
    assert all(column.description for column in arrow_columns(VALUES, VALUES_DOCS).columns)
