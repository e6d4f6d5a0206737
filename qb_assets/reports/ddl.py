"""The schema `reports` of the warehouse: makes its tables, and keeps them up with the catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import duckdb
import pyarrow as pa

from qb_assets.catalog.reports import Report
from qb_assets.reports.columns import (
    RESTATEMENT,
    RESTATEMENT_SCHEMA,
    SNAPSHOT,
    SNAPSHOT_SCHEMA,
    table_schema,
)
from qb_assets.warehouse.ddl import SQL_TYPES, quoted
from qb_assets.warehouse.errors import WarehouseError
from qb_assets.warehouse.versions import columns_held

SCHEMA = "reports"
REPORT_SQL_TYPES: Mapping[Any, str] = {**SQL_TYPES, pa.int32(): "INTEGER"}


def relation(table: str) -> str:
    """A table's full name in SQL."""
    return f"{SCHEMA}.{quoted(table)}"


def column_types(report: Report) -> dict[str, str]:
    """The columns of a report's table, with their types in SQL."""
    return types_of(table_schema(report))


def types_of(schema: pa.Schema) -> dict[str, str]:
    """The columns of a table of reports, with their types in SQL."""
    fields: list[Any] = list(schema)
    return {field.name: REPORT_SQL_TYPES[field.type] for field in fields}


def create_table(table: str, schema: pa.Schema) -> str:
    """The statement that makes a table where there is none."""
    fields: list[Any] = list(schema)
    columns = [f"{quoted(field.name)} {REPORT_SQL_TYPES[field.type]}" for field in fields]
    required = ["" if field.nullable else " NOT NULL" for field in fields]
    body = ",\n  ".join(map(str.__add__, columns, required))
    return f"CREATE TABLE IF NOT EXISTS {relation(table)} (\n  {body}\n)"


def ensure_tables(connection: duckdb.DuckDBPyConnection, reports: Iterable[Report]) -> None:
    """Makes the tables of reports, of snapshots and of restatements, where they are missing.

    Raises:
        WarehouseError: a table is there with other columns.
    """
    wanted = {report.table: table_schema(report) for report in reports}
    wanted |= {SNAPSHOT: SNAPSHOT_SCHEMA, RESTATEMENT: RESTATEMENT_SCHEMA}
    held = columns_held(connection, SCHEMA, list(wanted))
    connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    for table, schema in wanted.items():
        if table not in held:
            connection.execute(create_table(table, schema))
            if SNAPSHOT in held:  # what it held is loaded anew
                connection.execute(f"DELETE FROM {relation(SNAPSHOT)} WHERE report = ?", [table])
            continue
        if held[table] != types_of(schema):
            raise WarehouseError(
                f"The warehouse's table {SCHEMA}.{table} has other columns than the catalog says."
                f" It holds nothing that the lake does not: drop the tables of the schema"
                f" {SCHEMA} and materialize the reports' months again."
            )
