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
    where = {None: "TRUE", True: "dflt_value IS NOT NULL", False: "dflt_value IS NULL"}[generated]
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in _columns(connection, schema, names, where):
        found.setdefault(table, {})[column] = kind
    return found


def _columns(
    connection: duckdb.DuckDBPyConnection, schema: str, names: Sequence[str], where: str
) -> list[tuple[str, str, str]]:
    """Tables, names and types of columns. DuckDB's list of all columns takes 30 ms of each look."""
    if not names:
        return []
    each = (
        f"SELECT '{name}', name, type FROM pragma_table_info('{schema}.{quoted(name)}')"
        f" WHERE {where}"
        for name in names
    )
    try:
        return connection.execute(" UNION ALL ".join(each)).fetchall()
    except duckdb.CatalogException:  # one is missing
        if len(names) == 1:
            return []
        return [row for name in names for row in _columns(connection, schema, [name], where)]


def is_there(connection: duckdb.DuckDBPyConnection, schema: str, name: str) -> bool:
    """Whether a schema of DuckDB has a table or a view of this name.

    A view is looked for by name: to list its columns, DuckDB looks into all that it is made of.
    """
    if view_comments(connection, schema, [name]):
        return True
    return bool(columns_held(connection, schema, [name]))


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
    comment = comments_held(connection, [entity.table]).get(entity.table)
    return comment.removeprefix(_PREFIX) if comment else None


def comments_held(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str]
) -> dict[str, str | None]:
    """What those of the named tables that there are say of themselves, by name.

    DuckDB's list of tables takes 10 ms, however few are looked for.
    """
    if not names:
        return {}
    rows: Iterable[tuple[str, str | None]] = connection.execute(
        "SELECT table_name, comment FROM duckdb_tables()"
        f" WHERE schema_name = {literal(SCHEMA)}"
        f" AND table_name IN ({', '.join(map(literal, names))})"
    ).fetchall()
    return dict(rows)


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

    It stores what it did, as far as columns are the same, and those that are `filled`. DuckDB adds
    a column only as the last, and drops none of a table of former versions, which has a primary
    key, where the key comes after it.
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
