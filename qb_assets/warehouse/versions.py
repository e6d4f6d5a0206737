"""The versions of the catalog's schema that the warehouse's tables were made by, and migrations."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.normalized.versions import ADDED, Change, changes, schema_version
from qb_assets.warehouse.ddl import (
    SCHEMA,
    SQL_TYPES,
    create_table,
    literal,
    quoted,
    relation,
    warehouse_schema,
)
from qb_assets.warehouse.history_ddl import PAST, past, past_schema
from qb_assets.warehouse.views import view_comments

_PREFIX = "schema "


def columns_held(
    connection: duckdb.DuckDBPyConnection,
    schema: str,
    names: Sequence[str],
    *,
    generated: bool | None = None,
) -> dict[str, dict[str, str]]:
    """The types of the columns of those of the named tables that a schema of DuckDB has.

    All columns, or those that are `generated` as nulls, or those that are not.
    """
    if not names:
        return {}
    default = {None: "TRUE", True: "{} IS NOT NULL", False: "{} IS NULL"}[generated]
    rows: Iterable[tuple[str, str, str]]
    try:
        each = (
            f"SELECT '{name}', name, type FROM pragma_table_info('{schema}.{quoted(name)}')"
            f" WHERE {default.format('dflt_value')}"
            for name in names
        )
        rows = connection.execute(" UNION ALL ".join(each)).fetchall()
    except duckdb.CatalogException:  # one is missing: this asks about all that there are, slowly
        rows = connection.execute(
            "SELECT table_name, column_name, data_type FROM duckdb_columns()"
            f" WHERE schema_name = {literal(schema)}"
            f" AND table_name IN ({', '.join(map(literal, names))})"
            f" AND {default.format('column_default')}"
        ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def differences(connection: duckdb.DuckDBPyConnection, entity: Entity) -> list[Change]:
    """How the columns of the tables and histories that there are differ from the catalog's."""
    names = [table.name for table in tables_of(entity)]
    found: list[Change] = []
    for schema, wanted in ((SCHEMA, warehouse_schema), (PAST, past_schema)):
        views = view_comments(connection, schema, names)  # those are made anew by themselves
        held = columns_held(connection, schema, [name for name in names if name not in views])
        for table in tables_of(entity):
            if table.name in held:
                name = table.name if schema == SCHEMA else f"{schema}.{table.name}"
                found += changes(name, held[table.name], _types(wanted(table)))
    return found


def version_held(connection: duckdb.DuckDBPyConnection, entity: Entity) -> str | None:
    """The version all rows of an entity's tables were made by; None where that is not known."""
    comment = comment_held(connection, entity.table)
    return comment.removeprefix(_PREFIX) if comment else None


def comment_held(connection: duckdb.DuckDBPyConnection, table: str) -> str | None:
    """What a table says of itself; None where there is none, or it says nothing."""
    row = connection.execute(
        "SELECT comment FROM duckdb_tables() WHERE schema_name = ? AND table_name = ?",
        [SCHEMA, table],
    ).fetchone()
    return row[0] if row else None


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
    concerned = {each.table for each in done}
    for table in tables_of(entity):
        if table.name in concerned:
            make_anew(connection, table)
    if done:
        _drop_past(connection, entity)
    return done


def _drop_past(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Drops an entity's history, of which the tables that nothing ended in are views."""
    names = [table.name for table in tables_of(entity)]
    views = view_comments(connection, PAST, names)
    for table in tables_of(entity):
        kind = "VIEW" if table.name in views else "TABLE"
        connection.execute(f"DROP {kind} IF EXISTS {past(table)}")


def make_anew(
    connection: duckdb.DuckDBPyConnection, table: Table, filled: Collection[str] = ()
) -> None:
    """Gives a table the catalog's columns, in its order, with the rows it has.

    It stores what it did, as far as columns are the same, and those that are `filled`. DuckDB drops
    no column of a table whose primary key comes after it, and adds one only as the last.
    """
    wanted = warehouse_schema(table)
    held = columns_held(connection, SCHEMA, [table.name], generated=False)[table.name]
    same = [each for each in wanted if held.get(each.name) == SQL_TYPES[each.type]]
    names = ", ".join(quoted(each.name) for each in same)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE kept AS SELECT {names} FROM {relation(table.name)}"
    )
    connection.execute(f"DROP TABLE {relation(table.name)}")
    connection.execute(create_table(table, {*(each.name for each in same), *filled}))
    if all(each.nullable or each in same for each in wanted):
        connection.execute(f"INSERT INTO {relation(table.name)} BY NAME FROM kept")
    connection.execute("DROP TABLE kept")


def _types(schema: pa.Schema) -> dict[str, str]:
    return {each.name: SQL_TYPES[each.type] for each in schema}
