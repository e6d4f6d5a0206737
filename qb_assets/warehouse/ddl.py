"""The warehouse's tables as the catalog says they are."""

from __future__ import annotations

from collections.abc import Container
from functools import cache

import pyarrow as pa

from qb_assets.catalog import Table
from qb_assets.normalized.flatten import POSITION
from qb_assets.normalized.parse import INSTANT
from qb_assets.normalized.schema import LINEAGE, arrow_schema

SCHEMA = "quickbooks"

SQL_TYPES: dict[pa.DataType, str] = {
    pa.string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.int64(): "BIGINT",
    pa.decimal128(38, 10): "DECIMAL(38,10)",
    pa.date32(): "DATE",
    pa.timestamp("us", "UTC"): "TIMESTAMP WITH TIME ZONE",
}

VALUES = pa.schema(
    [pa.field("_values_changed_at", INSTANT), pa.field("_values_extracted_at", INSTANT)]
)
"""The version whose values a parent's row holds: the row's own, or the last one before it went."""

VALUES_DOCS = {
    "_values_changed_at": (
        "MetaData.LastUpdatedTime of the version whose values the row holds: _changed_at, or that"
        " of the last known version of a record that is gone."
    ),
    "_values_extracted_at": (
        "When that version was fetched; empty where no version of a record that is gone is known."
    ),
}


def quoted(name: str) -> str:
    """A name as SQL wants it."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL wants it."""
    return "'" + text.replace("'", "''") + "'"


def relation(table: str) -> str:
    """A table's full name in SQL."""
    return f"{SCHEMA}.{quoted(table)}"


def row_key(table: Table) -> list[str]:
    """What tells a row: the company, and QuickBooks' key or the place below the parent."""
    own = [*table.parent_keys, POSITION] if table.parent is not None else list(table.key)
    return ["_company", *own]


@cache
def warehouse_schema(table: Table) -> pa.Schema:
    """The columns of a table here: the normalized ones, and in a parent's `VALUES`."""
    normalized = arrow_schema(table)
    return pa.schema([*normalized, *VALUES]) if table.parent is None else normalized


@cache
def stored_anyway(table: Table) -> frozenset[str]:
    """The columns that rows have whatever QuickBooks says of a record."""
    lineage = {*LINEAGE.names, *VALUES.names}
    return frozenset(
        field.name
        for field in warehouse_schema(table)
        if field.name in lineage or not field.nullable
    )


def column_types(table: Table) -> dict[str, str]:
    """The columns of a table here, with their types in SQL."""
    return {field.name: SQL_TYPES[field.type] for field in warehouse_schema(table)}


def definition(field: pa.Field, *, stored: bool = True) -> str:
    """A column as a table has it; one that is not stored is null in every row."""
    kind = SQL_TYPES[field.type]
    if not stored:
        return f"{quoted(field.name)} {kind} AS (CAST(NULL AS {kind}))"
    return f"{quoted(field.name)} {kind}{'' if field.nullable else ' NOT NULL'}"


def create_table(table: Table, stored: Container[str] | None = None) -> str:
    """The statement that makes a table where there is none.

    It stores all columns; or those that are named, and those that every row has, and the others
    are generated as nulls.

    No key is DuckDB's to keep: each load would write the last group of rows anew, up to 122,880 of
    them, where a table with an index takes in a few more (measured: 0.6 s of processor time for a
    hundred invoices among 100,000, and 0.03 s without). The check `rows` looks for doubled ones.
    """
    every = stored_anyway(table)
    columns = [
        definition(field, stored=stored is None or field.name in stored or field.name in every)
        for field in warehouse_schema(table)
    ]
    body = ",\n  ".join(columns)
    return f"CREATE TABLE IF NOT EXISTS {relation(table.name)} (\n  {body}\n)"
