"""Records of which nothing is held yet, straight into the tables: what a first load is made of.

A merge compares, orders and joins. Where there is nothing to compare with, copying the rows gives
the same tables for a third of the work.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from qb_assets.catalog import Table
from qb_assets.warehouse.ddl import VALUES, relation, row_key
from qb_assets.warehouse.history_ddl import past
from qb_assets.warehouse.incoming import Columns
from qb_assets.warehouse.sql import incoming, names, of_record


def all_new(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table]) -> bool:
    """Whether the incoming rows are one live version each of records that no table knows."""
    parent = tables[0]
    key = names(row_key(parent))
    # Looked up in every table: a statement that reads Parquet looks at all of its columns first.
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE newcomers AS SELECT {key}, _deleted FROM {incoming(parent)}"
    )
    once = f"SELECT count(*) = count(DISTINCT ({key})) AND NOT bool_or(_deleted) FROM newcomers"
    if _is_true(connection, once) is not True:
        return False
    return not any(
        _is_true(
            connection,
            f"""
            SELECT count(*) > 0 FROM (
                SELECT 1 FROM {rows} AS held SEMI JOIN newcomers
                ON {of_record(parent, table, "held", "newcomers")} LIMIT 1
            )
            """,
        )
        for table in tables
        for rows in (relation(table.name), past(table))
    )


def append(connection: duckdb.DuckDBPyConnection, tables: Sequence[Table], filled: Columns) -> int:
    """Adds the incoming rows, of which `all_new` holds; gives the number of records.

    Only the columns that have values are copied: the others are null by default, for less work.
    """
    parent, *children = tables
    values = ", ".join(f"{name.replace('_values', '')} AS {name}" for name in VALUES.names)
    added = connection.execute(
        f"INSERT INTO {relation(parent.name)} BY NAME"
        f" SELECT {names(filled[parent.name])}, {values} FROM {incoming(parent)}"
    ).fetchone()
    for child in (each for each in children if filled[each.name]):
        connection.execute(
            f"INSERT INTO {relation(child.name)} BY NAME"
            f" SELECT {names(filled[child.name])} FROM {incoming(child)}"
        )
    assert added is not None
    return added[0]


def _is_true(connection: duckdb.DuckDBPyConnection, statement: str) -> bool | None:
    row = connection.execute(statement).fetchone()
    assert row is not None
    return row[0]
