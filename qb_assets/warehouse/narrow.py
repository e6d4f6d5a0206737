"""Columns in which no row has a value are not stored: DuckDB generates their nulls.

QuickBooks documents far more properties than a company's records have. A table shows every column
that the catalog says, of which most are null throughout; to write these was measured to take a
third of a load's time, and half of its memory. So a table is made with columns that are generated
as nulls, and each becomes a stored one when the first row comes that has a value for it.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from qb_assets.catalog import Table
from qb_assets.warehouse.ddl import (
    SCHEMA,
    SQL_TYPES,
    create_table,
    literal,
    quoted,
    relation,
    warehouse_schema,
)
from qb_assets.warehouse.history_ddl import PAST, past
from qb_assets.warehouse.incoming import Columns
from qb_assets.warehouse.versions import columns_held, comments_held, make_anew


class NotStored(Exception):
    """Rows have values in columns that their tables do not store, and cannot store any more.

    DuckDB alters no table of which the same transaction has changed rows that were there before.
    """

    def __init__(self, filled: Columns) -> None:
        super().__init__("columns that are not stored have values")
        self.filled = filled
        """All columns that have values in what is to be loaded."""


def create_narrow(table: Table) -> str:
    """The statement that makes a table for rows to come, of which nothing is known yet."""
    return create_table(table, ())


def stored_columns(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> Columns:
    """The columns that each of the tables stores."""
    generated = _generated(connection, SCHEMA, tables)
    return {
        table.name: [name for name in warehouse_schema(table).names if name not in unstored]
        for table, unstored in zip(tables, generated, strict=True)
    }


def lacks(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], filled: Columns) -> bool:
    """Whether a table does not store some of the columns that new rows have filled."""
    generated = _generated(connection, SCHEMA, tables)
    return any(
        not unstored.isdisjoint(filled[table.name])
        for table, unstored in zip(tables, generated, strict=True)
    )


def hold(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], filled: Columns) -> None:
    """Lets tables, and what is kept of their past, store the columns that new rows have filled.

    A current table, which has all columns that the catalog says, is made anew: so they stay in the
    catalog's order.
    """
    each = zip(tables, _generated(connection, SCHEMA, tables), strict=True)
    gained = [
        (table, [name for name in filled[table.name] if name in unstored])
        for table, unstored in each
        if not unstored.isdisjoint(filled[table.name])
    ]
    comments = comments_held(connection, [table.name for table, _ in gained])
    for table, columns in gained:
        make_anew(connection, table, columns)
        if (comment := comments[table.name]) is not None:
            comment_on = f"COMMENT ON TABLE {relation(table.name)}"
            connection.execute(f"{comment_on} IS {literal(comment)}")
    for table, unstored in zip(tables, _generated(connection, PAST, tables), strict=True):
        types = {field.name: SQL_TYPES[field.type] for field in warehouse_schema(table)}
        for name in (name for name in filled[table.name] if name in unstored):
            connection.execute(f"ALTER TABLE {past(table)} DROP COLUMN {quoted(name)}")
            connection.execute(f"ALTER TABLE {past(table)} ADD COLUMN {quoted(name)} {types[name]}")


def _generated(
    connection: duckdb.DuckDBPyConnection, schema: str, tables: Sequence[Table]
) -> list[frozenset[str]]:
    """The columns that each of the tables generates; none of a view or of what is not there."""
    names = [table.name for table in tables]
    found = columns_held(connection, schema, names, generated=True)
    return [frozenset(found.get(name, ())) for name in names]
