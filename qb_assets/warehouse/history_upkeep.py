"""Makes the relations of the history, and keeps those that are there up with the catalog."""

from __future__ import annotations

import duckdb

from qb_assets.catalog import Entity, tables_of
from qb_assets.warehouse.ddl import SQL_TYPES, quoted, relation
from qb_assets.warehouse.history_ddl import (
    PAST,
    as_of_macro,
    create_past,
    history_doc,
    history_view,
    past,
    past_schema,
)
from qb_assets.warehouse.upkeep import gained_columns
from qb_assets.warehouse.versions import columns_held
from qb_assets.warehouse.views import make_view


def ensure_history(connection: duckdb.DuckDBPyConnection, entity: Entity) -> bool:
    """Makes the history of an entity's tables, which are there, or brings it up to date.

    Returns:
        Whether a table of it was made beside rows that have been there before.
    """
    held = columns_held(connection, PAST, entity)
    new = [table for table in tables_of(entity) if table.name not in held]
    if not held:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {PAST}")
    for table in tables_of(entity):
        if table in new:
            connection.execute(create_past(table))
            continue
        for field in gained_columns(held[table.name], past_schema(table)):
            connection.execute(
                f"ALTER TABLE {past(table)} ADD COLUMN {quoted(field.name)} {SQL_TYPES[field.type]}"
            )
    parent = tables_of(entity)[0]
    for table in tables_of(entity):
        make_view(
            connection,
            f"{table.name}_history",
            history_view(table),
            history_doc(table),
            [as_of_macro(parent, table)],
        )
    return bool(new) and _has_rows(connection, entity)


def _has_rows(connection: duckdb.DuckDBPyConnection, entity: Entity) -> bool:
    found = connection.execute(f"SELECT 1 FROM {relation(entity.table)} LIMIT 1").fetchone()
    return found is not None
