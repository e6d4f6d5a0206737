"""Pieces of SQL that say which rows belong together, for statements made from the catalog."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from qb_assets.catalog import Table
from qb_assets.warehouse.ddl import quoted, row_key


def incoming(table: Table) -> str:
    """The rows of a table that come in."""
    return f"incoming_{table.name}"


def names(columns: Sequence[str], of: str = "") -> str:
    """Columns for SELECT, of a relation where one is named."""
    return ", ".join(f"{of}.{quoted(name)}" if of else quoted(name) for name in columns)


def differ(columns: Sequence[str], one: str, other: str) -> str:
    """Whether any of the columns differs; two nulls do not."""
    each = (f"{one}.{name} IS DISTINCT FROM {other}.{name}" for name in map(quoted, columns))
    return f"({' OR '.join(each)})"


def of_record(parent: Table, table: Table, rows: str, records: str) -> str:
    """Whether rows of a table, the parent or a child, are of records in rows of the parent's key.

    Args:
        parent: the entity's own table.
        table: that one or one of its children.
        rows: the name of the relation with the table's columns.
        records: the name of the relation with the parent's key.
    """
    if table.parent is None:
        return " AND ".join(
            f"{rows}.{name} = {records}.{name}" for name in map(quoted, row_key(parent))
        )
    owner, identity = quoted(table.parent_keys[0]), quoted(parent.key[0])
    return f"{rows}._company = {records}._company AND {rows}.{owner} = {records}.{identity}"


def has_rows(connection: duckdb.DuckDBPyConnection, relation: str) -> bool:
    """Whether there is a row in a relation."""
    return connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is not None


def gather(connection: duckdb.DuckDBPyConnection, name: str, selects: Sequence[str]) -> None:
    """Makes a temporary table of what several queries find, with the columns of the first.

    One runs after the other: joined into one statement they would need the memory of all at once.
    """
    for place, select in enumerate(selects):
        into = f"INSERT INTO {name}" if place else f"CREATE OR REPLACE TEMP TABLE {name} AS"
        connection.execute(f"{into} {select}")


def counts(
    connection: duckdb.DuckDBPyConnection, relation: str, *conditions: str
) -> tuple[int, ...]:
    """How many rows of a relation meet each of some conditions."""
    each = ", ".join(f"count(*) FILTER ({condition})" for condition in conditions)
    row = connection.execute(f"SELECT {each} FROM {relation}").fetchone()
    assert row is not None
    return row
