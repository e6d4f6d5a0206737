"""Records straight into the tables of their entity, for tests of what reads them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import duckdb
import pyarrow as pa

from qb_assets.catalog import Entity, tables_of
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.parse import parse
from qb_assets.normalized.states import live_states
from qb_assets.sandbox.company import Record

FETCHED = datetime(2026, 6, 1, tzinfo=timezone.utc)


def load_records(
    connection: duckdb.DuckDBPyConnection, entity: Entity, records: Sequence[tuple[str, Record]]
) -> None:
    """Adds live records, each with its company, to the tables of their entity, which are there."""
    parsed = parse(entity, [record.body for _, record in records])
    assert not parsed.rejects
    at = [record.updated or FETCHED for _, record in records]
    carried = pa.table(
        {
            "_company": pa.array([company for company, _ in records], pa.string()),
            "_updated_on": pa.array([moment.date() for moment in at], pa.date32()),
            "_changed_at": pa.array(at, pa.timestamp("us", "UTC")),
            "_extracted_at": pa.array(at, pa.timestamp("us", "UTC")),
            "_deleted": pa.array([False] * len(at)),
            "_state": live_states(entity, parsed.rows),
        }
    )
    flat = flatten(entity, parsed.rows, carried)
    for table in tables_of(entity):
        insert(connection, f"quickbooks.{table.name}", flat[table.name])


def insert(connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
    """Adds rows to a table."""
    if rows.num_rows:
        connection.register("rows", rows)
        connection.execute(f"INSERT INTO {relation} BY NAME FROM rows")
        connection.unregister("rows")


def insert_all(
    connection: duckdb.DuckDBPyConnection, relation: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Adds rows, all with the columns of the first, to a table."""
    columns = {name: [row[name] for row in rows] for name in rows[0]} if rows else {}
    insert(connection, relation, pa.table(columns))
