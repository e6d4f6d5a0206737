"""Makes the relations of the history, and keeps those that are there up with the catalog."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.warehouse.ddl import SCHEMA, SQL_TYPES, quoted, relation
from qb_assets.warehouse.history_ddl import (
    PAST,
    create_past,
    empty_past,
    history_view,
    past,
    past_schema,
)
from qb_assets.warehouse.incoming import Columns
from qb_assets.warehouse.sql import has_rows
from qb_assets.warehouse.upkeep import gained_columns
from qb_assets.warehouse.versions import columns_held
from qb_assets.warehouse.views import ensure_views, view_comments


def ensure_history(connection: duckdb.DuckDBPyConnection, entity: Entity) -> bool:
    """Makes the history of an entity's tables, which are there, or brings it up to date.

    Returns:
        Whether a part of it is new beside rows that have been there before.
    """
    tables = tables_of(entity)
    empty = view_comments(connection, PAST, [table.name for table in tables])
    filled = columns_held(
        connection, PAST, [table.name for table in tables if table.name not in empty]
    )
    if not empty and not filled:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {PAST}")
    for table in tables:
        if table.name in filled:
            _add_columns(connection, table, filled[table.name])
    views = [empty_past(table) for table in tables if table.name not in filled]
    ensure_views(connection, views, empty)
    views = [history_view(entity, table) for table in tables]
    ensure_views(connection, views, view_comments(connection, SCHEMA, [v.name for v in views]))
    return len(empty) + len(filled) < len(tables) and has_rows(connection, relation(entity.table))


def make_room(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], stored: Columns
) -> None:
    """Makes the tables of what is no more where nothing has been until now.

    They store the columns that the current ones do.
    """
    empty = view_comments(connection, PAST, [table.name for table in tables])
    for table in tables:
        if table.name in empty:
            connection.execute(f"DROP VIEW {past(table)}")
            connection.execute(create_past(table, stored[table.name]))


def _add_columns(
    connection: duckdb.DuckDBPyConnection, table: Table, held: Mapping[str, str]
) -> None:
    for field in gained_columns(held, past_schema(table)):
        connection.execute(
            f"ALTER TABLE {past(table)} ADD COLUMN {quoted(field.name)} {SQL_TYPES[field.type]}"
        )
