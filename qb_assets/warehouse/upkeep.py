"""Makes the warehouse's tables, and keeps those that are there up with the catalog."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.catalog.entity import LAST_UPDATED
from qb_assets.normalized.states import mark_columns, states_of
from qb_assets.normalized.versions import ADDED
from qb_assets.warehouse.ddl import (
    SCHEMA,
    SQL_TYPES,
    create_table,
    quoted,
    relation,
    warehouse_schema,
)
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.versions import columns_held, differences, stamp

Fill = Callable[[duckdb.DuckDBPyConnection, Entity, Table], None]


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """All of what is done inside, or nothing of it."""
    connection.begin()
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def ensure_tables(
    connection: duckdb.DuckDBPyConnection,
    entity: Entity,
    create: Callable[[Table], str] = create_table,
) -> None:
    """Makes an entity's tables, and adds columns that they have gained.

    Args:
        connection: to the warehouse.
        entity: whose tables.
        create: gives the statement that makes one which is not there.

    Raises:
        WarehouseError: a column has another type than the catalog says, or is in it no more.
    """
    names = [table.name for table in tables_of(entity)]
    held = columns_held(connection, SCHEMA, names)
    if not held:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    else:
        _refuse_losses(connection, entity)
    for table in tables_of(entity):
        if table.name not in held:
            connection.execute(create(table))
            continue
        gained = gained_columns(held[table.name], warehouse_schema(table))
        for field in gained:
            _add_column(connection, table, field)
        for field in gained:
            if field.name in FILLS:
                FILLS[field.name](connection, entity, table)
    if not held:
        stamp(connection, entity)


def _refuse_losses(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Raises WarehouseError where a column would go, or change its type."""
    lost = [each for each in differences(connection, entity) if each.what != ADDED]
    if lost:
        columns = "; ".join(
            f"{each.table}.{each.column} is {each.held}, the catalog says {each.wanted or 'none'}"
            for each in lost
        )
        raise WarehouseError(
            f"The warehouse's tables of {entity.name} have other columns than the catalog:"
            f" {columns}. To give them the catalog's, and fill them again from the lake:"
            f" qb-assets schema migrate --entity {entity.name} --drop"
        )


def gained_columns(held: Mapping[str, str], wanted: pa.Schema) -> list[pa.Field]:
    """The columns that a table is to have and has not."""
    return [field for field in wanted if field.name not in held]


def _add_column(connection: duckdb.DuckDBPyConnection, table: Table, field: pa.Field) -> None:
    alter = f"ALTER TABLE {relation(table.name)}"
    name = quoted(field.name)
    required = not field.nullable and field.name in FILLS
    default = " DEFAULT ''" if required else ""
    connection.execute(f"{alter} ADD COLUMN {name} {SQL_TYPES[field.type]}{default}")
    if required:  # before the rows are filled: DuckDB adds no constraint to what was just written
        connection.execute(f"{alter} ALTER COLUMN {name} SET NOT NULL")
        connection.execute(f"{alter} ALTER COLUMN {name} DROP DEFAULT")


def _fill_state(connection: duckdb.DuckDBPyConnection, entity: Entity, table: Table) -> None:
    """A record's by its own marks, child rows have their record's."""
    if table.parent is None:
        marks = ", ".join(map(quoted, ["_deleted", *mark_columns(entity)]))
        found = connection.execute(f"SELECT rowid, {marks} FROM {relation(table.name)}")
        rows = found.to_arrow_table()
        states = pa.table({"row": rows.column("rowid"), "state": states_of(entity, rows)})
        connection.register("states", states)
        connection.execute(
            f"UPDATE {relation(table.name)} AS held SET _state = states.state"
            " FROM states WHERE held.rowid = states.row"
        )
        connection.unregister("states")
        return
    parent = tables_of(entity)[0]
    connection.execute(
        f"UPDATE {relation(table.name)} AS child SET _state = parent._state"
        f" FROM {relation(parent.name)} AS parent WHERE child._company = parent._company"
        f" AND child.{quoted(table.parent_keys[0])} = parent.{quoted(parent.key[0])}"
    )


def _fill_values_changed_at(
    connection: duckdb.DuckDBPyConnection, entity: Entity, table: Table
) -> None:
    known = _time_among_values(entity)
    connection.execute(
        f"UPDATE {relation(table.name)}"
        f" SET _values_changed_at = CASE WHEN _deleted THEN {known} ELSE _changed_at END"
    )


def _fill_values_extracted_at(
    connection: duckdb.DuckDBPyConnection, entity: Entity, table: Table
) -> None:
    """When the values of a deleted record were fetched is not known, but that it was before."""
    known = _time_among_values(entity)
    connection.execute(
        f"UPDATE {relation(table.name)} SET _values_extracted_at ="
        f" CASE WHEN NOT _deleted OR {known} IS NOT NULL THEN _extracted_at END"
    )


def _time_among_values(entity: Entity) -> str:
    """The column of LastUpdatedTime, which a deleted record without values has empty."""
    path = tuple(LAST_UPDATED.split("."))
    columns = tables_of(entity)[0].columns
    return next((quoted(column.name) for column in columns if column.path == path), "NULL")


FILLS: Mapping[str, Fill] = {
    "_state": _fill_state,
    "_values_changed_at": _fill_values_changed_at,
    "_values_extracted_at": _fill_values_extracted_at,
}
"""How the rows that are there are given a lineage column which their table has gained."""
