"""The warehouse's tables, made from the catalog and kept up with it."""

from __future__ import annotations

from collections.abc import Iterable

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.normalized.flatten import POSITION
from qb_assets.normalized.schema import arrow_schema
from qb_assets.warehouse.errors import WarehouseError

SCHEMA = "quickbooks"

SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.decimal128(38, 10): "DECIMAL(38,10)",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}


def quoted(name: str) -> str:
    """A name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def relation(table: str) -> str:
    """A table's full name in SQL."""
    return f"{SCHEMA}.{quoted(table)}"


def row_key(table: Table) -> list[str]:
    """The primary key: the company, and QuickBooks' key or the place below the parent."""
    own = [*table.parent_keys, POSITION] if table.parent is not None else list(table.key)
    return ["_company", *own]


def create_table(table: Table) -> str:
    """The statement that makes a table where there is none."""
    columns = [
        f"{quoted(field.name)} {SQL_TYPES[field.type]}{'' if field.nullable else ' NOT NULL'}"
        for field in arrow_schema(table)
    ]
    key = ", ".join(quoted(name) for name in row_key(table))
    body = ",\n  ".join([*columns, f"PRIMARY KEY ({key})"])
    return f"CREATE TABLE IF NOT EXISTS {relation(table.name)} (\n  {body}\n)"


def ensure_tables(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Makes an entity's tables, and adds columns that the catalog has gained.

    Raises:
        WarehouseError: a column of the table has another type than the catalog says.
    """
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for table in tables_of(entity):
        connection.execute(create_table(table))
        held = _held_columns(connection, table.name)
        for field in arrow_schema(table):
            wanted = SQL_TYPES[field.type]
            if field.name not in held:
                connection.execute(
                    f"ALTER TABLE {relation(table.name)} ADD COLUMN {quoted(field.name)} {wanted}"
                )
            elif held[field.name] != wanted:
                raise WarehouseError(
                    f"The warehouse's column {table.name}.{field.name} is {held[field.name]}, the"
                    f" catalog says {wanted}. Drop the table {relation(table.name)} and load it"
                    " again from the lake: materialize its warehouse asset for all days."
                )


def _held_columns(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, str]:
    rows: Iterable[tuple[str, str]] = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns()"
        " WHERE schema_name = ? AND table_name = ?",
        [SCHEMA, table],
    ).fetchall()
    return dict(rows)
