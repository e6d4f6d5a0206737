"""The versions of the catalog's schema that the warehouse's tables were made by, and migrations."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.normalized.versions import ADDED, Change, changes, schema_version
from qb_assets.warehouse.ddl import SCHEMA, SQL_TYPES, create_table, relation, warehouse_schema
from qb_assets.warehouse.history_ddl import PAST, past, past_schema

_PREFIX = "schema "


def columns_held(
    connection: duckdb.DuckDBPyConnection, schema: str, entity: Entity
) -> dict[str, dict[str, str]]:
    """The types of the columns that an entity's tables have in a schema of DuckDB, by table."""
    rows: list[tuple[str, str, str]] = connection.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns()"
        " WHERE schema_name = ? AND list_contains(?, table_name)",
        [schema, [table.name for table in tables_of(entity)]],
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def differences(connection: duckdb.DuckDBPyConnection, entity: Entity) -> list[Change]:
    """How the columns of the tables and histories that there are differ from the catalog's."""
    found: list[Change] = []
    for schema, wanted in ((SCHEMA, warehouse_schema), (PAST, past_schema)):
        held = columns_held(connection, schema, entity)
        for table in tables_of(entity):
            if table.name in held:
                name = table.name if schema == SCHEMA else f"{schema}.{table.name}"
                found += changes(name, held[table.name], _types(wanted(table)))
    return found


def version_held(connection: duckdb.DuckDBPyConnection, entity: Entity) -> str | None:
    """The version all rows of an entity's tables were made by; None where that is not known."""
    row = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?",
        [SCHEMA, entity.table],
    ).fetchone()
    comment = row[0] if row else None
    return comment.removeprefix(_PREFIX) if comment else None


def stamp(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Says of an entity's tables that all of their rows are by today's version."""
    comment = f"{_PREFIX}{schema_version(entity)}"
    for table in tables_of(entity):
        connection.execute(f"COMMENT ON TABLE {relation(table.name)} IS '{comment}'")


def migrate(connection: duckdb.DuckDBPyConnection, entity: Entity) -> list[Change]:
    """Gives an entity's tables the catalog's columns, and tells what was removed or retyped.

    Such a column's values go; a retyped one is empty until the table is loaded again. The history
    goes as a whole, and is made anew of all that the lake has when the tables are loaded. To be run
    in a transaction.
    """
    done = [each for each in differences(connection, entity) if each.what != ADDED]
    held = columns_held(connection, SCHEMA, entity)
    concerned = {each.table for each in done}
    for table in tables_of(entity):
        if table.name in concerned:
            _make_anew(connection, table, held[table.name])
        if done:
            connection.execute(f"DROP TABLE IF EXISTS {past(table)}")
    return done


def _make_anew(connection: duckdb.DuckDBPyConnection, table: Table, held: dict[str, str]) -> None:
    """A table with the rows it has, as far as columns are the same.

    DuckDB drops no column of a table whose primary key comes after it.
    """
    wanted = warehouse_schema(table)
    same = [each for each in wanted if held.get(each.name) == SQL_TYPES[each.type]]
    names = ", ".join(f'"{each.name}"' for each in same)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kept AS SELECT {names} FROM {relation(table.name)}"
    )
    connection.execute(f"DROP TABLE {relation(table.name)}")
    connection.execute(create_table(table))
    if all(each.nullable or each in same for each in wanted):
        connection.execute(f"INSERT INTO {relation(table.name)} BY NAME FROM kept")
    connection.execute("DROP TABLE kept")


def _types(schema: pa.Schema) -> dict[str, str]:
    return {each.name: SQL_TYPES[each.type] for each in schema}
